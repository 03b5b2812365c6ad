"""Who gets which pool, and how far an answer holds: over the wire, with the whole-world country database."""
import ipaddress
import random
import socket
import struct

import dns.edns
import dns.message
import dns.query
import dns.rdatatype
import pytest

from harness import Instance, patient

DOCUMENT = {
    "meridian": 1,
    "geo": [{"cidr": "127.0.0.2/32", "place": "EU-DE"}, {"cidr": "127.0.0.3/32", "place": "NA-US"},
            {"cidr": "10.20.0.0/16", "place": "EU-FR"}],
    "regions": [{"name": "dach", "places": ["EU-DE", "EU-AT", "EU-CH"]}],
    "pools": [{"name": "eu", "lat": 50.11, "lon": 8.68, "endpoints": [{"name": "e", "address": "192.0.2.10"}]},
              {"name": "us", "lat": 40.71, "lon": -74.0, "endpoints": [{"name": "e", "address": "192.0.2.20"}]},
              {"name": "asia", "lat": 1.35, "lon": 103.8, "endpoints": [{"name": "e", "address": "192.0.2.30"}]}],
    "zones": [{"name": "example.com", "primary": "ns1.example.com.", "contact": "hostmaster.example.com.",
               "records": [{"name": "@", "type": "NS", "data": ["ns1.example.com."]},
                           {"name": "ns1", "type": "A", "data": ["192.0.2.53"]}],
               "services": [
                   {"name": "www", "ttl": 30, "steering": "rules", "default": "us", "rules": [
                       {"match": ["region:dach"], "pool": "eu"},
                       {"match": ["8.8.8.128/25"], "pool": "asia"},
                       {"match": ["EU", "AF"], "pool": "eu"},
                       {"match": ["AS", "OC"], "pool": "asia"}]},
                   {"name": "near", "ttl": 30, "steering": "nearest", "pools": ["eu", "us", "asia"]}]}]}

GERMAN, AMERICAN = "2.160.0.0", "8.8.8.0"
EU, US, ASIA = "192.0.2.10", "192.0.2.20", "192.0.2.30"


@pytest.fixture(scope="module")
def served():
    with Instance(DOCUMENT) as instance:
        yield instance.start("geodns")


def ask(served, name, subnet=None, source=None, length=24, rdtype="A"):
    """The answer's addresses and the ECS scope (None without the option)."""
    options = [dns.edns.ECSOption(subnet, length)] if subnet else []
    query = dns.message.make_query(name, rdtype, use_edns=0, options=options)
    reply = dns.query.udp(query, served.dns_host, port=served.dns_port, timeout=patient(2), source=source)
    addresses = [item.address for rrset in reply.answer for item in rrset]
    scopes = [option.scopelen for option in reply.options if isinstance(option, dns.edns.ECSOption)]
    return addresses, scopes[0] if scopes else None


@pytest.mark.parametrize("name", ["www.example.com", "near.example.com"])
def test_a_german_and_an_american_client_get_different_pools(served, name):
    assert ask(served, name, GERMAN)[0] == [EU]
    assert ask(served, name, AMERICAN)[0] == [US]


def test_without_a_client_subnet_the_resolvers_own_address_decides(served):
    assert ask(served, "www.example.com", source="127.0.0.2") == ([EU], None)
    assert ask(served, "www.example.com", source="127.0.0.3") == ([US], None)


def test_source_length_0_asks_for_the_resolvers_place_and_gets_scope_0(served):
    assert ask(served, "www.example.com", "0.0.0.0", "127.0.0.2", 0) == ([EU], 0)


def test_a_private_client_subnet_is_of_no_use_unless_an_override_names_it(served):
    assert ask(served, "www.example.com", "10.1.2.0", "127.0.0.2") == ([EU], 0)
    addresses, scope = ask(served, "www.example.com", "10.20.3.0", "127.0.0.3")
    assert (addresses, scope) == ([EU], 16)


