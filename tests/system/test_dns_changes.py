"""What is served follows the configuration at once, and stays as it is when something it follows is lost."""
import copy
import os
import shutil
import socket
import statistics
import time

import dns.flags
import dns.message
import dns.query
import dns.rcode
import pytest

from harness import Instance, patient, wait_for

WITHIN_MS = 50


def document(address="192.0.2.1"):
    return {
        "meridian": 1,
        "geo": [{"cidr": "127.0.0.2/32", "place": "EU-DE"}],
        "pools": [{"name": "eu", "endpoints": [{"name": "e", "address": "192.0.2.10"}]},
                  {"name": "us", "endpoints": [{"name": "e", "address": "192.0.2.20"}]}],
        "zones": [{"name": "example.com", "ttl": 300, "primary": "ns1.example.com.", "contact": "hostmaster.example.com.",
                   "records": [{"name": "@", "type": "NS", "data": ["ns1.example.com."]},
                               {"name": "a", "type": "A", "data": [address]}],
                   "services": [{"name": "www", "ttl": 30, "steering": "rules", "default": "us",
                                 "rules": [{"match": ["EU"], "pool": "eu"}]}]}]}


@pytest.fixture
def served():
    with Instance(document()) as instance:
        yield instance.start("geodns")


def ask(served, name, rdtype="A", source=None):
    """(rcode, data of the answer) over UDP."""
    query = dns.message.make_query(name, rdtype)
    reply = dns.query.udp(query, served.dns_host, port=served.dns_port, timeout=patient(2), source=source)
    return dns.rcode.to_text(reply.rcode()), [item.to_text() for rrset in reply.answer for item in rrset]


def ms_until(served, name, wanted, **more):
    """Milliseconds until NAME's answer is WANTED."""
    start = time.monotonic()
    while ask(served, name, **more) != wanted:
        assert time.monotonic() - start < patient(5), f"{name} is not {wanted} after 5 s but {ask(served, name, **more)}"
    return 1000 * (time.monotonic() - start)


def test_a_change_is_answered_within_50_ms_of_its_commit(served):
    """Counted from the return of the command that committed it: the commit itself is a little before."""
    times = []
    for i in range(2, 12):
        served.apply(document(f"192.0.2.{i}"))
        times.append(ms_until(served, "a.example.com", ("NOERROR", [f"192.0.2.{i}"])))
    assert statistics.median(times) < patient(WITHIN_MS), times


def test_every_kind_of_change_is_answered(served):
    changed = document()
    changed["zones"][0]["records"].append({"name": "new.deep", "type": "TXT", "data": ["\"x\""]})
    served.apply(changed)
    ms_until(served, "new.deep.example.com", ("NOERROR", ['"x"']), rdtype="TXT")
    assert ask(served, "deep.example.com") == ("NOERROR", [])

    changed["pools"][1]["endpoints"][0]["address"] = "192.0.2.21"
    served.apply(changed)
    ms_until(served, "www.example.com", ("NOERROR", ["192.0.2.21"]))

    changed["zones"][0]["services"][0]["rules"] = []
    changed["zones"][0]["services"].append({"name": "api", "ttl": 5, "steering": "failover", "pools": ["eu"]})
    served.apply(changed)
    ms_until(served, "api.example.com", ("NOERROR", ["192.0.2.10"]))
    ms_until(served, "www.example.com", ("NOERROR", ["192.0.2.21"]), source="127.0.0.2")

    changed["geo"].append({"cidr": "127.0.0.3/32", "place": "NA-US"})
    changed["zones"][0]["services"][0]["rules"] = [{"match": ["NA"], "pool": "eu"}]
    served.apply(changed)
    ms_until(served, "www.example.com", ("NOERROR", ["192.0.2.10"]), source="127.0.0.3")

    second = copy.deepcopy(changed["zones"][0])
    second.update(name="example.org", services=[])
    changed["zones"].append(second)
    served.apply(changed)
    ms_until(served, "a.example.org", ("NOERROR", ["192.0.2.1"]))
    assert ask(served, "nope.example.org") == ("NXDOMAIN", [])

    del changed["zones"][1]
    del changed["zones"][0]["records"][2]
    served.apply(changed, "--prune")
    ms_until(served, "a.example.org", ("REFUSED", []))
    ms_until(served, "new.deep.example.com", ("NXDOMAIN", []), rdtype="TXT")
    assert ask(served, "deep.example.com") == ("NXDOMAIN", [])


