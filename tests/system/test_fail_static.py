"""Fail static: a part that dies, a store that cannot be read, a full disk. Under a steady load no query is lost and no answer changes,
the state says what is stale, and recovery needs no restart."""
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import pytest

from backends import Backend
from harness import BIN, Instance, as_ordinary_user, patient, wait_for
from load import Load

GERMAN, AMERICAN = "5.1.64.0", "8.8.8.0"
STALE_S = 10


def document(port):
    endpoint = {"name": "e", "address": "127.0.0.1"}
    return {
        "meridian": 1,
        "monitors": [{"name": "m", "type": "tcp", "port": port, "interval_ms": 200, "timeout_ms": 200, "fall": 2, "rise": 2,
                      "recheck_ms": 100}],
        "pools": [{"name": "eu", "monitor": "m", "endpoints": [endpoint]},
                  {"name": "us", "endpoints": [{"name": "e", "address": "192.0.2.20"}]}],
        "zones": [{"name": "example.com", "ttl": 300, "primary": "ns1.example.com.", "contact": "hostmaster.example.com.",
                   "records": [{"name": "@", "type": "NS", "data": ["ns1.example.com."]},
                               {"name": "a", "type": "A", "data": ["192.0.2.1"]}],
                   "services": [{"name": "www", "ttl": 30, "steering": "rules", "default": "us",
                                 "rules": [{"match": ["EU"], "pool": "eu"}]}]}]}


QUESTIONS = [("www.example.com", "A", GERMAN), ("www.example.com", "A", AMERICAN), ("a.example.com", "A", None),
             ("example.com", "SOA", None), ("nowhere.example.com", "A", None)]


def with_spare(port, spare_port):
    """The document with a pool that no service has: its health may change while no answer does."""
    changed = document(port)
    changed["monitors"].append(dict(changed["monitors"][0], name="spare", port=spare_port))
    changed["pools"].append({"name": "spare", "monitor": "spare", "endpoints": [{"name": "e", "address": "127.0.0.1"}]})
    return changed


def backend():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return Backend("127.0.0.1", port)


class Scene:
    """An instance with all daemons, well, under load; with a backend that is answered and one that is not."""

    def __init__(self, start=True, **more):
        self.eu, self.spare = backend(), backend()
        self.document = with_spare(self.eu.port, self.spare.port)
        self.instance = Instance(self.document, **more)
        self.load = None
        if start:
            self.begin()

    def begin(self):
        self.instance.start()
        self.instance.meridian("status", "--wait-ready", f"{patient(20):.0f}")
        wait_for("the backends are up", lambda: self.state("eu/e") == self.state("spare/e") == "up")
        wait_for("Germany is answered", lambda: self.instance.dig("www.example.com", f"+subnet={GERMAN}/24") == ["127.0.0.1"])
        self.load = Load(self.instance.dns_port, QUESTIONS).__enter__()

    def __enter__(self):
        return self

    def __exit__(self, *what):
        if self.load is not None:
            self.load.__exit__()
        self.instance.__exit__(*what)
        self.eu.stop()
        self.spare.stop()

    def end_load(self):
        """Ends the load, which lost nothing and saw no other answer."""
        enough = self.load.answered + 100
        wait_for("a hundred answers more", lambda: self.load.answered >= enough or self.load.lost)
        self.load.__exit__()
        self.load.check()

    def state(self, target):
        return self.instance.health().get(target, {}).get("state")

    def problems(self, daemon):
        return (self.instance.ask(daemon, "status") or {"problems": ["unreachable"]})["problems"]

    def stale(self, daemon):
        return self.instance.ask(daemon, "status")["config"]["state"] == "stale"

    def change_is_answered(self, wait_ready=True):
        self.instance.apply(dict(self.document, zones=[dict(self.document["zones"][0], records=[
            self.document["zones"][0]["records"][0], {"name": "a", "type": "A", "data": ["192.0.2.99"]}])]))
        wait_for("the change is answered", lambda: self.instance.dig("a.example.com") == ["192.0.2.99"])
        if wait_ready:
            self.instance.meridian("status", "--wait-ready", f"{patient(10):.0f}")


