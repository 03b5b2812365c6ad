"""Load balancers that ship as checked backends: HAProxy before a server that lives, one that is dead, and one in maintenance."""
import os

import pytest

from backends import Backend
from harness import Instance, Process, certificates, free_port, program, wait_for
from test_health import document, state_of

FRONT = "127.84.1.1"


class Haproxy:
    """Frontends: plain and TLS to a backend whose one server may be dead; a TCP one; HTTP/2 over TLS; one that asks for a client certificate."""

    def __init__(self, folder, server_port):
        self.ports = {name: free_port() for name in ("plain", "tls", "h2", "tcp", "client")}
        self.ca, certificate, key = certificates(folder)
        self.pem, conf = os.path.join(folder, "front.pem"), os.path.join(folder, "haproxy.cfg")
        with open(self.pem, "w") as pem:
            for part in (certificate, key):
                with open(part) as file:
                    pem.write(file.read())
        self.socket = os.path.join(folder, "haproxy.sock")
        tls = f"ssl crt {self.pem}"
        with open(conf, "w") as file:
            file.write(f"""global
 nbthread 1
 maxconn 200
 stats socket {self.socket} level admin
defaults
 timeout connect 300ms
 timeout client 2s
 timeout server 2s
 retries 0
frontend plain
 mode http
 bind {FRONT}:{self.ports['plain']}
 bind {FRONT}:{self.ports['tls']} {tls} alpn http/1.1
 bind {FRONT}:{self.ports['h2']} {tls} alpn h2,http/1.1
 bind {FRONT}:{self.ports['client']} {tls} verify required ca-file {self.ca} ssl-max-ver TLSv1.2
 http-request return status 503 content-type text/plain string "in maintenance" if {{ path /maintenance }}
 http-request redirect location /healthz code 302 if {{ path /old }}
 default_backend live
frontend through
 mode tcp
 bind {FRONT}:{self.ports['tcp']}
 default_backend through
backend live
 mode http
 server one 127.84.1.2:{server_port}
backend through
 mode tcp
 server one 127.84.1.2:{server_port}
""")
        self.process = Process([program("haproxy"), "-db", "-f", conf], os.path.join(folder, "haproxy.log"))

    def stop(self):
        self.process.stop()


@pytest.fixture
def site(tmp_path):
    port = free_port()
    server = Backend("127.84.1.2", port)
    haproxy = Haproxy(str(tmp_path), port)
    try:
        yield haproxy, server
    finally:
        haproxy.stop()
        server.stop()


def test_haproxy_is_checked_in_every_way_it_can_be_spoken_to(site):
    haproxy, server = site
    ports = haproxy.ports
    tls = {"host": "www.example.com", "ca_file": haproxy.ca}
    kinds = {
        "http": {"type": "http", "port": ports["plain"], "path": "/healthz", "expect_body": "ok"},
        "https": {"type": "https", "port": ports["tls"], "path": "/healthz", "expect_body": "ok", **tls},
        "h2": {"type": "https", "port": ports["h2"], "path": "/healthz", "http": "2", "expect_body": "ok", **tls},
        "redirect": {"type": "http", "port": ports["plain"], "path": "/old", "redirects": 1, "expect_body": "ok"},
    }
    with Instance(geo=False) as instance:
        instance.start("healthcheck")

        def check(spec):
            reply = instance.ask("healthcheck", "test", {"monitor": {"timeout_ms": 1500, **spec}, "address": FRONT})
            return reply["ok"], reply["reason"]
        wait_for("HAProxy listens", lambda: check(kinds["http"])[0], 10)
        for name, spec in kinds.items():
            assert check(spec) == (True, None), name
        assert check({"type": "tls", "port": ports["tls"], "sni": "www.example.com", "ca_file": haproxy.ca}) == (True, None)
        assert check({"type": "tcp", "port": ports["tcp"]}) == (True, None)
        assert check({"type": "tcp", "port": ports["tcp"], "send": "GET / HTTP/1.0\r\n\r\n", "expect": "all is ok"}) == (True, None)
        assert check({"type": "http", "port": ports["plain"], "path": "/maintenance"}) == (False, "status 503, wanted 200-299")
        assert check({**kinds["https"], "http": "2", "port": ports["tls"]}) == (False, f"{FRONT}:{ports['tls']} speaks HTTP/1.1, wanted HTTP/2")
        assert check({**kinds["https"], "port": ports["client"]}) == (
            False, f'TLS with {FRONT}:{ports["client"]} failed: the server sent the alert "handshake failure" (40)')
        server.stop()
        for name, spec in kinds.items():
            assert check(spec) == (False, "status 503, wanted 200-299"), name
        # Nothing is sent here: what is still under way when HAProxy closes could turn its end into a reset.
        assert check({"type": "tcp", "port": ports["tcp"], "expect": "all is ok"}) == (
            False, 'answer lacks "all is ok" (0 octets read, then the connection was closed)')
        assert check({"type": "tcp", "port": ports["tcp"]}) == (True, None), "the frontend alone accepts: that is all this type asks"


def test_a_haproxy_whose_server_dies_is_down_and_one_that_is_gone_too(site):
    haproxy, server = site
    rules = {"name": "web", "type": "https", "port": haproxy.ports["tls"], "path": "/healthz", "host": "www.example.com", "ca_file": haproxy.ca,
             "interval_ms": 300, "timeout_ms": 250, "recheck_ms": 100}
    with Instance(document([rules], eu=("web", {"front": FRONT})), geo=False) as instance:
        instance.start("healthcheck")
        wait_for("up", lambda: state_of(instance, "eu/front") == "up", 10)
        server.stop()
        wait_for("down", lambda: state_of(instance, "eu/front") == "down", 5)
        assert instance.health()["eu/front"]["reason"] == "status 503, wanted 200-299"
        server.start()
        wait_for("up again", lambda: state_of(instance, "eu/front") == "up", 5)
        haproxy.stop()
        wait_for("gone", lambda: state_of(instance, "eu/front") == "down", 5)
        assert instance.health()["eu/front"]["reason"] == f"connection refused to {FRONT}:{haproxy.ports['tls']}"
