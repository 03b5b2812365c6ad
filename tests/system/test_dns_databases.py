"""City and AS number databases, replaced while queries are answered: the good are taken up, the bad refused, no query is lost."""
import os
import select
import socket
import struct
import threading
import time

import pytest

import mmdb
from harness import COUNTRY_MMDB, Instance, patient, wait_for

RATE = 2000  # queries a second
CALIFORNIA, NEW_YORK, GERMANY, AN_AS = "8.8.8.0", "8.8.9.0", "8.8.10.0", "8.8.11.0"
WEST, EAST, EU, OWN = "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"
DOCUMENT = {
    "meridian": 1,
    "pools": [{"name": "west", "lat": 37.4, "lon": -122.1, "endpoints": [{"name": "e", "address": WEST}]},
              {"name": "east", "lat": 40.7, "lon": -74.0, "endpoints": [{"name": "e", "address": EAST}]},
              {"name": "eu", "lat": 50.1, "lon": 8.7, "endpoints": [{"name": "e", "address": EU}]},
              {"name": "own", "endpoints": [{"name": "e", "address": OWN}]}],
    "zones": [{"name": "example.com", "primary": "ns1.example.com.", "contact": "hostmaster.example.com.",
               "records": [{"name": "@", "type": "NS", "data": ["ns1.example.com."]}],
               "services": [{"name": "www", "ttl": 30, "steering": "rules", "default": "east", "rules": [
                   {"match": ["AS64500"], "pool": "own"}, {"match": ["NA-US-CA"], "pool": "west"}, {"match": ["EU"], "pool": "eu"}]},
                            {"name": "near", "ttl": 30, "steering": "nearest", "pools": ["west", "east", "eu"]}]}]}


def filler(count):
    """Networks of no matter, so that a database can shrink."""
    return {f"100.{i // 256}.{i % 256}.0/24": mmdb.city("US", "NA", "NY", 40.7, -74.0) for i in range(count)}


def cities(**changes):
    networks = {"8.8.8.0/24": mmdb.city("US", "NA", "CA", 34.1, -118.2), "8.8.9.0/24": mmdb.city("US", "NA", "NY", 40.8, -73.9),
                "8.8.10.0/24": mmdb.city("DE", "EU", "BE", 52.5, 13.4), "8.8.11.0/24": mmdb.city("US", "NA", "CA", 34.1, -118.2)}
    networks.update(changes)
    return mmdb.build("GeoLite2-City", {**networks, **filler(200)})


ASNS = mmdb.build("GeoLite2-ASN", {"8.8.11.0/24": mmdb.asn(64500), "8.8.9.0/24": mmdb.asn(64501)})


class Databases:
    """An instance with databases of its own."""

    def __init__(self, instance):
        self.instance = instance

    def put(self, name, content):
        """As geoipdb updaters do it: a whole file, renamed into place."""
        path = self.instance.path(name + ".mmdb")
        with open(path + ".new", "wb") as file:
            file.write(content)
        os.rename(path + ".new", path)

    def compile(self):
        return self.instance.meridian("geo", "compile", check=False)


@pytest.fixture
def databases():
    with Instance(DOCUMENT, geo=False) as instance:
        with open(instance.path("meridian.conf"), "a") as conf:
            conf.write(f"[geo]\ncity = {instance.path('city.mmdb')}\nasn = {instance.path('asn.mmdb')}\ncountry = {COUNTRY_MMDB}\n")
        made = Databases(instance)
        made.put("city", cities())
        made.put("asn", ASNS)
        done = made.compile()
        assert done.returncode == 0, done.stderr
        instance.start("geodns")
        wait_for("places are known", lambda: answer(instance, CALIFORNIA) == WEST)
        yield made


def packet(number, address, name="www"):
    option = struct.pack("!HHHBB", 8, 7, 1, 24, 0) + socket.inet_aton(address)[:3]
    return (struct.pack("!6H", number, 0, 1, 0, 0, 1) + bytes([len(name)]) + name.encode() + b"\7example\3com\0\0\1\0\1" +
            b"\0" + struct.pack("!HHIH", 41, 1232, 0, len(option)) + option)


def address_in(reply):
    """Of the one A record behind a question whose name has 13 octets beside its first label."""
    at = 12 + reply[12] + 1 + 13 + 4
    assert reply[6:8] == b"\0\1"
    return socket.inet_ntoa(reply[at + 12:at + 16])


def answer(instance, address, name="www"):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(patient(2))
        client.connect((instance.dns_host, instance.dns_port))
        client.send(packet(1, address, name))
        return address_in(client.recv(4096))


def refused(instance):
    """The metric meridian_geo_refused."""
    stats = instance.ask("geodns", "stats")
    return next(metric for metric in stats["metrics"] if metric["name"] == "meridian_geo_refused")["samples"][0]["value"]


