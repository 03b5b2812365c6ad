"""The live side of the API: the event stream, and what happens to it when the store or the daemons go."""
import json
import os
import shutil
import socket
import subprocess
import threading
import time

import pytest

import harness
from clock import Clock
from test_api import DOCUMENT, Client, log_in


class Stream:
    """A reader of events/stream in the background; events are (event, data, when)."""

    def __init__(self, client, last_id=None):
        self.events, self.ids = [], []
        self.socket = socket.create_connection(("127.0.0.1", client.port), timeout=harness.patient(30))
        head = f"GET /api/v1/events/stream HTTP/1.0\r\nHost: a\r\nAuthorization: Bearer {client.token}\r\n"
        if last_id:
            head += f"Last-Event-ID: {last_id}\r\n"
        self.socket.sendall((head + "\r\n").encode())
        self.file = self.socket.makefile("rb")
        assert b" 200 " in self.file.readline()
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()
        self.wait("hello")

    def read(self):
        name = None
        try:
            for line in self.file:
                key, _, value = line.decode().rstrip("\n").partition(": ")
                if key == "event":
                    name = value
                elif key == "id":
                    self.ids.append(value)
                elif key == "data":
                    self.events.append((name, json.loads(value), time.monotonic()))
        except (OSError, ValueError):
            pass  # closed by the test

    def wait(self, name, match=lambda data: True, timeout_s=5):
        try:
            return harness.wait_for(f"event {name}", lambda: next((e for e in list(self.events) if e[0] == name and match(e[1])), None), timeout_s)
        except AssertionError as failure:
            raise AssertionError(f"{failure}; heard {[(event, data) for event, data, _ in self.events]}") from None

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the server ended it
        self.thread.join(harness.patient(5))
        self.socket.close()


@pytest.fixture
def instance():
    with harness.Instance(DOCUMENT, geo=False) as running:
        yield running.start("web")


@pytest.fixture
def operator(instance):
    return Client(instance, token=log_in(instance).post("tokens", {"name": "t", "role": "operator"}).json["secret"])


def test_a_change_by_anybody_is_told_within_a_second(instance, operator):
    stream = Stream(operator)
    began = time.monotonic()
    instance.apply({"meridian": 1, "regions": [{"name": "cli", "places": ["EU"]}]})
    revision = instance.revision()
    _, _, when = stream.wait("revision", lambda data: data["revision"] == revision)
    assert when - began < harness.patient(1.5)
    _, event, _ = stream.wait("event", lambda data: data["object"] == f"revision/{revision}")
    assert event["kind"] == "config" and event["daemon"] == "web"
    listed = operator.get("events?kind=config").json["items"]
    assert listed[0]["object"] == f"revision/{revision}"
    stream.close()


def test_a_listener_that_comes_back_hears_what_it_missed(instance, operator):
    first = Stream(operator)
    operator.post("regions", {"name": "one", "places": ["EU"]})
    first.wait("revision")
    last = first.ids[-1]
    first.close()
    made = operator.post("regions", {"name": "two", "places": ["EU"]}).json["revision"]
    harness.wait_for("the revision is journalled", lambda: operator.get(f"events?object=revision/{made}").json["items"])
    second = Stream(operator, last_id=last)
    second.wait("revision", lambda data: data["revision"] == made)
    second.close()
    stranger = Stream(operator, last_id="1-1")
    stranger.wait("resync")
    stranger.close()


def test_streams_are_bounded(instance, operator):
    streams = [Stream(operator) for _ in range(64)]
    answer = operator.get("events/stream")
    assert answer.status == 503 and answer.getheader("Retry-After")
    assert operator.get("pools").status == 200
    for stream in streams:
        stream.close()


def test_a_term_signal_ends_it_though_streams_are_open(instance, operator):
    stream = Stream(operator)
    began = time.monotonic()
    assert instance.processes["web"].stop() == 0
    assert time.monotonic() - began < harness.patient(6)
    stream.close()


def test_health_goes_down_on_the_stream_and_in_the_answer(instance, operator):
    instance.apply({"meridian": 1, "monitors": [{"name": "web", "type": "tcp", "port": 1, "interval_ms": 500, "timeout_ms": 300, "fall": 2, "rise": 1,
                                                 "recheck_ms": 200}],
                    "pools": [{"name": "eu", "monitor": "web", "fallback": "us", "endpoints": [{"name": "eu1", "address": "127.0.0.1"}]}]})
    with socket.socket() as backend:
        backend.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        backend.bind(("127.0.0.1", 0))
        backend.listen(64)
        pool = operator.get("monitors/web")
        assert operator.call("PATCH", "monitors/web", {"port": backend.getsockname()[1]}, headers={"If-Match": pool.etag}).status == 200
        stream = Stream(operator)
        instance.start("healthcheck")
        stream.wait("status", lambda data: any(d["name"] == "healthcheck" and d["reachable"] for d in data["daemons"]))
        harness.wait_for("the pool is healthy", lambda: operator.get("health?pool=eu").json["pools"][0]["state"] == "healthy", 10)
    _, data, _ = stream.wait("health", lambda data: any(t["id"] == "endpoint/eu/eu1" and t["state"] == "down" for t in data["targets"]), 10)
    answer = operator.get("health?pool=eu").json
    endpoint = answer["pools"][0]["endpoints"][0]
    assert answer["fresh"] and answer["pools"][0]["state"] == "down" and endpoint["state"] == "down"
    assert "refused" in endpoint["reason"] and "refused" in answer["pools"][0]["reason"]
    assert not endpoint["effective"]["serving"]
    _, event, _ = stream.wait("event", lambda data: data["object"] == "endpoint/eu/eu1" and data["to"] == "down")
    assert "refused" in event["reason"]
    attention = operator.get("overview").json["attention"][0]
    assert attention["object"] == "pool/eu" and attention["severity"] == "critical"
    # The checker goes: the last verdicts hold, and it is said that they are old.
    instance.kill("healthcheck")
    harness.wait_for("it is noticed", lambda: operator.get("health").json["fresh"] is False)
    stale = operator.get("health?pool=eu").json
    assert stale["pools"][0]["endpoints"][0]["state"] == "unknown" and stale["problems"]
    assert not stale["pools"][0]["endpoints"][0]["effective"]["serving"]
    stream.wait("status", lambda data: any(d["name"] == "healthcheck" and not d["reachable"] for d in data["daemons"]))
    stream.close()


