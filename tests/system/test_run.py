"""How `meridian run` starts, refuses to start, and ends: nothing is left behind, nothing is lost, every refusal names its remedy."""
import json
import os
import signal
import socket
import subprocess
import time

import pytest

from demo import AMERICAN, EU, GERMAN, US, Api, Run, need_demo_ports
from harness import BIN, own_network, patient, wait_for


@pytest.fixture(scope="module", autouse=True)
def network():
    with own_network() as own:
        if not own:
            need_demo_ports()
        yield


@pytest.fixture
def fresh():
    with Run("an ordinary user") as run:
        yield run


def test_an_end_leaves_nothing_and_the_next_start_goes_on_with_the_store(fresh):
    fresh.start()
    password = fresh.password()
    fresh.meridian("override", "pool/us", "drain", "--reason", "test", "--for", "1h")
    Api(fresh, password)
    assert fresh.end(signal.SIGINT) == 0
    assert fresh.leftovers() == []
    assert [name for name in os.listdir(fresh.path("run")) if name.endswith(".sock")] == []

    fresh.start(ports=False)  # the ports stand in its settings now
    assert fresh.password() is None
    assert fresh.json("status")["revision"] == 2
    Api(fresh, password)
    assert fresh.answers(AMERICAN) == EU
    os.kill(fresh.process.pid, signal.SIGKILL)
    wait_for("its children end with it", lambda: not fresh.leftovers(), 2)

    fresh.start()
    assert fresh.answers(AMERICAN) == EU
    assert fresh.end(signal.SIGTERM) == 0
    assert fresh.leftovers() == []


@pytest.mark.parametrize("after_s", [0.05, 0.2, 0.6, 1.2])
def test_an_end_while_it_starts_leaves_nothing(fresh, after_s):
    fresh.start(ready=False)
    time.sleep(after_s)
    assert fresh.end(signal.SIGINT) in (0, 1, -signal.SIGINT)
    wait_for("its children end with it", lambda: not fresh.leftovers(), 2)
    first = fresh.password()
    fresh.start()
    assert (first is None) != (fresh.password() is None), "the first password is said exactly once"


@pytest.mark.parametrize("kind, which, remedy", [(socket.SOCK_DGRAM, "dns_port", "--dns-port"), (socket.SOCK_STREAM, "dns_port", "--dns-port"),
                                                 (socket.SOCK_STREAM, "http_port", "--http-port")])
def test_a_taken_port_is_told_with_the_remedy(fresh, kind, which, remedy):
    port = getattr(fresh, which)
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind(("127.0.0.1", port))
        if kind == socket.SOCK_STREAM:
            other.listen()
        said = fresh.refused()
    assert f"127.0.0.1 port {port}" in said and remedy in said
    assert fresh.leftovers() == []
    fresh.start()


@pytest.mark.parametrize("host, port", [("127.0.2.2", 8443), ("127.0.0.2", 1790)])
def test_a_taken_port_of_the_demo_is_told_and_costs_no_password(fresh, host, port):
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a demo that has ended leaves connections in TIME_WAIT
        other.bind((host, port))
        other.listen()
        assert f"{host} port {port}" in fresh.refused()
    fresh.start()
    assert fresh.password()


def test_a_port_that_is_none_is_a_matter_of_usage(fresh):
    for word in ("0", "65536", "http", "-1", ""):
        done = subprocess.run(fresh.command("--dns-port", word, ports=False), capture_output=True, text=True, timeout=patient(10))
        assert done.returncode == 2 and "1 to 65535" in done.stderr, word


def test_a_document_takes_the_place_of_the_demo(fresh):
    document = {"meridian": 1, "pools": [{"name": "one", "endpoints": [{"name": "a", "address": "192.0.2.10"}]}],
                "zones": [{"name": "example.com", "primary": "ns1.example.com.", "contact": "hostmaster.example.com.",
                           "records": [{"name": "@", "type": "NS", "data": ["ns1.example.com."]}],
                           "services": [{"name": "www", "steering": "failover", "pools": ["one"]}]}]}
    path = f"{fresh.dir}.json"
    with open(path, "w") as file:
        json.dump(document, file)
    fresh.start("--apply", path)
    assert "dig @" not in fresh.said() and "demo" not in fresh.said()
    assert fresh.answers(GERMAN, "www.example.com") == {"192.0.2.10"}
    assert not [line for line in fresh.leftovers() if "demo-backend" in line or "/bird" in line]
    done = fresh.meridian("demo", "status")
    assert "eu1" not in done.stdout
    os.remove(path)


def test_a_document_that_is_refused_ends_the_start_with_its_reason(fresh):
    path = f"{fresh.dir}.json"
    with open(path, "w") as file:
        file.write('{"meridian": 1, "pools": [{"name": "eu", "endpoints": [{"name": "a", "address": "192.0.2.300"}]}]}')
    assert f"{path}#/pools/0/endpoints/0/address: " in fresh.refused("--apply", path)
    os.remove(path)
    assert path in fresh.refused("--apply", path)
    assert fresh.leftovers() == []


def test_without_bird_the_demo_works_and_says_so():
    with Run("an ordinary user", path="/usr/bin:/bin") as run:
        run.start(wait=False)
        assert "bird is not installed" in run.said() and "birdc" not in run.said()
        wait_for("all backends are up", lambda: run.states() == {"up"})
        assert run.answers(GERMAN) == EU and run.answers(AMERICAN) == US
        assert run.end() == 0 and run.leftovers() == []


def test_a_folder_that_cannot_be_made_is_told():
    done = subprocess.run([os.path.join(BIN, "meridian"), "run", "--dir", "/proc/nowhere/deep"], capture_output=True, text=True,
                          timeout=patient(10))
    assert done.returncode == 1 and "/proc/nowhere/deep" in done.stderr
