"""The controller against a BIRD that misbehaves: what it answers, what it does not do, where it stops in the middle of a word."""
import os
import re
import sys
import time

import pytest

from fake_bird import FakeBird
from harness import Instance, Process, patient, wait_for
from test_anycast import PREFIX, STUB, document

ADDRESS = "127.0.0.53"
OTHER = "198.51.100.0/24"
SETTINGS = "[bird]\nboot_hold_up_s = 0\nhold_up_s = 1\nannounce_gap_s = 0\n"


class Site:
    def __init__(self, **prefix):
        one = document(address=ADDRESS, interface=None, **prefix)
        self.document = one
        self.instance = Instance(one, "fra", SETTINGS, ADDRESS, geo=False)

    def __enter__(self):
        instance = self.instance.__enter__()
        self.include = instance.path("bird", "announce.conf")
        self.mode = instance.path("mode")
        self.answer("good")
        self.bird = FakeBird(instance.path("bird", "bird.ctl"), self.include)
        self.responder = Process([sys.executable, STUB, ADDRESS, str(instance.dns_port), "@" + self.mode], instance.path("responder.log"))
        wait_for("the responder is ready", lambda: "ready" in self.responder.output())
        instance.start("bgpctl")
        return self

    def __exit__(self, *what):
        self.responder.kill()
        self.responder.stop()
        self.bird.replies.clear()
        self.instance.__exit__(*what)
        self.bird.close()

    def answer(self, mode):
        with open(self.mode + ".new", "w") as file:
            file.write(mode)
        os.rename(self.mode + ".new", self.mode)

    def prefix(self, name=PREFIX):
        return next((item for item in (self.instance.ask("bgpctl", "anycast") or {"prefixes": []})["prefixes"] if item["prefix"] == name), {})

    def wait_state(self, state, timeout_s=10):
        return wait_for(f"the prefix is {state}, not {self.prefix()}", lambda: self.prefix().get("state") == state and self.prefix(), timeout_s)

    def wait_exported(self, prefixes, timeout_s=10):
        wait_for(f"{prefixes} exported, not {self.bird.exported()}", lambda: sorted(self.bird.exported()) == sorted(prefixes), timeout_s)

    def announced(self):
        self.wait_exported([PREFIX])
        self.wait_state("announced")
        return self

    def problems(self):
        return " ".join(self.instance.ask("bgpctl", "status")["problems"])


@pytest.fixture
def site():
    with Site() as made:
        yield made


def test_an_announcement_is_checked_timed_verified_and_confirmed(site):
    site.announced()
    changes = [line for line in site.bird.asked if line.startswith("configure")]
    # Once for the first file, in which nothing is announced, and once for the announcement.
    assert changes == ["configure check", "configure timeout 10", "configure confirm"] * 2
    # What only looks cannot change anything.
    wait_for("it looks", lambda: site.bird.said("restrict"))


def test_an_announcement_that_is_not_exported_is_undone_and_the_file_with_it(site):
    site.announced()
    site.bird.filter = lambda routes: {}
    site.instance.meridian("override", "pool/eu", "down", "--reason", "test", "--for", "1h")
    seen = site.wait_state("fault")
    wait_for("it is undone", lambda: site.bird.said("configure undo"), 10)
    wait_for("the old file is back", lambda: "MERIDIAN_AS, 53, 1" in open(site.include).read())
    assert "undone" in wait_for("the reason", lambda: site.prefix()["reason"])
    site.bird.filter = lambda routes: routes
    site.wait_state("degraded", 40)
    assert seen


def test_a_degraded_path_that_no_neighbour_sees_is_no_degraded_path(site):
    site.announced()
    site.bird.replies[f"show route {PREFIX} export "] = lambda line: site.bird._routes({PREFIX: 1}, "meridian4", True)
    site.instance.meridian("override", "pool/eu", "down", "--reason", "test", "--for", "1h")
    wait_for("it is undone", lambda: site.bird.said("configure undo"), 10)
    site.bird.replies.clear()
    site.wait_state("degraded", 40)


def test_proof_is_applied_without_check_and_timer(site):
    site.announced()
    del site.bird.asked[:]
    site.responder.kill()
    site.wait_exported([], 2)
    assert [line for line in site.bird.asked if line.startswith("configure")] == ["configure"]
    site.wait_state("withdrawn")


@pytest.mark.parametrize("reply", ["0002-Reading configuration from x\n8002 x:1:1 syntax error\n", "9001 syntax error\n", "8007 Access denied\n"])
def test_a_withdrawal_that_bird_refuses_to_configure_takes_the_second_step(site, reply):
    site.announced()
    site.bird.replies["configure"] = reply
    site.responder.kill()
    site.wait_exported([], 3)
    assert site.bird.said('disable meridian4 "')
    assert "refused its configuration" in wait_for("it is a problem", lambda: "refused" in site.problems() and site.problems())
    site.bird.replies.clear()
    wait_for("the problem is over", lambda: "refused" not in site.problems(), 35)