@pytest.fixture
def scene():
    with Scene() as running:
        yield running


def put_garbage(scene):
    move_away(scene)
    with open(scene.instance.path("config.db"), "wb") as file:
        file.write(b"\xff" * 100000)


def move_away(scene):
    for name in store_files(scene):
        os.unlink(scene.instance.path(name))


def empty(scene):
    for name in ("config.db", "config.db-wal"):
        with open(scene.instance.path(name), "w"):
            pass


def store_files(scene):
    return [name for name in os.listdir(scene.instance.path()) if name.startswith("config.db")]


@pytest.mark.parametrize("harm", [put_garbage, move_away, empty])
def test_a_lost_store_changes_nothing_and_needs_no_restart(scene, harm):
    """All four daemons say so; checks go on; the copy that is put back is taken up."""
    pids = {name: process.pid for name, process in scene.instance.processes.items()}
    copies = {name: scene.instance.path("kept-" + name) for name in store_files(scene)}
    for name, copy in copies.items():
        shutil.copyfile(scene.instance.path(name), copy)
    harm(scene)
    for daemon in ("geodns", "healthcheck", "bgpctl", "web"):
        wait_for(f"{daemon} says that the configuration is stale", lambda: scene.stale(daemon), 15, 0.05)
        assert any("config.db" in problem for problem in scene.problems(daemon)), daemon
    told = scene.instance.meridian("status", check=False)
    assert told.returncode == 1 and told.stdout.count("degraded") == 4 and "config.db" in told.stdout
    refused = scene.instance.apply(scene.document, check=False)
    assert refused.returncode == 1 and "config.db" in refused.stderr and refused.stderr.count("\n") == 1
    scene.spare.stop()
    wait_for("checks go on", lambda: scene.state("spare/e") == "down")
    scene.end_load()

    for name in store_files(scene):
        os.unlink(scene.instance.path(name))
    for name, copy in copies.items():
        shutil.copyfile(copy, scene.instance.path(name) + "~")
        os.rename(scene.instance.path(name) + "~", scene.instance.path(name))
    for daemon in pids:
        wait_for(f"{daemon} is live again", lambda: not scene.stale(daemon), 15, 0.05)
    scene.change_is_answered()
    assert {name: process.pid for name, process in scene.instance.processes.items() if process.running()} == pids


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can have files that the daemons' user cannot read")
def test_a_store_that_may_not_be_read_changes_nothing():
    with Scene(start=False) as scene:
        instance = scene.instance
        for folder, _, names in os.walk(instance.dir):
            for name in (".", *names):
                os.chown(os.path.join(folder, name), 65534, 65534)
        instance.prefix = as_ordinary_user()
        if subprocess.run([*instance.prefix, "test", "-x", os.path.join(BIN, "meridian")]).returncode != 0:
            pytest.skip(f"an ordinary user cannot reach {BIN}")
        scene.begin()
        for name in store_files(scene):
            shutil.copyfile(instance.path(name), instance.path(name) + "~")
            os.chmod(instance.path(name) + "~", 0o600)
            os.rename(instance.path(name) + "~", instance.path(name))
        for daemon in ("geodns", "healthcheck", "bgpctl", "web"):
            wait_for(f"{daemon} says that the configuration is stale", lambda: scene.stale(daemon), 15, 0.05)
            assert any("may read it" in problem or "ermission" in problem for problem in scene.problems(daemon)), scene.problems(daemon)
        scene.end_load()
        for name in store_files(scene):
            os.chown(instance.path(name), 65534, 65534)
        for daemon in ("geodns", "healthcheck", "bgpctl", "web"):
            wait_for(f"{daemon} is live again", lambda: not scene.stale(daemon), 15, 0.05)
        scene.change_is_answered()


