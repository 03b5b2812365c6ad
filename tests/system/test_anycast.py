"""The anycast controller against real BIRDs: what the upstream router sees when parts of a site live, die and come back."""
import os
import signal
import sys
import time

import pytest

from anycast_lab import SharedLab, signal_and_wait
from harness import Instance, Process, free_port, patient, wait_for

STUB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "responder_stub.py")
PREFIX, ADDRESS = "192.0.2.0/24", "192.0.2.53"
SETTINGS = "[bird]\nsocket = {socket}\ninclude = {include}/announce.conf\nboot_hold_up_s = 1\nhold_up_s = 1\nannounce_gap_s = 0\n"


def document(**prefix):
    return {
        "meridian": 1,
        "sites": [{"name": "fra", "lat": 50.11, "lon": 8.68}, {"name": "ams", "lat": 52.37, "lon": 4.9}],
        "pools": [{"name": "eu", "endpoints": [{"name": "eu1", "address": "127.0.0.10"}]}],
        "zones": [{"name": "example.com", "primary": "ns1.example.com.", "contact": "hostmaster.example.com.",
                   "records": [{"name": "@", "type": "NS", "data": ["ns1.example.com."]},
                               {"name": "ns1", "type": "A", "data": [ADDRESS]}], "services": []}],
        "prefixes": [{"prefix": PREFIX, "address": ADDRESS, "sites": ["fra", "ams"], "interface": "lo",
                      "needs": {"dns": "example.com. SOA", "pools": ["eu"]}, "on_backends_down": "degrade", "drain_s": 1,
                      "min_sites": 1, **prefix}],
    }


class Site:
    """A lab, an instance in it, a responder that is as good as a test wants, and the controller."""

    def __init__(self, lab, **prefix):
        self.lab = lab
        settings = SETTINGS.format(socket=lab.site.socket, include=lab.include)
        self.instance = Instance(document(**prefix), "fra", settings, ADDRESS, lab.site_prefix, geo=False)
        self.mode = self.instance.path("mode")
        self.responder = None

    def __enter__(self):
        self.instance.__enter__()
        return self

    def __exit__(self, *what):
        self.stop_responder()
        self.instance.__exit__(*what)

    def answer(self, mode):
        with open(self.mode + ".new", "w") as file:
            file.write(mode)
        os.rename(self.mode + ".new", self.mode)

    def start_responder(self, mode="good"):
        self.answer(mode)
        command = [sys.executable, STUB, ADDRESS, str(self.instance.dns_port), "@" + self.mode]
        log = self.instance.path("responder.log")
        self.responder = Process(command, log, self.lab.site_prefix)
        wait_for("the responder is ready", lambda: "ready" in self.responder.output())

    def stop_responder(self):
        if self.responder is not None:
            self.responder.kill()
            self.responder.stop()
            os.unlink(self.instance.path("responder.log"))
            self.responder = None

    def start(self):
        self.instance.start("bgpctl")
        return self

    @property
    def controller(self):
        return self.instance.processes["bgpctl"]

    def prefix(self, name=PREFIX):
        reply = self.instance.ask("bgpctl", "anycast") or {"prefixes": []}
        return next((item for item in reply["prefixes"] if item["prefix"] == name), {})

    def wait_state(self, state, timeout_s=10):
        return wait_for(f"the prefix is {state}, not {self.prefix().get('state')}",
                        lambda: self.prefix().get("state") == state and self.prefix(), timeout_s)

    def announced(self):
        """Brings the site up to where the upstream has its prefix."""
        self.start_responder()
        self.start()
        self.lab.wait_route()
        self.wait_state("announced")
        return self

    def events(self, **match):
        return self.instance.events(kind="prefix", object=f"prefix/{PREFIX}", **match)


def settings(site, **values):
    with open(site.instance.path("meridian.conf"), "a") as conf:
        conf.write("\n[bird]\n" + "".join(f"{key} = {value}\n" for key, value in values.items()))


@pytest.fixture(scope="module")
def shared_lab():
    shared = SharedLab()
    yield shared
    shared.end()


@pytest.fixture
def lab(shared_lab):
    yield shared_lab.take()
    shared_lab.give_back()


@pytest.fixture
def site(lab):
    with Site(lab) as made:
        yield made


