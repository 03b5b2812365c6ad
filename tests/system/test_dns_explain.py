"""Why a client gets its answer: the same from the shell, from the API and in the answer itself; and how soon an override is seen."""
import concurrent.futures
import datetime
import statistics
import time

import dns.edns
import dns.message
import dns.query
import dns.rcode
import pytest

from harness import Instance, patient, wait_for
from test_api import Client

WITHIN_MS = 50
DOCUMENT = {
    "meridian": 1,
    "geo": [{"cidr": "8.8.8.0/24", "place": "EU-DE"}, {"cidr": "8.8.9.0/24", "place": "NA-US", "asn": 64500}],
    "regions": [{"name": "dach", "places": ["EU-DE", "EU-AT"], "asns": [64501]}],
    "pools": [{"name": "eu", "lat": 50, "lon": 8, "endpoints": [{"name": "eu1", "address": "192.0.2.1"}, {"name": "eu6", "address": "2001:db8::1"}]},
              {"name": "us", "lat": 40, "lon": -74, "fallback": "eu", "endpoints": [{"name": "us1", "address": "192.0.2.2"}]},
              {"name": "edge", "kind": "cname", "endpoints": [{"name": "e", "address": "www.example.com"}]}],
    "zones": [{"name": "example.com", "primary": "ns1.example.com.", "contact": "hostmaster.example.com.",
               "records": [{"name": "@", "type": "NS", "data": ["ns1.example.com."]},
                           {"name": "alias", "type": "CNAME", "data": ["www"]},
                           {"name": "*.wild", "type": "CNAME", "data": ["www"]},
                           {"name": "www", "type": "HTTPS", "data": ["1 . alpn=h2"]}],
               "services": [{"name": "www", "ttl": 30, "steering": "rules", "default": "us",
                             "rules": [{"match": ["region:dach"], "pool": "eu", "strict": True}]},
                            {"name": "near", "ttl": 30, "steering": "nearest", "pools": ["eu", "us"]},
                            {"name": "names", "ttl": 30, "steering": "failover", "pools": ["edge"]}]}]}
QUESTIONS = [("www.example.com", "A", "8.8.8.0/24", "NOERROR"), ("www.example.com", "AAAA", "8.8.8.7/32", "NOERROR"),
             ("www.example.com", "AAAA", "8.8.9.0/24", "NOERROR"), ("www.example.com", "HTTPS", "8.8.8.0/24", "NOERROR"),
             ("www.example.com", "ANY", "8.8.8.0/24", "NOERROR"), ("alias.example.com", "A", "8.8.8.0/24", "NOERROR"),
             ("x.wild.example.com", "A", "8.8.9.0/24", "NOERROR"), ("names.example.com", "A", "8.8.8.0/24", "NOERROR"),
             ("near.example.com", "A", "2002:808:808::/48", "NOERROR"), ("near.example.com", "A", "10.0.0.0/8", "NOERROR"),
             ("nope.example.com", "A", "8.8.8.0/24", "NXDOMAIN"), ("other.test", "A", "8.8.8.0/24", "REFUSED")]


@pytest.fixture(scope="module")
def instance():
    with Instance(DOCUMENT, geo=False) as running:
        running.start("geodns", "web")
        wait_for("the zone is served", lambda: running.dig("www.example.com", "A"))
        yield running


@pytest.fixture(scope="module")
def viewer(instance):
    secret = instance.meridian("token", "add", "viewer", "--role", "viewer").stdout.split()[1]
    return Client(instance, token=secret)


def wire(instance, name, rdtype, client):
    """(rcode, scope, records) of the answer itself."""
    address, length = client.split("/")
    query = dns.message.make_query(name, rdtype, use_edns=0, options=[dns.edns.ECSOption(address, int(length))])
    reply = dns.query.udp(query, instance.dns_host, port=instance.dns_port, timeout=patient(2))
    scope = next((option.scopelen for option in reply.options if isinstance(option, dns.edns.ECSOption)), None)
    records = sorted(f"{rrset.name} {rrset.ttl} IN {dns.rdatatype.to_text(rrset.rdtype)}" for rrset in reply.answer for _ in rrset)
    return dns.rcode.to_text(reply.rcode()), scope, records


