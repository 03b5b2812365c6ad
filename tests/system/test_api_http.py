"""What meridian-web does with HTTP that is malformed, hostile, slow or encrypted."""
import socket
import ssl
import time

import pytest

import harness
from test_api import DOCUMENT, Client, first_password, log_in

CSP = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
       "form-action 'self'; frame-ancestors 'none'")


@pytest.fixture(scope="module")
def instance():
    with harness.Instance(DOCUMENT, geo=False) as running:
        yield running.start("web")


@pytest.fixture(scope="module")
def token(instance):
    return log_in(instance).post("tokens", {"name": "t", "role": "admin"}).json["secret"]


def raw(instance, data, wait_s=5):
    """Sends DATA as it is; what came back until the end or WAIT_S."""
    with socket.create_connection(("127.0.0.1", instance.http_port), timeout=harness.patient(wait_s)) as client:
        got = b""
        try:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            while part := client.recv(65536):
                got += part
        except OSError:
            pass
        return got


def status_of(answer):
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.") else None


def test_every_answer_carries_the_security_headers(instance):
    client = Client(instance)
    for path in ("/healthz", "/api/v1/pools", "/api/v1/absent", "/absent.png", "/metrics"):
        answer = client.get(path)
        assert answer.getheader("Content-Security-Policy") == CSP, path
        assert answer.getheader("X-Content-Type-Options") == "nosniff"
        assert answer.getheader("Referrer-Policy") == "no-referrer"
        assert answer.getheader("Strict-Transport-Security") is None