def test_announces_only_after_the_responder_has_answered_and_hold_up_has_passed(lab, site):
    site.start()
    assert site.wait_state("held")["wanted"] == "withdrawn"
    time.sleep(2.5)
    assert lab.route() is None
    site.start_responder()
    started = time.monotonic()
    route = lab.wait_route()
    assert time.monotonic() - started > 1.0, "hold-up was not waited for"
    assert route["path"] == [64512]
    seen = site.wait_state("announced")
    assert seen["verified"] and [(at["peer"], at["present"], at["attributes"]["prepended"]) for at in seen["exported"]] == [("upstream", True, 0)]
    sessions = site.instance.ask("bgpctl", "anycast")["sessions"]
    assert [(session["name"], session["state"]) for session in sessions] == [("upstream", "up")]


def test_a_killed_responder_takes_the_route_with_it_and_its_return_brings_it_back(lab, site):
    site.announced()
    site.responder.kill(signal.SIGKILL)
    lab.wait_gone()
    seen = site.wait_state("withdrawn")
    assert f"the responder at {ADDRESS} port {site.instance.dns_port} refuses connections" in seen["reason"]
    assert seen["verified"]
    site.stop_responder()
    site.start_responder()
    back = time.monotonic()
    lab.wait_route()
    assert time.monotonic() - back > 1.0, "hold-up was not waited for"
    site.wait_state("announced")
    words = [event["to"] for event in wait_for("all events are written", lambda: len(site.events()) >= 4 and site.events())]
    assert words == ["held", "announced", "withdrawn", "announced"]


def test_the_responder_that_ships_is_announced_and_missed(lab, site):
    site.instance.start("geodns", "bgpctl")
    lab.wait_route()
    site.wait_state("announced")
    assert site.instance.ask("bgpctl", "status")["responder_watched"]
    responder = site.instance.processes["geodns"]
    responder.kill(signal.SIGKILL)
    lab.wait_gone()
    assert "refuses connections" in site.wait_state("withdrawn")["reason"]
    site.instance.stop("geodns")
    site.instance.start("geodns")
    lab.wait_route(timeout_s=15)


def test_checked_backends_lengthen_the_path_when_they_stop(lab):
    with Site(lab) as site:
        port = free_port()
        checked = document()
        checked["monitors"] = [{"name": "open", "type": "tcp", "port": port, "interval_ms": 300, "timeout_ms": 200, "fall": 2, "rise": 1}]
        checked["pools"][0]["monitor"] = "open"
        site.instance.apply(checked)
        backend = [sys.executable, "-m", "http.server", "--bind", "127.0.0.10", str(port)]
        backend = Process(backend, site.instance.path("backend.log"), lab.site_prefix)
        try:
            site.instance.start("healthcheck")
            site.announced()
            wait_for("the backend is up", lambda: site.instance.health()["eu/eu1"]["state"] == "up")
            # The checker's own end is no news of the backend.
            site.instance.kill("healthcheck")
            site.instance.stop("healthcheck")
            lab.stays(seconds=1.0)
            site.instance.start("healthcheck")
            backend.kill()
            assert lab.wait_route(path_len=4)["med"] == 500
        finally:
            backend.stop()


def test_the_last_site_goes_on_proof_too(lab):
    with Site(lab, sites=["fra"]) as site:
        site.announced()
        site.responder.kill(signal.SIGKILL)
        lab.wait_gone()


def test_a_wrong_answer_withdraws_and_names_the_answer(lab, site):
    site.announced()
    site.answer("servfail")
    lab.wait_gone(timeout_s=5)
    assert "answers SERVFAIL" in site.wait_state("withdrawn")["reason"]


def test_a_wrong_answer_of_the_last_site_only_degrades(lab):
    with Site(lab, sites=["fra"]) as site:
        site.announced()
        site.answer("lame")
        route = lab.wait_route(path_len=4)
        assert route["med"] == 500
        seen = site.wait_state("degraded")
        assert seen["blocked_by"] == "last_site" and "answers without authority" in seen["reason"]
        site.answer("good")
        lab.wait_route(path_len=1, timeout_s=15)


def test_a_stopped_responder_is_found_silent(lab, site):
    site.announced()
    site.responder.kill(signal.SIGSTOP)
    lab.wait_gone(timeout_s=5)
    assert "does not answer within 500 ms" in site.wait_state("withdrawn")["reason"]
    site.responder.kill(signal.SIGCONT)
    lab.wait_route(timeout_s=15)