class Load:
    """RATE queries a second in turn for each of ADDRESSES; `answers` holds what came, in the order of the queries."""

    def __init__(self, instance, addresses):
        self.instance, self.addresses = instance, addresses
        self.sent, self.answers, self.over = 0, {}, threading.Event()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.connect((instance.dns_host, instance.dns_port))

    def __enter__(self):
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        return self

    def __exit__(self, *what):
        self.over.set()
        self.thread.join()
        self.socket.close()

    def run(self):
        begun = time.monotonic()
        while not self.over.is_set():
            due = int((time.monotonic() - begun) * RATE)
            while self.sent < due:
                self.socket.send(packet(self.sent & 0xffff, self.addresses[self.sent % len(self.addresses)]))
                self.sent += 1
            self.take(0.001)
        end = time.monotonic() + patient(3)
        while len(self.answers) < self.sent and time.monotonic() < end:
            self.take(0.1)

    def take(self, wait_s):
        while select.select([self.socket], [], [], wait_s)[0]:
            reply = self.socket.recv(4096)
            number = reply[0] << 8 | reply[1]
            # Answers come within a second, so the nearest query before has that number.
            self.answers[self.sent - 1 - ((self.sent - 1 - number) & 0xffff)] = reply
            wait_s = 0


def test_city_and_as_number_decide(databases):
    instance = databases.instance
    got = {client: answer(instance, client) for client in (CALIFORNIA, NEW_YORK, GERMANY, AN_AS)}
    assert got == {CALIFORNIA: WEST, NEW_YORK: EAST, GERMANY: EU, AN_AS: OWN}
    near = {client: answer(instance, client, "near") for client in (CALIFORNIA, NEW_YORK, GERMANY)}
    assert near == {CALIFORNIA: WEST, NEW_YORK: EAST, GERMANY: EU}
    # What the city database does not know, the country database does.
    assert answer(instance, "2.160.0.0") == EU


def test_no_query_is_lost_while_databases_are_replaced(databases):
    moved = cities(**{"8.8.8.0/24": mmdb.city("DE", "EU", "BE", 52.5, 13.4)})
    instance, fixed = databases.instance, [NEW_YORK, GERMANY, AN_AS]
    with Load(instance, [CALIFORNIA, *fixed]) as load:
        time.sleep(0.3)
        for content, expected in ((moved, EU), (cities(), WEST)) * 2:
            databases.put("city", content)
            assert databases.compile().returncode == 0
            wait_for("the new table is taken up", lambda: answer(instance, CALIFORNIA) == expected)
    assert load.sent > RATE
    assert len(load.answers) == load.sent, f"{load.sent - len(load.answers)} of {load.sent} queries were lost"
    expected = {NEW_YORK: {EAST}, GERMANY: {EU}, AN_AS: {OWN}, CALIFORNIA: {WEST, EU}}
    got = {client: set() for client in load.addresses}
    for number, reply in load.answers.items():
        got[load.addresses[number % 4]].add(address_in(reply))
    assert got == expected


def test_a_bad_database_is_refused_under_load_and_the_old_one_kept(databases):
    whole = cities()
    country = mmdb.build("GeoLite2-Country", {"8.8.8.0/24": {"country": {"iso_code": "DE"}}})
    bad = {"empty": b"", "truncated": whole[:len(whole) // 2], "cut at its end": whole[:-20], "corrupt": b"\xff" * 3000 + whole[3000:],
           "no database": b"GIF89a" * 1000, "of another kind": ASNS, "shrunken": mmdb.build("GeoLite2-City", filler(90)),
           "of another kind, and small": country}
    instance = databases.instance
    with Load(instance, [CALIFORNIA]) as load:
        for name, content in bad.items():
            databases.put("city", content)
            done = databases.compile()
            assert done.returncode == 1 and done.stderr.startswith("meridian-geoc: ") and "city.mmdb" in done.stderr, (name, done.stderr)
            assert answer(instance, CALIFORNIA) == WEST, name
            reason = done.stderr.removeprefix("meridian-geoc: ").splitlines()[0]
            wait_for(f"{name}: status tells why", lambda: any(reason in problem for problem in instance.ask("geodns", "status")["problems"]))
            wait_for(f"{name}: an event tells why", lambda: instance.events(kind="database", to="refused", reason=reason))
        assert reason in instance.meridian("status", check=False).stdout
        assert refused(instance) == 1
    assert len(load.answers) == load.sent
    assert {address_in(reply) for reply in load.answers.values()} == {WEST}
    databases.put("city", whole)
    assert databases.compile().returncode == 0
    wait_for("nothing is refused any more", lambda: refused(instance) == 0 and not instance.ask("geodns", "status")["problems"])
    wait_for("an event tells so", lambda: instance.events(kind="database", to="served"))


def test_a_shrunken_database_is_taken_when_an_operator_says_so(databases):
    instance = databases.instance
    databases.put("city", mmdb.build("GeoLite2-City", {"8.8.8.0/24": mmdb.city("DE", "EU", "BE", 52.5, 13.4), **filler(80)}))
    done = databases.compile()
    assert done.returncode == 1 and "geo compile --accept-shrunken" in done.stderr
    instance.meridian("geo", "compile", "--accept-shrunken")
    wait_for("it is taken up", lambda: answer(instance, CALIFORNIA) == EU)
