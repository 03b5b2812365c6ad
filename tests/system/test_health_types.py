"""Every type of check and every option of it: one target that passes, one that fails with its exact reason."""
import contextlib
import os
import re
import socket
import struct
import threading
import time

import pytest

from backends import Backend, hang, tls_context
from harness import Instance, certificates, free_port, patient, program, Process, wait_for

TIMEOUT_MS = round(patient(400))


@pytest.fixture(scope="module")
def checker():
    with Instance(geo=False) as instance:
        instance.start("healthcheck")

        def check(spec, address="127.78.1.1", **more):
            return instance.ask("healthcheck", "test", {"monitor": {"timeout_ms": TIMEOUT_MS, "interval_ms": 3 * TIMEOUT_MS, **spec}, "address": address, **more})
        yield check


def verdict(reply):
    return reply.get("ok"), reply.get("reason", reply)


class NameServer:
    """Answers over UDP and TCP: A of anything but missing.example with 192.0.2.7; refuses refused.example; hangs on hang.example."""

    def __init__(self, address, port):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.udp, self.tcp = socket.socket(family, socket.SOCK_DGRAM), socket.socket(family)
        self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        for listener in (self.udp, self.tcp):
            listener.bind((address, port))
        self.tcp.listen(16)
        for serve in (self.serve_udp, self.serve_tcp):
            threading.Thread(target=serve, daemon=True).start()

    def stop(self):
        self.udp.close()
        self.tcp.shutdown(socket.SHUT_RDWR)
        self.tcp.close()

    @staticmethod
    def reply(query):
        end = query.index(b"\0", 12) + 5
        name, rcode = query[12:end - 5], 0
        if b"hang" in name:
            return None
        if b"stranger" in name:
            return struct.pack("!H", struct.unpack("!H", query[:2])[0] ^ 1) + b"\x81\x80" + query[4:]
        rcode = 3 if b"missing" in name else 5 if b"refused" in name else 0
        header = query[:2] + struct.pack("!HHHHH", 0x8180 | rcode, 1, 0 if rcode else 1, 0, 0)
        answer = b"" if rcode else b"\xc0\x0c\0\1\0\1\0\0\0\x1e\0\4" + socket.inet_aton("192.0.2.7")
        return header + query[12:end] + answer

    def serve_udp(self):
        while True:
            try:
                query, client = self.udp.recvfrom(4096)
            except OSError:
                return
            reply = self.reply(query)
            if reply:
                self.udp.sendto(reply, client)

    def serve_tcp(self):
        while True:
            try:
                client, _ = self.tcp.accept()
            except OSError:
                return
            with client, contextlib.suppress(OSError):  # the checker resets what it has done with
                reply = self.reply(client.recv(4096)[2:])
                if reply:  # in two pieces, as a stream may bring it
                    whole = struct.pack("!H", len(reply)) + reply
                    client.sendall(whole[:1])
                    client.sendall(whole[1:])
                else:
                    client.recv(1)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_dns_checks_tell_rcode_data_and_silence(checker, transport):
    port = free_port()
    server = NameServer("127.78.1.1", port)
    where = f"127.78.1.1:{port}"
    cases = [
        ({}, "www.example", (True, None)),
        ({"expect_body": "192.0.2.7"}, "www.example", (True, None)),
        ({"expect_body": "192.0.2.8"}, "www.example", (False, 'answer is 192.0.2.7, wanted "192.0.2.8"')),
        ({}, "missing.example", (False, "answers NXDOMAIN, wanted NOERROR")),
        ({"expect_rcode": "NXDOMAIN"}, "missing.example", (True, None)),
        ({"expect_rcode": "NXDOMAIN"}, "refused.example", (False, "answers REFUSED, wanted NXDOMAIN")),
        ({}, "hang.example", (False, f"timeout after {TIMEOUT_MS} ms to {where} while waiting for the reply")),
    ]
    try:
        for more, name, wanted in cases:
            spec = {"type": "dns", "port": port, "host": name, "transport": transport, **more}
            assert verdict(checker(spec)) == wanted, (name, more)
        stranger = verdict(checker({"type": "dns", "port": port, "host": "stranger.example", "transport": transport}))
        assert stranger == ((False, f"timeout after {TIMEOUT_MS} ms to {where} while waiting for the reply") if transport == "udp" else
                            (False, f"{where} sent what is no reply to the query"))
        closed = verdict(checker({"type": "dns", "port": port, "host": "www.example", "transport": transport}, address="127.78.1.9"))
        assert closed == (False, f"connection refused to 127.78.1.9:{port}")
    finally:
        server.stop()


