"""The health checker when it is not the target that is at fault: no way out, a clock that steps, a full disk, flaps, masses."""
import contextlib
import json
import subprocess
import threading
import time
import urllib.request

import pytest

from backends import Backend
from clock import Clock
from harness import Instance, Process, free_port, patient, wait_for
from receivers import Hook
from test_health import document, state_of

TCP = {"name": "t", "type": "tcp", "interval_ms": 300, "timeout_ms": 200, "recheck_ms": 100, "fall": 3, "rise": 2}

# Listens on all addresses of its namespace and says goodbye to whoever comes.
LISTENER = """
import socket, sys
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("", int(sys.argv[1])))
server.listen(4096)
while True:
    server.accept()[0].close()
"""


class Uplink:
    """A namespace of the checker's, a router's behind a veth with the targets on it, and the default route between them. Targets in
    10.9.0.0/24 are on the link, others behind the router."""

    def __init__(self, targets):
        self.targets, self.holders = targets, []

    def __enter__(self):
        self.prefix = self._hold(["unshare", "-rn"])
        self.router = self._hold([*self.prefix, "unshare", "-n"])
        for line in ("link set lo up", f"link add up0 type veth peer name down0 netns {self.holders[1].pid}", "addr add 10.9.0.1/24 dev up0"):
            self.ip(line)
        for line in ("link set lo up", "addr add 10.9.0.2/24 dev down0", "link set down0 up", *(f"addr add {self.held(at)}" for at in self.targets)):
            self.ip(line, self.router)
        self.connect()
        return self

    def __exit__(self, *what):
        for holder in reversed(self.holders):
            holder.kill()
            holder.wait()
            holder.stdout.close()

    def _hold(self, command):
        holder = subprocess.Popen([*command, "sh", "-c", "echo ready; exec sleep 600"], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.holders.append(holder)
        assert holder.stdout.readline() == b"ready\n", "cannot make a network namespace"
        return ["nsenter", "-t", str(holder.pid), "-U", "-n", "--preserve-credentials", "--"]

    def ip(self, line, prefix=None):
        subprocess.run([*(prefix or self.prefix), "ip", *line.split()], check=True, capture_output=True)

    @staticmethod
    def held(at):
        return f"{at}/32 dev {'down0' if at.startswith('10.9.0.') else 'lo'}"

    def remove(self, at):
        """The target is gone: what is sent there gets no answer, or that it cannot be reached."""
        self.ip(f"addr del {self.held(at)}", self.router)
        if not at.startswith("10.9.0."):
            self.ip(f"route add blackhole {at}/32", self.router)

    def connect(self):
        self.ip("link set up0 up")
        self.ip("route replace default via 10.9.0.2")

    def disconnect(self):
        self.ip("link set up0 down")

    def lose_way_back(self):
        """Nothing is refused here: what is sent gets no answer."""
        self.ip("addr del 10.9.0.2/24 dev down0", self.router)

    def find_way_back(self):
        self.ip("addr add 10.9.0.2/24 dev down0", self.router)

    def silence_gateway(self):
        """The gateway passes on what goes beyond it, but says nothing of its own."""
        link = json.loads(subprocess.run([*self.router, "ip", "-j", "link", "show", "down0"], check=True, capture_output=True).stdout)
        self.ip(f"neigh replace 10.9.0.2 lladdr {link[0]['address']} dev up0 nud permanent")
        self.lose_way_back()
        self.ip("route add 10.9.0.1/32 dev down0", self.router)


def states(instance):
    return {target["state"] for target in instance.health().values()}


def test_a_checker_without_a_way_out_blames_no_target_and_one_with_it_does(tmp_path):
    targets, port = [f"10.99.0.{n}" for n in range(1, 7)], 7001
    with Uplink(targets) as uplink:
        listener = Process(["/usr/bin/python3", "-c", LISTENER, str(port)], str(tmp_path / "listener.log"), uplink.router)
        try:
            rules = dict(TCP, port=port)
            with Instance(document([rules], eu=("t", {f"e{n}": at for n, at in enumerate(targets)})), geo=False, prefix=uplink.prefix) as instance:
                def doubt():
                    return instance.ask("healthcheck", "status")["doubt"]
                instance.start("healthcheck")
                wait_for("all up", lambda: len(instance.health()) == 6 and states(instance) == {"up"})
                wait_for("the gateway is known", lambda: doubt()["gateway"] == "10.9.0.2" and doubt()["gateway_answers"])
                uplink.disconnect()
                frozen = wait_for("the doubt", lambda: (s := instance.ask("healthcheck", "status"))["doubt"]["state"] == "frozen" and s, 5)
                assert any("10.9.0.2 does not answer: verdicts are frozen" in problem for problem in frozen["problems"])
                time.sleep(2)
                assert states(instance) == {"up"}
                assert all(target["last"]["ok"] is False for target in instance.health().values())
                uplink.connect()
                wait_for("trust again", lambda: doubt()["state"] == "sure", 5)
                time.sleep(1)
                assert states(instance) == {"up"}
                assert not instance.events(kind="endpoint", to="down") and instance.ask("healthcheck", "status")["problems"] == []
                told = [(event["from"], event["to"]) for event in instance.events(kind="daemon", object="daemon/healthcheck")]
                assert told == [("sure", "frozen"), ("frozen", "sure")]
                # All of them die at once, but the gateway lives: that is theirs, and in time.
                listener.stop()
                stopped = time.monotonic()
                wait_for("all down", lambda: states(instance) == {"down"}, 5)
                assert time.monotonic() - stopped <= 3 * 0.3 + 0.2 + 0.15
        finally:
            listener.stop()


BEHIND, ON_LINK = [f"10.99.0.{n}" for n in range(1, 7)], [f"10.9.0.{n}" for n in range(11, 17)]


@pytest.mark.parametrize("targets, breaks, mends", [(BEHIND, "disconnect", "connect"), (BEHIND, "lose_way_back", "find_way_back"), (ON_LINK, "disconnect", "connect")])
def test_who_is_checked_first_is_not_blamed_for_what_is_ours(tmp_path, targets, breaks, mends):
    """Three rechecks of one target fit many times between two checks of the others."""
    port = 7001
    with Uplink(targets) as uplink:
        listener = Process(["/usr/bin/python3", "-c", LISTENER, str(port)], str(tmp_path / "listener.log"), uplink.router)
        try:
            rules = dict(TCP, port=port, interval_ms=4000)
            with Instance(document([rules], eu=("t", {f"e{n}": at for n, at in enumerate(targets)})), geo=False, prefix=uplink.prefix) as instance:
                def doubt():
                    return instance.ask("healthcheck", "status")["doubt"]
                instance.start("healthcheck")
                wait_for("all up", lambda: len(instance.health()) == 6 and states(instance) == {"up"})
                wait_for("the gateway is known", lambda: doubt()["gateway_answers"])
                getattr(uplink, breaks)()
                wait_for("all failed", lambda: all(target["last"]["ok"] is False for target in instance.health().values()), 8)
                assert doubt()["state"] == "frozen"
                getattr(uplink, mends)()
                wait_for("trust again", lambda: doubt()["state"] == "sure", 8)
                wait_for("all passed", lambda: all(target["last"]["ok"] for target in instance.health().values()), 8)
                assert states(instance) == {"up"} and not instance.events(kind="endpoint", to="down")
        finally:
            listener.stop()


@pytest.mark.parametrize("targets", [BEHIND, ON_LINK])
def test_a_gateway_that_falls_silent_holds_nothing_back_while_others_that_lie_there_pass(tmp_path, targets):
    port = 7001
    with Uplink(targets) as uplink:
        listener = Process(["/usr/bin/python3", "-c", LISTENER, str(port)], str(tmp_path / "listener.log"), uplink.router)
        try:
            with Instance(document([dict(TCP, port=port)], eu=("t", {f"e{n}": at for n, at in enumerate(targets)})), geo=False, prefix=uplink.prefix) as instance:
                def doubt():
                    return instance.ask("healthcheck", "status")["doubt"]
                instance.start("healthcheck")
                wait_for("all up", lambda: len(instance.health()) == 6 and states(instance) == {"up"})
                wait_for("the gateway is known", lambda: doubt()["gateway_answers"])
                uplink.silence_gateway()
                time.sleep(1)
                assert states(instance) == {"up"}
                uplink.remove(targets[0])
                wait_for("one down", lambda: instance.health()["eu/e0"]["state"] == "down", 5)
                assert sorted(target["state"] for target in instance.health().values()) == ["down"] + ["up"] * 5
                wait_for("no doubt", lambda: doubt()["state"] == "sure", 3)
        finally:
            listener.stop()


def test_half_of_the_targets_behind_the_gateway_may_die_without_a_doubt(tmp_path):
    targets, port = [f"10.99.0.{n}" for n in range(1, 5)], 7001
    with Uplink(targets) as uplink:
        listener = Process(["/usr/bin/python3", "-c", LISTENER, str(port)], str(tmp_path / "listener.log"), uplink.router)
        try:
            with Instance(document([dict(TCP, port=port)], eu=("t", {f"e{n}": at for n, at in enumerate(targets)})), geo=False, prefix=uplink.prefix) as instance:
                instance.start("healthcheck")
                wait_for("all up", lambda: len(instance.health()) == 4 and states(instance) == {"up"})
                for gone in targets[:2]:
                    uplink.remove(gone)
                wait_for("two down", lambda: sorted(t["state"] for t in instance.health().values()) == ["down", "down", "up", "up"], 5)
                assert not instance.events(kind="daemon", object="daemon/healthcheck")
        finally:
            listener.stop()


def alternating(passes):
    """A behaviour that closes with a word when PASSES says so for the number of the connection, and without one else."""
    count = [0]

    def behaviour(connection):
        count[0] += 1
        if passes(count[0]):
            connection.sendall(b"220 well\r\n")
            with contextlib.suppress(OSError):
                connection.recv(1)
    return behaviour


def test_a_target_that_fails_every_second_check_keeps_its_verdict():
    port = free_port()
    backend = Backend("127.79.1.1", port, behaviour=alternating(lambda n: n % 2 == 0))
    try:
        with Instance(document([dict(TCP, port=port, expect="220")], eu=("t", {"e": "127.79.1.1"})), geo=False) as instance:
            instance.start("healthcheck")
            wait_for("twenty checks", lambda: backend.connections >= 20, 15)
            assert state_of(instance, "eu/e") == "unknown"
            assert not instance.events(kind="endpoint")
    finally:
        backend.stop()


def test_a_target_that_goes_up_and_down_is_held_down_until_it_is_quiet():
    port, broken = free_port(), threading.Event()
    backend = Backend("127.79.2.1", port, behaviour=alternating(lambda n: n % 2 == 0 or broken.is_set()))
    rules = dict(TCP, port=port, expect="220", fall=1, rise=1, interval_ms=100, timeout_ms=100, flap_half_life_s=1)
    try:
        with Instance(document([rules], eu=("t", {"e": "127.79.2.1"})), geo=False) as instance:
            instance.start("healthcheck")
            held = wait_for("it is held", lambda: (t := instance.health().get("eu/e")) and t["flapping"] and t["flapping"]["held_down"] and t, 10)
            assert held["state"] == "down" and held["flapping"]["until"] and "; flapping, held down for another" in held["reason"]
            downs = len(instance.events(object="endpoint/eu/e", to="down"))
            assert 4 <= downs <= 6
            time.sleep(1)
            assert state_of(instance, "eu/e") == "down" and len(instance.events(object="endpoint/eu/e", to="down")) == downs
            broken.set()  # from now on it passes
            wait_for("it is up again", lambda: state_of(instance, "eu/e") == "up", 6)
            assert instance.health()["eu/e"]["reason"] is None
    finally:
        backend.stop()


@pytest.mark.parametrize("step_s", [3600, -3600])
def test_a_clock_that_steps_an_hour_changes_no_verdict_and_stops_no_check(tmp_path, step_s):
    clock, port = Clock(tmp_path), free_port()
    backend = Backend("127.79.3.1", port)
    try:
        with Instance(document([dict(TCP, port=port)], eu=("t", {"good": "127.79.3.1", "dead": "127.79.3.2"})), geo=False, prefix=clock.prefix) as instance:
            instance.start("healthcheck")
            wait_for("verdicts", lambda: (state_of(instance, "eu/good"), state_of(instance, "eu/dead")) == ("up", "down"))
            before = instance.ask("healthcheck", "health")["time"]
            wait_for("events", lambda: len(instance.events(kind="endpoint")) == 2)
            clock.step(step_s)
            stepped, connections = time.monotonic(), backend.connections
            time.sleep(2)
            after = instance.ask("healthcheck", "health")["time"]
            assert (after > before) == (step_s > 0), "the clock does not reach the checker"
            most = (time.monotonic() - stepped) * 1000 / (300 * 0.95) + 2
            assert 5 <= backend.connections - connections <= most
            assert (state_of(instance, "eu/good"), state_of(instance, "eu/dead")) == ("up", "down")
            assert len(instance.events(kind="endpoint")) == 2
            backend.stop()
            wait_for("it still finds the dead", lambda: state_of(instance, "eu/good") == "down", 3)
    finally:
        backend.stop()


# The journal's folder is a file system of 64 KB that is full, in a mount namespace of the daemon's own.
FULL_DISK = ["unshare", "-rm", "sh", "-c", 'for last; do :; done; mkdir -p "$last/events" && mount -t tmpfs -o size=64k tmpfs "$last/events" && '
             'dd if=/dev/zero of="$last/events/fill" bs=1k 2>/dev/null; exec "$@"', "sh"]


def test_a_full_disk_loses_events_and_no_verdict(tmp_path):
    clock, port = Clock(tmp_path), free_port()
    backend = Backend("127.79.4.1", port)
    try:
        with Instance(document([dict(TCP, port=port)], eu=("t", {"e": "127.79.4.1"})), geo=False) as instance:
            instance.prefix = [*FULL_DISK, *clock.prefix]
            instance.start("healthcheck")
            instance.prefix = []
            wait_for("up", lambda: state_of(instance, "eu/e") == "up")
            backend.stop()
            wait_for("down", lambda: state_of(instance, "eu/e") == "down")
            backend.start()
            wait_for("up again", lambda: state_of(instance, "eu/e") == "up")

            def lost(what):
                metrics = {metric["name"]: metric for metric in instance.ask("healthcheck", "stats")["metrics"]}
                return metrics[f"meridian_healthcheck_{what}_lost_total"]["samples"][0]["value"]
            wait_for("the loss is counted", lambda: lost("events"))
            wait_for("it is said", lambda: any("events are lost" in problem for problem in instance.ask("healthcheck", "status")["problems"]), 3)
            clock.step(120)  # a minute is over, and has no place to go to
            wait_for("the loss of a minute is counted", lambda: lost("series"))
            assert state_of(instance, "eu/e") == "up"
    finally:
        backend.stop()


def test_five_thousand_targets_that_fail_at_once_are_all_down_in_time_and_told_together(tmp_path):
    count, port, hook = 5000, free_port(), Hook()
    interval_ms, timeout_ms, fall = 5000, 1000, 2
    rules = dict(TCP, port=port, interval_ms=interval_ms, timeout_ms=timeout_ms, fall=fall, recheck_ms=1000, rise=1)
    endpoints = {f"e{n}": f"127.81.{n // 250}.{n % 250 + 1}" for n in range(count)}
    listener = Process(["/usr/bin/python3", "-c", LISTENER, str(port)], str(tmp_path / "listener.log"))
    try:
        alerts = [{"name": "ops", "type": "webhook", "url": f"http://127.0.0.1:{hook.port}/", "events": ["endpoint"]}]
        with Instance({**document([rules], eu=("t", endpoints)), "alerts": alerts}, geo=False) as instance:
            instance.start("healthcheck")

            def counts():
                samples = next(m["samples"] for m in instance.ask("healthcheck", "stats", timeout_s=30)["metrics"] if m["name"] == "meridian_endpoint_state")
                return {state: sum(s["value"] for s in samples if s["labels"]["state"] == state) for state in ("up", "down")}
            wait_for("all up", lambda: counts()["up"] == count, 40, 0.5)
            wait_for("told of the begin", lambda: sum(json.loads(body)["count"] for _, _, body in hook.got) == count, 20)
            hook.got.clear()
            listener.stop()
            stopped = time.monotonic()
            wait_for("all down", lambda: counts()["down"] == count, 30, 0.1)
            assert time.monotonic() - stopped <= (fall * interval_ms + timeout_ms) / 1000 + 1
            assert instance.ask("healthcheck", "status")["worst_lag_ms"] < 1000
            wait_for("told of the end", lambda: sum(json.loads(body)["count"] for _, _, body in hook.got) == count, 20)
            assert len(hook.got) <= 2  # one, unless this machine took longer than ten seconds
    finally:
        listener.stop()
        hook.stop()


def test_a_maintenance_window_begins_by_itself_and_can_be_ended():
    port = free_port()
    backend = Backend("127.79.5.1", port)
    zone = {"name": "example.com", "records": [{"name": "@", "type": "NS", "data": ["ns1.example.com."]}, {"name": "ns1", "type": "A", "data": ["192.0.2.53"]}],
            "services": [{"name": "www", "ttl": 1, "steering": "failover", "pools": ["eu", "us"]}]}
    wanted = {**document([dict(TCP, port=port)], eu=("t", {"e": "127.79.5.1"})), "zones": [zone]}
    wanted["pools"].append({"name": "us", "endpoints": [{"name": "u", "address": "192.0.2.99"}]})
    try:
        with Instance(wanted, geo=False) as instance:
            instance.start("geodns", "healthcheck")
            wait_for("eu serves", lambda: instance.dig("www.example.com") == ["127.79.5.1"])
            begins = time.time() + 3
            stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(begins))
            assert instance.meridian("override", "pool/eu", "drain", "--reason", "disk", "--for", "1m", "--from", "2020-01-01T00:00:00Z", check=False).returncode == 2
            instance.meridian("override", "pool/eu", "drain", "--reason", "disk", "--for", "1m", "--from", stamp)
            assert instance.dig("www.example.com") == ["127.79.5.1"] or time.time() >= int(begins)
            wait_for("the window has begun", lambda: instance.dig("www.example.com") == ["192.0.2.99"], 6)
            assert time.time() >= int(begins) - 0.1
            instance.meridian("override", "end", "pool/eu")
            wait_for("eu serves again", lambda: instance.dig("www.example.com") == ["127.79.5.1"], 4)
    finally:
        backend.stop()