def test_shell_api_and_answer_say_the_same(instance, viewer):
    for name, rdtype, client, rcode in QUESTIONS:
        told = instance.json("explain", name, rdtype, "--client", client, "--resolver", "8.8.8.53")
        reply = viewer.post("explain", {"name": name, "type": rdtype, "client": client, "resolver": "8.8.8.53"})
        assert reply.status == 200 and reply.json == told, (name, rdtype)
        records = sorted(" ".join(record.split()[:4]) for record in told["answers"])
        assert (told["rcode"], told["scope"], records) == wire(instance, name, rdtype, client), (name, rdtype)
        assert told["rcode"] == rcode
        text = instance.meridian("explain", name, rdtype, "--client", client, "--resolver", "8.8.8.53").stdout
        for step in told["steps"]:
            assert step["text"] in text, (name, rdtype)


def test_each_step_is_told_in_its_order(instance):
    told = instance.json("explain", "alias.example.com", "A", "--client", "8.8.8.0/24")
    steps = [step["step"] for step in told["steps"]]
    assert steps == ["zone", "zone", "client", "place", "rule", "ranking", "pool", "endpoint", "endpoint", "ttl", "scope", "answer"]
    assert told["service"] == "example.com/www" and told["pool"] == "eu" and told["place"]["country"] == "DE"


def test_without_a_client_the_resolver_is_named(instance):
    text = instance.meridian("explain", "www.example.com", "--resolver", "8.8.8.53").stdout
    assert text.startswith("www.example.com A for resolver 8.8.8.53\n") and "ECS scope   none" in text


def test_an_assumption_is_told_and_changes_nothing(instance, viewer):
    told = instance.json("explain", "near.example.com", "A", "--client", "8.8.8.0/24", "--assume-down", "pool/eu")
    assert told["pool"] == "us" and any("eu is passed over" in step["text"] for step in told["steps"])
    body = {"name": "near.example.com", "client": "8.8.8.0/24", "assume_down": ["endpoint/eu/eu1", "endpoint/eu/eu6"]}
    assert viewer.post("explain", body).json["pool"] == "us"
    assert instance.dig("near.example.com", "A", "+subnet=8.8.8.0/24") == ["192.0.2.1"]
    unknown = instance.meridian("explain", "near.example.com", "--client", "8.8.8.0/24", "--assume-down", "pool/none", check=False)
    assert unknown.returncode == 1 and 'no endpoint or pool "pool/none"' in unknown.stderr


def test_an_override_is_answered_soon_after_its_commit(instance):
    """From the time that the store gives the revision to the first changed answer."""
    query = dns.message.make_query("near.example.com", "A", use_edns=0, options=[dns.edns.ECSOption("8.8.8.0", 24)])
    times = []
    for turn in range(10):
        end = turn % 2 == 1
        what = ["end", "endpoint/eu/eu1"] if end else ["endpoint/eu/eu1", ("down", "drain")[turn // 2 % 2], "--reason", "test", "--for", "1m"]
        # Asked while the command runs: its end, where a sanitizer looks for leaks, is no part of the time.
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            done = pool.submit(instance.meridian, "override", *what)
            wait_for("the override is answered", lambda: bool(dns.query.udp(
                query, instance.dns_host, port=instance.dns_port, timeout=patient(2)).answer) == end, every_s=0.001)
            answered = time.time()
            done.result()
        committed = instance.json("history", "--limit", "1")[0]["time"]
        times.append(1000 * (answered - datetime.datetime.fromisoformat(committed.replace("Z", "+00:00")).timestamp()))
    print(f"from commit to changed answer: median {statistics.median(times):.1f} ms, most {max(times):.1f} ms")
    assert statistics.median(times) < patient(WITHIN_MS), times