def test_a_name_server_that_ships_passes_its_own_check():
    zone = {"name": "example.com", "records": [{"name": "@", "type": "NS", "data": ["ns1.example.com."]},
                                               {"name": "ns1", "type": "A", "data": ["192.0.2.53"]}]}
    with Instance({"meridian": 1, "zones": [zone]}, geo=False) as instance:
        instance.start("geodns", "healthcheck")
        spec = {"type": "dns", "port": instance.dns_port, "host": "ns1.example.com", "expect_body": "192.0.2.53"}
        reply = wait_for("the responder serves", lambda: (r := instance.ask("healthcheck", "test", {"monitor": spec, "address": "127.0.0.1"}))["ok"] and r)
        assert reply["phases_ms"]["first_byte"] > 0


def test_icmp_checks_hear_an_echo_or_nothing(checker):
    if checker({"type": "icmp"})["ok"] is None:
        pytest.skip("neither ping sockets nor raw ones are granted here")
    assert verdict(checker({"type": "icmp"}, address="127.0.0.1")) == (True, None)
    assert verdict(checker({"type": "icmp"}, address="::1")) == (True, None)


def smtp(connection):
    connection.sendall(b"220 mail.example ESMTP\r\n")
    line = connection.recv(4096)
    connection.sendall(b"250 mail.example at your service\r\n" if line == b"EHLO probe\r\n" else b"500 what?\r\n")
    connection.recv(4096)


def goodbye(connection):
    connection.sendall(b"nothing here\r\n")


def test_tcp_checks_send_and_expect(checker):
    port = free_port()
    backends = [Backend("127.78.2.1", port, behaviour=smtp), Backend("127.78.2.2", port, behaviour=goodbye)]
    where = f"127.78.2.1:{port}"
    banner, talk = {"type": "tcp", "port": port, "expect": "220 "}, {"type": "tcp", "port": port, "send": "EHLO probe\r\n", "expect": "250 "}
    try:
        assert verdict(checker(banner, address="127.78.2.1")) == (True, None)
        assert verdict(checker(talk, address="127.78.2.1")) == (True, None)
        assert checker(talk, address="127.78.2.1")["phases_ms"]["first_byte"] > 0
        refused = checker({**talk, "send": "HELO\r\n"}, address="127.78.2.1")
        assert refused["ok"] is False and refused["reason"].startswith(f'timeout after {TIMEOUT_MS} ms to {where} while waiting for "250 " (')
        assert verdict(checker(banner, address="127.78.2.2")) == (False, 'answer lacks "220 " (14 octets read, then the connection was closed)')
        assert verdict(checker(banner, address="127.78.2.3")) == (False, f"connection refused to 127.78.2.3:{port}")
    finally:
        for backend in backends:
            backend.stop()


def endless(octets, pause_s=0.0):
    """Sends OCTETS for ever, whatever is said."""
    def behaviour(connection):
        while True:
            connection.sendall(octets)
            time.sleep(pause_s)
    return behaviour


class Flood(NameServer):
    """Sends datagrams that are no reply to whoever asks, as fast as it can, for a second; over TCP the longest message, slowly."""

    def serve_udp(self):
        _, client = self.udp.recvfrom(4096)
        end = time.monotonic() + 1
        with contextlib.suppress(OSError):
            while time.monotonic() < end:
                self.udp.sendto(b"\0" * 100, client)

    def serve_tcp(self):
        client, _ = self.tcp.accept()
        with client, contextlib.suppress(OSError):
            client.sendall(b"\xff\xff")
            endless(b"\0", 0.02)(client)