@pytest.mark.parametrize("name, request_text", [
    ("two Content-Length", b"POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x"),
    ("two equal Content-Length", b"POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}"),
    ("length and chunks", b"POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("two Host", b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
    ("no Host", b"GET /healthz HTTP/1.1\r\n\r\n"),
    ("unknown coding", b"POST /api/v1/session HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    ("signed length", b"POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\n{}"),
    ("bad header name", b"GET /healthz HTTP/1.1\r\nHost: a\r\nBad(Name: x\r\n\r\n"),
    ("control in value", b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: a\x01b\r\n\r\n"),
    ("bad escape", b"GET /api/v1/pools/%zz HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("escaped NUL", b"GET /api/v1/pools/a%00b HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("absolute target", b"GET http://other/healthz HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("no request", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 100 + b"\r\n\r\n"),
])
def test_an_ambiguous_or_malformed_request_is_refused(instance, name, request_text):
    answer = raw(instance, request_text)
    assert status_of(answer) in (None, 400), (name, answer[:200])
    assert Client(instance).get("/healthz").status == 200


def test_too_many_and_too_long_headers_are_refused(instance):
    many = b"".join(b"X-%d: a\r\n" % i for i in range(100))
    assert status_of(raw(instance, b"GET /healthz HTTP/1.1\r\nHost: a\r\n" + many + b"\r\n")) == 400
    long = b"X: " + b"a" * 200000 + b"\r\n"
    assert status_of(raw(instance, b"GET /healthz HTTP/1.1\r\nHost: a\r\n" + long + b"\r\n")) in (None, 400, 413, 431)
    target = b"/" + b"a" * 8000
    assert status_of(raw(instance, b"GET " + target + b" HTTP/1.1\r\nHost: a\r\n\r\n")) in (400, 414)


def test_an_unknown_method_is_answered(instance):
    assert status_of(raw(instance, b"BREW /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")) == 405
    answer = Client(instance).call("DELETE", "/healthz")
    assert answer.status == 405 and answer.getheader("Allow") == "GET, HEAD"
    assert Client(instance).call("POST", "/").status in (404, 405)


def test_a_large_body_is_refused_before_it_is_read(instance, token):
    head = b"POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9000000000\r\n\r\n"
    assert status_of(raw(instance, head)) == 413
    head = b"POST /api/v1/pools HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token.encode() + b"\r\nContent-Length: 1048577\r\n\r\n"
    assert status_of(raw(instance, head)) == 413
    head = b"PUT /api/v1/config HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n"
    assert status_of(raw(instance, head + b"x" * 1048576)) == 401


def test_endless_chunks_are_cut_off(instance):
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    with socket.create_connection(("127.0.0.1", instance.http_port), timeout=harness.patient(10)) as client:
        client.sendall(b"POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        sent = 0
        with pytest.raises(OSError):
            while sent < 64 << 20:
                client.sendall(chunk)
                sent += len(chunk)
    assert sent < 32 << 20


def test_deeply_nested_json_is_refused(instance, token):
    answer = Client(instance, token=token).post("pools", "[" * 500000)
    assert answer.status == 400


def test_text_from_a_client_does_not_come_back_as_markup(instance, token):
    answer = Client(instance, token=token).get("pools/%3Cscript%3E")
    assert answer.status == 404 and answer.getheader("Content-Type") == "application/problem+json"
    header = Client(instance, token=token).get("pools/a%0d%0aX-Injected:%201")
    assert header.status == 400 and header.getheader("X-Injected") is None


def test_answers_are_compressed_where_that_is_accepted(instance, token):
    import gzip
    import json
    client = Client(instance, token=token)
    plain = client.get("openapi.json")
    packed = client.get("openapi.json", headers={"Accept-Encoding": "gzip"})
    assert packed.getheader("Content-Encoding") == "gzip" and len(packed.data) < len(plain.data) / 4
    assert json.loads(gzip.decompress(packed.data)) == plain.json
    refused = client.get("openapi.json", headers={"Accept-Encoding": "gzip;q=0"})
    assert refused.getheader("Content-Encoding") is None


def test_slow_clients_do_not_keep_others_waiting(instance):
    slow = [socket.create_connection(("127.0.0.1", instance.http_port)) for _ in range(60)]
    try:
        for client in slow:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        began = time.monotonic()
        assert Client(instance).get("/healthz").status == 200
        assert time.monotonic() - began < harness.patient(1)
    finally:
        for client in slow:
            client.close()


def test_a_client_that_drips_its_headers_is_cut_off(instance):
    with socket.create_connection(("127.0.0.1", instance.http_port), timeout=harness.patient(2)) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n")
        began = time.monotonic()
        ended = False
        while not ended and time.monotonic() - began < harness.patient(30):
            try:
                client.sendall(b"X-Drip: a\r\n")
                client.settimeout(1)
                ended = client.recv(4096) == b""
            except TimeoutError:
                pass
            except OSError:
                ended = True
        assert ended and 10 < time.monotonic() - began < harness.patient(20)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the old version is the point
def test_it_speaks_https_with_a_certificate_and_nothing_older_than_1_2(tmp_path):
    ca, cert, key = harness.certificates(str(tmp_path), san="IP:127.0.0.1")
    with harness.Instance(DOCUMENT, geo=False, settings=f"tls_cert = {cert}\ntls_key = {key}") as secure:
        secure.start("web")
        context = ssl.create_default_context(cafile=ca)
        with socket.create_connection(("127.0.0.1", secure.http_port), timeout=harness.patient(5)) as plain:
            with context.wrap_socket(plain, server_hostname="127.0.0.1") as client:
                assert client.version() == "TLSv1.3"
                body = b'{"user": "admin", "password": "%s"}' % first_password(secure).encode()
                client.sendall(b"POST /api/v1/session HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n"
                               b"Content-Length: %d\r\n\r\n" % len(body) + body)
                answer = b""
                while part := client.recv(65536):
                    answer += part
        assert b"Strict-Transport-Security: max-age=" in answer
        assert b"Set-Cookie: __Host-meridian=" in answer and b"; Secure" in answer
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        old.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        old.set_ciphers("ALL:@SECLEVEL=0")
        with socket.create_connection(("127.0.0.1", secure.http_port), timeout=harness.patient(5)) as plain:
            with pytest.raises((ssl.SSLError, OSError)):
                old.wrap_socket(plain)


def test_it_says_why_it_cannot_begin(instance, tmp_path):
    with harness.Instance(geo=False, settings=f"tls_cert = {tmp_path}/absent\ntls_key = {tmp_path}/absent") as broken:
        broken.start("web", wait=False)
        assert broken.processes["web"].popen.wait(harness.patient(5)) == 1
        assert "absent" in broken.processes["web"].output().splitlines()[-1]
    with harness.Instance(geo=False) as second:
        with open(second.path("meridian.conf"), "w") as conf:
            conf.write(f"[web]\nlisten = 127.0.0.1:{instance.http_port}\n")
        second.start("web", wait=False)
        assert second.processes["web"].popen.wait(harness.patient(5)) == 1
        assert "cannot listen" in second.processes["web"].output().splitlines()[-1]


def test_no_password_is_printed_a_second_time(instance):
    with harness.Instance(DOCUMENT, geo=False) as again:
        again.start("web")
        first = first_password(again)
        assert again.processes["web"].stop() == 0
        again.start("web")
        with open(again.path("web.log")) as log:
            assert log.read().count("first log-in") == 1
        again.processes["web"].out.flush()
        assert Client(again).post("session", {"user": "admin", "password": first}).status == 200
