"""What the checker tells: metrics, series, checks on demand over HTTP, the age of databases, and how all of it costs no check its time."""
import calendar
import json
import os
import re
import socket
import time

import pytest

from backends import Backend, tls_context
from clock import Clock
from harness import Instance, ROOT, certificates, free_port, patient, wait_for
from receivers import Hook
from test_api import Client
from test_health import document, state_of

TCP = {"name": "t", "type": "tcp", "interval_ms": 300, "timeout_ms": 200, "recheck_ms": 100, "fall": 2, "rise": 1, "flap_half_life_s": 0}


def token(instance, role):
    out = instance.meridian("token", "add", f"for-{role}", "--role", role).stdout
    return re.search(r"mrd_\S+", out).group(0)


def turns(instance):
    metrics = {metric["name"]: metric["samples"] for metric in instance.ask("healthcheck", "stats", timeout_s=30)["metrics"]}
    samples = metrics["meridian_healthcheck_turn_seconds"]
    return next(sample["value"] for sample in samples if sample["suffix"] == "_count"), metrics


def test_a_scrape_of_thousands_of_endpoints_holds_no_check_up():
    count, port = 3000, free_port()
    backend = Backend("127.85.1.1", port)
    # Nothing listens at the others, and they are asked once an hour.
    rules = [dict(TCP, port=port), dict(TCP, name="rare", port=port, interval_ms=3600000, recheck_ms=3600000)]
    many = {f"e{n}": f"127.86.{n // 250}.{n % 250 + 1}" for n in range(count)}
    try:
        with Instance(document(rules, eu=("t", {"e": "127.85.1.1"}), far=("rare", many)), geo=False) as instance:
            instance.start("healthcheck")
            wait_for("all are known", lambda: instance.ask("healthcheck", "status")["endpoints"] == count + 1)
            wait_for("up", lambda: state_of(instance, "eu/e") == "up", 20)
            for verb in ("stats", "health"):
                before, metrics = turns(instance)
                assert len(metrics["meridian_endpoint_state"]) == 4 * (count + 1)
                reply = instance.ask("healthcheck", verb, timeout_s=30)
                assert verb == "stats" or len(reply["targets"]) == count + 1
                # In one piece it would be three or four turns of the loop.
                assert turns(instance)[0] - before >= 8, verb
    finally:
        backend.stop()


def test_a_question_about_one_pool_or_endpoint_is_answered_with_that_alone():
    port = free_port()
    backend = Backend("127.85.2.1", port)
    pools = {"eu": ("t", {"a": "127.85.2.1", "b": "127.85.2.2"}), "us": ("t", {"c": "127.85.2.1"})}
    try:
        with Instance(document([dict(TCP, port=port)], **pools), geo=False) as instance:
            instance.start("healthcheck")
            wait_for("all are checked", lambda: len(h := instance.health()) == 3 and all(t["last"] for t in h.values()))

            def ids(**args):
                return sorted(t["id"] for t in instance.ask("healthcheck", "health", args)["targets"])
            assert ids(pool="eu") == ["endpoint/eu/a", "endpoint/eu/b"]
            assert ids(id="endpoint/us/c") == ["endpoint/us/c"]
            assert ids(pool="none") == []
            assert "history" not in instance.ask("healthcheck", "health", {"history": False})["targets"][0]
    finally:
        backend.stop()


def test_the_last_fifty_results_are_kept_and_no_more():
    port = free_port()
    backend = Backend("127.85.3.1", port)
    try:
        with Instance(document([dict(TCP, port=port, interval_ms=100, timeout_ms=100)], eu=("t", {"e": "127.85.3.1"})), geo=False) as instance:
            instance.start("healthcheck")
            wait_for("sixty checks", lambda: backend.connections >= 60, 20)
            history = instance.health()["eu/e"]["history"]
            assert len(history) == 50 and [r["time"] for r in history] == sorted(r["time"] for r in history)
            assert all(r["ok"] and r["connect_ms"] > 0 and r["total_ms"] >= r["connect_ms"] for r in history)
    finally:
        backend.stop()


