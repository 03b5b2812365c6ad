"""DNS over TCP as RFC 7766 wants it, and what keeps it up against clients that only take: with the program that ships."""
import contextlib
import resource
import select
import socket
import struct
import time

import pytest

from dns_stream import receive_message
from harness import Instance, patient, wait_for

IDLE_S = 10
MOST_A_PREFIX = 100
DOCUMENT = {
    "meridian": 1,
    "zones": [{"name": "example.com", "ttl": 300, "primary": "ns1.example.com.", "contact": "hostmaster.example.com.",
               "records": [{"name": "@", "type": "NS", "data": ["ns1.example.com."]},
                           {"name": "ns1", "type": "A", "data": ["192.0.2.53"]},
                           # 240 strings of 255 octets: 64,080 octets of records.
                           {"name": "big", "type": "TXT", "data": [f"\"{i:03}{'x' * 252}\"" for i in range(240)]}]}]}


@pytest.fixture(scope="module")
def instance():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    with Instance(DOCUMENT, geo=False) as running:
        running.start("geodns")
        wait_for("the zone is served", lambda: exchange(running, query("ns1"))[3] & 15 == 0)
        yield running


def query(label, rdtype=1, number=7, options=b""):
    opt = b"\0" + struct.pack("!HHIH", 41, 1232, 0, len(options)) + options
    name = bytes([len(label)]) + label.encode() + b"\7example\3com\0"
    return struct.pack("!6H", number, 0, 1, 0, 0, 1) + name + struct.pack("!HH", rdtype, 1) + opt


def framed(message):
    return struct.pack("!H", len(message)) + message


def connect(instance, source="127.0.0.1"):
    return socket.create_connection((instance.dns_host, instance.dns_port), timeout=patient(5), source_address=(source, 0))


def exchange(instance, message, source="127.0.0.1"):
    with connect(instance, source) as client:
        client.sendall(framed(message))
        return receive_message(client)


def is_closed(client, within_s):
    """Whether the other side ends the connection within the time; what it still sends is thrown away."""
    deadline = time.monotonic() + patient(within_s)
    while time.monotonic() < deadline:
        if select.select([client], [], [], max(0, deadline - time.monotonic()))[0]:
            try:
                if not client.recv(65536):
                    return True
            except ConnectionError:
                return True
    return False


def test_query_of_65535_octets_is_answered(instance):
    bare = len(query("ns1", options=b"\xfd\xe9\0\0"))
    message = query("ns1", options=struct.pack("!HH", 65001, 65535 - bare) + b"\0" * (65535 - bare))
    assert len(message) == 65535
    answer = exchange(instance, message)
    assert answer[3] & 15 == 0 and answer[6:8] == b"\0\1"


def test_answer_of_64_kilobytes_comes_whole(instance):
    answer = exchange(instance, query("big", 16))
    assert len(answer) > 64000 and answer[6:8] == struct.pack("!H", 240) and answer[2] & 2 == 0


def test_pipelined_queries_each_get_their_answer_though_the_client_reads_late(instance):
    """RFC 7766 section 6.2.1.1; answers are told apart by their ids, whatever their order."""
    with connect(instance) as client:
        numbers = list(range(1, 301))
        client.sendall(b"".join(framed(query("big" if i % 10 == 0 else "ns1", 16 if i % 10 == 0 else 1, i)) for i in numbers))
        time.sleep(0.5)
        assert sorted(struct.unpack("!H", receive_message(client)[:2])[0] for _ in numbers) == numbers


def test_query_in_pieces_is_answered(instance):
    with connect(instance) as client:
        for octet in framed(query("ns1")):
            client.sendall(bytes([octet]))
            time.sleep(0.002)
        assert receive_message(client)[3] & 15 == 0


def test_half_closed_client_gets_its_answers(instance):
    """RFC 7766 section 6.2.4: a client may shut its side down once it has asked."""
    with connect(instance) as client:
        client.sendall(framed(query("ns1")) + framed(query("big", 16)))
        client.shutdown(socket.SHUT_WR)
        assert receive_message(client)[3] & 15 == 0
        assert len(receive_message(client)) > 64000


def test_idle_clients_and_slow_readers_are_dropped_and_hurt_nobody(instance):
    with contextlib.ExitStack() as open_clients:
        idle, part, slow = (open_clients.enter_context(connect(instance, f"127.0.{n}.1")) for n in (11, 12, 13))
        begun = time.monotonic()
        part.sendall(framed(query("ns1"))[:5])
        slow.setblocking(False)
        sent = 0
        with contextlib.suppress(BlockingIOError):  # takes no answer; writes until nobody reads it any more
            while sent < 200_000:
                slow.send(framed(query("big", 16)))
                sent += 1
        while time.monotonic() - begun < IDLE_S - 2:
            before = time.monotonic()
            assert exchange(instance, query("ns1"), "127.0.14.1")[3] & 15 == 0
            assert time.monotonic() - before < patient(0.5)
            time.sleep(0.1)
        assert not select.select([idle, part], [], [], 0)[0], "dropped too early"
        assert is_closed(idle, 4) and is_closed(part, 4)
        assert is_closed(slow, 10)
    assert instance.processes["geodns"].running()


def test_a_prefix_may_hold_so_many_connections_and_others_are_served(instance):
    with contextlib.ExitStack() as open_clients:
        clients = [open_clients.enter_context(connect(instance, f"127.0.21.{1 + i}")) for i in range(MOST_A_PREFIX)]
        for client in clients:
            client.sendall(framed(query("ns1")))
        assert all(receive_message(client)[3] & 15 == 0 for client in clients)
        with connect(instance, "127.0.21.200") as one_more:
            assert is_closed(one_more, 2)
        assert exchange(instance, query("ns1"), "127.0.22.1")[3] & 15 == 0


def test_longest_idle_gives_way_when_all_places_are_taken(instance):
    with contextlib.ExitStack() as open_clients:
        clients = []
        for i in range(1001):
            client = open_clients.enter_context(connect(instance, f"127.0.{31 + i // MOST_A_PREFIX}.{1 + i % MOST_A_PREFIX}"))
            client.sendall(framed(query("ns1")))
            assert receive_message(client)[3] & 15 == 0
            clients.append(client)
        assert is_closed(clients[0], 2)
        clients[-1].sendall(framed(query("ns1")))
        assert receive_message(clients[-1])[3] & 15 == 0