def test_the_serial_is_the_revision_that_last_changed_the_zone(served):
    served.apply(document("192.0.2.2"))
    ms_until(served, "a.example.com", ("NOERROR", ["192.0.2.2"]))
    soa = ask(served, "example.com", "SOA")[1][0].split()
    assert int(soa[2]) == served.revision() == 2


def serial(served, zone="example.com"):
    return int(ask(served, zone, "SOA")[1][0].split()[2])


def test_the_serial_does_not_go_back_at_a_start_after_a_record_was_removed(served):
    changed = document()
    changed["zones"][0]["records"].append({"name": "new", "type": "TXT", "data": ["\"x\""]})
    served.apply(changed)
    served.apply(document(), "--prune")
    wait_for("the removal is served", lambda: serial(served) == 3)
    assert served.revision() == 3 and ask(served, "new.example.com", "TXT") == ("NXDOMAIN", [])
    served.stop("geodns")
    served.start("geodns")
    ms_until(served, "a.example.com", ("NOERROR", ["192.0.2.1"]))
    assert serial(served) == 3
    # Nor where the zone was gone in between.
    gone = document()
    gone["zones"] = []
    served.apply(gone, "--prune")
    served.apply(document())
    served.stop("geodns")
    served.start("geodns")
    assert serial(served) == served.revision() == 5


def test_another_store_put_in_place_is_served_with_its_records(served):
    with Instance(document("192.0.2.99")) as other:
        other.apply(document("192.0.2.98"))
        for ending in ("", "-wal", "-shm"):
            os.rename(other.path("config.db" + ending), served.path("config.db" + ending))
        ms_until(served, "a.example.com", ("NOERROR", ["192.0.2.98"]))
        assert serial(served) == 2


def problems(served):
    return served.ask("geodns", "status")["problems"]


def test_a_damaged_store_changes_no_answer_and_is_taken_up_again_when_it_is_well(served):
    before = ask(served, "a.example.com")
    shutil.copyfile(served.path("config.db"), served.path("kept.db"))
    with open(served.path("config.db"), "r+b") as store:
        store.write(b"\xff" * 4096)
    wait_for("the status says that the configuration is stale",
             lambda: served.ask("geodns", "status")["config"]["state"] == "stale")
    assert problems(served)
    assert ask(served, "a.example.com") == before
    shutil.copyfile(served.path("kept.db"), served.path("config.db"))
    wait_for("the configuration is live again", lambda: served.ask("geodns", "status")["config"]["state"] == "live")
    served.apply(document("192.0.2.77"))
    ms_until(served, "a.example.com", ("NOERROR", ["192.0.2.77"]))


def test_a_store_that_is_gone_changes_no_answer(served):
    before = ask(served, "www.example.com")
    names = [name for name in os.listdir(served.dir) if name.startswith("config.db")]
    os.mkdir(served.path("away"))
    for name in names:
        os.rename(served.path(name), served.path("away", name))
    wait_for("the status says so", lambda: served.ask("geodns", "status")["config"]["state"] == "stale")
    assert ask(served, "www.example.com") == before
    for name in names:
        os.rename(served.path("away", name), served.path(name))
    wait_for("it is live again", lambda: served.ask("geodns", "status")["config"]["state"] == "live")


def test_a_responder_without_a_store_waits_for_it():
    with Instance(geo=False) as instance:
        for name in os.listdir(instance.dir):
            if name.startswith("config.db"):
                os.remove(instance.path(name))
        instance.start("geodns")
        assert ask(instance, "a.example.com") == ("REFUSED", [])
        assert problems(instance)
        instance.meridian("init")
        instance.apply(document())
        ms_until(instance, "a.example.com", ("NOERROR", ["192.0.2.1"]))