def test_a_killed_health_checker_changes_nothing_and_comes_back_without_a_flap(scene):
    before = scene.instance.events()
    scene.instance.kill("healthcheck")
    killed = time.monotonic()
    wait_for("the responder says that health is stale",
             lambda: any("health is stale" in problem for problem in scene.problems("geodns")), STALE_S + 3, 0.05)
    assert time.monotonic() - killed > STALE_S - 2
    told = scene.instance.meridian("status", check=False)
    assert told.returncode == 1 and "health is stale" in told.stdout and "unreachable" in told.stdout
    time.sleep(1)
    scene.instance.stop("healthcheck")
    scene.instance.start("healthcheck")
    for daemon in ("geodns", "bgpctl", "web", "healthcheck"):
        wait_for(f"{daemon} is well", lambda: not scene.problems(daemon), 5, 0.05)
    wait_for("it is checked again", lambda: scene.instance.health()["eu/e"]["last"])
    time.sleep(1)
    scene.end_load()
    after = [event for event in scene.instance.events() if event["kind"] in ("endpoint", "pool")]
    assert after == [event for event in before if event["kind"] in ("endpoint", "pool")]


@pytest.mark.parametrize("name", ["web", "bgpctl"])
def test_a_killed_daemon_that_does_not_answer_changes_nothing(scene, name):
    scene.instance.kill(name)
    wait_for("the status says so", lambda: "unreachable" in scene.instance.meridian("status", check=False).stdout)
    time.sleep(0.5)
    scene.instance.stop(name)
    scene.instance.start(name)
    scene.instance.meridian("status", "--wait-ready", f"{patient(10):.0f}")
    scene.end_load()


@pytest.fixture
def small_disk():
    """A folder on a disk of its own with a few free megabytes, in a mount namespace: (folder, prefix, outside)."""
    folder = tempfile.mkdtemp(prefix="mds-")
    holder = subprocess.Popen(["unshare", "-rm", "sh", "-c", f"mount -t tmpfs -o size=32m,mode=755 tmpfs {folder} && echo mounted && "
                               f"exec sleep {patient(300):.0f}"], stdout=subprocess.PIPE, text=True)
    try:
        if holder.stdout.readline() != "mounted\n":
            pytest.skip("this user may not mount a tmpfs in a namespace of its own")
        yield folder, ["nsenter", "-t", str(holder.pid), "-U", "-m", "--preserve-credentials"], f"/proc/{holder.pid}/root"
    finally:
        holder.kill()
        holder.wait()
        os.rmdir(folder)


