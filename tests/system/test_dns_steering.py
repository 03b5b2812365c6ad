"""Which pool and which endpoints a client gets, over the wire: each kind of steering and answers, overrides, and nobody left."""
import collections
import copy

import dns.edns
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import pytest

from harness import Instance, patient, wait_for

A1, A2, A3, B1, C1, F1 = (f"192.0.2.{n}" for n in (1, 2, 3, 11, 21, 31))


def endpoint(name, address, **more):
    return {"name": name, "address": address, **more}


THREE = [endpoint("a1", A1, weight=3), endpoint("a2", A2, weight=1), endpoint("a3", A3, weight=0)]
EQUAL = [endpoint("a1", A1), endpoint("a2", A2), endpoint("a3", A3)]
POOLS = [{"name": "a", "endpoints": EQUAL, "lat": 50, "lon": 8},
         {"name": "b", "endpoints": [endpoint("b1", B1)], "lat": 40, "lon": -74},
         {"name": "c", "endpoints": [endpoint("c1", C1), endpoint("c6", "2001:db8::21")], "fallback": "b"},
         {"name": "last", "endpoints": [endpoint("f1", F1)]},
         {"name": "some", "endpoints": THREE, "answers": "weighted", "max_answers": 1},
         {"name": "two", "endpoints": EQUAL, "max_answers": 2},
         {"name": "sticky", "endpoints": EQUAL, "answers": "hash", "max_answers": 1},
         {"name": "ordered", "answers": "failover",
          "endpoints": [endpoint("o1", A1, priority=1), endpoint("o2", A2, priority=2), endpoint("o3", A3, priority=2)]},
         {"name": "both", "min_healthy": 2, "endpoints": [endpoint("e1", A1), endpoint("e2", A2)]},
         {"name": "alias", "kind": "cname", "endpoints": [endpoint("h", "target.example.com")]}]


def service(name, steering, **more):
    return {"name": name, "ttl": 30, "steering": steering, **more}


SERVICES = [service("failover", "failover", pools=["a", "b"]), service("back", "failover", pools=["b", "a"]),
            service("weighted", "weighted", pools=[{"pool": "a", "weight": 9}, {"pool": "b", "weight": 1}]),
            service("hash", "hash", pools=["a", "b", "last"]),
            service("nearest", "nearest", pools=["a", {"pool": "b", "bias_km": 20000}]),
            service("strict", "rules", default="b", rules=[{"match": ["8.8.8.0/24"], "pool": "c", "strict": True},
                                                           {"match": ["8.8.9.0/24"], "pool": "c"}]),
            service("all", "failover", pools=["a"]),
            service("kept", "failover", pools=["a", "b"], on_all_down="serve_last"),
            service("spare", "failover", pools=["a"], on_all_down="fallback_pool", fallback_pool="last"),
            service("none", "failover", pools=["a"], on_all_down="empty"),
            service("pick", "failover", pools=["some"]), service("two", "failover", pools=["two"]),
            service("sticky", "failover", pools=["sticky"]), service("ordered", "failover", pools=["ordered"]),
            service("both", "failover", pools=["both", "b"]), service("c", "failover", pools=["c"]),
            service("alias", "failover", pools=["alias"]), service("web", "failover", pools=["a"])]
DOCUMENT = {
    "meridian": 1, "pools": POOLS, "geo": [{"cidr": "8.8.8.0/24", "place": "EU-DE", "lat": 50, "lon": 8}],
    "zones": [{"name": "example.com", "ttl": 300, "primary": "ns1.example.com.", "contact": "hostmaster.example.com.",
               "records": [{"name": "@", "type": "NS", "data": ["ns1.example.com."]},
                           {"name": "target", "type": "A", "data": ["192.0.2.99"]},
                           {"name": "web", "type": "HTTPS", "data": ["1 . alpn=h2"]}],
               "services": SERVICES}]}


@pytest.fixture(scope="module")
def instance():
    with Instance(DOCUMENT, geo=False) as running:
        running.start("geodns")
        wait_for("the zone is served", lambda: ask(running, "failover"))
        yield running


@pytest.fixture
def override(instance):
    """Forces objects into a state, until the end of the test."""
    forced = []

    def force(action, *objects):
        for name in objects:
            if name in forced:
                instance.meridian("override", "end", name)
            else:
                forced.append(name)
            instance.meridian("override", name, action, "--reason", "test", "--for", "10m")
        revision = instance.revision()
        wait_for("it is served", lambda: instance.ask("geodns", "status")["revision"] == revision)
    yield force
    for name in forced:
        instance.meridian("override", "end", name)
    revision = instance.revision()
    wait_for("it is over", lambda: instance.ask("geodns", "status")["revision"] == revision)


def reply(instance, name, rdtype="A", client=None):
    options = [dns.edns.ECSOption(client, 24)] if client else []
    query = dns.message.make_query(name + ".example.com", rdtype, use_edns=0, options=options)
    return dns.query.udp(query, instance.dns_host, port=instance.dns_port, timeout=patient(2))


def ask(instance, name, rdtype="A", client=None):
    answer = reply(instance, name, rdtype, client)
    assert answer.rcode() == dns.rcode.NOERROR
    return {item.to_text() for rrset in answer.answer for item in rrset}


def shares(instance, name, count=600):
    counts = collections.Counter()
    for _ in range(count):
        counts.update(ask(instance, name))
    return counts


def test_failover_takes_the_next_pool_and_comes_back(instance, override):
    assert ask(instance, "failover") == {A1, A2, A3}
    override("down", "pool/a")
    assert ask(instance, "failover") == {B1}
    override("up", "pool/a")
    assert ask(instance, "failover") == {A1, A2, A3}


