"""A controller that gives no sign of life: who notices, who is told, what is done by on_controller_dead, and how its return takes over."""
import os
import signal
import subprocess
import time

import pytest

from anycast_lab import signal_and_wait
from harness import BIN, patient, wait_for
from test_anycast import ADDRESS, PREFIX, Site, lab, settings, shared_lab  # noqa: F401

PATIENCE_S = 3


@pytest.fixture
def site(lab):
    with Site(lab) as made:
        yield made


def watch(site):
    """One run of what the timer runs."""
    command = [*site.lab.site_prefix, os.path.join(BIN, "meridian-bgpwatch"), "--dir", site.instance.dir]
    return subprocess.run(command, capture_output=True, text=True, timeout=patient(20), stdin=subprocess.DEVNULL)


def watch_until_dead(site):
    return wait_for("the watcher notices", lambda: (done := watch(site)).returncode == 1 and done, PATIENCE_S + 5, 0.2)


def told(site):
    return [(event["from"], event["to"]) for event in site.instance.events(kind="daemon", object="daemon/bgpctl", daemon="bgpwatch")]


def end_controller(site):
    site.instance.kill("bgpctl")
    site.controller.popen.wait(patient(5))


def grow_old(site):
    """Takes the waiting out of it: the last sign of life was right after the machine's start."""
    with open(site.instance.path("bird", "heartbeat"), "w") as file:
        file.write("1\n")


def test_a_killed_controller_is_told_once_and_kept_as_it_was(lab, site):
    settings(site, controller_dead_s=PATIENCE_S)
    site.announced()
    before = lab.upstream.updates()
    assert watch(site).returncode == 0, "it lives"
    end_controller(site)
    assert watch(site).returncode == 0, "it is not dead yet"
    done = watch_until_dead(site)
    assert "no sign of life" in done.stderr and "on_controller_dead = keep" in done.stderr
    # It goes on saying so to the journal of the machine, and tells people once.
    assert watch(site).returncode == 1
    assert told(site) == [("up", "dead")]
    assert lab.upstream.updates() == before
    site.start()
    wait_for("the watcher sees it alive", lambda: watch(site).returncode == 0)
    assert told(site) == [("up", "dead"), ("dead", "up")]
    site.wait_state("announced")
    assert lab.upstream.updates() == before


def test_a_stopped_controller_degrades_the_site_where_the_settings_say_so(lab, site):
    settings(site, controller_dead_s=PATIENCE_S, on_controller_dead="degrade")
    site.announced()
    site.instance.kill("bgpctl", signal.SIGSTOP)
    assert "carried out" in watch_until_dead(site).stderr
    route = lab.wait_route(path_len=4)
    assert route["med"] == 500
    before = lab.upstream.updates()
    assert watch(site).returncode == 1 and lab.upstream.updates() == before, "what was done is not done again"
    site.instance.kill("bgpctl", signal.SIGCONT)
    lab.wait_route(path_len=1, timeout_s=15)
    wait_for("the watcher sees it alive", lambda: watch(site).returncode == 0)
    site.wait_state("announced")


def test_a_dead_controller_withdraws_the_site_where_the_settings_say_so(lab, site):
    settings(site, controller_dead_s=PATIENCE_S, on_controller_dead="withdraw")
    site.announced()
    end_controller(site)
    grow_old(site)
    assert watch(site).returncode == 1
    lab.wait_gone()
    assert "no sign of life" in open(os.path.join(lab.include, "announce.conf")).read()
    back = time.monotonic()
    site.start()
    lab.wait_route(timeout_s=15)
    assert time.monotonic() - back > 1.0, "hold-up was not waited for"


def test_a_stopped_controller_that_was_withdrawn_proves_the_site_anew(lab, site):
    settings(site, controller_dead_s=PATIENCE_S, on_controller_dead="withdraw")
    site.announced()
    site.instance.kill("bgpctl", signal.SIGSTOP)
    grow_old(site)
    assert watch(site).returncode == 1
    lab.wait_gone()
    site.instance.kill("bgpctl", signal.SIGCONT)
    back = time.monotonic()
    lab.wait_route(timeout_s=15)
    assert time.monotonic() - back > 1.0, "hold-up was not waited for"


def test_what_cannot_be_done_for_a_dead_controller_is_tried_again(lab, site):
    settings(site, controller_dead_s=PATIENCE_S, on_controller_dead="withdraw")
    site.announced()
    end_controller(site)
    grow_old(site)
    lab.site.process.kill(signal.SIGSTOP)
    try:
        assert "cannot be carried out: BIRD did not answer" in watch(site).stderr
    finally:
        lab.site.process.kill(signal.SIGCONT)
    assert "carried out" in watch(site).stderr
    lab.wait_gone()
    assert told(site) == [("up", "dead")]


def test_neither_an_orderly_end_nor_an_upgrade_is_a_death(lab, site):
    settings(site, controller_dead_s=PATIENCE_S, on_controller_dead="withdraw")
    assert watch(site).returncode == 0, "it was never started"
    site.announced()
    open(site.instance.path("bird", "keep"), "w").close()
    assert signal_and_wait(site.controller) == 0
    grow_old(site)
    assert watch(site).returncode == 0
    assert lab.route() is not None
    # An upgrade that broke off counts no longer than its mark.
    os.unlink(site.instance.path("bird", "keep"))
    assert watch(site).returncode == 1
    lab.wait_gone()
    site.start()
    lab.wait_route(timeout_s=15)
    assert signal_and_wait(site.controller) == 0
    assert not os.path.exists(site.instance.path("bird", "heartbeat"))
    assert watch(site).returncode == 0
