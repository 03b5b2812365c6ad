"""Certificates and TLS versions as OpenSSL's own server shows them: each flaw with its reason, warnings before the end."""
import contextlib
import os
import shutil
import sqlite3
import subprocess
import time

import pytest

from backends import Backend, kept_alive, tls_context
from clock import Clock
from harness import Instance, Process, certificates, free_port, program, wait_for
from test_health import document, state_of

EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")


def openssl(folder, *args):
    subprocess.run(["openssl", *args], cwd=folder, check=True, capture_output=True)


def signed(folder, name, ca="ca", key=EC, extensions="", san="DNS:www.example.com", ca_args=()):
    """NAME.pem and NAME.key, signed by CA."""
    openssl(folder, "req", *key, "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
    with open(os.path.join(folder, f"{name}.ext"), "w") as file:
        file.write((f"subjectAltName={san}\n" if san else "") + extensions)
    openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", f"{ca}.pem", "-CAkey", f"{ca}.key", "-CAcreateserial", "-out", f"{name}.pem",
            "-days", "30", "-extfile", f"{name}.ext", *ca_args)


def not_yet_valid(folder):
    """By `openssl ca`, which alone lets the first day be chosen."""
    openssl(folder, "req", *EC, "-nodes", "-keyout", "early.key", "-out", "early.csr", "-subj", "/CN=early")
    with open(os.path.join(folder, "early.cnf"), "w") as file:
        file.write("[ca]\ndefault_ca=c\n[c]\ndatabase=index.txt\nserial=early.srl\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\n"
                   "copy_extensions=none\n[p]\ncommonName=supplied\n[e]\nsubjectAltName=DNS:www.example.com\n")
    open(os.path.join(folder, "index.txt"), "w").close()
    with open(os.path.join(folder, "early.srl"), "w") as file:
        file.write("77\n")
    openssl(folder, "ca", "-batch", "-config", "early.cnf", "-extensions", "e", "-cert", "ca.pem", "-keyfile", "ca.key", "-in", "early.csr",
            "-out", "early.pem", "-startdate", "20990101000000Z", "-enddate", "20991231000000Z", "-notext")


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("tls"))
    certificates(folder)  # ca, and server signed by it
    not_yet_valid(folder)
    signed(folder, "weak", key=("-newkey", "rsa:1024"))
    signed(folder, "middle", san="", extensions="basicConstraints=critical,CA:true\n")
    signed(folder, "leaf", ca="middle")
    with open(os.path.join(folder, "chain.pem"), "w") as chain:
        for name in ("leaf", "middle"):
            with open(os.path.join(folder, f"{name}.pem")) as part:
                chain.write(part.read())
    return folder


@contextlib.contextmanager
def s_server(folder, address, port, certificate, key, *options):
    listen = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    server = Process(["openssl", "s_server", "-accept", listen, "-cert", f"{certificate}.pem", "-key", f"{key}.key", "-www", "-quiet", *options],
                     os.path.join(folder, f"s_server-{port}.log"), cwd=folder)
    try:
        yield server
    finally:
        server.stop()


WHERE = "127.82.1.1"
CASES = [
    ("server", "server", (), {}, True, None),
    ("server", "server", ("-tls1_2",), {}, True, None),
    ("server", "server", ("-tls1_2",), {"min_tls": "1.3"}, False, 'TLS with {where} failed: the server sent the alert "protocol version" (70)'),
    ("server", "server", ("-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"), {}, False, 'TLS with {where} failed: the server sent the alert "protocol version" (70)'),
    ("server", "server", ("-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"), {"min_tls": "1.1"}, True, None),
    ("early", "early", (), {}, False, "certificate is not yet valid before 2099-01-01T00:00:00Z"),
    ("early", "early", (), {"verify": False}, True, None),
    ("weak", "weak", ("-cipher", "DEFAULT@SECLEVEL=0"), {}, False, "certificate is refused: EE certificate key too weak"),
    ("weak", "weak", ("-cipher", "DEFAULT@SECLEVEL=0"), {"min_tls": "1.1"}, False, "certificate is refused: EE certificate key too weak"),
    ("leaf", "leaf", (), {}, False, "certificate issuer is not trusted: CN=middle (unknown CA, or an intermediate is missing)"),
    ("chain", "leaf", ("-cert_chain", "middle.pem"), {}, True, None),
    ("server", "server", ("-Verify", "1", "-verify_return_error", "-tls1_2"), {}, False,
     'TLS with {where} failed: the server sent the alert "handshake failure" (40)'),
]