def test_a_place_table_of_garbage_changes_no_answer_and_a_good_one_is_taken_up(served):
    german = "2.160.0.1"
    assert served.dig("www.example.com", f"+subnet={german}/32") == ["192.0.2.10"]
    table = served.path("geo", "places.tbl")
    with open(table, "rb") as good:
        content = good.read()
    for name, garbage in (("none", b""), ("text", b"garbage " * 1000), ("cut", content[:len(content) // 2]),
                          ("bent", content[:5000] + b"\xff" + content[5001:])):
        with open(table + ".new", "wb") as bad:
            bad.write(garbage)
        os.replace(table + ".new", table)
        wait_for(f"the status tells of the table ({name})", lambda: problems(served))
        assert served.dig("www.example.com", f"+subnet={german}/32") == ["192.0.2.10"]
        with open(table + ".new", "wb") as good:
            good.write(content)
        os.replace(table + ".new", table)
        wait_for("the problem is over", lambda: not problems(served))
    assert served.dig("www.example.com", f"+subnet={german}/32") == ["192.0.2.10"]


def test_a_responder_without_places_answers_with_the_default():
    with Instance(document(), geo=False) as instance:
        instance.start("geodns")
        assert ask(instance, "www.example.com") == ("NOERROR", ["192.0.2.20"])
        assert problems(instance)


def monitored(port):
    with_monitor = document()
    with_monitor["monitors"] = [{"name": "m", "type": "tcp", "port": port, "interval_ms": 200, "timeout_ms": 200, "fall": 1,
                                 "rise": 1}]
    with_monitor["pools"] = [{"name": "eu", "monitor": "m", "endpoints": [{"name": "e", "address": "127.0.0.1"}]},
                             {"name": "us", "endpoints": [{"name": "e", "address": "192.0.2.20"}]}]
    with_monitor["zones"][0]["services"] = [{"name": "www", "ttl": 30, "steering": "failover", "pools": ["eu", "us"]}]
    return with_monitor


def test_the_answer_follows_health_and_stays_when_the_health_checker_dies():
    with socket.socket() as backend:
        backend.bind(("127.0.0.1", 0))
        backend.listen()
        port = backend.getsockname()[1]
        with Instance(monitored(port)) as instance:
            instance.start("healthcheck", "geodns")
            ms_until(instance, "www.example.com", ("NOERROR", ["127.0.0.1"]))
            wait_for("the target is up", lambda: instance.health().get("eu/e", {}).get("state") == "up")
            backend.close()
            ms_until(instance, "www.example.com", ("NOERROR", ["192.0.2.20"]))
            instance.kill("healthcheck")
            # Ten seconds without a heartbeat are stale: known to the status, of no consequence to answers.
            wait_for("the status tells that health is stale", lambda: problems(instance), timeout_s=15, every_s=0.2)
            assert ask(instance, "www.example.com") == ("NOERROR", ["192.0.2.20"])
            instance.stop("healthcheck")
            with socket.socket() as again:
                again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                again.bind(("127.0.0.1", port))
                again.listen()
                instance.start("healthcheck")
                ms_until(instance, "www.example.com", ("NOERROR", ["127.0.0.1"]))
                wait_for("nothing is left of it", lambda: not problems(instance))


def test_overrides_are_answered(served):
    served.meridian("override", "pool/us", "down", "--reason", "test", "--for", "1m")
    ms_until(served, "www.example.com", ("NOERROR", ["192.0.2.20"]))
    served.meridian("override", "endpoint/eu/e", "drain", "--reason", "test", "--for", "1m")
    ms_until(served, "www.example.com", ("NOERROR", ["192.0.2.20"]), source="127.0.0.2")
    served.meridian("override", "end", "endpoint/eu/e")
    ms_until(served, "www.example.com", ("NOERROR", ["192.0.2.10"]), source="127.0.0.2")


def test_what_the_control_socket_tells(served):
    ask(served, "www.example.com", source="127.0.0.2")
    ask(served, "nope.example.com")
    status = served.ask("geodns", "status")
    assert status["daemon"] == "geodns" and status["revision"] == 1 and status["problems"] == []
    assert status["pools"]["eu"] == {"can_serve": True, "serving": 1, "endpoints": 1, "override": None}
    samples = {metric["name"]: metric["samples"] for metric in served.ask("geodns", "stats")["metrics"]}
    assert {"labels": {"service": "example.com/www", "pool": "eu"}, "value": 1} in samples["meridian_dns_answers_total"]
    assert {"labels": {"rcode": "NXDOMAIN"}, "value": 1} in samples["meridian_dns_responses_total"]
    assert served.ask("geodns", "answers")["services"] == {"example.com/www": {"eu": 1, "us": 0}}
    told = served.ask("geodns", "explain", {"name": "www.example.com", "type": "A", "client": "2.160.0.1", "resolver": None,
                                            "assume_down": ["pool/eu"]})
    assert told["pool"] == "us" and told["answers"] == ["www.example.com. 30 IN A 192.0.2.20"]
    assert told["place"]["country"] == "DE" and told["place"]["from"] == "ecs"
    place = served.ask("geodns", "geo_lookup", {"address": "127.0.0.2"})
    assert (place["country"], place["source"], place["prefix"]) == ("DE", "override", "127.0.0.2/32")
    assert "error" in served.ask("geodns", "geo_lookup", {"address": "nowhere"})
    assert "error" in served.ask("geodns", "no-such-verb")