def silent_h2(certificate, key):
    context = tls_context(certificate, key)
    context.set_alpn_protocols(["h2"])

    def behaviour(connection):
        with context.wrap_socket(connection, server_side=True) as secured:
            while secured.recv(4096):
                pass
    return behaviour


def test_a_lying_server_of_any_type_costs_its_timeout_at_most(tmp_path, checker):
    ca, certificate, key = certificates(str(tmp_path))
    port = free_port()
    where = "127.78.6.{}:" + str(port)
    behaviours = [endless(b"x" * 4096), endless(b"x", 0.02), endless(b"\x16\x03\x03\x40\x00", 0.02), endless(b"\x16\x03\x03\x40\x00" + b"x" * 4096), hang,
                  silent_h2(certificate, key)]
    backends = [Backend(f"127.78.6.{n}", port, behaviour=behaviour) for n, behaviour in enumerate(behaviours, 1)]
    flood = Flood("127.78.6.7", port)
    tls = {"host": "www.example.com", "ca_file": ca}
    during, reply = f"timeout after {TIMEOUT_MS} ms to {{}} during the TLS handshake", f"timeout after {TIMEOUT_MS} ms to {{}} while waiting for the reply"
    cases = [
        (1, {"type": "tcp", "expect": "220 "}, r'answer lacks "220 " \(6[5-9]... octets read, the most that is\)'),
        (2, {"type": "tcp", "expect": "220 "}, rf'timeout after {TIMEOUT_MS} ms to {{}} while waiting for "220 " \(\d+ octets read\)'),
        (3, {"type": "tls"}, during), (3, {"type": "https"}, during), (3, {"type": "https", "redirects": 1}, during),
        (4, {"type": "tls"}, "TLS with {} failed: .+"), (4, {"type": "https", "redirects": 1}, "TLS with {} failed: .+"),
        (5, {"type": "tcp", "expect": "220 "}, f"timeout after {TIMEOUT_MS} ms to {{}} while waiting for the first byte"),
        (5, {"type": "tls"}, during), (5, {"type": "https", "http": "2"}, during),
        (6, {"type": "https", "http": "2", **tls}, f"timeout after {TIMEOUT_MS} ms to {{}} while waiting for the first byte"),
        (7, {"type": "dns", "host": "www.example"}, reply), (7, {"type": "dns", "host": "www.example", "transport": "tcp"}, reply),
    ]
    try:
        for number, spec, wanted in cases:
            told = checker({**spec, "port": port}, address=f"127.78.6.{number}")
            assert told["ok"] is False and re.fullmatch(wanted.format(re.escape(where.format(number))), told["reason"]), (number, spec, told)
            assert told["phases_ms"]["total"] < 500, (number, spec)
    finally:
        for backend in backends:
            backend.stop()
        flood.stop()


def test_what_is_wanted_is_found_to_the_last_octet_that_is_read(checker):
    """Of a body and of a TCP answer 64 KB are looked at, however they come."""
    port, most = free_port(), 64 << 10
    head = b"HTTP/1.1 200 OK\r\n\r\n"

    def pieces(octets, size):
        def behaviour(connection):
            if octets.startswith(b"HTTP"):
                connection.recv(4096)
            for at in range(0, len(octets), size):
                connection.sendall(octets[at:at + size])
            connection.shutdown(socket.SHUT_WR)
        return behaviour
    within, beyond = b"." * (most - 4) + b"well", b"." * (most - 3) + b"well" + b"." * 8192
    backends = [Backend("127.78.7.1", port, behaviour=pieces(head + within, 777)), Backend("127.78.7.2", port, behaviour=pieces(head + beyond, 777)),
                Backend("127.78.7.3", port, behaviour=pieces(within, 777)), Backend("127.78.7.4", port, behaviour=pieces(b"." * (most + 9000) + b"well", 777))]
    http, tcp = {"type": "http", "port": port, "expect_body": "well"}, {"type": "tcp", "port": port, "expect": "well"}
    try:
        for more in ({}, {"redirects": 1}):
            assert verdict(checker({**http, **more}, address="127.78.7.1")) == (True, None)
            assert verdict(checker({**http, **more}, address="127.78.7.2")) == (False, 'body lacks "well" (first 64 KB read)')
        assert verdict(checker(tcp, address="127.78.7.3")) == (True, None)
        assert checker(tcp, address="127.78.7.4")["reason"].endswith(" octets read, the most that is)")
    finally:
        for backend in backends:
            backend.stop()