def fill(path):
    """Writes PATH until nothing more fits."""
    with open(path, "wb", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                pass


def test_a_full_disk_changes_nothing_and_needs_no_restart(small_disk):
    folder, prefix, outside = small_disk
    with Scene(folder=folder, prefix=prefix, outside=outside) as scene:
        instance = scene.instance
        fill(instance.path("ballast"))
        revision, stored = instance.revision(), instance.export()
        refused = instance.meridian("override", "pool/spare", "drain", "--reason", "full", "--for", "1h", check=False)
        for _ in range(50):  # a little may still fit into what the store has already
            if refused.returncode != 0:
                break
            instance.meridian("override", "end", "pool/spare", check=False)
            refused = instance.meridian("override", "pool/spare", "drain", "--reason", "full", "--for", "1h", check=False)
        else:
            raise AssertionError("the disk is never full")
        assert "the disk is full" in refused.stderr and refused.stderr.count("\n") == 1, refused.stderr
        assert not scene.load.changed
        assert instance.export() == stored
        scene.spare.stop()
        wait_for("checks go on", lambda: scene.state("spare/e") == "down")
        time.sleep(1)
        scene.end_load()
        os.unlink(instance.path("ballast"))
        scene.spare.start()
        wait_for("the events are written again", lambda: instance.events(object="endpoint/spare/e", to="up"))
        assert revision <= instance.revision()
        instance.meridian("override", "end", "pool/spare", check=False)
        # The checker goes on telling for a while that events were lost; that is all that is left of it.
        scene.change_is_answered(wait_ready=False)
        wait_for("the others are well", lambda: not any(scene.problems(daemon) for daemon in ("geodns", "bgpctl", "web")))
        assert all("events are lost" in problem for problem in scene.problems("healthcheck"))


def test_a_health_table_cut_short_ends_nobody_and_is_written_again(scene):
    """What was last known holds, the daemons that read it say so, and it mends itself."""
    pids = {name: process.pid for name, process in scene.instance.processes.items()}
    table = scene.instance.path("run", "health")
    whole = os.path.getsize(table)
    for length in (0, 4096, 0):
        os.truncate(table, length)
        wait_for("the table is written again", lambda: os.path.getsize(table) == whole)
        wait_for("nobody complains", lambda: not any(scene.problems(daemon) for daemon in ("geodns", "bgpctl", "web")))
    assert "cut short" in scene.instance.processes["healthcheck"].output()

    scene.instance.kill("healthcheck", signal.SIGSTOP)  # nobody is there to mend it
    os.truncate(table, 0)
    for daemon in ("geodns", "bgpctl", "web"):
        wait_for(f"{daemon} says that health is stale", lambda: any("health" in text.lower() for text in scene.problems(daemon)), 5, 0.05)
    enough = scene.load.answered + 200
    wait_for("two hundred answers more", lambda: scene.load.answered >= enough or scene.load.lost)
    scene.instance.kill("healthcheck", signal.SIGCONT)
    scene.instance.meridian("status", "--wait-ready", f"{patient(10):.0f}")
    scene.spare.stop()
    wait_for("verdicts are read", lambda: scene.state("spare/e") == "down")
    scene.end_load()
    assert {name: process.pid for name, process in scene.instance.processes.items() if process.running()} == pids


def copied_over(scene, name):
    """What `cp FILE .` does to a file that is there: cut short, then written."""
    kept = scene.instance.path("kept-" + name)
    shutil.copyfile(kept, scene.instance.path(name))


@pytest.mark.parametrize("harm", ["emptied", "copied over"])
def test_the_index_of_the_log_cut_short_ends_no_daemon_that_only_reads(scene, harm):
    """Answers, checks and announcements go on; the dashboard, which writes, may have to be started again."""
    instance = scene.instance
    pids = {name: process.pid for name, process in instance.processes.items() if name != "web"}
    names = sorted(store_files(scene))
    for name in names:
        shutil.copyfile(instance.path(name), instance.path("kept-" + name))
    for _ in range(10):
        if harm == "emptied":
            os.truncate(instance.path("config.db-shm"), 0)
        else:
            for name in names:
                copied_over(scene, name)
        instance.meridian("override", "pool/spare", "drain", "--reason", "wake all readers", "--for", "1h", check=False)
        instance.meridian("override", "end", "pool/spare", check=False)
    # Answers stand whatever SQLite makes of such a file; put back as the manual says, it is taken up.
    for name in store_files(scene):
        os.unlink(instance.path(name))
    for name in names:
        shutil.copyfile(instance.path("kept-" + name), instance.path(name) + "~")
        os.rename(instance.path(name) + "~", instance.path(name))
    if not instance.processes["web"].running():
        instance.stop("web")
        instance.start("web")
    for daemon in ("geodns", "healthcheck", "bgpctl", "web"):
        wait_for(f"{daemon} is live", lambda: not scene.stale(daemon), 15, 0.05)
    scene.end_load()
    scene.change_is_answered()
    assert {name: process.pid for name, process in instance.processes.items() if process.running() and name != "web"} == pids