def test_overrides_and_a_window_survive_restarts_are_shown_everywhere_and_end_by_themselves(tmp_path):
    clock, port = Clock(tmp_path), free_port()
    backends = [Backend("127.79.6.1", port), Backend("127.79.6.2", port), Backend("127.79.6.3", port)]
    zone = {"name": "example.com", "records": [{"name": "@", "type": "NS", "data": ["ns1.example.com."]}, {"name": "ns1", "type": "A", "data": ["192.0.2.53"]}],
            "services": [{"name": "www", "ttl": 1, "steering": "failover", "pools": ["eu", "us"]}, {"name": "us", "ttl": 1, "steering": "failover", "pools": ["us", "eu"]}]}
    wanted = {**document([dict(TCP, port=port)], eu=("t", {"e": "127.79.6.1", "f": "127.79.6.2"}), us=("t", {"u": "127.79.6.3"})), "zones": [zone]}
    forced = {"endpoint/eu/e": "down", "pool/us": "drain"}
    try:
        with Instance(wanted, geo=False, prefix=clock.prefix) as instance:
            instance.start("geodns", "healthcheck", "web")

            def answers():
                return {name: sorted(instance.dig(f"{name}.example.com")) for name in ("www", "us")}

            def metrics():
                with urllib.request.urlopen(f"http://127.0.0.1:{instance.http_port}/metrics", timeout=patient(5)) as page:
                    return {line.split("}")[0] + "}" for line in page.read().decode().splitlines() if line.startswith("meridian_override_active{")}

            def shown():
                """What each place tells of overrides in force: the health command for people and for scripts, status, metrics."""
                return {"health": {line.split()[0]: line.split()[1] for line in instance.meridian("health").stdout.split("OVERRIDE", 1)[1].splitlines()[1:]}
                        if "OVERRIDE" in instance.meridian("health").stdout else {},
                        "json": {o["object"]: o["action"] for o in instance.json("health")["overrides"]},
                        "status": {o["object"]: o["action"] for o in json.loads(instance.meridian("status", "--json", check=False).stdout)["overrides"]},
                        "metrics": metrics()}

            def everywhere(overrides):
                samples = {f'meridian_override_active{{object="{name}",action="{action}"}}' for name, action in overrides.items()}
                return {"health": overrides, "json": overrides, "status": overrides, "metrics": samples}
            whole = {"www": ["127.79.6.1", "127.79.6.2"], "us": ["127.79.6.3"]}
            wait_for("all serve", lambda: answers() == whole)
            for name, action in forced.items():
                instance.meridian("override", name, action, "--reason", "disk", "--for", "2m")
            begins = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
            instance.meridian("override", "endpoint/us/u", "down", "--reason", "window", "--for", "2m", "--from", begins)
            in_force = {"www": ["127.79.6.2"], "us": ["127.79.6.2"]}
            wait_for("the overrides are answered", lambda: answers() == in_force)
            assert wait_for("shown", lambda: (s := shown()) == everywhere(forced) and s)
            for name in ("healthcheck", "geodns"):
                instance.kill(name)
                instance.stop(name)
                instance.start(name)
            wait_for("the checker is back", lambda: {target["state"] for target in instance.health().values()} == {"up"})
            wait_for("they outlive both", lambda: answers() == in_force)
            assert shown() == everywhere(forced)
            # Two minutes later they are over, and nobody had to end them; the window has not begun.
            clock.step(125)
            wait_for("all serve again", lambda: answers() == whole)
            wait_for("shown no more", lambda: shown() == everywhere({}))
            clock.step(3605)
            wait_for("the window has begun", lambda: answers()["us"] == ["127.79.6.1", "127.79.6.2"])
            wait_for("it is shown", lambda: shown() == everywhere({"endpoint/us/u": "down"}))
            instance.stop("healthcheck")
            instance.start("healthcheck")
            wait_for("the checker is back", lambda: {target["state"] for target in instance.health().values()} == {"up"})
            assert answers()["us"] == ["127.79.6.1", "127.79.6.2"]
            clock.step(3725)
            wait_for("the window is over", lambda: answers() == whole)
            wait_for("shown no more", lambda: shown() == everywhere({}))
    finally:
        for backend in backends:
            backend.stop()