def test_metrics_of_checks_are_on_the_metrics_page_with_their_labels(tmp_path):
    folder, port, dead = str(tmp_path), free_port(), free_port()
    ca, certificate, key = certificates(folder)
    backend = Backend("127.85.4.1", port, context=tls_context(certificate, key))
    rules = {"name": "web", "type": "https", "port": port, "host": "www.example.com", "ca_file": ca, "interval_ms": 300, "timeout_ms": 250, "recheck_ms": 100}
    try:
        wanted = document([rules, dict(TCP, port=dead)], eu=("web", {"good": "127.85.4.1"}), us=("t", {"dead": "127.85.4.2"}))
        with Instance(wanted, geo=False) as instance:
            instance.start("geodns", "healthcheck", "web")
            instance.meridian("override", "pool/us", "drain", "--reason", "test", "--for", "1m")
            wait_for("verdicts", lambda: (state_of(instance, "eu/good"), state_of(instance, "us/dead")) == ("up", "down"))

            def page():
                return Client(instance).get("/metrics").data.decode()
            wait_for("the override is in", lambda: "meridian_override_active{" in page())
            text = page()
            for line in [
                    'meridian_endpoint_state{pool="eu",endpoint="good",state="up"} 1', 'meridian_endpoint_state{pool="eu",endpoint="good",state="down"} 0',
                    'meridian_endpoint_state{pool="us",endpoint="dead",state="down"} 1', 'meridian_pool_state{pool="eu",state="healthy"} 1',
                    'meridian_pool_state{pool="us",state="down"} 1', 'meridian_override_active{object="pool/us",action="drain"} 1',
                    'meridian_config_revision{daemon="healthcheck"} 2', "meridian_healthcheck_frozen 0", 'meridian_pool_serving{pool="us"} 0', "meridian_healthcheck_events_lost_total 0"]:
                assert line in text.splitlines(), line
            for pattern in [
                    r'^meridian_probe_results_total\{monitor="web",result="pass",reason="none"\} [1-9]',
                    r'^meridian_probe_results_total\{monitor="t",result="fail",reason="refused"\} [1-9]',
                    *(rf'^meridian_probe_duration_seconds_count\{{phase="{phase}"\}} [1-9]' for phase in ("connect", "tls", "first_byte", "total")),
                    r'^meridian_probe_duration_seconds_bucket\{phase="connect",le="0.0005"\} \d', r"^meridian_probe_lag_seconds_count [1-9]",
                    r'^meridian_probe_lag_seconds_bucket\{le="0.05"\} \d', r"^meridian_healthcheck_turn_seconds_count [1-9]",
                    r'^meridian_tls_cert_not_after_timestamp_seconds\{pool="eu",endpoint="good"\} 1\d{9}$',
                    r'^meridian_config_apply_seconds\{daemon="healthcheck"\} ', r"^meridian_probes_running \d", r"^meridian_probes_queued 0"]:
                assert re.search(pattern, text, re.MULTILINE), pattern
            told = [line.rsplit(" ", 1)[0] for line in text.splitlines() if not line.startswith("#")]
            assert len(told) == len(set(told)), "a sample is there twice"
            with open(os.path.join(ROOT, "docs", "metrics.md")) as file:
                documented = file.read()
            for name in set(re.findall(r"^(meridian_[a-z_]+?)(?:_bucket|_sum|_count)?[{ ]", text, re.MULTILINE)):
                assert f"# TYPE {name} " in text and f"# HELP {name} " in text and f"`{name}`" in documented, name
    finally:
        backend.stop()


