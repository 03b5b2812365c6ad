"""What people order of the anycast controller, and how parts of a site end and come back: freeze, upgrade, shutdown, meridian-withdraw."""
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import dns.message
import pytest

from anycast_lab import signal_and_wait
from harness import BIN, ROOT, patient, wait_for
from test_anycast import ADDRESS, PREFIX, Site, document, lab, settings, shared_lab  # noqa: F401

OBJECT = f"prefix/{PREFIX}"


@pytest.fixture
def site(lab):
    with Site(lab) as made:
        yield made


def withdraw(site, *args, **env):
    command = [*site.lab.site_prefix, os.path.join(BIN, "meridian-withdraw"), "--dir", site.instance.dir, *args]
    return subprocess.run(command, env={**os.environ, **env}, capture_output=True, text=True, timeout=patient(20), stdin=subprocess.DEVNULL)


def test_frozen_holds_what_is_announced_through_everything_and_restarts(lab, site):
    site.announced()
    site.instance.meridian("anycast", "freeze", "--reason", "storm")
    assert "storm" in site.wait_state("frozen")["reason"]
    site.responder.kill(signal.SIGKILL)
    lab.stays(seconds=1.5)
    site.instance.kill("bgpctl")
    site.controller.popen.wait(patient(5))
    site.start()
    site.wait_state("frozen")
    lab.stays(seconds=1.0)
    # An order by name is a person's, and automation is what is frozen.
    site.instance.meridian("override", OBJECT, "down", "--reason", "enough", "--for", "1h")
    lab.wait_gone(timeout_s=3)
    site.instance.meridian("override", "end", OBJECT)
    site.instance.meridian("anycast", "unfreeze")
    site.wait_state("withdrawn")
    assert site.instance.meridian("anycast", "unfreeze", check=False).returncode == 1


def test_one_prefix_can_be_frozen_alone_and_nothing_else_can(site):
    meridian = site.instance.meridian
    meridian("anycast", "freeze", PREFIX, "--reason", "look", "--for", "1h")
    assert meridian("override", "pool/eu", "freeze", "--reason", "x", "--for", "1h", check=False).returncode == 1
    assert meridian("override", "prefix/*", "down", "--reason", "x", "--for", "1h", check=False).returncode == 1
    assert meridian("anycast", "freeze", check=False).returncode == 2
    meridian("anycast", "unfreeze", PREFIX)


def test_answers_of_another_site_withdraw(lab, site):
    site.announced()
    site.answer("elsewhere")
    lab.wait_gone(timeout_s=5)
    assert "answers as ams, not as fra" in site.wait_state("withdrawn")["reason"]


def test_a_flapping_responder_is_damped_and_not_a_flapping_route(lab, site):
    site.announced()
    for _ in range(2):
        site.stop_responder()
        lab.wait_gone()
        site.start_responder()
        site.lab.wait_route(path_len=1, timeout_s=15)
    site.stop_responder()
    lab.wait_gone()
    before = lab.upstream.updates()
    site.start_responder()
    seen = wait_for("it is suppressed", lambda: "changed too often" in site.prefix().get("reason", "") and site.prefix(), 15)
    assert seen["suppressed"] and seen["state"] == "withdrawn"
    time.sleep(2)
    assert lab.route() is None and lab.upstream.updates() == before
    # Nor is it forgotten with the controller.
    site.instance.kill("bgpctl")
    site.controller.popen.wait(5)
    site.start()
    seen = wait_for("it is still suppressed", lambda: "changed too often" in site.prefix().get("reason", "") and site.prefix(), 15)
    assert seen["penalty"] > 2000 and seen["state"] in ("held", "withdrawn") and lab.upstream.updates() == before


def test_a_site_can_be_withdrawn_without_controller_and_database(lab, site):
    site.announced()
    site.instance.kill("bgpctl")
    site.controller.popen.wait(patient(5))
    for name in ("config.db", "config.db-wal", "config.db-shm"):
        if os.path.exists(site.instance.path(name)):
            os.rename(site.instance.path(name), site.instance.path(name + ".away"))
    done = withdraw(site, "--reason", "test")
    assert done.returncode == 0, done.stderr
    lab.wait_gone()
    assert "withdrawn by meridian-withdraw: test" in open(os.path.join(lab.include, "announce.conf")).read()
    # Again, and with nothing to do, it is done as well.
    assert withdraw(site).returncode == 0