def test_an_address_taken_from_lo_withdraws_at_once(lab, site):
    site.announced()
    lab.in_site("ip", "addr", "del", f"{ADDRESS}/32", "dev", "lo")
    lab.wait_gone()
    assert site.wait_state("withdrawn")["reason"] == f"{ADDRESS} is not an address of lo"
    lab.in_site("ip", "addr", "add", f"{ADDRESS}/32", "dev", "lo")
    lab.wait_route(timeout_s=15)


def test_a_killed_controller_changes_nothing_and_its_return_sends_no_update(lab, site):
    site.announced()
    before = lab.upstream.updates()
    site.instance.kill("bgpctl")
    site.controller.popen.wait(patient(5))
    lab.stays(seconds=1.5)
    site.start()
    site.wait_state("announced")
    lab.stays(seconds=3.0)
    assert lab.upstream.updates() == before
    assert site.events()[-1]["actor"] in ("boot", "health")
    # And it is in charge again.
    site.responder.kill(signal.SIGKILL)
    lab.wait_gone()


def test_sigterm_withdraws_before_it_ends(lab, site):
    site.announced()
    assert signal_and_wait(site.controller) == 0
    # BIRD has sent it; the upstream may need a moment to read it.
    lab.wait_gone()
    assert site.events()[-1]["to"] == "withdrawn" and site.events()[-1]["actor"] == "shutdown"


def test_backends_down_lengthen_the_path_and_their_return_shortens_it(lab, site):
    site.announced()
    site.instance.meridian("override", "pool/eu", "down", "--reason", "test", "--for", "1h")
    route = lab.wait_route(path_len=4)
    assert route["path"] == [64512] * 4 and route["med"] == 500
    assert "no endpoint that can serve" in site.wait_state("degraded")["reason"]
    site.instance.meridian("override", "end", "pool/eu")
    assert lab.wait_route(path_len=1, timeout_s=15)["med"] in (None, 0)


def test_backends_down_withdraw_where_the_policy_says_so(lab):
    with Site(lab, on_backends_down="withdraw") as site:
        site.announced()
        site.instance.meridian("override", "pool/eu", "down", "--reason", "test", "--for", "1h")
        lab.wait_gone(timeout_s=3)
        site.instance.meridian("override", "end", "pool/eu")
        lab.wait_route(timeout_s=15)


def test_the_last_site_is_not_withdrawn_for_its_backends(lab):
    with Site(lab, on_backends_down="withdraw", sites=["fra"]) as site:
        site.announced()
        site.instance.meridian("override", "pool/eu", "down", "--reason", "test", "--for", "1h")
        lab.wait_route(path_len=4)
        assert site.wait_state("degraded")["blocked_by"] == "last_site"
        lab.stays(seconds=2.0)


def test_a_drain_says_so_to_neighbours_and_withdraws_when_its_time_is_over(lab, site):
    site.announced()
    site.instance.meridian("override", f"prefix/{PREFIX}", "drain", "--reason", "upgrade", "--for", "1h")
    route = lab.wait_route(path_len=4)
    assert "(65535,0)" in route["communities"] and route["med"] == 1000
    lab.wait_gone(timeout_s=5)
    assert "upgrade" in site.wait_state("withdrawn")["reason"]
    site.instance.meridian("override", "end", f"prefix/{PREFIX}")
    lab.wait_route()


def test_an_order_down_withdraws_although_all_is_well(lab, site):
    site.announced()
    site.instance.meridian("override", f"prefix/{PREFIX}", "down", "--reason", "test", "--for", "1h")
    lab.wait_gone(timeout_s=3)
    seen = site.wait_state("withdrawn")
    assert seen["actor"] == "admin" and "test" in seen["reason"]


def test_a_protocol_disabled_by_hand_is_enabled_again(lab, site):
    site.announced()
    assert "disabled" in lab.goes_by(lambda: lab.site.ask("disable meridian4"))
    lab.wait_route()
    site.wait_state("announced")
    events = wait_for("both events are written", lambda: len(site.events()) >= 4 and site.events())
    assert [(event["to"], event["actor"]) for event in events[-2:]] == [("fault", "reconcile"), ("announced", "health")]