def answer(status="200 OK", body=b"all is ok.\n", **headers):
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def routes(port):
    """Redirects by path, and an echo of what was posted."""
    def behaviour(connection):
        request = b""
        while b"\r\n\r\n" not in request:
            request += connection.recv(4096)
        head, body = request.split(b"\r\n\r\n", 1)
        length = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")]
        while length and len(body) < length[0]:
            body += connection.recv(4096)
        path = head.split(b" ")[1].decode()
        to = {"/here": "/a/end", "/relative/x": "../a/end", "/self": f"http://www.example.com:{port}/a/end", "/away": "http://other.example/",
              "/metadata": "http://169.254.169.254/latest/", "/https": "https://www.example.com/", "/loop": "/loop"}.get(path)
        if to is not None:
            connection.sendall(answer("302 Found", b"", Location=to))
        elif path == "/a/end":
            connection.sendall(answer(X_Served_By="cache-17, edge"))
        elif path == "/post":
            connection.sendall(answer(body=b"got " + body))
        else:
            connection.sendall(answer("404 Not Found"))
    return behaviour


def test_http_options_each_pass_and_fail(checker):
    port = free_port()
    backend = Backend("127.78.3.1", port, behaviour=routes(port))
    base = {"type": "http", "port": port, "host": "www.example.com", "path": "/a/end"}
    post = {**base, "path": "/post", "method": "POST", "body": '{"ping": 1}'}
    cases = [
        ({**base, "expect_body_regex": "^all .. ok\\.$"}, (True, None)),
        ({**base, "expect_body_regex": "^all is well"}, (False, 'body does not match "^all is well" (11 octets read)')),
        ({**base, "expect_body_regex": "(unclosed"}, (None, '"(unclosed" is no regular expression: missing closing parenthesis at offset 9')),
        ({**base, "expect_headers": {"x-served-by": "cache-17"}}, (True, None)),
        ({**base, "expect_headers": {"x-served-by": "cache-18"}}, (False, 'header x-served-by is "cache-17, edge", wanted "cache-18"')),
        ({**base, "expect_headers": {"X-Other": "yes"}}, (False, 'header X-Other is missing, wanted "yes"')),
        ({**post, "expect_body": 'got {"ping": 1}'}, (True, None)),
        ({**post, "expect_body": 'got {"ping": 2}'}, (False, 'body lacks "got {"ping": 2}" (15 octets read)')),
        ({**base, "expect_status": "404"}, (False, "status 200, wanted 404")),
        ({**base, "path": "/here"}, (False, "status 302, wanted 200-299")),
        ({**base, "path": "/here", "redirects": 1, "expect_headers": {"X-Served-By": "edge"}}, (True, None)),
        ({**base, "path": "/relative/x", "redirects": 1}, (True, None)),
        ({**base, "path": "/self", "redirects": 1}, (True, None)),
        ({**base, "path": "/loop", "redirects": 3}, (False, f"more than 3 redirects, the last to http://www.example.com:{port}/loop")),
        ({**base, "path": "/away", "redirects": 3}, (False, "the redirect to http://other.example/ leaves the target")),
        ({**base, "path": "/metadata", "redirects": 3}, (False, "the redirect to http://169.254.169.254/latest/ leaves the target")),
        ({**base, "path": "/https", "redirects": 3}, (False, "the redirect to https://www.example.com/ leaves the target")),
    ]
    try:
        for spec, wanted in cases:
            assert verdict(checker(spec, address="127.78.3.1")) == wanted, spec
        assert "GET and HEAD" in checker({**post, "redirects": 1}, address="127.78.3.1")["error"]
        assert "POST alone" in checker({**base, "body": "x"}, address="127.78.3.1")["error"]
    finally:
        backend.stop()