def test_an_override_up_serves_what_checks_call_down_until_it_ends(tmp_path):
    clock, port = Clock(tmp_path), free_port()
    backend = Backend("127.79.7.2", port)
    zone = {"name": "example.com", "records": [{"name": "@", "type": "NS", "data": ["ns1.example.com."]}, {"name": "ns1", "type": "A", "data": ["192.0.2.53"]}],
            "services": [{"name": "www", "ttl": 1, "steering": "failover", "pools": ["eu", "us"]}]}
    wanted = {**document([dict(TCP, port=port)], eu=("t", {"dead": "127.79.7.1"}), us=("t", {"good": "127.79.7.2"})), "zones": [zone]}
    try:
        with Instance(wanted, geo=False, prefix=clock.prefix) as instance:
            instance.start("geodns", "healthcheck")
            wait_for("verdicts", lambda: (state_of(instance, "eu/dead"), state_of(instance, "us/good")) == ("down", "up"))
            wait_for("who is well serves", lambda: instance.dig("www.example.com") == ["127.79.7.2"])
            ahead = 0
            for name in ("endpoint/eu/dead", "pool/eu"):
                instance.meridian("override", name, "up", "--reason", "the check is wrong", "--for", "2m")
                wait_for(f"{name} serves", lambda: instance.dig("www.example.com") == ["127.79.7.1"])
                told = instance.json("health")["overrides"][0]
                assert (told["object"], told["action"], told["reason"]) == (name, "up", "the check is wrong") and told["author"].startswith("cli:")
                assert state_of(instance, "eu/dead") == "down"  # the checks are told as they are
                ahead += 125
                clock.step(ahead)
                wait_for(f"the override of {name} is over", lambda: instance.dig("www.example.com") == ["127.79.7.2"])
    finally:
        backend.stop()
