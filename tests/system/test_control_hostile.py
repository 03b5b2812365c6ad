"""Whatever is written to a control socket is answered with JSON or a closed connection, and the daemon goes on."""
import json
import os
import socket
import stat

import pytest

import harness

DOCUMENT = {"meridian": 1, "pools": [{"name": "eu", "endpoints": [{"name": "eu1", "address": "192.0.2.10"}]}]}
DAEMONS = ("web", "geodns", "healthcheck", "bgpctl")
LINES = [
    b"explain [1]", b'explain "x"', b'explain {"name": 1}', b'explain {"name": "a", "assume_down": {"x": 1}}',
    b'explain {"name": "a", "assume_down": [1, null, {}]}', b'explain {"name": "a", "client": [], "resolver": 5, "type": null}',
    b'explain {"name": "' + b"a." * 200 + b'", "type": "TYPE99999999"}', b"geo_lookup []", b'geo_lookup {"address": 1}',
    b"health []", b'health {"pool": 1}', b"anycast 5", b"status [[[]]]", b"stats 1", b"answers []", b'trial {"monitor": {"type": []}}',
    b"x " + b"[" * 60000, b"\x00\x01", b" ", b"", b"reload now",
]


@pytest.fixture(scope="module")
def instance():
    with harness.Instance(DOCUMENT, geo=False) as running:
        yield running.start(*DAEMONS)


def say(instance, daemon, octets):
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(harness.patient(10))
        client.connect(instance.path("run", f"{daemon}.sock"))
        client.sendall(octets)
        answer = b""
        while not answer.endswith(b"\n"):
            got = client.recv(65536)
            if not got:
                break
            answer += got
        return answer


@pytest.mark.parametrize("daemon", DAEMONS)
def test_hostile_lines_are_answered_and_change_nothing(instance, daemon):
    for line in LINES:
        answer = say(instance, daemon, line + b"\n")
        assert isinstance(json.loads(answer), dict), line[:60]
    assert instance.ask(daemon, "status")["daemon"].endswith(daemon)


@pytest.mark.parametrize("daemon", DAEMONS)
def test_a_line_without_end_is_cut_off(instance, daemon):
    try:
        assert say(instance, daemon, b"x" * (4 << 20)) == b""
    except (ConnectionResetError, BrokenPipeError):
        pass
    assert instance.ask(daemon, "status")["pid"]


@pytest.mark.parametrize("daemon", DAEMONS)
def test_the_socket_is_for_its_group_alone(instance, daemon):
    mode = os.stat(instance.path("run", f"{daemon}.sock")).st_mode
    assert stat.S_IMODE(mode) == 0o660