@pytest.mark.parametrize("kind, how", [("https", {}), ("tls", {}), ("https", {"redirects": 1})], ids=["https", "tls", "https-libcurl"])
def test_each_flaw_of_tls_has_its_reason(authority, kind, how):
    with Instance(geo=False) as instance:
        instance.start("healthcheck")
        for certificate, key, options, more, ok, reason in CASES:
            port = free_port()
            spec = {"type": kind, "port": port, "sni": "www.example.com", "ca_file": os.path.join(authority, "ca.pem"), "timeout_ms": 1000, **more, **how}

            def check():
                reply = instance.ask("healthcheck", "test", {"monitor": spec, "address": WHERE})
                return None if "refused to" in (reply["reason"] or "") else reply
            with s_server(authority, WHERE, port, certificate, key, *options):
                reply = wait_for("s_server listens", check)
            assert (reply["ok"], reply["reason"]) == (ok, reason and reason.format(where=f"{WHERE}:{port}")), (certificate, options, more)


@pytest.mark.parametrize("how", [{}, {"redirects": 1}], ids=["direct", "libcurl"])
def test_a_monitor_trusts_its_own_ca_whatever_others_trust(tmp_path, how):
    folder, port = str(tmp_path), free_port()
    ours, theirs = certificates(folder), certificates(folder, name="their", ca="other")
    backends = [Backend("127.82.4.1", port, context=tls_context(*ours[1:])), Backend("127.82.4.2", port, context=tls_context(*theirs[1:]))]
    changing = os.path.join(folder, "changing.pem")

    def refused(authority):
        return False, f"certificate issuer is not trusted: CN=test authority {authority} (unknown CA, or an intermediate is missing)"
    try:
        with Instance(geo=False) as instance:
            instance.start("healthcheck")

            def check(number, ca):
                spec = {"type": "https", "port": port, "host": "www.example.com", **({"ca_file": ca} if ca else {}), **how}
                reply = instance.ask("healthcheck", "test", {"monitor": spec, "address": f"127.82.4.{number}"})
                return reply["ok"], reply["reason"]
            for _ in range(2):
                assert check(1, None) == refused("ca")
                assert check(1, ours[0]) == (True, None)
                assert check(2, ours[0]) == refused("other")
                assert check(2, theirs[0]) == (True, None)
                assert check(1, theirs[0]) == refused("ca")
                assert check(2, None) == refused("other")
            for ca, wanted in ((ours[0], (True, None)), (theirs[0], refused("ca")), (ours[0], (True, None))):
                shutil.copyfile(ca, changing + ".new")
                os.rename(changing + ".new", changing)
                assert check(1, changing) == wanted
    finally:
        for backend in backends:
            backend.stop()


def test_ipv6_targets_are_checked_and_named_in_brackets(authority):
    port = free_port()
    spec = {"type": "https", "port": port, "sni": "www.example.com", "ca_file": os.path.join(authority, "ca.pem")}
    with Instance(geo=False) as instance:
        instance.start("healthcheck")

        def check():
            return instance.ask("healthcheck", "test", {"monitor": spec, "address": "::1"})
        with s_server(authority, "::1", port, "server", "server"):
            wait_for("it passes", lambda: check()["ok"])
        assert check()["reason"] == f"connection refused to [::1]:{port}"