def test_a_store_that_is_gone_keeps_the_last_configuration_on_the_page(instance, operator):
    assert operator.get("pools/eu").status == 200
    hidden = instance.path("hidden")
    os.mkdir(hidden)
    files = [name for name in os.listdir(instance.dir) if name.startswith("config.db")]
    for name in files:
        os.rename(instance.path(name), os.path.join(hidden, name))
    os.mkdir(instance.path("config.db"))  # nothing can be created in its place
    harness.wait_for("it is noticed", lambda: operator.get("/readyz").status == 503)
    assert operator.get("pools/eu").status == 200
    status = operator.get("status").json["daemons"][3]["status"]
    assert status["config"]["state"] == "stale" and status["problems"]
    os.rmdir(instance.path("config.db"))
    for name in files:
        os.rename(os.path.join(hidden, name), instance.path(name))
    harness.wait_for("it is ready again", lambda: operator.get("/readyz").status == 200)
    assert operator.post("regions", {"name": "after", "places": ["EU"]}).status == 201
    assert instance.export()["regions"][-1]["name"] == "after"
    shutil.rmtree(hidden, ignore_errors=True)


def test_a_full_disk_refuses_the_write_and_nothing_else(instance):
    """The instance's folder on a tmpfs of its own, in a mount namespace that a sleeping process holds."""
    instance.stop("web")
    script = ('set -e; cp -a "$0" /tmp/"$1"; mount -t tmpfs -o size=3m tmpfs "$0"; cp -a /tmp/"$1"/. "$0"; rm -r /tmp/"$1"; echo ready; '
              f'exec sleep {harness.patient(120):.0f}')
    holder = subprocess.Popen(["unshare", "-rm", "sh", "-c", script, instance.dir, os.path.basename(instance.dir) + "-copy"],
                              stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "ready\n"
        instance.prefix = ["nsenter", "-t", str(holder.pid), "-U", "-m", "--preserve-credentials", "--"]
        inside = f"/proc/{holder.pid}/root{instance.dir}"
        instance.processes["web"] = harness.Process([os.path.join(harness.BIN, "meridian-web"), "--dir", instance.dir],
                                                    instance.path("web.log"), instance.prefix)
        harness.wait_for("it answers", lambda: instance.processes["web"].output().count("serving") == 2)
        client = log_in(instance)
        assert client.post("regions", {"name": "before", "places": ["EU"]}).status == 201
        with open(os.path.join(inside, "filler"), "wb") as filler:
            with pytest.raises(OSError):
                while True:
                    filler.write(b"x" * 65536)
                    filler.flush()
        answer = client.post("pools", {"name": "full", "endpoints": [{"name": f"e{i}", "address": f"192.0.2.{i}"} for i in range(200)]})
        assert answer.status in (503, 507) and answer.json["detail"], answer.data
        assert client.get("regions/before").status == 200 and client.get("pools/full").status == 404
        assert client.get("overview").status == 200
        os.remove(os.path.join(inside, "filler"))
        assert client.post("regions", {"name": "after", "places": ["EU"]}).status == 201
    finally:
        instance.stop("web")
        holder.terminate()
        holder.wait()


@pytest.mark.parametrize("step_s", [-3600, 3600])
def test_a_clock_that_steps_an_hour_silences_no_event_and_repeats_none(tmp_path, step_s):
    clock = Clock(tmp_path)
    with harness.Instance(DOCUMENT, geo=False, prefix=clock.prefix) as running:
        running.start("web")
        operator = Client(running, token=log_in(running).post("tokens", {"name": "t", "role": "operator"}).json["secret"])
        stream, made = Stream(operator), []
        for name in ("before", "after", "again"):
            made.append(operator.post("regions", {"name": name, "places": ["EU"]}).json["revision"])
            stream.wait("event", lambda data: data["object"] == f"revision/{made[-1]}")
            clock.step(step_s)
            time.sleep(0.5)
        heard = [data["object"] for event, data, _ in stream.events if event == "event" and data["kind"] == "config"]
        assert heard == [f"revision/{number}" for number in made]
        stream.close()
