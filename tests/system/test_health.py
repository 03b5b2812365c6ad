"""The health checker against real TLS and HTTP backends: each failure its own reason, each change in time."""
import datetime
import os
import signal
import ssl
import subprocess
import time

import pytest

from backends import (Backend, EMPTY, ERROR, cut_short, dripping_body, dripping_headers, endless_body, endless_chunks, endless_headers, endless_interim,
                      goes_away, hang, no_http, reset, tls_context)
from harness import Instance, certificates, free_port, program, Process, patient, wait_for

INTERVAL_MS, TIMEOUT_MS, FALL, RISE = 300, 250, 3, 2


def monitor(folder, port, **more):
    return {"name": "web", "type": "https", "port": port, "path": "/healthz", "host": "www.example.com",
            "sni": "www.example.com", "ca_file": os.path.join(folder, "ca.pem"), "expect_body": "ok",
            "interval_ms": INTERVAL_MS, "timeout_ms": TIMEOUT_MS, "fall": FALL, "rise": RISE, "recheck_ms": 100, **more}


def document(monitors, **pools):
    """POOLS: name -> (monitor's name, {endpoint: address})."""
    return {"meridian": 1, "monitors": monitors,
            "pools": [{"name": name, "monitor": with_monitor,
                       "endpoints": [{"name": endpoint, "address": address} for endpoint, address in endpoints.items()]}
                      for name, (with_monitor, endpoints) in pools.items()]}


def self_signed(folder, name, san):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                    f"{name}.key", "-out", f"{name}.pem", "-days", "9", "-subj", "/CN=www.example.com",
                    *(["-addext", f"subjectAltName={san}"] if san else [])], cwd=folder, check=True, capture_output=True)
    return os.path.join(folder, f"{name}.pem"), os.path.join(folder, f"{name}.key")