def test_a_rule_of_a_longer_prefix_narrows_the_scope_around_it(served):
    assert ask(served, "www.example.com", "8.8.8.128", length=25) == ([ASIA], 25)
    assert ask(served, "www.example.com", "8.8.8.0", length=24) == ([US], 25)


def test_what_does_not_depend_on_place_has_scope_0(served):
    assert ask(served, "ns1.example.com", GERMAN)[1] == 0
    assert ask(served, "nope.example.com", GERMAN)[1] == 0
    assert ask(served, "www.example.com", GERMAN, rdtype="AAAA")[1] == 0


def test_dig_shows_the_same(served):
    assert served.dig("www.example.com", f"+subnet={GERMAN}/24") == [EU]
    assert served.dig("www.example.com", f"+subnet={AMERICAN}/24", "+tcp") == [US]


class Asker:
    """Queries for one name with a client subnet, many under way at once; packets written by hand, for speed."""

    def __init__(self, served, name, family):
        self.family = family
        self.octets = 4 if family == 1 else 16
        labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
        self.question = labels + struct.pack("!HH", 1, 1)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(patient(2))
        self.socket.connect((served.dns_host, served.dns_port))

    def packet(self, number, address):
        option = struct.pack("!HHHBB", 8, 4 + self.octets, self.family, 8 * self.octets, 0) + address
        opt = b"\0" + struct.pack("!HHIH", 41, 1232, 0, len(option)) + option
        return struct.pack("!HHHHHH", number, 0, 1, 0, 0, 1) + self.question + opt

    def answers(self, addresses):
        """(answer, scope) of each address in turn."""
        results = [None] * len(addresses)
        for start in range(0, len(addresses), 64):
            part = range(start, min(start + 64, len(addresses)))
            for i in part:
                self.socket.send(self.packet(i - start, addresses[i]))
            for _ in part:
                reply = self.socket.recv(4096)
                number, = struct.unpack_from("!H", reply)
                at = 12 + len(self.question)
                assert reply[6:8] == b"\0\1" and reply[at + 10:at + 12] == b"\0\4"
                scope = reply[-self.octets - 1]
                results[start + number] = (reply[at + 12:at + 16], scope)
        assert None not in results
        return results


def is_public(address):
    public = ipaddress.ip_address(address)
    return public.is_global and not public.is_multicast and (public.version == 4 or address[0] >> 5 == 1)


def inside(address, scope, chance):
    """Another address that has the first SCOPE bits of ADDRESS."""
    bits = 8 * len(address)
    low = chance.getrandbits(bits - scope) if scope < bits else 0
    number = int.from_bytes(address, "big") >> (bits - scope) << (bits - scope)
    return (number | low).to_bytes(len(address), "big")


@pytest.mark.parametrize("name,family,count", [("www.example.com", 1, 60000), ("near.example.com", 1, 20000),
                                               ("www.example.com", 2, 20000)])
def test_every_client_within_the_scope_gets_the_same_answer(served, name, family, count):
    """RFC 7871 section 7.2.1, over random addresses: what a resolver may hand out from its cache is right."""
    chance = random.Random(7871)
    asker = Asker(served, name, family)
    clients = []
    while len(clients) < count:
        address = bytes([chance.randrange(256) for _ in range(asker.octets)])
        # Most of IPv6 is not in use: half of the clients are taken from where the registries have given out.
        if family == 2 and chance.random() < 0.5:
            address = bytes([chance.choice([0x20, 0x24, 0x26, 0x28, 0x2a, 0x2c]), *address[1:]])
        clients.append(address)
    first = asker.answers(clients)
    # Scope 0 is said of what is no client's address: there the resolver's own decides.
    for address, (_, scope) in zip(clients, first):
        assert scope > 0 or not is_public(address)
    clients, first = zip(*((address, one) for address, one in zip(clients, first) if one[1] > 0))
    second = asker.answers([inside(address, scope, chance) for address, (_, scope) in zip(clients, first)])
    wrong = [(a.hex(), one, two) for a, one, two in zip(clients, first, second) if one != two]
    assert wrong == []
    assert len({answer for answer, _ in first}) >= 2, "the clients do not differ at all"
