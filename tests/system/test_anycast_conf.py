"""What somebody else does to BIRD while the controller runs: seen at once by BIRD's own log, and announcing asks first where its files were changed."""
import json
import os
import signal
import time
import urllib.error
import urllib.request

import pytest

from harness import patient, wait_for
from test_anycast import PREFIX, Site, lab, settings, shared_lab  # noqa: F401

OBJECT = f"prefix/{PREFIX}"


@pytest.fixture
def site(lab):
    with Site(lab) as made:
        yield made


def conf_of(site):
    return site.instance.ask("bgpctl", "anycast")["bird"]["conf"]


def wait_conf(site, state):
    return wait_for(f"BIRD's configuration is {state}, not {conf_of(site)}", lambda: conf_of(site)["state"] == state and conf_of(site), 6)


def bird_events(site):
    return [(event["to"], event["actor"]) for event in site.instance.events(kind="daemon", object="daemon/bird")
            if event["to"] in ("changed", "accepted")]


def test_what_somebody_does_to_bird_is_seen_by_its_log_and_not_at_the_next_round(lab, site):
    site.announced()
    took = []
    for _ in range(3):
        time.sleep(0.7)
        start = time.monotonic()
        assert "disabled" in lab.goes_by(lambda: lab.site.ask("disable meridian4"))
        lab.wait_route()
        took.append(time.monotonic() - start)
        # Behind the quiet time, or each answer would have to wait longer than the one before.
        site.instance.stop("bgpctl")
        site.start()
        site.wait_state("announced")
    assert min(took) < 1.0, took


def test_after_a_foreign_change_of_bird_conf_announcing_asks_and_withdrawing_does_not(lab, site):
    site.announced()
    wait_conf(site, "accepted")
    lab.site.write(lab.site_text + "\n# half of an edit\n")
    seen = wait_conf(site, "changed")
    assert seen["files"] == lab.site.conf
    assert any("somebody changed" in problem for problem in site.instance.ask("bgpctl", "status")["problems"])
    assert "changed" in site.instance.meridian("anycast").stdout and f"meridian anycast confirm {seen['id']}" in site.instance.meridian("anycast").stdout
    # What is announced stays, and goes when it must.
    lab.stays(seconds=0.5)
    site.responder.kill(signal.SIGKILL)
    lab.wait_gone()
    site.stop_responder()
    site.start_responder()
    wait_for("the reason says what it waits for", lambda: f"anycast confirm {seen['id']}" in site.prefix()["reason"], 15)
    time.sleep(1.0)
    assert lab.route() is None and site.prefix()["state"] == "withdrawn"
    # Not even an order announces then.
    site.instance.meridian("override", OBJECT, "up", "--reason", "test", "--for", "1h")
    time.sleep(1.0)
    assert lab.route() is None
    refused = site.instance.meridian("anycast", "confirm", "000000000000", check=False)
    assert refused.returncode == 1 and "changed again since" in refused.stderr and lab.route() is None
    site.instance.meridian("anycast", "confirm", seen["id"])
    lab.wait_route()
    assert wait_conf(site, "accepted")["files"] == ""
    wait_for("both are events", lambda: bird_events(site)[:1] == [("changed", "reconcile")] and len(bird_events(site)) == 2)
    assert bird_events(site)[1][0] == "accepted" and bird_events(site)[1][1] not in ("reconcile", "")
    again = site.instance.meridian("anycast", "confirm", seen["id"], check=False)
    assert again.returncode == 1 and "nothing to confirm" in again.stderr


def test_putting_right_asks_too_where_it_would_load_a_foreign_change(lab, site):
    site.announced()
    wait_conf(site, "accepted")
    lab.site.write(lab.site_text + "\n# half of an edit\n")
    seen = wait_conf(site, "changed")
    assert "disabled" in lab.site.ask("disable meridian4")
    lab.wait_gone()
    site.wait_state("fault")
    # Whatever is configured now would load that edit.
    lab.stays_away(seconds=3.0)
    assert "anycast confirm" in " ".join(site.instance.ask("bgpctl", "status")["problems"])
    site.instance.meridian("anycast", "confirm", seen["id"])
    lab.wait_route()
    site.wait_state("announced")


def test_degrading_does_not_ask_and_the_way_back_does(lab, site):
    site.announced()
    wait_conf(site, "accepted")
    lab.site.write(lab.site_text + "\n# half of an edit\n")
    wait_conf(site, "changed")
    site.instance.meridian("override", "pool/eu", "down", "--reason", "test", "--for", "1h")
    lab.wait_route(path_len=4)
    site.instance.meridian("override", "end", "pool/eu")
    wait_for("it waits", lambda: "anycast confirm" in site.prefix()["reason"], 15)
    assert lab.wait_route(path_len=4)
    # An edit that is taken back needs nobody.
    lab.site.write(lab.site_text)
    wait_conf(site, "accepted")
    lab.wait_route(path_len=1)


def test_a_change_is_seen_though_the_controller_was_away_and_an_included_file_counts(lab, site):
    more = os.path.join(lab.dir, "more.conf")
    with open(more, "w") as file:
        file.write("# filters\n")
    lab.site.write(lab.site_text + f'\ninclude "{lab.dir}/mor*.conf";\n')
    assert "Reconfigured" in lab.site.ask("configure")
    site.announced()
    wait_conf(site, "accepted")
    site.instance.kill("bgpctl")
    site.controller.popen.wait(patient(5))
    with open(more, "a") as file:
        file.write("# and a change\n")
    site.start()
    assert wait_conf(site, "changed")["files"] == more
    lab.stays(seconds=0.5)
    os.unlink(more)
    wait_for("it is gone", lambda: conf_of(site)["files"] == f"{more} (gone)", 6)


def test_the_api_confirms_what_was_seen_and_nothing_else(lab, site):
    site.instance.start("web")
    tokens = {role: site.instance.meridian("token", "add", role, "--role", role).stdout.split()[1] for role in ("viewer", "operator")}
    code = """
import json, sys, urllib.error, urllib.request
request = urllib.request.Request(sys.argv[1], method="POST", data=sys.argv[3].encode(),
                                 headers={"Authorization": "Bearer " + sys.argv[2], "Content-Type": "application/json"})
try:
    with urllib.request.urlopen(request, timeout=float(sys.argv[4])) as answer:
        print(answer.status, answer.read().decode())
except urllib.error.HTTPError as error:
    print(error.code, error.read().decode())
"""

    def post(role, body):
        url = f"http://127.0.0.1:{site.instance.http_port}/api/v1/anycast/confirm"
        status, text = lab.in_site("/usr/bin/python3", "-c", code, url, tokens[role], json.dumps(body), str(patient(10))).split(" ", 1)
        return int(status), json.loads(text)

    assert post("operator", {"id": "000000000000"})[0] == 503, "no controller runs"
    site.announced()
    wait_conf(site, "accepted")
    assert post("operator", {"id": "000000000000"})[0] == 409
    lab.site.write(lab.site_text + "\n# half of an edit\n")
    seen = wait_conf(site, "changed")
    assert post("viewer", {"id": seen["id"]})[0] == 403
    assert post("operator", {})[0] == 422
    status, body = post("operator", {"id": "000000000000"})
    assert status == 409 and seen["id"] in body["detail"]
    status, body = post("operator", {"id": seen["id"]})
    assert status == 200 and body["conf"]["state"] == "accepted"
    assert wait_for("it is an event", lambda: len(bird_events(site)) == 2 and bird_events(site))[1] == ("accepted", "token:operator")
