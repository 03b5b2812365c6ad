"""Alerts: signed, folded, retried, mailed; and nobody who is dead delays a check or another receiver."""
import hashlib
import hmac
import http.server
import json
import socket
import threading
import time

from backends import Backend, hang, tls_context
from harness import Instance, certificates, free_port, wait_for
from test_health import document, state_of

TCP = {"name": "t", "type": "tcp", "interval_ms": 300, "timeout_ms": 200, "recheck_ms": 100, "fall": 2, "rise": 1, "flap_half_life_s": 0}


class Hook:
    """A webhook's receiver that keeps what comes, and answers with the statuses it was given before 204."""

    def __init__(self, *statuses):
        self.port, self.got, answers = free_port(), [], list(statuses)
        got = self.got

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                got.append((time.monotonic(), dict(self.headers), body))
                self.send_response(answers.pop(0) if answers else 204)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Mailbox:
    """An SMTP server that keeps each mail as text."""

    def __init__(self):
        self.port, self.mails = free_port(), []
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.serve, daemon=True).start()

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client, client.makefile("rb") as lines:
                client.sendall(b"220 mail.test\r\n")
                envelope = []
                for line in lines:
                    envelope.append(line.decode().strip())
                    if line.upper().startswith(b"DATA"):
                        client.sendall(b"354 go on\r\n")
                        mail = []
                        for text in lines:
                            if text == b".\r\n":
                                break
                            mail.append(text.decode())
                        self.mails.append((envelope, "".join(mail)))
                        client.sendall(b"250 kept\r\n")
                    elif line.upper().startswith(b"QUIT"):
                        client.sendall(b"221 bye\r\n")
                        break
                    else:
                        client.sendall(b"250 ok\r\n")


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
            (first, headers, body), (second, again, _) = hook.got[:2]
            assert headers["X-Meridian-Id"] == again["X-Meridian-Id"] == json.loads(body)["id"] and second - first >= 1
            signed = hmac.new(b"s3cret", headers["X-Meridian-Timestamp"].encode() + b"." + body, hashlib.sha256).hexdigest()
            assert headers["X-Meridian-Signature"] == f"sha256={signed}"
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


def test_a_storm_is_one_message(tmp_path):
    port, hook = free_port(), Hook()
    backends = [Backend(f"127.83.2.{n}", port) for n in range(1, 71)]
    alerts = [{"name": "ops", "type": "webhook", "url": f"http://127.0.0.1:{hook.port}/", "events": ["endpoint"]}]
    endpoints = {f"e{n}": backend.address for n, backend in enumerate(backends)}
    try:
        with Instance({**document([dict(TCP, port=port)], eu=("t", endpoints)), "alerts": alerts}, geo=False) as instance:
            instance.start("healthcheck")
            wait_for("all up", lambda: (h := instance.health()) and all(t["state"] == "up" for t in h.values()))
            wait_for("told of the begin", lambda: hook.got, 6)
            time.sleep(0.5)
            hook.got.clear()
            for backend in backends:
                backend.stop()
            wait_for("told of the end", lambda: hook.got, 8)
            time.sleep(3)
            message = json.loads(hook.got[0][2])
            assert len(hook.got) == 1 and message["count"] == 70 and len(message["events"]) == 50
            assert message["summary"].endswith(", and 69 more")
    finally:
        for backend in backends:
            backend.stop()
        hook.stop()
