"""Alerts: signed, folded, retried, mailed; and nobody who is dead delays a check or another receiver."""
import contextlib
import hashlib
import hmac
import json
import os
import re
import sqlite3
import time

import pytest

from backends import Backend, hang, tls_context
from clock import Clock
from harness import Instance, certificates, free_port, wait_for
from receivers import Hook, Mailbox
from test_health import document, state_of
from test_health_faults import FULL_DISK

TCP = {"name": "t", "type": "tcp", "interval_ms": 300, "timeout_ms": 200, "recheck_ms": 100, "fall": 2, "rise": 1, "flap_half_life_s": 0}


def test_a_change_reaches_webhook_and_mail_signed_and_retried_with_the_same_id(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("s3cret\n")
    port, hook, box, dead_port = free_port(), Hook(500), Mailbox(), free_port()
    backend, dead = Backend("127.83.1.1", port), Backend("127.0.0.1", dead_port, behaviour=hang)
    alerts = [{"name": "ops", "type": "webhook", "url": f"http://127.0.0.1:{hook.port}/x", "secret_file": str(secret), "events": ["endpoint"]},
              {"name": "dead", "type": "webhook", "url": f"http://127.0.0.1:{dead_port}/", "events": ["endpoint"]},
              {"name": "mail", "type": "email", "to": "ops@example.com", "from": "meridian@example.com", "smtp": f"smtp://127.0.0.1:{box.port}",
               "events": ["endpoint", "pool"]}]
    try:
        with Instance({**document([dict(TCP, port=port)], eu=("t", {"e": "127.83.1.1"})), "alerts": alerts}, geo=False) as instance:
            instance.start("healthcheck")
            wait_for("up", lambda: state_of(instance, "eu/e") == "up")
            wait_for("told of the begin", lambda: len(hook.got) >= 2 and box.mails, 10)
            (first, headers, body), (second, again, same) = hook.got[:2]
            assert headers["X-Meridian-Id"] == again["X-Meridian-Id"] == json.loads(body)["id"] and second - first >= 1
            assert same == body and int(again["X-Meridian-Timestamp"]) >= int(headers["X-Meridian-Timestamp"]) + 1
            for said in (headers, again):
                signed = hmac.new(b"s3cret", said["X-Meridian-Timestamp"].encode() + b"." + body, hashlib.sha256).hexdigest()
                assert said["X-Meridian-Signature"] == f"sha256={signed}"
            hook.got.clear(), box.mails.clear()
            backend.stop()
            wait_for("down", lambda: state_of(instance, "eu/e") == "down", 3)
            wait_for("told", lambda: hook.got and box.mails, 10)
            message = json.loads(hook.got[0][2])
            assert message["count"] == 1 and message["site"] == "test"
            assert message["summary"] == f"endpoint/eu/e is down, was up: connection refused to 127.83.1.1:{port}"
            assert message["events"][0]["to"] == "down"
            envelope, mail = box.mails[0]
            assert any("meridian@example.com" in line and line.upper().startswith("MAIL FROM") for line in envelope)
            assert f"Subject: [meridian test] endpoint/eu/e is down, was up: connection refused to 127.83.1.1:{port}, and 1 more" in mail
            assert "pool/eu is down, was healthy" in mail
            status = instance.ask("healthcheck", "status")
            told = {alert["name"]: alert for alert in status["alerts"]}
            assert (told["ops"]["sent"], told["ops"]["failed"], told["ops"]["error"]) == (2, 1, None)
            assert told["dead"]["sent"] == 0
            wait_for("the dead one is named", lambda: any("alert dead is not delivered" in p for p in instance.ask("healthcheck", "status")["problems"]), 12)
            assert status["worst_lag_ms"] < 200
    finally:
        backend.stop(), dead.stop(), hook.stop(), box.stop()


def test_an_alert_is_told_of_prefixes_pools_and_certificates_by_kind(tmp_path):
    """Each kind to a receiver of its own: the checker tells of what other daemons write, too."""
    folder, port = str(tmp_path), free_port()
    ca, certificate, key = certificates(folder, days=5)
    backend = Backend("127.83.3.1", port, context=tls_context(certificate, key))
    hooks = {kind: Hook() for kind in ("prefix", "pool", "certificate", "endpoint")}
    rules = {"name": "web", "type": "https", "port": port, "host": "www.example.com", "ca_file": ca, "interval_ms": 300, "timeout_ms": 250, "recheck_ms": 100}
    wanted = {**document([rules], eu=("web", {"e": "127.83.3.1"})), "sites": [{"name": "test", "lat": 50.0, "lon": 8.0}],
              "prefixes": [{"prefix": "192.0.2.0/24", "address": "127.0.0.53", "sites": ["test"], "needs": {}}],
              "alerts": [{"name": kind, "type": "webhook", "url": f"http://127.0.0.1:{hook.port}/", "events": [kind]} for kind, hook in hooks.items()]}
    try:
        with Instance(wanted, geo=False) as instance:
            instance.start("healthcheck", "bgpctl")  # without a BIRD and a responder the controller has something to tell
            for kind, hook in hooks.items():
                wait_for(f"the alert of a {kind}", lambda waited=hook: waited.got, 20)
            told = {kind: json.loads(hook.got[0][2])["events"] for kind, hook in hooks.items()}
            assert all(event["kind"] == kind for kind, events in told.items() for event in events)
            assert told["prefix"][0]["object"] == "prefix/192.0.2.0/24" and told["prefix"][0]["daemon"] == "bgpctl"
            assert (told["pool"][0]["object"], told["pool"][0]["to"]) == ("pool/eu", "healthy")
            assert (told["certificate"][0]["to"], told["certificate"][0]["object"]) == ("expiring", "endpoint/eu/e")
            assert (told["endpoint"][0]["object"], told["endpoint"][0]["to"]) == ("endpoint/eu/e", "up")
    finally:
        backend.stop()
        for hook in hooks.values():
            hook.stop()


def test_each_way_not_to_be_told_has_its_reason_and_ends_when_it_is_mended(tmp_path):
    port, closed, secret, empty = free_port(), free_port(), tmp_path / "secret", tmp_path / "empty"
    hooks = {"busy": Hook(503, 503), "moved": Hook(301, 301), "unsigned": Hook(), "blank": Hook()}
    boxes = {"mail": Mailbox(refusals=2), "full": Mailbox(unkept=2)}
    backend = Backend("127.83.4.1", port)
    empty.write_text("\n")
    urls = {name: f"http://127.0.0.1:{hook.port}/" for name, hook in hooks.items()}
    alerts = [{"name": name, "type": "webhook", "url": url, "events": ["endpoint"]} for name, url in {**urls, "closed": f"http://127.0.0.1:{closed}/"}.items()]
    for alert, file in ((alerts[2], secret), (alerts[3], empty)):
        alert["secret_file"] = str(file)
    alerts += [{"name": name, "type": "email", "to": "ops@example.com", "smtp": f"smtp://127.0.0.1:{at}", "events": ["endpoint"]}
               for name, at in (("mail", boxes["mail"].port), ("nomail", closed), ("full", boxes["full"].port))]
    reasons = {"busy": "the webhook answers status 503, wanted 200-299", "moved": "the webhook answers status 301, wanted 200-299",
               "unsigned": f"the secret file {secret} cannot be read: No such file or directory",
               "blank": f"the first line of the secret file {empty} is empty", "closed": f"the webhook: Failed to connect to 127.0.0.1 port {closed}",
               "mail": "the mail server: RCPT failed: 550", "full": "the mail server: Weird server reply", "nomail": f"the mail server: Failed to connect to 127.0.0.1 port {closed}"}
    try:
        with Instance({**document([dict(TCP, port=port)], eu=("t", {"e": "127.83.4.1"})), "alerts": alerts}, geo=False) as instance:
            instance.start("healthcheck")

            def errors():
                return {alert["name"]: alert["error"] for alert in instance.ask("healthcheck", "status")["alerts"]}
            seen = wait_for("all have failed", lambda: (e := errors()) and all(e.values()) and e, 10)
            for name, reason in reasons.items():
                assert seen[name].startswith(reason), name
                assert f"alert {name} is not delivered, it is tried again: {seen[name]}" in instance.ask("healthcheck", "status")["problems"]
            for file in (secret, empty):
                file.write_text("s3cret\n")
            hooks["closed"], boxes["nomail"] = Hook(), Mailbox()
            instance.apply({"meridian": 1, "alerts": [dict(alerts[4], url=f"http://127.0.0.1:{hooks['closed'].port}/"),
                                                      dict(alerts[6], smtp=f"smtp://127.0.0.1:{boxes['nomail'].port}")]})
            wait_for("all are well", lambda: not any(errors().values()), 15)
            assert instance.ask("healthcheck", "status")["problems"] == []
            backend.stop()
            for name, receiver in {**hooks, **boxes}.items():
                wait_for(f"{name} is told", lambda told=receiver: (told.mails if isinstance(told, Mailbox) else told.got[-1:]), 10)
            ids = {re.search("^Message-ID: <.+@test>\r$", mail, re.MULTILINE).group(0) for mail in (*boxes["full"].refused, boxes["full"].mails[0][1])}
            assert len(ids) == 1 and len(boxes["full"].refused) == 2
            assert len({json.loads(body)["id"] for _, _, body in hooks["busy"].got[:3]}) == 1
    finally:
        backend.stop()
        for receiver in (*hooks.values(), *boxes.values()):
            receiver.stop()


def test_a_clock_that_is_set_back_an_hour_silences_no_alert(tmp_path):
    clock, port, hook = Clock(tmp_path), free_port(), Hook()
    backend = Backend("127.83.5.1", port)
    alerts = [{"name": "ops", "type": "webhook", "url": f"http://127.0.0.1:{hook.port}/", "events": ["endpoint"]}]
    try:
        with Instance({**document([dict(TCP, port=port)], eu=("t", {"e": "127.83.5.1"})), "alerts": alerts}, geo=False, prefix=clock.prefix) as instance:
            instance.start("healthcheck")
            wait_for("told of the begin", lambda: hook.got, 10)
            for step_s in (-3600, 3600, 0):
                hook.got.clear()
                clock.step(step_s)
                time.sleep(0.6)
                (backend.stop if backend.listener else backend.start)()
                wait_for(f"told after a step to {step_s}", lambda: hook.got, 10)
                assert len(json.loads(hook.got[0][2])["events"]) == 1
    finally:
        backend.stop(), hook.stop()


def test_a_message_that_is_refused_for_an_hour_keeps_the_next_from_nobody(tmp_path):
    """503 is no refusal of the message: that one is kept."""
    clock, port, busy = Clock(tmp_path), free_port(), Hook(*[503] * 4)
    refusing, box = Hook(*[413] * 4), Mailbox(refusals=4)
    backend = Backend("127.83.8.1", port)
    alerts = [{"name": name, "type": "webhook", "url": f"http://127.0.0.1:{hook.port}/", "events": ["endpoint"]} for name, hook in (("busy", busy), ("refusing", refusing))]
    alerts.append({"name": "mail", "type": "email", "to": "ops@example.com", "smtp": f"smtp://127.0.0.1:{box.port}", "events": ["endpoint"]})
    try:
        with Instance({**document([dict(TCP, port=port)], eu=("t", {"e": "127.83.8.1"})), "alerts": alerts}, geo=False, prefix=clock.prefix) as instance:
            def tried():
                return {alert["name"]: alert for alert in instance.ask("healthcheck", "status")["alerts"]}
            instance.start("healthcheck")
            wait_for("three are refused", lambda: len(t := tried()) == 3 and all(alert["failed"] >= 3 for alert in t.values()), 20)
            clock.leap(3700)
            wait_for("two are given up", lambda: (t := tried())["refusing"]["given_up"] == t["mail"]["given_up"] == 1, 20)
            backend.stop()
            wait_for("all are told", lambda: (t := tried()) and all(alert["sent"] >= 1 and alert["error"] is None for alert in t.values()), 20)

            def told(body):
                return [event["to"] for event in json.loads(body)["events"]]
            assert wait_for("the next is told", lambda: [told(body) for _, _, body in refusing.got if told(body)[-1] == "down"], 10)[-1] == ["down"]
            assert told(busy.got[4][2])[0] == "up" and tried()["busy"]["given_up"] == 0
            assert "endpoint/eu/e" in box.mails[0][1] and "down" in box.mails[0][1] and len(box.mails) == 1
    finally:
        backend.stop()
        for receiver in (busy, refusing, box):
            receiver.stop()


def write_event(instance, daemon, kind, name, age_s=0.0):
    """As another daemon does it, or one of a time when the checker did not run."""
    with contextlib.closing(sqlite3.connect(instance.path("events", f"{daemon}.db"))) as journal:
        journal.execute('INSERT INTO event(id, time, kind, object, "to") VALUES (?, ?, ?, ?, ?)',
                        (int(time.time() * 1e6), int((time.time() - age_s) * 1000), kind, name, "down"))
        journal.commit()


def test_what_was_not_sent_before_a_kill_is_sent_after_it_and_nothing_twice():
    port, dead, good, moved = free_port(), Hook(*[503] * 1000), Hook(), Hook()
    backend = Backend("127.83.7.1", port)

    def alert(name, hook, *kinds):
        return {"name": name, "type": "webhook", "url": f"http://127.0.0.1:{hook.port}/", "events": list(kinds)}

    def objects(hook):
        return [(event["object"], event["to"]) for _, _, body in hook.got for event in json.loads(body)["events"]]
    wanted = {**document([dict(TCP, port=port)], eu=("t", {"e": "127.83.7.1"})),
              "alerts": [alert("good", good, "endpoint", "prefix"), alert("dead", dead, "endpoint"), alert("gone", dead, "prefix")]}
    try:
        with Instance(wanted, geo=False) as instance:
            instance.start("healthcheck")
            wait_for("told of the begin", lambda: good.got and dead.got, 10)
            time.sleep(1)
            backend.stop()
            wait_for("down", lambda: instance.events(kind="endpoint", to="down"))
            instance.kill("healthcheck")  # before the message of it is made
            instance.stop("healthcheck")
            write_event(instance, "healthcheck", "prefix", "prefix/192.0.2.0/24", age_s=60)
            write_event(instance, "healthcheck", "prefix", "prefix/198.51.100.0/24", age_s=2 * 3600)
            instance.apply({"meridian": 1, "alerts": [alert("dead", moved, "endpoint")]})
            instance.start("healthcheck")
            wait_for("told of what was missed", lambda: len(good.got) >= 2 and moved.got, 10)
            time.sleep(3)
            assert objects(good) == [("endpoint/eu/e", "up"), ("endpoint/eu/e", "down"), ("prefix/192.0.2.0/24", "down")]
            assert objects(moved) == [("endpoint/eu/e", "up"), ("endpoint/eu/e", "down")] and len(moved.got) == 1
            # A receiver that was taken out begins anew.
            assert os.path.exists(instance.path("events", "alert-gone.position"))
            kept = [each for each in instance.export()["alerts"] if each["name"] != "gone"]
            instance.apply({**instance.export(), "alerts": kept}, "--prune")
            wait_for("it is gone", lambda: not os.path.exists(instance.path("events", "alert-gone.position")))
            instance.apply({"meridian": 1, "alerts": [alert("gone", moved, "prefix")]})
            time.sleep(1.5)
            write_event(instance, "healthcheck", "prefix", "prefix/203.0.113.0/24")
            wait_for("told anew", lambda: len(moved.got) == 2, 10)
            assert objects(moved)[2:] == [("prefix/203.0.113.0/24", "down")]
    finally:
        backend.stop()
        for hook in (dead, good, moved):
            hook.stop()


def test_a_full_disk_silences_no_alert():
    port, hook = free_port(), Hook()
    backend = Backend("127.83.6.1", port)
    alerts = [{"name": "ops", "type": "webhook", "url": f"http://127.0.0.1:{hook.port}/", "events": ["endpoint"]}]
    try:
        with Instance({**document([dict(TCP, port=port)], eu=("t", {"e": "127.83.6.1"})), "alerts": alerts}, geo=False) as instance:
            instance.prefix = FULL_DISK
            instance.start("healthcheck")
            instance.prefix = []
            wait_for("told of the begin", lambda: hook.got, 10)
            backend.stop()
            wait_for("told of the end", lambda: len(hook.got) == 2, 10)
            event = json.loads(hook.got[1][2])["events"][0]
            assert (event["id"], event["daemon"], event["object"], event["from"], event["to"]) == (None, "healthcheck", "endpoint/eu/e", "up", "down")
            assert event["reason"] == f"connection refused to 127.83.6.1:{port}" and event["time"].endswith("Z")
    finally:
        backend.stop(), hook.stop()


@pytest.mark.parametrize("interval_ms", [300, 5000])
def test_a_storm_is_one_message(interval_ms):
    """One that takes as long as it takes to check all of them, too."""
    port, hook = free_port(), Hook()
    backends = [Backend(f"127.83.2.{n}", port) for n in range(1, 71)]
    alerts = [{"name": "ops", "type": "webhook", "url": f"http://127.0.0.1:{hook.port}/", "events": ["endpoint"]}]
    endpoints = {f"e{n}": backend.address for n, backend in enumerate(backends)}
    try:
        with Instance({**document([dict(TCP, port=port, interval_ms=interval_ms)], eu=("t", endpoints)), "alerts": alerts}, geo=False) as instance:
            instance.start("healthcheck")
            wait_for("all up", lambda: (h := instance.health()) and all(t["state"] == "up" for t in h.values()))
            wait_for("told of the begin", lambda: hook.got, 12)
            time.sleep(0.5)
            hook.got.clear()
            for backend in backends:
                backend.stop()
            wait_for("told of the end", lambda: hook.got, 12)
            time.sleep(3)
            message = json.loads(hook.got[0][2])
            assert len(hook.got) == 1 and message["count"] == 70 and len(message["events"]) == 50
            assert message["summary"].endswith(", and 69 more")
    finally:
        for backend in backends:
            backend.stop()
        hook.stop()