def test_a_drained_endpoint_and_a_drained_pool_get_no_new_clients(instance, override):
    override("drain", "endpoint/a/a1")
    assert ask(instance, "failover") == {A2, A3}
    override("drain", "pool/a")
    assert ask(instance, "failover") == {B1}


def test_weighted_steering_shares_and_gives_way(instance, override):
    counts = shares(instance, "weighted")
    assert 500 <= counts[A1] <= 580 and counts[B1] == 600 - counts[A1]
    override("down", "pool/a")
    assert set(shares(instance, "weighted", 50)) == {B1}


def test_hash_steering_moves_only_the_clients_of_the_pool_that_leaves(instance, override):
    clients = [f"198.51.{n}.0" for n in range(200)]
    before = {client: frozenset(ask(instance, "hash", client=client)) for client in clients}
    assert set(before.values()) == {frozenset({A1, A2, A3}), frozenset({B1}), frozenset({F1})}
    override("down", "pool/b")
    for client in clients:
        after = ask(instance, "hash", client=client)
        assert after == before[client] if before[client] != {B1} else B1 not in after


def test_bias_brings_a_pool_nearer(instance):
    assert ask(instance, "nearest", client="8.8.8.0") == {B1}


def test_a_strict_rule_has_no_way_out_and_any_other_the_fallback(instance, override):
    inside, beside = "8.8.8.0", "8.8.9.0"
    assert ask(instance, "strict", client=inside) == ask(instance, "strict", client=beside) == {C1}
    assert ask(instance, "strict", client="8.8.10.0") == {B1}
    override("down", "pool/c")
    assert ask(instance, "strict", client=inside) == {C1}  # serve_all of the geofence's own pool
    assert ask(instance, "strict", client=beside) == {B1}


def test_pool_fallback_steps_in_and_the_chain_ends(instance, override):
    assert ask(instance, "c") == {C1}
    override("down", "pool/c")
    assert ask(instance, "c") == {B1}
    override("down", "pool/b")
    assert ask(instance, "c") == {C1}


def test_a_loop_of_fallbacks_is_refused_with_its_way_and_two_regions_back_each_other_without_one(instance, override):
    for loop in (["b", "c"], ["b", "last", "c"], ["c"]):
        changed = copy.deepcopy(DOCUMENT)
        for at, name in enumerate(loop):
            pool = next(pool for pool in changed["pools"] if pool["name"] == name)
            pool["fallback"] = loop[(at + 1) % len(loop)]
        refused = instance.apply(changed, check=False)
        said = refused.stderr + refused.stdout
        assert refused.returncode == 1 and "/fallback" in said
        assert " -> ".join([*loop, loop[0]]) in said or (loop == ["c"] and "names itself" in said), said
    for down, expected in (("a", {B1}), ("b", {A1, A2, A3})):
        override("down", f"pool/{down}")
        assert ask(instance, "failover") == ask(instance, "back") == expected
        override("up", f"pool/{down}")


def test_when_nobody_is_left_each_service_does_as_it_says(instance, override):
    override("down", "endpoint/a/a1")
    assert ask(instance, "kept") == {A2, A3}
    override("down", "pool/a", "pool/b")
    assert ask(instance, "all") == {A2, A3}  # what is forced down by name stays out even so
    assert ask(instance, "kept") == {B1}  # which took over before it was taken out, too
    assert ask(instance, "spare") == {F1}
    nothing = reply(instance, "none")
    assert nothing.rcode() == dns.rcode.NOERROR and not nothing.answer and nothing.authority[0].rdtype == dns.rdatatype.SOA


def test_min_healthy_makes_a_pool_give_way_before_it_is_empty(instance, override):
    assert ask(instance, "both") == {A1, A2}
    override("down", "endpoint/both/e1")
    assert ask(instance, "both") == {B1}


def test_endpoints_are_picked_as_the_pool_says(instance, override):
    counts = shares(instance, "pick")
    assert 400 <= counts[A1] <= 500 and counts[A2] == 600 - counts[A1] and counts[A3] == 0
    assert len(ask(instance, "two")) == 2
    assert len(shares(instance, "sticky", 20)) == 1
    assert ask(instance, "ordered") == {A1}
    override("down", "endpoint/ordered/o1")
    assert ask(instance, "ordered") == {A2, A3}
    override("down", "endpoint/some/a1", "endpoint/some/a2")
    assert ask(instance, "pick") == {A3}  # weight 0: when nobody else can


def test_the_pool_is_not_changed_by_family(instance):
    assert ask(instance, "c", "AAAA") == {"2001:db8::21"}
    for name in ("failover", "all"):
        nothing = reply(instance, name, "AAAA")
        assert nothing.rcode() == dns.rcode.NOERROR and not nothing.answer


def test_a_pool_of_names_answers_a_cname_and_goes_on(instance):
    answer = reply(instance, "alias")
    assert [rrset.rdtype for rrset in answer.answer] == [dns.rdatatype.CNAME, dns.rdatatype.A]
    assert answer.answer[1][0].address == "192.0.2.99"


def test_https_stands_beside_a_service_without_hints_of_addresses(instance):
    assert ask(instance, "web", "HTTPS") == {'1 . alpn="h2"'}
    assert ask(instance, "web") == {A1, A2, A3}
    changed = copy.deepcopy(DOCUMENT)
    changed["zones"][0]["records"][2]["data"] = ["1 . alpn=h2 ipv4hint=192.0.2.1"]
    refused = instance.apply(changed, check=False)
    assert refused.returncode == 1 and "hints" in refused.stderr + refused.stdout