def test_a_protocol_that_cannot_be_disabled_takes_the_third_step(site):
    site.announced()
    site.bird.replies["configure"] = "8002 x:1:1 syntax error\n"
    site.bird.replies["disable meridian4"] = "8003 No protocols match\n"
    site.responder.kill()
    site.wait_exported([], 6)
    assert site.bird.said('disable up1 "withdrawn by meridian-bgpctl"')


def test_where_nothing_helps_a_person_is_told(site):
    site.announced()
    site.bird.replies.update({"configure": "8002 x:1:1 syntax error\n", "disable": "8007 Access denied\n"})
    site.responder.kill()
    wait_for("the problem says so", lambda: "refused its configuration" in site.problems(), 8)
    assert site.wait_state("fault")["wanted"] == "withdrawn"
    assert site.instance.ask("bgpctl", "status")["bird"]["step"] == "operator"


@pytest.mark.parametrize("first", ["0004 Reconfiguration in progress\n", "0005 Reconfiguration already in progress, queueing new config\n"])
def test_a_reconfiguration_that_takes_time_is_waited_for(site, first):
    site.announced()
    waits = [0]

    def configure(line):
        if line == "configure":
            site.bird.configure()
            return "0002-Reading configuration from x\n" + first
        if line == "configure status":
            waits[0] += 1
            if waits[0] < 20:
                return first.replace(" ", "-", 1) + "0000 \n"
        return "as ever"

    site.bird.replies["configure"] = configure
    site.responder.kill()
    site.wait_state("withdrawn")
    assert waits[0] >= 20 and site.bird.exported() == {} and not site.bird.said("disable")


@pytest.mark.parametrize("cut", [b"", b"0002-Reading conf", b"0002-Reading configuration from x\n", b"000"])
def test_a_reply_that_is_cut_in_the_middle_does_not_hold_up_a_withdrawal(site, cut):
    site.announced()
    cuts = [cut]
    site.bird.replies["configure"] = lambda line: cuts.pop() if cuts else "as ever"
    site.responder.kill()
    site.wait_exported([], 3)
    site.wait_state("withdrawn")


def test_a_bird_that_speaks_no_language_is_hung_and_hangs_nobody(site):
    site.announced()
    site.bird.replies["show status"] = "what?\n"
    assert "not a reply" in site.wait_state("fault")["reason"]
    assert site.instance.ask("bgpctl", "status", timeout_s=0.5)["bird"]["state"] == "hung"
    site.bird.replies.clear()
    site.wait_state("announced")


def test_two_prefixes_leave_alone_what_is_to_stay(site):
    both = document(address=ADDRESS, interface=None)
    both["prefixes"].append({**both["prefixes"][0], "prefix": OTHER, "needs": {"pools": ["eu"]}, "sites": ["fra", "ams"]})
    site.instance.apply(both)
    site.wait_exported([PREFIX, OTHER])
    site.bird.replies["configure"] = "8002 x:1:1 syntax error\n"
    site.instance.meridian("override", f"prefix/{PREFIX}", "down", "--reason", "test", "--for", "1h")
    wait_for("the problem is told", lambda: "refused" in site.problems())
    time.sleep(0.5)
    assert sorted(site.bird.exported()) == sorted([PREFIX, OTHER]) and not site.bird.said("disable")


def test_a_prefix_that_bird_does_not_export_does_not_keep_another_from_being_announced(site):
    site.announced()
    site.bird.filter = lambda routes: {net: tag for net, tag in routes.items() if net != PREFIX}
    site.wait_state("fault")
    both = document(address=ADDRESS, interface=None)
    both["prefixes"].append({**both["prefixes"][0], "prefix": OTHER, "needs": {"pools": ["eu"]}, "sites": ["fra", "ams"]})
    site.instance.apply(both)
    site.wait_exported([OTHER])
    wait_for("the other is announced", lambda: site.prefix(OTHER).get("state") == "announced")
    assert not site.bird.said("configure undo") and site.prefix()["state"] == "fault"
    # Nor does it keep another from being looked after: each change is seen to hold at once, not behind a time that is waited for the first.
    site.instance.meridian("override", f"prefix/{OTHER}", "down", "--reason", "test", "--for", "1h")
    wait_for("the other is withdrawn", lambda: site.prefix(OTHER).get("state") == "withdrawn")
    assert site.prefix(OTHER)["took_ms"] < 1000
    site.bird.filter = lambda routes: routes
    site.wait_state("announced", 40)