def test_an_edited_include_file_is_put_right(lab, site):
    site.announced()
    path = os.path.join(lab.include, "announce.conf")
    with open(path, "w") as file:
        file.write("# emptied by hand\n")
    lab.goes_by(lambda: lab.site.ask("configure"))
    lab.wait_route()
    assert f"route {PREFIX}" in open(path).read()
    # Also where nobody had BIRD read it.
    site.wait_state("announced")
    before = len(site.instance.events(object="daemon/bgpctl", to="restoring"))
    time.sleep(2.5)
    with open(path, "w") as file:
        file.write("# emptied by hand again\n")
    wait_for("the file is put right", lambda: f"route {PREFIX}" in open(path).read(), 10)
    events = wait_for("it is an event", lambda: len(site.instance.events(object="daemon/bgpctl", to="restoring")) > before and
                      site.instance.events(object="daemon/bgpctl", to="restoring"))
    assert events[-1]["actor"] == "reconcile" and path in events[-1]["reason"]
    assert events[-1]["data"]["file_before"] != events[-1]["data"]["file_after"]
    site.wait_state("announced")


def test_a_broken_bird_conf_does_not_keep_a_dead_site_announced(lab, site):
    site.announced()
    lab.site.write(lab.site_text + "\nthis is not BIRD's language;\n")
    site.responder.kill(signal.SIGKILL)
    lab.wait_gone(timeout_s=3)

    def refused():
        return any("refused its configuration (8002)" in problem for problem in site.instance.ask("bgpctl", "status")["problems"])

    wait_for("the refusal is a problem", refused)
    lab.site.write(lab.site_text)
    wait_for("the problem is over", lambda: not refused(), 40)
    site.stop_responder()
    site.start_responder()
    lab.wait_route(timeout_s=15)


def test_a_hanging_bird_is_named_and_hangs_nobody(lab, site):
    site.announced()
    lab.site.process.kill(signal.SIGSTOP)
    try:
        seen = site.wait_state("fault", 8)
        assert "did not answer" in seen["reason"]
        assert site.instance.ask("bgpctl", "status")["bird"]["state"] == "hung"
    finally:
        lab.site.process.kill(signal.SIGCONT)
    site.wait_state("announced", 15)


def test_a_restarted_bird_announces_what_holds(lab, site):
    site.announced()
    lab.site.process.kill(signal.SIGKILL)
    lab.wait_gone(timeout_s=3)
    assert "BIRD is not running" in site.wait_state("fault")["reason"]
    lab.site.stop()
    lab.site.start()
    lab.wait_route(timeout_s=20)
    site.wait_state("announced")


def test_without_a_session_an_announcement_is_pending(lab, site):
    site.announced()
    lab.upstream.stop()
    assert site.wait_state("pending", 15)["reason"] == "no BGP session carries its family"
    lab.upstream.start()
    lab.wait_route(timeout_s=20)
    site.wait_state("announced")


def test_a_configuration_that_cannot_be_read_changes_nothing(lab, site):
    site.announced()
    for name in ("config.db", "config.db-wal", "config.db-shm"):
        if os.path.exists(site.instance.path(name)):
            os.rename(site.instance.path(name), site.instance.path(name + ".away"))
    status = wait_for("it says that the configuration is stale",
                      lambda: (status := site.instance.ask("bgpctl", "status"))["config"]["state"] == "stale" and status, 5)
    assert status["problems"]
    lab.stays(seconds=1.5)
    for name in ("config.db", "config.db-wal", "config.db-shm"):
        if os.path.exists(site.instance.path(name + ".away")):
            os.rename(site.instance.path(name + ".away"), site.instance.path(name))
    wait_for("it is live again", lambda: site.instance.ask("bgpctl", "status")["config"]["state"] == "live", 5)
    lab.stays(seconds=0.5)


def test_both_families_are_announced_and_withdrawn(lab):
    six = {"prefix": "2001:db8:53::/48", "address": "2001:db8:53::53"}
    lab.in_site("ip", "addr", "add", "2001:db8:53::53/128", "dev", "lo", "nodad")
    with Site(lab) as site:
        both = document()
        both["prefixes"].append({**both["prefixes"][0], **six, "needs": {"pools": ["eu"]}})
        site.instance.apply(both)
        site.announced()
        lab.wait_route("2001:db8:53::/48")
        lab.in_site("ip", "addr", "del", "2001:db8:53::53/128", "dev", "lo")
        lab.wait_gone("2001:db8:53::/48")
        assert lab.route() is not None
