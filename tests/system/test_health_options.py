"""Options that one check alone does not show, and the rest of each type's: one target that passes, one that fails with its exact reason."""
import struct

import pytest

from backends import Backend, tls_context
from harness import Instance, certificates, free_port, wait_for
from test_health import document, state_of
from test_health_types import NameServer, answer, verdict

HERE = "127.87.1.1"


@pytest.fixture(scope="module")
def checker():
    with Instance(geo=False) as instance:
        instance.start("healthcheck")

        def check(spec, address=HERE, **more):
            return instance.ask("healthcheck", "test", {"monitor": {"timeout_ms": 400, "interval_ms": 1000, **spec}, "address": address, **more})
        yield check


def strict(connection):
    """Answers 200 to who asks as it is told to, and says with its status what was amiss."""
    request = b""
    while b"\r\n\r\n" not in request:
        request += connection.recv(4096)
    lines = request.decode().split("\r\n")
    method, path, version = lines[0].split(" ")
    fields = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:] if ": " in line)}
    status = "200 OK"
    if path == "/304":
        status = "304 Not Modified"
    elif path not in ("/good", "/options", "/head", "/post"):
        status = "404 Not Found"
    elif {"/options": "OPTIONS", "/head": "HEAD", "/post": "POST"}.get(path, "GET") != method:
        status = "405 Method Not Allowed"
    elif fields["host"] != "shop.example":
        status = "421 Misdirected Request"
    elif fields.get("x-key") != "sesame":
        status = "403 Forbidden"
    connection.sendall(answer(status, b"" if method == "HEAD" or path == "/304" else b"well"))


def test_each_part_of_a_request_passes_as_wanted_and_fails_by_its_name(checker):
    port = free_port()
    backend = Backend(HERE, port, behaviour=strict)
    good = {"type": "http", "port": port, "path": "/good", "host": "shop.example", "headers": {"X-Key": "sesame"}}
    cases = [
        (good, (True, None)),
        ({**good, "path": "/bad"}, (False, "status 404, wanted 200-299")),
        ({**good, "method": "OPTIONS", "path": "/options"}, (True, None)),
        ({**good, "path": "/options"}, (False, "status 405, wanted 200-299")),
        ({**good, "method": "HEAD", "path": "/head"}, (True, None)),
        ({**good, "method": "HEAD"}, (False, "status 405, wanted 200-299")),
        ({**good, "method": "POST", "path": "/post"}, (True, None)),
        ({**good, "host": "other.example"}, (False, "status 421, wanted 200-299")),
        ({**good, "headers": {"X-Key": "wrong"}}, (False, "status 403, wanted 200-299")),
        ({**good, "headers": {}}, (False, "status 403, wanted 200-299")),
        ({**good, "path": "/304", "expect_status": "200-299,304"}, (True, None)),
        ({**good, "path": "/304"}, (False, "status 304, wanted 200-299")),
        ({**good, "expect_status": "201-299,304"}, (False, "status 200, wanted 201-299,304")),
        ({**good, "expect_body": "well"}, (True, None)),
        ({**good, "expect_body": "ill"}, (False, 'body lacks "ill" (4 octets read)')),
    ]
    try:
        for http in ({}, {"redirects": 1}):  # without libcurl, and with it
            for spec, wanted in cases:
                if http and spec.get("method", "GET") not in ("GET", "HEAD"):
                    continue
                assert verdict(checker({**spec, **http})) == wanted, (spec, http)
    finally:
        backend.stop()


def test_a_port_and_a_timeout_are_the_monitors_own(checker):
    port, silent = free_port(), free_port()
    backends = [Backend(HERE, port, behaviour=strict), Backend(HERE, silent, answer=answer(), delay_s=0.3)]
    spec = {"type": "http", "host": "shop.example", "headers": {"X-Key": "sesame"}, "path": "/good"}
    try:
        assert verdict(checker({**spec, "port": port})) == (True, None)
        assert verdict(checker(spec, port=port)) == (True, None)
        assert verdict(checker({**spec, "port": silent, "timeout_ms": 900})) == (True, None)
        assert verdict(checker({**spec, "port": silent, "timeout_ms": 100})) == (
            False, f"timeout after 100 ms to {HERE}:{silent} while waiting for the first byte")
    finally:
        for backend in backends:
            backend.stop()