def test_a_withdrawal_does_not_wait_for_an_announcement_to_be_verified(site):
    site.announced()
    site.bird.filter = lambda routes: {net: tag for net, tag in routes.items() if net != OTHER}
    both = document(address=ADDRESS, interface=None)
    both["prefixes"].append({**both["prefixes"][0], "prefix": OTHER, "needs": {"pools": ["eu"]}, "sites": ["fra", "ams"]})
    timed = len(site.bird.said("configure timeout"))
    site.instance.apply(both)
    wait_for("the other is tried", lambda: len(site.bird.said("configure timeout")) > timed)
    start = time.monotonic()
    site.responder.kill()
    site.wait_exported([])
    # Two seconds are given to what is to be seen at a neighbour.
    assert time.monotonic() - start < patient(1.6)
    assert site.bird.said("configure undo")
    site.wait_state("withdrawn")


def test_a_refused_announcement_says_nothing_of_the_sessions(site):
    site.announced()
    wait_for("the session is known", lambda: site.instance.events(object="session/up1"))
    site.bird.replies["configure check"] = "0002-Reading configuration from x\n8002 x:1:1 syntax error\n"
    site.instance.meridian("override", "pool/eu", "down", "--reason", "test", "--for", "1h")
    wait_for("the problem is told", lambda: "refused" in site.problems())
    wait_for("it was tried again", lambda: len(site.bird.said("configure check")) > 4, 15)
    assert [peer["present"] for peer in site.prefix()["exported"]] == [True]
    site.bird.replies.clear()
    site.wait_state("degraded", 40)
    assert [event["to"] for event in site.instance.events(object="session/up1")] == ["up"]


def test_a_decision_never_replaces_a_newer_file(site):
    site.announced()
    text = open(site.include).read()
    generation = int(text.split("generation ")[1].split("\n")[0])
    with open(site.include + ".other", "w") as file:
        file.write(text.replace(f"generation {generation}", f"generation {generation + 100}"))
    os.rename(site.include + ".other", site.include)
    site.instance.meridian("override", f"prefix/{PREFIX}", "down", "--reason", "test", "--for", "1h")
    site.wait_exported([])
    wait_for("the file is newer than the newest", lambda: f"generation {generation + 101}" in open(site.include).read())
    told = wait_for("it is told", lambda: site.instance.events(object="daemon/bgpctl", to="refusing"))
    assert len(told) == 1 and f"of generation {generation + 100}, the decision of {generation}" in told[0]["reason"]
    assert told[0]["data"]["generation"] == generation + 100


def test_what_was_written_meanwhile_is_not_replaced_by_what_stood_there_before(site):
    """Somebody withdraws (as meridian-withdraw does) while BIRD is asked about a change that it refuses."""
    site.announced()
    written = []

    def refuse(line):
        if not written:
            text = open(site.include).read()
            generation = int(text.split("generation ")[1].split("\n")[0])
            with open(site.include + ".other", "w") as file:
                file.write(f"# meridian: announcements of this site, generation {generation + 1}\n")
            os.rename(site.include + ".other", site.include)
            written.append(generation + 1)
        return "0002-Reading configuration from x\n8002 x:1:1 syntax error\n"

    site.bird.replies["configure check"] = refuse
    site.instance.meridian("override", "pool/eu", "down", "--reason", "test", "--for", "1h")
    wait_for("it was refused", lambda: written)
    wait_for("the withdrawal is taken for what it is", lambda: any("meridian-withdraw" in event["reason"] for event in site.instance.events(kind="prefix")))


def test_what_only_the_file_announces_goes_from_it_at_the_start(site):
    site.announced()
    announces = open(site.include).read()
    site.instance.meridian("override", f"prefix/{PREFIX}", "down", "--reason", "test", "--for", "1h")
    site.wait_exported([])
    site.instance.kill("bgpctl")
    site.instance.processes["bgpctl"].popen.wait(5)
    elsewhere = document(address=ADDRESS, interface=None, sites=["ams"])
    site.instance.apply(elsewhere, "--confirm", f"prefix/{PREFIX}")
    with open(site.include, "w") as file:
        file.write(announces)
    site.instance.start("bgpctl")
    wait_for("the file announces nothing", lambda: "unreachable" not in open(site.include).read())
    wait_for("it is forgotten", lambda: site.instance.ask("bgpctl", "anycast")["prefixes"] == [])
    assert "empty decision" not in site.problems() and site.bird.exported() == {}


def test_log_lines_between_and_within_replies_belong_to_none(site):
    def chatty(line):
        lines = site.bird._ordinary(line).splitlines(True)
        return "+<INFO> before\n" + "+<WARN> between\n".join(lines)

    site.bird.replies[""] = chatty
    site.announced()
    assert site.prefix()["exported"][0]["present"] and site.instance.ask("bgpctl", "anycast")["bird"]["version"] == "2.0.12"
    site.responder.kill()
    site.wait_exported([], 3)
    assert site.wait_state("withdrawn")["verified"]