def test_withdraw_goes_on_to_the_second_step_where_bird_conf_is_broken(lab, site):
    site.announced()
    site.instance.kill("bgpctl")
    site.controller.popen.wait(patient(5))
    lab.site.write(lab.site_text + "\nthis is not BIRD's language;\n")
    done = withdraw(site)
    lab.wait_gone()
    assert done.returncode == 0, done.stderr
    lab.site.write(lab.site_text)


def test_what_meridian_withdraw_took_away_is_proved_anew(lab, site):
    site.announced()
    assert withdraw(site).returncode == 0
    lab.wait_gone()
    assert "meridian-withdraw" in site.wait_state("withdrawn", 4)["reason"] or site.prefix()["state"] == "withdrawn"
    start = time.monotonic()
    lab.wait_route(timeout_s=15)
    assert time.monotonic() - start > 1.0, "hold-up was not waited for"


def test_an_upgrade_sends_no_update(lab, site):
    site.announced()
    before = lab.upstream.updates()
    open(site.instance.path("bird", "keep"), "w").close()
    assert signal_and_wait(site.controller) == 0
    # The responder's unit: ended without failure while the mark is there.
    assert "upgrade" in withdraw(site, SERVICE_RESULT="success").stderr
    site.stop_responder()
    site.start_responder()
    os.unlink(site.instance.path("bird", "keep"))
    site.start()
    site.wait_state("announced")
    lab.stays(seconds=2.5)
    assert lab.upstream.updates() == before


def test_the_mark_of_an_upgrade_neither_covers_a_crash_nor_lasts(lab, site):
    site.announced()
    mark = site.instance.path("bird", "keep")
    open(mark, "w").close()
    site.instance.kill("bgpctl")
    site.controller.popen.wait(patient(5))
    assert withdraw(site, SERVICE_RESULT="signal").returncode == 0
    lab.wait_gone()
    old = time.time() - 301
    os.utime(mark, (old, old))
    site.start()
    lab.wait_route(timeout_s=15)
    site.wait_state("announced")
    assert signal_and_wait(site.controller) == 0
    lab.wait_gone()


class Load:
    """Queries to the service address all the time, from inside the site; every one must be answered."""

    CODE = """
import socket, sys, time, dns.message
query = dns.message.make_query("example.com.", "SOA").to_wire()
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.settimeout(float(sys.argv[4]))
sock.connect((sys.argv[1], int(sys.argv[2])))
asked = lost = 0
end = time.monotonic() + float(sys.argv[3])
while time.monotonic() < end:
    asked += 1
    sock.send(query)
    try:
        sock.recv(4096)
    except OSError:
        lost += 1
    time.sleep(0.005)
print(asked, lost)
"""

    def __init__(self, site, seconds):
        command = [*site.lab.site_prefix, sys.executable, "-c", self.CODE, ADDRESS, str(site.instance.dns_port), str(seconds), str(patient(1))]
        self.popen = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)

    def result(self):
        out, _ = self.popen.communicate(timeout=patient(60))
        return tuple(int(number) for number in out.split())


def test_a_controller_that_ends_drains_first_and_no_query_is_lost(lab, site):
    settings(site, stop_drain_s=2, settle_s=1)
    site.announced()
    load = Load(site, 5)
    start = time.monotonic()
    site.controller.kill(signal.SIGTERM)
    route = lab.wait_route(path_len=4, timeout_s=1.5)
    assert "(65535,0)" in route["communities"] and route["med"] == 1000
    lab.wait_gone(timeout_s=4)
    gone = time.monotonic() - start
    assert site.controller.popen.wait(patient(10)) == 0
    ended = time.monotonic() - start
    assert 1.9 < gone < 4 and ended - gone > 0.8, (gone, ended)
    asked, lost = load.result()
    assert asked > 50 and lost == 0
    assert [event["to"] for event in site.events()[-2:]] == ["draining", "withdrawn"]


def test_an_ordered_drain_loses_no_query_and_its_end_brings_it_back(lab, site):
    site.announced()
    load = Load(site, 5)
    site.instance.meridian("override", OBJECT, "drain", "--reason", "upgrade", "--for", "1h")
    assert "(65535,0)" in lab.wait_route(path_len=4)["communities"]
    lab.wait_gone(timeout_s=5)
    site.instance.meridian("override", "end", OBJECT)
    lab.wait_route(timeout_s=10)
    asked, lost = load.result()
    assert asked > 50 and lost == 0