def test_a_slow_target_is_degraded_and_up_when_it_is_quick_again():
    port = free_port()
    backend = Backend("127.87.2.1", port, answer=answer(), delay_s=0.1)
    rules = {"name": "web", "type": "http", "port": port, "interval_ms": 300, "timeout_ms": 290, "recheck_ms": 100, "degraded_above_ms": 60, "fall": 2, "rise": 2}
    try:
        with Instance(document([rules], eu=("web", {"e": "127.87.2.1"})), geo=False) as instance:
            instance.start("healthcheck")
            wait_for("degraded", lambda: state_of(instance, "eu/e") == "degraded")
            reason = instance.health()["eu/e"]["reason"]
            assert reason.startswith("took 1") and reason.endswith(" ms, degraded above 60 ms"), reason
            assert instance.events(object="pool/eu")[-1]["to"] == "degraded"
            backend.delay_s = 0
            wait_for("up", lambda: state_of(instance, "eu/e") == "up")
            assert instance.health()["eu/e"]["reason"] is None
            backend.delay_s = 0.1
            wait_for("degraded again", lambda: state_of(instance, "eu/e") == "degraded")
            assert [event["to"] for event in instance.events(object="endpoint/eu/e")] == ["degraded", "up", "degraded"]
    finally:
        backend.stop()


class ManyTypes(NameServer):
    """Answers MX with two exchanges, and nothing else with data."""

    @staticmethod
    def reply(query):
        end = query.index(b"\0", 12) + 5
        qtype = struct.unpack("!H", query[end - 4:end - 2])[0]
        records = [b"\0\x0a\2mx\xc0\x0c", b"\0\x14\3mx2\xc0\x0c"] if qtype == 15 else []
        header = query[:2] + struct.pack("!HHHHH", 0x8180, 1, len(records), 0, 0)
        return header + query[12:end] + b"".join(b"\xc0\x0c\0\x0f\0\1\0\0\0\x1e" + struct.pack("!H", len(data)) + data for data in records)


def test_a_dns_check_asks_for_the_type_it_is_told_to(checker):
    port = free_port()
    server = ManyTypes(HERE, port)
    spec = {"type": "dns", "port": port, "host": "example.com", "query_type": "MX"}
    try:
        assert verdict(checker({**spec, "expect_body": "20 mx2.example.com."})) == (True, None)
        assert verdict(checker({**spec, "expect_body": "30 mx3"})) == (False, 'answer is 10 mx.example.com., 20 mx2.example.com., wanted "30 mx3"')
        assert verdict(checker({**spec, "query_type": "AAAA", "expect_body": "2001:db8::1"})) == (False, 'answer is empty, wanted "2001:db8::1"')
    finally:
        server.stop()


def test_ipv6_is_checked_by_every_type(checker, tmp_path):
    port, plain, secure, names = (free_port() for _ in range(4))
    where = f"[::1]:{port}"
    ca, certificate, key = certificates(str(tmp_path))
    backends = [Backend("::1", plain, answer=answer()), Backend("::1", secure, answer=answer(), context=tls_context(certificate, key)), NameServer("::1", names)]
    trusted = {"port": secure, "sni": "www.example.com", "ca_file": ca}
    try:
        for spec in ({"type": "http", "port": plain}, {"type": "http", "port": plain, "redirects": 1}, {"type": "tcp", "port": plain}, {"type": "tls", **trusted},
                     {"type": "https", **trusted}, {"type": "https", **trusted, "redirects": 1}, {"type": "dns", "port": names, "host": "www.example"},
                     {"type": "dns", "port": names, "host": "www.example", "transport": "tcp"}):
            assert verdict(checker(spec, address="::1")) == (True, None), spec
        assert verdict(checker({"type": "dns", "port": names, "host": "missing.example"}, address="::1")) == (False, "answers NXDOMAIN, wanted NOERROR")
        for kind in ("http", "https", "tls", "tcp", "dns"):
            assert verdict(checker({"type": kind, "port": port}, address="::1")) == (False, f"connection refused to {where}"), kind
    finally:
        for backend in backends:
            backend.stop()