def name_in_cn_only(folder):
    """A certificate of the test's CA without subjectAltName."""
    def openssl(*args):
        subprocess.run(["openssl", *args], cwd=folder, check=True, capture_output=True)
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "cn.key", "-out", "cn.csr",
            "-subj", "/CN=www.example.com")
    openssl("x509", "-req", "-in", "cn.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "cn.pem", "-days", "9")
    return os.path.join(folder, "cn.pem"), os.path.join(folder, "cn.key")


@pytest.fixture
def backends():
    made = []

    def make(*args, **more):
        made.append(Backend(*args, **more))
        return made[-1]
    yield make
    for backend in made:
        backend.stop()


def state_of(instance, endpoint):
    return instance.health().get(endpoint, {}).get("state")


def expiry(certificate):
    out = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-enddate"], check=True, capture_output=True, text=True)
    when = datetime.datetime.strptime(out.stdout.strip(), "notAfter=%b %d %H:%M:%S %Y %Z")
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_each_way_to_fail_has_its_own_reason(tmp_path, backends):
    folder, port = str(tmp_path), free_port()
    ca, good, good_key = certificates(folder)
    _, expired, expired_key = certificates(folder, name="expired", days=-1)
    _, wrong, wrong_key = certificates(folder, name="wrong", san="DNS:other.example,DNS:*.third.example")
    _, foreign, foreign_key = certificates(folder, name="foreign", ca="other")
    well = tls_context(good, good_key)
    cases = {
        "well": (dict(context=well), None),
        "expired": (dict(context=tls_context(expired, expired_key)), f"certificate expired on {expiry(expired)}"),
        "wrong": (dict(context=tls_context(wrong, wrong_key)),
                  "certificate is for other.example, *.third.example, wanted www.example.com"),
        "unknown-ca": (dict(context=tls_context(foreign, foreign_key)),
                       "certificate issuer is not trusted: CN=test authority other (unknown CA, or an intermediate is missing)"),
        "self-signed": (dict(context=tls_context(*self_signed(folder, "self", "DNS:www.example.com"))),
                        "self-signed certificate of CN=www.example.com"),
        "cn-only": (dict(context=tls_context(*name_in_cn_only(folder))),
                    "certificate has no name in subjectAltName (its common name does not count), wanted www.example.com"),
        "error": (dict(context=well, answer=ERROR), "status 500, wanted 200-299"),
        "lacks": (dict(context=well, answer=EMPTY), 'body lacks "ok" (8 octets read)'),
        "hangs": (dict(behaviour=hang), "timeout after 250 ms to {where} during the TLS handshake"),
        "slow": (dict(context=well, delay_s=5), "timeout after 250 ms to {where} while waiting for the first byte"),
        "plain": (dict(), "TLS with {where} failed: the server does not speak TLS"),
        "resets": (dict(behaviour=reset), "connection to {where} broke during the TLS handshake: Connection reset by peer"),
        "closed": (None, "connection refused to {where}"),
    }
    addresses = {name: f"127.77.1.{number}" for number, name in enumerate(cases, 1)}
    for name, (how, _) in cases.items():
        if how is not None:
            backends(addresses[name], port, **how)
    with Instance(document([monitor(folder, port)], all=("web", addresses)), geo=False) as instance:
        instance.start("healthcheck")
        wait_for("every endpoint has a verdict",
                 lambda: len(h := instance.health()) == len(cases) and all(target["state"] in ("up", "down") for target in h.values()), 15)
        health = instance.health()
        for name, (_, reason) in cases.items():
            target = health[f"all/{name}"]
            wanted = reason.format(where=f"{addresses[name]}:{port}") if reason else None
            assert (target["state"], target["reason"]) == ("down" if wanted else "up", wanted), name
            event = instance.events(object=f"endpoint/all/{name}")[-1]
            assert event["from"] == "unknown" and event["to"] == target["state"] and event["actor"] == "health"
            assert event["reason"] == (wanted or "passed 2 checks in a row")
        assert health["all/well"]["cert"]["days_left"] in (29, 30)
        assert health["all/expired"]["cert"]["days_left"] < 0


def test_a_backend_that_stops_is_down_in_time_and_back_after_rise(tmp_path, backends):
    folder, port = str(tmp_path), free_port()
    _, certificate, key = certificates(folder)
    backend = backends("127.77.2.1", port, context=tls_context(certificate, key))
    rules = monitor(folder, port, recheck_ms=INTERVAL_MS)
    with Instance(document([rules], eu=("web", {"eu1": "127.77.2.1"})), geo=False) as instance:
        instance.start("healthcheck")
        wait_for("eu1 is up", lambda: state_of(instance, "eu/eu1") == "up")
        backend.stop()
        stopped = time.time()
        wait_for("eu1 is down", lambda: state_of(instance, "eu/eu1") == "down", 5)
        event = instance.events(object="endpoint/eu/eu1", to="down")[0]
        took_ms = (datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00")).timestamp() - stopped) * 1000
        assert took_ms <= FALL * INTERVAL_MS + TIMEOUT_MS + patient(50)
        assert event["reason"] == f"connection refused to 127.77.2.1:{port}"
        assert [e["to"] for e in instance.events(object="pool/eu")] == ["healthy", "down"]
        backend.start()
        before = backend.connections
        wait_for("eu1 is up again", lambda: state_of(instance, "eu/eu1") == "up", 5)
        assert backend.connections - before >= RISE
        assert instance.events(object="endpoint/eu/eu1")[-1]["reason"] == "passed 2 checks in a row"


def test_verdicts_are_held_over_a_kill_and_do_not_flap(tmp_path, backends):
    folder, port = str(tmp_path), free_port()
    _, certificate, key = certificates(folder)
    backends("127.77.3.1", port, context=tls_context(certificate, key))
    endpoints = {"good": "127.77.3.1", "dead": "127.77.3.2"}
    with Instance(document([monitor(folder, port)], eu=("web", endpoints)), geo=False) as instance:
        instance.start("healthcheck")
        wait_for("verdicts", lambda: (state_of(instance, "eu/good"), state_of(instance, "eu/dead")) == ("up", "down"))
        since = {name: target["since"][:19] for name, target in instance.health().items()}
        wait_for("events", lambda: len(instance.events(kind="endpoint")) == 2)
        instance.kill("healthcheck")
        instance.stop("healthcheck")
        instance.start("healthcheck")
        first = wait_for("targets", instance.health)
        assert (first["eu/good"]["state"], first["eu/dead"]["state"]) == ("up", "down")
        assert not first["eu/good"]["pending"]
        wait_for("checks go on", lambda: len(instance.health()["eu/good"]["history"]) >= 4)
        assert {name: target["since"][:19] for name, target in instance.health().items()} == since
        assert len(instance.events(kind="endpoint")) == 2 and len(instance.events(kind="pool")) == 1


def test_a_checker_that_was_stopped_blames_no_target(tmp_path, backends):
    folder, port = str(tmp_path), free_port()
    _, certificate, key = certificates(folder)
    addresses = {f"e{n}": f"127.77.4.{n}" for n in range(1, 21)}
    for address in addresses.values():
        backends(address, port, context=tls_context(certificate, key), delay_s=0.1)
    rules = monitor(folder, port, fall=1, timeout_ms=900, interval_ms=1000)
    with Instance(document([rules], eu=("web", addresses)), geo=False) as instance:
        instance.start("healthcheck")
        wait_for("all up", lambda: all(t["state"] == "up" for t in instance.health().values()))
        for _ in range(3):
            instance.kill("healthcheck", signal.SIGSTOP)
            time.sleep(1.2)
            instance.kill("healthcheck", signal.SIGCONT)
            time.sleep(0.3)
        time.sleep(1)
        assert all(t["state"] == "up" for t in instance.health().values())
        assert not instance.events(kind="endpoint", to="down")


def test_a_change_of_configuration_touches_only_what_it_names(tmp_path, backends):
    folder, port = str(tmp_path), free_port()
    _, certificate, key = certificates(folder)
    context = tls_context(certificate, key)
    kept, gone, off, new = (backends(f"127.77.5.{n}", port, context=context) for n in range(1, 5))
    rules = monitor(folder, port)
    with Instance(document([rules], eu=("web", {"kept": kept.address, "gone": gone.address, "off": off.address})), geo=False) as instance:
        instance.start("healthcheck")
        wait_for("all up", lambda: len(instance.health()) == 3 and all(t["state"] == "up" for t in instance.health().values()))
        since = instance.health()["eu/kept"]["since"]
        changed = document([rules], eu=("web", {"kept": kept.address, "off": off.address, "new": new.address}))
        changed["pools"][0]["endpoints"][1]["enabled"] = False
        instance.apply(changed)
        wait_for("the change is in force", lambda: set(instance.health()) == {"eu/kept", "eu/new"}, 2)
        at_change = (gone.connections, off.connections)
        wait_for("new is up", lambda: state_of(instance, "eu/new") == "up")
        time.sleep(3 * INTERVAL_MS / 1000)
        assert (gone.connections, off.connections) == at_change
        assert instance.health()["eu/kept"]["since"] == since
        instance.apply(document([dict(rules, expect_body="not there")], eu=("web", {"kept": kept.address, "new": new.address})))
        wait_for("the monitor's change is in force", lambda: state_of(instance, "eu/kept") == "down", 5)
        assert instance.health()["eu/kept"]["reason"] == 'body lacks "not there" (11 octets read)'


def test_the_same_target_in_two_pools_is_checked_once(tmp_path, backends):
    folder, port = str(tmp_path), free_port()
    _, certificate, key = certificates(folder)
    backend = backends("127.77.6.1", port, context=tls_context(certificate, key))
    pools = {"eu": ("web", {"a": "127.77.6.1"}), "us": ("web", {"b": "127.77.6.1"})}
    with Instance(document([monitor(folder, port)], **pools), geo=False) as instance:
        instance.start("healthcheck")
        wait_for("both up", lambda: (state_of(instance, "eu/a"), state_of(instance, "us/b")) == ("up", "up"))
        assert instance.ask("healthcheck", "status")["targets"] == 1
        before, began = backend.connections, time.monotonic()
        time.sleep(5 * INTERVAL_MS / 1000)
        most = (time.monotonic() - began) * 1000 / (INTERVAL_MS * 0.95) + 1
        assert 4 <= backend.connections - before <= most
        backend.stop()
        wait_for("both down", lambda: (state_of(instance, "eu/a"), state_of(instance, "us/b")) == ("down", "down"))


def test_a_check_on_demand_tells_result_phases_and_certificate(tmp_path, backends):
    folder, port, plain_port = str(tmp_path), free_port(), free_port()
    _, certificate, key = certificates(folder)
    backends("127.77.7.1", port, context=tls_context(certificate, key))
    backends("127.77.7.1", plain_port)
    backends("::1", plain_port)
    with Instance(document([monitor(folder, port)]), geo=False) as instance:
        instance.start("healthcheck")

        def test(spec, address="127.77.7.1", **more):
            return instance.ask("healthcheck", "test", {"monitor": spec, "address": address, **more})
        wait_for("the configuration is read", lambda: "ok" in test("web"))
        reply = test("web")
        assert reply["ok"] is True and reply["reason"] is None
        assert all(reply["phases_ms"][phase] > 0 for phase in ("connect", "tls", "first_byte", "total"))
        assert reply["cert"]["issuer"] == "CN=test authority ca"
        assert test("web", address="127.77.7.9")["reason"] == f"connection refused to 127.77.7.9:{port}"
        assert test({"type": "http", "path": "/"}, port=plain_port)["ok"] is True
        assert test({"type": "http", "path": "/"}, address="::1", port=plain_port)["ok"] is True
        assert test({"type": "tcp", "port": plain_port})["ok"] is True
        assert test({"type": "tcp", "port": plain_port}, address="127.77.7.8")["reason"] == f"connection refused to 127.77.7.8:{plain_port}"
        tls = {"type": "tls", "port": port, "sni": "www.example.com", "ca_file": os.path.join(folder, "ca.pem")}
        assert test(tls)["ok"] is True
        assert test(dict(tls, sni="www.example.net"))["reason"] == "certificate is for www.example.com, wanted www.example.net"
        missing = dict(tls, ca_file="/nowhere/ca.pem")
        assert test(missing)["ok"] is None
        assert test(missing)["reason"] == "the CA file /nowhere/ca.pem cannot be read: No such file or directory"
        assert "no monitor" in test("nothing")["error"]
        assert "/monitor" in test({"type": "https", "colour": "red"})["error"]


@pytest.mark.parametrize("behaviour, reason", [
    (endless_headers, "headers are longer than 64 KB"),
    (endless_interim, "headers are longer than 64 KB"),
    (dripping_headers, "timeout after 250 ms to {where} while reading the answer"),
    (endless_body, 'body lacks "ok" (first 64 KB read)'),
    (endless_chunks, 'body lacks "ok" (first 64 KB read)'),
    (dripping_body, "timeout after 250 ms to {where} while reading the answer"),
    (hang, "timeout after 250 ms to {where} while waiting for the first byte"),
    (cut_short, "{where} closed the connection while reading the answer"),
    (goes_away, "{where} closed the connection while waiting for the first byte"),
    (no_http, {"direct": 'the answer of {where} is not HTTP/1.1: it begins with "??SSH-2.0-none"',
               "libcurl": "the answer of {where} is not HTTP: it does not begin with a status line"}),
    (reset, "connection to {where} broke while waiting for the first byte: Connection reset by peer"),
])
@pytest.mark.parametrize("how", ["direct", "libcurl"])
def test_a_lying_server_costs_its_timeout_at_most(backends, behaviour, reason, how):
    port = free_port()
    backends("127.77.8.1", port, behaviour=behaviour)
    with Instance(geo=False) as instance:
        instance.start("healthcheck")
        spec = {"type": "http", "port": port, "path": "/", "expect_body": "ok", "timeout_ms": 250, "interval_ms": 1000, "redirects": 0 if how == "direct" else 1}
        reply = instance.ask("healthcheck", "test", {"monitor": spec, "address": "127.77.8.1"})
        wanted = reason[how] if isinstance(reason, dict) else reason
        assert (reply["ok"], reply["reason"]) == (False, wanted.format(where=f"127.77.8.1:{port}"))
        assert reply["phases_ms"]["total"] < TIMEOUT_MS + patient(100)


def test_request_names_and_connection_modes_are_as_configured(tmp_path, backends):
    folder, port = str(tmp_path), free_port()
    ca, certificate, key = certificates(folder)
    backend = backends("127.77.9.1", port, context=tls_context(certificate, key))
    with Instance(geo=False) as instance:
        instance.start("healthcheck")
        spec = {"type": "https", "port": port, "path": "/healthz?x=1", "host": "shop.example.net", "sni": "www.example.com",
                "method": "HEAD", "headers": {"User-Agent": "probe/1", "X-Check": "yes"}, "ca_file": ca}
        reply = instance.ask("healthcheck", "test", {"monitor": spec, "address": "127.77.9.1"})
        assert reply["ok"] is True, reply
        lines = backend.request.decode().split("\r\n")
        assert lines[0] == "HEAD /healthz?x=1 HTTP/1.1"
        assert {"Host: shop.example.net", "User-Agent: probe/1", "X-Check: yes"} <= set(lines)


@pytest.mark.parametrize("how", [{}, {"redirects": 1}], ids=["direct", "libcurl"])
def test_a_client_certificate_is_shown_where_the_monitor_names_one(tmp_path, backends, how):
    folder, port = str(tmp_path), free_port()
    ca, certificate, key = certificates(folder)
    subprocess.run(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "me.key",
                    "-out", "me.csr", "-subj", "/CN=checker"], cwd=folder, check=True, capture_output=True)
    subprocess.run(["openssl", "x509", "-req", "-in", "me.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                    "-out", "me.pem", "-days", "9"], cwd=folder, check=True, capture_output=True)
    # With TLS 1.2 the refusal comes inside the handshake; with 1.3 after it, and may be overtaken by the reset of the connection.
    backends("127.77.10.1", port, context=tls_context(certificate, key, client_ca=ca, maximum_version=ssl.TLSVersion.TLSv1_2))
    spec = {"type": "https", "port": port, "path": "/", "host": "www.example.com", "ca_file": ca, **how}
    with Instance(geo=False) as instance:
        instance.start("healthcheck")

        def test(**more):
            return instance.ask("healthcheck", "test", {"monitor": {**spec, "timeout_ms": 1000, **more}, "address": "127.77.10.1"})
        assert test(client_cert=os.path.join(folder, "me.pem"), client_key=os.path.join(folder, "me.key"))["ok"] is True
        assert test()["reason"] == f'TLS with 127.77.10.1:{port} failed: the server sent the alert "handshake failure" (40)'
        # One of another CA, and files that are of no use: the target is not blamed for those.
        certificates(folder, name="stranger", ca="other")
        assert test(client_cert=os.path.join(folder, "stranger.pem"), client_key=os.path.join(folder, "stranger.key"))["reason"] == (
            f'TLS with 127.77.10.1:{port} failed: the server sent the alert "unknown CA" (48)')
        for cert, its_key, why in (("none.pem", "me.key", "No such file or directory"), ("me.pem", "none.key", "No such file or directory"),
                                   ("me.pem", "ca.key", "key values mismatch"), ("me.csr", "me.key", "no start line")):
            paths = os.path.join(folder, cert), os.path.join(folder, its_key)
            reply = test(client_cert=paths[0], client_key=paths[1])
            assert (reply["ok"], reply["reason"]) == (None, f"the client certificate {paths[0]} or its key {paths[1]} cannot be used: {why}")
        for name, why in (("me.key", "no certificate or crl found"), ("none.pem", None)):
            reply = test(ca_file=os.path.join(folder, name))
            assert (reply["ok"], reply["reason"]) == (None, f"the CA file {folder}/{name} holds no usable certificate: {why}" if why else
                                                      f"the CA file {folder}/{name} cannot be read: No such file or directory")


@pytest.mark.parametrize("mode", ["fresh", "session", "reuse"])
def test_every_connection_mode_works_with_nginx_and_finds_it_dead(tmp_path, mode):
    folder, port = str(tmp_path), free_port()
    ca, certificate, key = certificates(folder)
    conf = tmp_path / "nginx.conf"
    conf.write_text(f"""daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{ log_format r "$ssl_session_reused"; access_log {folder}/reused.log r; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; keepalive_requests 100000;
server {{ listen 127.77.11.1:{port} ssl; ssl_certificate {certificate}; ssl_certificate_key {key};
location / {{ return 200 "all is ok\\n"; }} location /count {{ stub_status; }} }} }}
""")
    with Instance(document([monitor(folder, port, connection=mode)], eu=("web", {"n": "127.77.11.1"})), geo=False) as instance:
        nginx = Process([program("nginx"), "-c", str(conf), "-p", folder], os.path.join(folder, "nginx.log"))
        try:
            instance.start("healthcheck")
            wait_for("nginx is up", lambda: state_of(instance, "eu/n") == "up")
            wait_for("six checks", lambda: len(instance.health()["eu/n"]["history"]) >= 6)
            target = instance.health()["eu/n"]
            assert all(result["ok"] for result in target["history"][2:])
            reused = target["last"]["phases_ms"]["tls"] is None
            assert reused == (mode == "reuse")
            assert target["cert"]["subject"] == "CN=test"
            resumed = (tmp_path / "reused.log").read_text().split()
            assert ("r" in resumed) == (mode == "session") and (mode != "session" or resumed[2:] == ["r"] * len(resumed[2:]))
        finally:
            nginx.stop()
        wait_for("nginx is down", lambda: state_of(instance, "eu/n") == "down")
        assert instance.health()["eu/n"]["reason"] == f"connection refused to 127.77.11.1:{port}"


def test_a_missing_configuration_is_said_and_taken_in_when_it_comes(tmp_path, backends):
    folder, port = str(tmp_path), free_port()
    backends("127.77.12.1", port)
    spec = {"name": "t", "type": "tcp", "port": port, "interval_ms": 300, "timeout_ms": 200}
    with Instance(geo=False) as instance:
        for name in ("config.db", "config.db-wal", "config.db-shm"):
            if os.path.exists(instance.path(name)):
                os.unlink(instance.path(name))
        instance.start("healthcheck")
        status = wait_for("the problem is said", lambda: (s := instance.ask("healthcheck", "status")) and s["problems"] and s)
        assert status["config"]["state"] == "stale" and "config.db" in status["problems"][0]
        instance.meridian("init")
        instance.apply(document([spec], eu=("t", {"e": "127.77.12.1"})))
        wait_for("the endpoint is up", lambda: state_of(instance, "eu/e") == "up", 5)
        status = instance.ask("healthcheck", "status")
        assert status["config"] == {"state": "live", "since": status["config"]["since"], "error": None}
        assert status["problems"] == []


def test_metrics_count_results_by_reason_and_show_states(tmp_path, backends):
    folder, port = str(tmp_path), free_port()
    _, certificate, key = certificates(folder)
    backends("127.77.13.1", port, context=tls_context(certificate, key))
    endpoints = {"good": "127.77.13.1", "dead": "127.77.13.2"}
    with Instance(document([monitor(folder, port)], eu=("web", endpoints)), geo=False) as instance:
        instance.start("healthcheck")
        wait_for("verdicts", lambda: (state_of(instance, "eu/good"), state_of(instance, "eu/dead")) == ("up", "down"))
        metrics = {metric["name"]: metric["samples"] for metric in instance.ask("healthcheck", "stats")["metrics"]}

        def value(name, **labels):
            return next(s["value"] for s in metrics[name] if s["labels"] == labels and s.get("suffix") in (None, "_count"))
        assert value("meridian_probe_results_total", monitor="web", result="pass", reason="none") >= RISE
        assert value("meridian_probe_results_total", monitor="web", result="fail", reason="refused") >= FALL
        assert value("meridian_endpoint_state", pool="eu", endpoint="good", state="up") == 1
        assert value("meridian_endpoint_state", pool="eu", endpoint="dead", state="up") == 0
        assert value("meridian_pool_state", pool="eu", state="degraded") == 1
        assert value("meridian_tls_cert_not_after_timestamp_seconds", pool="eu", endpoint="good") > time.time()
        assert value("meridian_probe_duration_seconds", phase="tls") >= RISE
        assert value("meridian_config_revision", daemon="healthcheck") == 1