def test_series_and_checks_on_demand_come_over_http(tmp_path):
    clock, port = Clock(tmp_path), free_port()
    backend = Backend("127.85.5.1", port)
    try:
        with Instance(document([dict(TCP, port=port)], eu=("t", {"e": "127.85.5.1"})), geo=False) as instance:
            viewer, operator = Client(instance, token(instance, "viewer")), Client(instance, token(instance, "operator"))
            instance.prefix = clock.prefix
            instance.start("healthcheck")
            instance.prefix = []
            instance.start("web")
            wait_for("up", lambda: state_of(instance, "eu/e") == "up")
            clock.step(7200)  # the minute before is over, and goes to the file
            url = "health/series?id=endpoint/eu/e&since=2020-01-01T00:00:00Z&until=2099-01-01T00:00:00Z&step="
            minutes = wait_for("the minute", lambda: (r := viewer.get(url + "minute").json) and r.get("points") and r, 12)
            assert (minutes["id"], minutes["step"]) == ("endpoint/eu/e", "minute")
            first = minutes["points"][0]
            assert first["time"].endswith(":00.000Z") and first["checks"] == first["passed"] >= 1 and first["mean_ms"] > 0
            hours = viewer.get(url + "hour").json
            assert hours["step"] == "hour" and hours["points"][0]["time"].endswith(":00:00.000Z")
            assert hours["points"][0]["checks"] >= first["checks"]
            assert viewer.get("health/series?id=endpoint/eu/e&step=minute&since=2099-01-01T00:00:00Z").json["points"] == []
            for query, words in [("id=endpoint/eu/none", "names no endpoint"), ("id=endpoint/eu/e&step=day", '"step" is neither'),
                                 ("id=endpoint/eu/e&since=yesterday", "is no time"), ("step=hour", "names no endpoint")]:
                answer = viewer.get("health/series?" + query)
                assert answer.status == 422 and words in answer.json["detail"], (query, answer.data)

            answer = operator.post("monitors/test", {"monitor": "t", "address": "127.85.5.1"})
            assert answer.status == 200 and answer.json["ok"] is True and answer.json["reason"] is None
            assert answer.json["phases_ms"]["connect"] > 0 and answer.json["phases_ms"]["tls"] is None and answer.json["phases_ms"]["total"] > 0
            answer = operator.post("monitors/test", {"monitor": {"type": "http"}, "address": "127.85.5.9", "port": port})
            assert answer.json["ok"] is False and answer.json["reason"] == f"connection refused to 127.85.5.9:{port}"
            for body, words in [({"monitor": "none", "address": "127.85.5.1"}, 'names no monitor: "none"'), ({"monitor": "t"}, 'address'),
                                ({"monitor": {"type": "tcp"}, "address": "127.85.5.1"}, 'needs a "port"'),
                                ({"monitor": "t", "address": "127.85.5.1", "port": 70000}, "1 to 65535")]:
                answer = operator.post("monitors/test", body)
                assert answer.status == 422 and words in answer.data.decode().replace('\\"', '"'), (body, answer.data)
            assert viewer.post("monitors/test", {"monitor": "t", "address": "127.85.5.1"}).status == 403
            assert len(instance.health()["eu/e"]["history"]) > 0 and instance.ask("healthcheck", "status")["targets"] == 1
    finally:
        backend.stop()


def test_a_certificate_is_told_with_its_names_issuer_and_days(tmp_path):
    folder, port = str(tmp_path), free_port()
    ca, certificate, key = certificates(folder, san="DNS:www.example.com,DNS:*.shop.example,IP:192.0.2.1", days=40)
    backend = Backend("127.85.6.1", port, context=tls_context(certificate, key))
    rules = {"name": "web", "type": "https", "port": port, "host": "www.example.com", "ca_file": ca, "interval_ms": 300, "timeout_ms": 250}
    try:
        with Instance(document([rules], eu=("web", {"e": "127.85.6.1"})), geo=False) as instance:
            instance.start("healthcheck", "web")
            wait_for("up", lambda: state_of(instance, "eu/e") == "up")
            cert = instance.health()["eu/e"]["cert"]
            assert cert["names"] == ["www.example.com", "*.shop.example", "192.0.2.1"]
            assert (cert["subject"], cert["issuer"]) == ("CN=test", "CN=test authority ca") and cert["days_left"] in (39, 40)
            told = Client(instance, token(instance, "viewer")).get("health?pool=eu").json["pools"][0]["endpoints"][0]["cert"]
            assert told == cert
            # A resumed session shows none: it is still known, and there is no event while it is well.
            wait_for("more checks", lambda: len(instance.health()["eu/e"]["history"]) >= 6)
            assert instance.health()["eu/e"]["cert"] == cert and not instance.events(kind="certificate")
    finally:
        backend.stop()