def test_a_host_name_is_looked_up_and_its_time_told(checker):
    port = free_port()
    backend = Backend("127.0.0.1", port, answer=answer())
    try:
        reply = checker({"type": "http", "port": port}, address="localhost")
        assert verdict(reply) == (True, None)
        assert reply["phases_ms"]["name"] > 0 and reply["phases_ms"]["connect"] > 0
        assert checker({"type": "http", "port": port}, address="127.0.0.1")["phases_ms"]["name"] is None
        for kind in ("dns", "icmp"):
            assert verdict(checker({"type": kind}, address="localhost")) == (
                None, "not checked: a check of this type needs an IP address, not the name localhost")
    finally:
        backend.stop()


# Sets up a network of its own with a link-local address on loopback, then runs what follows.
ALONE = ["unshare", "-rn", "sh", "-c", 'ip link set lo up; ip addr add 169.254.7.7/32 dev lo; ip route add unreachable 203.0.113.0/24; '
         'ip link add dead type veth peer name end; ip addr add 10.77.0.1/24 dev dead; ip link set dead up; ip link set end up; '
         'ip neigh add 10.77.0.9 lladdr 02:00:00:00:00:09 dev dead; echo "0 2147483647" >/proc/sys/net/ipv4/ping_group_range; exec "$@"', "sh"]


@pytest.fixture(scope="module")
def alone():
    """A checker in a network of its own, asked over its socket in the file system."""
    with Instance(geo=False) as instance:
        instance.prefix = ALONE
        instance.start("healthcheck")
        instance.prefix = []

        def check(spec, address):
            return instance.ask("healthcheck", "test", {"monitor": {"timeout_ms": 300, "interval_ms": 1000, **spec}, "address": address})
        yield check


def test_a_link_local_address_is_checked_where_the_monitor_allows_it(alone):
    spec = {"type": "tcp", "port": 7007}
    assert verdict(alone(spec, "169.254.7.7")) == (
        None, "not checked: 169.254.7.7 is link-local, which the monitor does not allow (allow_link_local)")
    assert verdict(alone({**spec, "allow_link_local": True}, "169.254.7.7")) == (False, "connection refused to 169.254.7.7:7007")


NAMES = {"metadata.test": ("169.254.169.254", "link-local"), "local.test": ("169.254.7.7", "link-local"), "six.test": ("fd00:ec2::254", "a cloud's metadata address"),
         "mapped.test": ("::ffff:169.254.169.254", "link-local"), "oracle.test": ("fd00:c1::a9fe:a9fe", "a cloud's metadata address"),
         # What getaddrinfo(3) takes for a number and an address is not.
         "2852039166": ("169.254.169.254", "link-local"), "0xa9fea9fe": ("169.254.169.254", "link-local"), "169.254.43518": ("169.254.169.254", "link-local")}


@pytest.fixture(scope="module")
def resolving(tmp_path_factory):
    """A checker in a network of its own whose hosts file holds NAMES."""
    hosts = tmp_path_factory.mktemp("hosts") / "hosts"
    hosts.write_text("127.0.0.1 localhost\n" + "".join(f"{address} {name}\n" for name, (address, _) in NAMES.items() if name.endswith(".test")))
    with Instance(geo=False) as instance:
        instance.prefix = ["unshare", "-rmn", "sh", "-c", f'mount --bind {hosts} /etc/hosts; ip link set lo up; ip addr add 169.254.7.7/32 dev lo; exec "$@"', "sh"]
        instance.start("healthcheck")
        instance.prefix = []

        def check(spec, address):
            return instance.ask("healthcheck", "test", {"monitor": {"timeout_ms": 300, "interval_ms": 1000, "port": 7007, **spec}, "address": address})
        yield check