@pytest.mark.parametrize("request_", ["show protocols all", "show route", "show status"])
def test_what_bird_does_not_tell_is_not_taken_for_nothing(site, request_):
    site.announced()
    site.bird.replies[request_] = "8000 <line overflow>\n"
    assert "does not tell what it does" in site.wait_state("fault")["reason"]
    assert site.instance.ask("bgpctl", "status")["bird"]["state"] == "hung"
    # A withdrawal that nobody can see is not called done.
    site.responder.kill()
    site.wait_exported([], 3)
    time.sleep(0.5)
    assert site.prefix()["state"] == "fault" and not site.prefix()["verified"]
    site.bird.replies.clear()
    site.wait_state("withdrawn")


def test_a_line_of_birds_log_has_it_looked_at_at_once(site):
    site.announced()
    wait_for("the log is listened to", lambda: site.bird.listeners)
    took = []
    for _ in range(3):
        looks = len(site.bird.said("restrict"))
        wait_for("a look of its own time", lambda: len(site.bird.said("restrict")) > looks, 4)
        looks, start = len(site.bird.said("restrict")), time.monotonic()
        site.bird.log("<INFO> Disabling protocol meridian4")
        wait_for("a look", lambda: len(site.bird.said("restrict")) > looks, 4, 0.005)
        took.append(time.monotonic() - start)
    assert min(took) < 1.0, took
    # A storm of lines is no storm of looks.
    looks = len(site.bird.said("restrict"))
    for _ in range(100):
        site.bird.log("<INFO> line")
        time.sleep(0.01)
    assert len(site.bird.said("restrict")) - looks < 20


def test_a_control_socket_without_permission_is_told_and_hangs_nobody(site):
    site.announced()
    site.instance.stop("bgpctl")
    # Whoever may do everything has no permission to lose.
    site.instance.prefix = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    site.instance.start("bgpctl")
    site.announced()
    os.chmod(site.bird.path, 0)
    seen = site.wait_state("fault")
    assert "no permission to use BIRD's control socket" in seen["reason"] and "group" in seen["reason"]
    assert site.instance.ask("bgpctl", "status", timeout_s=0.5)["bird"]["state"] == "denied"
    assert site.bird.exported() == {PREFIX: 1}
    wait_for("it is an event", lambda: any(event["to"] == "denied" for event in site.instance.events(object="daemon/bird")))
    # What must go is written, and a withdrawal that did not reach BIRD is not called one.
    site.responder.kill()
    wait_for("the file says so", lambda: "unreachable" not in open(site.include).read(), 5)
    assert site.prefix()["state"] == "fault"
    told = wait_for("the decision is an event", lambda: [event for event in site.instance.events(kind="prefix") if "decided is withdrawn" in event["reason"]])
    assert told[-1]["from"] == told[-1]["to"] == "fault" and "refuses connections" in told[-1]["reason"] and "permission" in told[-1]["reason"]
    os.chmod(site.bird.path, 0o660)
    site.wait_exported([], 35)
    site.wait_state("withdrawn")


def test_an_event_says_all_that_led_to_it_and_what_was_done(site):
    site.announced()
    site.answer("servfail")
    site.wait_state("withdrawn")
    events = wait_for("all are written", lambda: len(site.instance.events(kind="prefix")) >= 3 and site.instance.events(kind="prefix"))
    held, announced, withdrawn = (event["data"] for event in events[:3])
    assert announced["file_before"] != announced["file_after"] == withdrawn["file_before"] != withdrawn["file_after"]
    assert all(re.fullmatch("[0-9a-f]{64}", data["file_after"]) for data in (announced, withdrawn))
    assert [line.split(":")[0] for line in announced["bird"]] == ["configure check", "configure timeout 10", "configure confirm"]
    assert announced["bird"][0].endswith("0020 Configuration OK") and announced["bird"][2].endswith("0018 Reconfiguration confirmed")
    assert announced["verdict"] == withdrawn["verdict"] == "verified" and 0 < announced["verify_us"] <= announced["took_us"]
    assert {probe["outcome"] for probe in announced["probes"]} == {"good"} and announced["guard"] is None
    assert {"UDP", "TCP"} == {probe["transport"] for probe in announced["probes"]}
    assert withdrawn["probes"][-1]["outcome"] == "wrong" and "SERVFAIL" in withdrawn["probes"][-1]["reason"]
    guard = withdrawn["guard"]
    assert (guard["force"], guard["others_announcing"], guard["min_sites"], guard["rule"]) == ("none", 1, 1, None)
    assert withdrawn["generation"] > announced["generation"] > 0