def test_how_long_a_failure_went_unseen_is_told_by_the_checkers_own_clock():
    port = free_port()
    backend = Backend("127.85.7.1", port)
    rules = dict(TCP, port=port, interval_ms=500, timeout_ms=300, recheck_ms=200, fall=3)
    try:
        with Instance(document([rules], eu=("t", {"e": "127.85.7.1"})), geo=False) as instance:
            instance.start("healthcheck")
            wait_for("up", lambda: state_of(instance, "eu/e") == "up")
            assert instance.health()["eu/e"]["down_after_ms"] is None
            backend.stop()
            wait_for("down", lambda: state_of(instance, "eu/e") == "down", 5)
            # The last pass, up to an interval, and two checks more that recheck_ms brings near.
            assert instance.health()["eu/e"]["down_after_ms"] >= 2 * 200
    finally:
        backend.stop()


def test_an_old_geo_database_is_told_once_and_alerted(tmp_path):
    hook, clock = Hook(), Clock(tmp_path)

    def start_checker(instance):
        instance.prefix = clock.prefix
        instance.start("healthcheck")
        instance.prefix = []
    alerts = [{"name": "ops", "type": "webhook", "url": f"http://127.0.0.1:{hook.port}/", "events": ["database"]}]
    try:
        with Instance({"meridian": 1, "alerts": alerts}) as instance:
            instance.start("geodns")
            start_checker(instance)
            built = instance.ask("geodns", "status")["places"]["country"]["built"]
            days = int((time.time() - calendar.timegm(time.strptime(built[:19], "%Y-%m-%dT%H:%M:%S"))) // 86400) + 50
            instance.apply({"meridian": 1, "safety": {"database_old_days": days + 10}})
            time.sleep(2.5)  # it has asked, and found nothing to tell
            assert not instance.events(kind="database")
            clock.step(50 * 86400)
            instance.apply({"meridian": 1, "safety": {"database_old_days": 45}})
            wait_for("it is told", lambda: instance.events(kind="database"), 10)
            event = instance.events(kind="database")[0]
            assert (event["object"], event["from"], event["to"], event["daemon"]) == ("database/country", "fresh", "old", "healthcheck")
            assert re.fullmatch(rf"the country database was built on {built[:10]}, ({days}|{days + 1}) days ago; 45 are allowed", event["reason"])
            wait_for("it is alerted", lambda: hook.got, 10)
            assert json.loads(hook.got[0][2])["summary"].startswith("database/country is old, was fresh: the country database was built on ")
            instance.stop("healthcheck")
            start_checker(instance)
            time.sleep(2.5)
            assert len(instance.events(kind="database")) == 1
            instance.apply({"meridian": 1, "safety": {"database_old_days": 0}})
            wait_for("it is well again", lambda: [e["to"] for e in instance.events(kind="database")] == ["old", "fresh"], 10)
    finally:
        hook.stop()


def test_clients_that_leave_and_endpoints_that_go_break_no_reply_about_thousands():
    port, count = free_port(), 2000
    rules = {"name": "t", "type": "tcp", "port": port, "interval_ms": 60000, "timeout_ms": 200}
    endpoints = {f"e{n}": f"127.83.{n // 250}.{n % 250 + 1}" for n in range(count)}
    with Instance(document([rules], eu=("t", endpoints)), geo=False) as instance:
        instance.start("healthcheck")
        wait_for("all are known", lambda: len(instance.health()) == count)

        def client(requests):
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(patient(30))
            connection.connect(instance.path("run", "healthcheck.sock"))
            connection.sendall(requests)
            return connection
        for n in range(25):
            with client(b'health {"history": true}\nstats\n') as leaving:
                if n % 5 == 0:
                    leaving.recv(100)
        # Three questions in one go, and half of the endpoints go while they are answered.
        with client(b'health {"history": true}\nstats\nhealth\n') as waiting:
            instance.apply(document([rules], eu=("t", dict(list(endpoints.items())[:count // 2]))))
            lines = waiting.makefile("rb")
            whole, stats, after = (json.loads(lines.readline()) for _ in range(3))
        ids = [target["id"] for target in whole["targets"]]
        assert count // 2 <= len(ids) <= count and len(set(ids)) == len(ids)
        assert next(m for m in stats["metrics"] if m["name"] == "meridian_endpoint_state")["samples"] and after["targets"]
        wait_for("half are left", lambda: len(instance.health()) == count // 2)
        assert instance.processes["healthcheck"].running()