def test_a_missing_include_folder_is_told_and_a_withdrawal_still_goes(lab, site):
    site.announced()
    os.rename(lab.include, lab.include + ".away")
    try:
        site.responder.kill(signal.SIGKILL)
        lab.wait_gone(timeout_s=4)
        wait_for("it is told", lambda: "include file" in " ".join(site.instance.ask("bgpctl", "status")["problems"]))
    finally:
        os.rename(lab.include + ".away", lab.include)
    site.stop_responder()
    site.start_responder()
    lab.wait_route(timeout_s=45)


def test_a_lost_control_socket_is_told_and_changes_nothing(lab, site):
    site.announced()
    os.rename(lab.site.socket, lab.site.socket + ".away")
    try:
        assert "BIRD is not running" in site.wait_state("fault", 5)["reason"]
        lab.stays(seconds=1.0)
    finally:
        os.rename(lab.site.socket + ".away", lab.site.socket)
    site.wait_state("announced", 10)


def test_a_foreign_configure_that_keeps_the_file_changes_nothing(lab, site):
    site.announced()
    before = lab.upstream.updates()
    for _ in range(20):
        assert "Reconfigured" in lab.site.ask("configure")
    time.sleep(2.5)
    site.wait_state("announced")
    assert lab.upstream.updates() == before


def test_bird_that_ends_in_order_comes_back_with_what_holds(lab, site):
    site.announced()
    lab.site.process.kill(signal.SIGTERM)
    lab.wait_gone(timeout_s=3)
    site.wait_state("fault", 5)
    lab.site.stop()
    # While it is down, the file follows.
    site.instance.meridian("override", OBJECT, "down", "--reason", "test", "--for", "1h")
    wait_for("the file says so", lambda: "unreachable" not in open(os.path.join(lab.include, "announce.conf")).read())
    lab.site.start()
    wait_for("the session is back", lambda: "Established" in lab.upstream.ask("show protocols site"), 20)
    assert lab.route() is None
    site.wait_state("withdrawn", 10)


def test_configuration_that_takes_a_site_away_wants_the_prefix_confirmed_by_name(lab, site):
    site.announced()
    fewer = document(sites=["ams"])
    refused = site.instance.apply(fewer, check=False)
    assert refused.returncode == 1 and f"confirm it by name: {OBJECT}" in refused.stdout + refused.stderr
    assert site.instance.apply(fewer, "--dry-run", check=False).returncode == 1
    lab.stays(seconds=0.5)
    site.instance.apply(fewer, "--confirm", OBJECT)
    lab.wait_gone(timeout_s=5)
    # The way back adds a site; and back again takes it away.
    site.instance.apply(document())
    lab.wait_route(timeout_s=15)
    revision = site.instance.revision() - 1
    assert site.instance.meridian("rollback", str(revision), check=False).returncode == 1
    site.instance.meridian("rollback", str(revision), "--confirm", OBJECT)


def test_old_configuration_at_the_responder_only_degrades(lab, site):
    settings(site, stale_config_s=1)
    site.instance.start("geodns", "bgpctl")
    lab.wait_route()
    site.wait_state("announced")
    responder = site.instance.processes["geodns"]
    # A responder that answers, and says that it knows an old revision: its control socket is another's.
    path = site.instance.path("run", "geodns.sock")
    os.rename(path, path + ".away")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(8)
        listener.settimeout(0.2)
        ended = threading.Event()

        def serve():
            while not ended.is_set():
                try:
                    client, _ = listener.accept()
                except OSError:
                    continue
                with client:
                    client.recv(4096)
                    client.sendall(json.dumps({"daemon": "geodns", "revision": 0}).encode() + b"\n")

        thread = threading.Thread(target=serve)
        thread.start()
        lab.wait_route(path_len=4, timeout_s=12)
        assert "revision 0" in site.wait_state("degraded")["reason"]
        ended.set()
        thread.join()
    os.rename(path + ".away", path)
    lab.wait_route(path_len=1, timeout_s=20)
    assert responder.running()