def test_a_certificate_near_its_end_is_warned_of_and_its_end_told(tmp_path):
    folder, port = str(tmp_path), free_port()
    ca, certificate, key = certificates(folder, days=5)
    clock = Clock(tmp_path)
    backend = Backend("127.82.2.1", port, context=tls_context(certificate, key))
    rules = {"name": "web", "type": "https", "port": port, "host": "www.example.com", "ca_file": ca, "interval_ms": 300, "timeout_ms": 250, "recheck_ms": 100}
    try:
        with Instance(document([rules], eu=("web", {"e": "127.82.2.1"})), geo=False, prefix=clock.prefix) as instance:
            instance.start("healthcheck")
            wait_for("up", lambda: state_of(instance, "eu/e") == "up")

            def told_of_it():
                with contextlib.closing(sqlite3.connect(instance.path("events", "healthcheck.db"))) as journal:
                    rows = journal.execute('SELECT object, "from", "to", reason FROM event WHERE kind = ? AND object = ? ORDER BY id', ("certificate", "endpoint/eu/e"))
                    return [dict(zip(("object", "from", "to", "reason"), row)) for row in rows]
            event = wait_for("the warning", told_of_it)[0]
            assert (event["object"], event["from"], event["to"]) == ("endpoint/eu/e", "well", "expiring")
            assert instance.health()["eu/e"]["cert"]["state"] == "expiring"
            instance.kill("healthcheck")
            instance.stop("healthcheck")
            # Of many others was told since: its own warning is behind more than a page of them.
            with contextlib.closing(sqlite3.connect(instance.path("events", "healthcheck.db"))) as journal:
                journal.executemany('INSERT INTO event(time, kind, object, "from", "to") VALUES (?, ?, ?, ?, ?)',
                                    [(int(time.time() * 1000), "certificate", f"endpoint/us/e{n}", "well", "expiring") for n in range(1500)])
                journal.commit()
            instance.start("healthcheck")
            wait_for("it was checked again", lambda: (t := instance.health().get("eu/e")) and t["cert"] and len(t["history"]) >= 3)
            assert len(told_of_it()) == 1, "a restart is no change"
            assert "CN=test expires on " in event["reason"] and ", in 4 days" in event["reason"]
            clock.step(6 * 86400)
            wait_for("it is down", lambda: state_of(instance, "eu/e") == "down")
            assert instance.health()["eu/e"]["reason"].startswith("certificate expired on ")
            told = wait_for("its end", lambda: len(c := told_of_it()) == 2 and c)
            assert [event["to"] for event in told] == ["expiring", "expired"]
            # The minutes before the step are over by now, and were written.
            series = wait_for("the series", lambda: (s := instance.ask("healthcheck", "series", {"id": "endpoint/eu/e", "step": "minute", "since": "2020-01-01T00:00:00Z"})).get("points") and s, 12)
            assert series["step"] == "minute" and series["points"][0]["passed"] == series["points"][0]["checks"] >= 2
            assert 0 < series["points"][0]["mean_ms"] < 250
            hours = instance.ask("healthcheck", "series", {"id": "endpoint/eu/e", "step": "hour", "since": "2020-01-01T00:00:00Z"})["points"]
            assert hours and hours[0]["time"].endswith(":00:00.000Z") and hours[0]["checks"] >= series["points"][0]["checks"]
            assert "names no endpoint" in instance.ask("healthcheck", "series", {"id": "endpoint/eu/none"})["error"]
            assert "is no time" in instance.ask("healthcheck", "series", {"id": "endpoint/eu/e", "since": "yesterday"})["error"]
    finally:
        backend.stop()


@pytest.mark.parametrize("more", [{}, {"redirects": 1}], ids=["direct", "libcurl"])
@pytest.mark.parametrize("connection", ["session", "reuse"])
def test_a_certificate_replaced_behind_sessions_and_kept_connections_is_seen_within_a_minute(tmp_path, connection, more):
    folder, port, clock, handshakes = str(tmp_path), free_port(), Clock(tmp_path), []
    ca, first, first_key = certificates(folder)
    _, second, second_key = certificates(folder, name="second", days=20)
    _, wrong, wrong_key = certificates(folder, name="wrong", san="DNS:other.example")
    context = tls_context(first, first_key)
    backend = Backend("127.82.3.1", port, behaviour=kept_alive(context, handshakes))
    rules = {"name": "web", "type": "https", "port": port, "host": "www.example.com", "ca_file": ca, "interval_ms": 300, "timeout_ms": 250,
             "recheck_ms": 100, "fall": 3, "rise": 2, "connection": connection, **more}
    try:
        with Instance(document([rules], eu=("web", {"e": "127.82.3.1"})), geo=False, prefix=clock.prefix) as instance:
            def target():
                return instance.health().get("eu/e", {"history": [], "cert": None})

            def checks_pass(count):
                seen = len(target()["history"])
                return wait_for("checks go on", lambda: (t := target()) and len(t["history"]) >= seen + count and t)

            def after(leap_s):
                del handshakes[:]
                clock.leap(leap_s)

            def whole():
                return handshakes.count("whole")
            instance.start("healthcheck")
            wait_for("up", lambda: target().get("state") == "up")
            assert target()["cert"]["days_left"] in (29, 30)
            # Within the minute the server is believed to be who it was.
            context.load_cert_chain(second, second_key)
            after(0)
            assert checks_pass(4)["cert"]["days_left"] in (29, 30) and whole() == 0
            assert len(handshakes) >= 3 if connection == "session" else not handshakes
            after(61)
            wait_for("the new certificate", lambda: target()["cert"]["days_left"] in (19, 20))
            checks_pass(4)
            assert whole() == 1 and target()["state"] == "up"
            # One that is not believed is looked at by every check: else the sessions of better days would go on to pass.
            context.load_cert_chain(wrong, wrong_key)
            checks_pass(2)
            assert target()["state"] == "up"
            after(122)
            wait_for("down", lambda: target()["state"] == "down", 5)
            assert target()["reason"] == "certificate is for other.example, wanted www.example.com"
            context.load_cert_chain(second, second_key)
            wait_for("up again", lambda: target()["state"] == "up", 5)
            after(122)
            checks_pass(3)
            assert whole() == 0
    finally:
        backend.stop()
