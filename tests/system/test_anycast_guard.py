"""What holds a site back or drives it on at the neighbour's end: the guard, the last steps of the ladder, the address before the answer."""
import time

import pytest

from harness import wait_for
from test_anycast import ADDRESS, PREFIX, Site, document, lab, shared_lab  # noqa: F401

HALF = "192.0.2.0/25"


@pytest.fixture
def site(lab):
    with Site(lab) as made:
        yield made


def two_prefixes():
    both = document()
    both["prefixes"].append({**both["prefixes"][0], "prefix": HALF})
    return both


def test_a_site_that_would_lose_all_its_prefixes_at_once_freezes_and_an_order_still_withdraws(lab, site):
    site.instance.apply(two_prefixes())
    site.announced()
    lab.wait_route(HALF)
    site.answer("servfail")
    # Where their probes fall apart, one may go; both never do.
    frozen = wait_for("one is frozen", lambda: next((net for net in (PREFIX, HALF) if site.prefix(net).get("state") == "frozen"), None))
    seen = site.prefix(frozen)
    assert seen["blocked_by"] == "panic_fraction" and "SERVFAIL" in seen["reason"]
    lab.stays(frozen, seconds=2.0)
    assert lab.route(frozen)["path"] == [64512], "it is left exactly as it was"
    site.instance.meridian("override", f"prefix/{frozen}", "down", "--reason", "test", "--for", "1h")
    lab.wait_gone(frozen)


def test_two_withdrawals_do_not_follow_each_other_at_once(lab, site):
    """By policy, one after the other: the second is refused by its pace, and degraded."""
    both = two_prefixes()
    both["safety"] = {"max_withdraw_per_10min": 3, "panic_fraction": 1.0}
    for prefix in both["prefixes"]:
        prefix["on_backends_down"] = "withdraw"
    site.instance.apply(both)
    site.announced()
    lab.wait_route(HALF)
    site.instance.meridian("override", "pool/eu", "down", "--reason", "test", "--for", "1h")
    wait_for("one of both is gone", lambda: (lab.route(PREFIX) is None) != (lab.route(HALF) is None))
    left = PREFIX if lab.route(PREFIX) is not None else HALF
    wait_for("the other is held by the pace", lambda: site.prefix(left)["blocked_by"] == "max_withdraw_per_10min")
    assert len(lab.wait_route(left, path_len=4)["path"]) == 4
    # Behind the five seconds it may go as well.
    lab.wait_gone(left, timeout_s=15)


def test_what_the_guard_refuses_is_an_event_although_the_word_stays(lab):
    with Site(lab, sites=["fra"], drain_s=0) as site:
        site.announced()
        site.instance.meridian("override", "pool/eu", "down", "--reason", "test", "--for", "1h")
        site.wait_state("degraded")
        site.answer("servfail")
        refused = wait_for("the refusal is an event", lambda: site.events()[-1]["data"]["blocked_by"] and site.events()[-1])
        assert (refused["from"], refused["to"], refused["actor"]) == ("degraded", "degraded", "guard") and "last_site" in refused["reason"]
        since = site.prefix()["since"]
        # Its end is one, too, and the state is as old as it is.
        site.answer("good")
        wait_for("its end is an event", lambda: site.events()[-1]["data"]["blocked_by"] is None)
        assert site.events()[-1]["from"] == site.events()[-1]["to"] == "degraded" and site.prefix()["since"] == since
        # A drain that may not end says so.
        site.instance.meridian("override", f"prefix/{PREFIX}", "drain", "--reason", "test", "--for", "1h")
        wait_for("the drain is refused", lambda: site.events()[-1]["data"]["blocked_by"] == "last_site" and site.events()[-1]["to"] == "draining")
        assert lab.route() is not None


def test_what_was_taken_from_the_site_and_stays_is_watched_and_goes_by_proof(lab):
    with Site(lab, sites=["fra"]) as site:
        site.announced()
        none = document()
        none["prefixes"] = []
        site.instance.apply(none, "--prune", "--confirm", f"prefix/{PREFIX}")
        assert site.wait_state("degraded")["blocked_by"] == "last_site"
        lab.stays(seconds=1.0)
        site.responder.kill()
        lab.wait_gone(timeout_s=4)
        # Nothing that was heard before counts where it comes back.
        site.instance.apply(document(sites=["fra"]))
        lab.stays_away(seconds=2.5)
        site.stop_responder()
        site.start_responder()
        lab.wait_route(timeout_s=15)


def test_where_nothing_else_withdraws_the_session_goes_down_and_the_neighbour_is_told_why(lab, site):
    leak = (f"protocol static leak {{ ipv4; route {PREFIX} unreachable {{ bgp_large_community.add((MERIDIAN_AS, 53, 1)); }}; }}\n")
    lab.site.write(lab.site_text.replace('if proto = "meridian4"', "if source = RTS_STATIC").replace("filter meridian_export4 {", leak + "filter meridian_export4 {"))
    assert "Reconfigur" in lab.site.ask("configure")
    site.announced()
    site.instance.meridian("override", f"prefix/{PREFIX}", "down", "--reason", "test", "--for", "1h")
    lab.wait_gone(timeout_s=8)
    assert site.instance.ask("bgpctl", "anycast")["bird"]["step"] == "sessions"
    # Whoever looks later is told, too, that more than the configuration was needed.
    assert any("step sessions" in problem for problem in site.instance.ask("bgpctl", "status")["problems"])
    with open(lab.upstream.log, errors="replace") as log:
        said = log.read()
    assert "Administrative shutdown" in said and "withdrawn by meridian-bgpctl" in said


def test_an_address_that_is_not_there_is_not_announced_however_well_the_responder_answers(lab):
    lab.in_site("ip", "addr", "del", f"{ADDRESS}/32", "dev", "lo")
    try:
        with Site(lab) as site:
            site.start()
            wait_for("the reason is told", lambda: site.prefix().get("reason") == f"{ADDRESS} is not an address of lo")
            assert site.prefix()["state"] == "held"
            time.sleep(1.5)
            assert lab.route() is None
            lab.in_site("ip", "addr", "add", f"{ADDRESS}/32", "dev", "lo")
            site.start_responder()
            lab.wait_route()
    finally:
        if ADDRESS not in lab.in_site("ip", "addr", "show", "dev", "lo"):
            lab.in_site("ip", "addr", "add", f"{ADDRESS}/32", "dev", "lo")