@pytest.mark.parametrize("kind", ["http", "https", "tls", "tcp"])
def test_a_name_that_leads_where_no_address_may_is_refused_unless_allowed(resolving, kind):
    for name, (address, what) in NAMES.items():
        assert verdict(resolving({"type": kind}, name)) == (
            None, f"not checked: {name} leads to {address}, which is {what}, and the monitor does not allow that (allow_link_local)")
    assert verdict(resolving({"type": kind, "allow_link_local": True}, "local.test")) == (False, "connection refused to local.test:7007")
    assert verdict(resolving({"type": kind}, "localhost")) == (False, "connection refused to localhost:7007")


def test_an_icmp_check_passes_fails_by_silence_and_without_a_route(alone):
    if alone({"type": "icmp"}, "127.0.0.1")["ok"] is None:
        pytest.skip("neither ping sockets nor raw ones are granted here")
    assert verdict(alone({"type": "icmp"}, "169.254.7.7")) == (
        None, "not checked: 169.254.7.7 is link-local, which the monitor does not allow (allow_link_local)")
    assert verdict(alone({"type": "icmp", "allow_link_local": True}, "169.254.7.7")) == (True, None)
    assert verdict(alone({"type": "icmp"}, "10.77.0.9")) == (False, "timeout after 300 ms to 10.77.0.9 while waiting for the reply")
    assert verdict(alone({"type": "icmp"}, "203.0.113.1")) == (False, "no route to 203.0.113.1: No route to host")


@pytest.mark.parametrize("kind", ["http", "https", "tls", "tcp", "dns"])
def test_a_target_without_a_route_and_one_that_is_silent_say_so(alone, kind):
    spec = {"type": kind, "port": 7007}
    assert verdict(alone(spec, "203.0.113.1")) == (False, "no route to 203.0.113.1:7007: No route to host")
    stage = "while waiting for the reply" if kind == "dns" else "while connecting"
    assert verdict(alone(spec, "10.77.0.9")) == (False, f"timeout after 300 ms to 10.77.0.9:7007 {stage}")


def test_a_name_without_address_is_told_so(alone):
    assert verdict(alone({"type": "http", "port": 7007}, "nowhere.invalid")) == (False, "the name of nowhere.invalid:7007 has no address")


@pytest.mark.parametrize("rise", [1, 4])
def test_rise_and_fall_are_counted_as_the_monitor_says(rise):
    port = free_port()
    address = f"127.87.3.{rise}"
    backend = Backend(address, port)
    rules = {"name": "t", "type": "tcp", "port": port, "interval_ms": 200, "timeout_ms": 150, "recheck_ms": 100, "rise": rise, "fall": rise}
    try:
        with Instance(document([rules], eu=("t", {"e": address})), geo=False) as instance:
            instance.start("healthcheck")
            wait_for("up", lambda: state_of(instance, "eu/e") == "up")
            history = instance.health()["eu/e"]["history"]
            told = wait_for("the event", lambda: instance.events(object="endpoint/eu/e"))  # written a moment after the verdict
            assert len(history) >= rise and told[0]["reason"] == f"passed {rise} checks in a row"
            backend.stop()
            wait_for("down", lambda: state_of(instance, "eu/e") == "down")
            history = instance.health()["eu/e"]["history"]
            event = wait_for("the event", lambda: instance.events(object="endpoint/eu/e", to="down"))[0]
            assert sum(not result["ok"] and result["time"] <= event["time"] for result in history) in (rise, rise + 1)
    finally:
        backend.stop()