def test_a_costly_pattern_is_given_up_in_time(checker):
    port = free_port()
    backend = Backend("127.78.4.1", port, answer=answer(body=b"a" * 30000 + b"!"))
    try:
        reply = checker({"type": "http", "port": port, "expect_body_regex": "(a+)+$"}, address="127.78.4.1")
        assert verdict(reply) == (None, '"(a+)+$" takes too long to match against this body; make it simpler')
        assert reply["phases_ms"]["total"] < TIMEOUT_MS
    finally:
        backend.stop()


def test_http2_is_spoken_where_it_is_wanted(tmp_path, checker):
    folder, port, plain, clear = str(tmp_path), free_port(), free_port(), free_port()
    ca, certificate, key = certificates(folder)
    conf = tmp_path / "nginx.conf"
    conf.write_text(f"""daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{ access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; ssl_certificate {certificate}; ssl_certificate_key {key};
server {{ listen 127.78.5.1:{port} ssl http2; location / {{ return 200 "$server_protocol\\n"; }} location /busy {{ return 503; }} }}
server {{ listen 127.78.5.1:{clear} http2; location / {{ return 200 "$server_protocol\\n"; }} }}
server {{ listen 127.78.5.1:{plain} ssl; location / {{ return 200 "$server_protocol\\n"; }} }} }}
""")
    nginx = Process([program("nginx"), "-c", str(conf), "-p", folder], os.path.join(folder, "nginx.log"))
    spec = {"type": "https", "http": "2", "host": "www.example.com", "ca_file": ca, "expect_body": "HTTP/2.0"}
    try:
        wait_for("nginx listens", lambda: checker({**spec, "port": port}, address="127.78.5.1")["ok"])
        assert verdict(checker({**spec, "port": plain}, address="127.78.5.1")) == (False, f"127.78.5.1:{plain} speaks HTTP/1.1, wanted HTTP/2")
        assert verdict(checker({**spec, "port": port, "http": "1.1", "expect_body": "HTTP/1.1"}, address="127.78.5.1")) == (True, None)
        assert verdict(checker({**spec, "port": port, "path": "/busy"}, address="127.78.5.1")) == (False, "status 503, wanted 200-299")
        assert verdict(checker({**spec, "port": port, "expect_body": "HTTP/3"}, address="127.78.5.1")) == (False, 'body lacks "HTTP/3" (9 octets read)')
        # Without TLS there is no ALPN: it is spoken without being asked for (RFC 9113 section 3.3).
        clear_text = {"type": "http", "http": "2", "port": clear}
        assert verdict(checker({**clear_text, "expect_body": "HTTP/2.0"}, address="127.78.5.1")) == (True, None)
        assert verdict(checker({**clear_text, "expect_status": "204"}, address="127.78.5.1")) == (False, "status 200, wanted 204")
    finally:
        nginx.stop()


@pytest.mark.parametrize("address, what", [("169.254.169.254", "link-local"), ("fe80::1", "link-local"), ("fd00:ec2::254", "a cloud's metadata address"),
                                           ("::ffff:169.254.1.1", "link-local"), ("100.100.100.200", "a cloud's metadata address")])
@pytest.mark.parametrize("kind", ["http", "tcp", "dns", "icmp"])
def test_link_local_and_metadata_addresses_are_refused_unless_allowed(checker, address, what, kind):
    spec = {"type": kind, "timeout_ms": 50, **({"port": 80} if kind == "tcp" else {})}
    reply = checker(spec, address=address)
    assert reply["ok"] is None
    assert reply["reason"].endswith(f"is {what}, which the monitor does not allow (allow_link_local)")
    if address == "fe80::1":  # without an interface nothing is sent
        allowed = checker({**spec, "allow_link_local": True}, address=address)
        assert "allow_link_local" not in (allowed["reason"] or "")
