"""Knot DNS and NSD on the loopback with the zones of a test, and the quick exchange of many queries with a server."""
import os
import select
import socket
import struct

from harness import Process, free_port, program, wait_for

KNOT_CONF = """server:
    rundir: "{folder}"
    listen: 127.0.0.1@{port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
    udp-max-payload: 1232
    nsid: "test"
    version: ""
    tcp-max-clients: 64
    edns-client-subnet: on
database:
    storage: "{folder}"
log:
  - target: stderr
    any: info
template:
  - id: default
    storage: "{folder}"
    zonefile-load: whole
    zonefile-sync: -1
    journal-content: none
    semantic-checks: off
zone:
"""

NSD_CONF = """server:
    server-count: 1
    ip-address: 127.0.0.1@{port}
    do-ip6: no
    username: ""
    chroot: ""
    zonesdir: "{folder}"
    database: ""
    pidfile: "{folder}/nsd.pid"
    xfrdfile: "{folder}/xfrd.state"
    xfrdir: "{folder}"
    zonelistfile: "{folder}/zone.list"
    ipv4-edns-size: 1232
    nsid: "ascii_test"
    hide-version: yes
    hide-identity: yes
    minimal-responses: yes
    rrl-ratelimit: 0
    rrl-whitelist-ratelimit: 0
    tcp-count: 64
    tcp-query-count: 0
remote-control:
    control-enable: no
"""


def write_zones(folder, zones):
    for name, text in zones.items():
        with open(os.path.join(folder, f"{name}.zone"), "w") as file:
            file.write(text)


def answers_soa(port, zone):
    """True where the server at PORT speaks for ZONE with authority."""
    name = b"".join(bytes([len(label)]) + label.encode() for label in zone.split(".")) + b"\0"
    query = b"\x12\x34\0\0\0\1\0\0\0\0\0\0" + name + b"\0\6\0\1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.2)
        try:
            client.connect(("127.0.0.1", port))
            client.send(query)
            answer = client.recv(65535)
        except OSError:
            return False
    return answer[2] & 4 != 0 and answer[3] & 15 == 0 and answer[7] == 1


class Peer:
    """A server of another maker in the foreground, serving every zone file of FOLDER."""

    def __init__(self, name, folder, zones):
        self.name, self.port = name, free_port()
        os.makedirs(folder)
        write_zones(folder, zones)
        conf = os.path.join(folder, f"{name}.conf")
        with open(conf, "w") as file:
            if name == "knotd":
                file.write(KNOT_CONF.format(folder=folder, port=self.port))
                file.write("".join(f"  - domain: {zone}.\n    file: {zone}.zone\n" for zone in zones))
            else:
                file.write(NSD_CONF.format(folder=folder, port=self.port))
                file.write("".join(f"zone:\n    name: {zone}\n    zonefile: {zone}.zone\n" for zone in zones))
        command = [program(name), "-c", conf] + (["-d"] if name == "nsd" else [])
        self.process = Process(command, os.path.join(folder, f"{name}.log"))
        try:
            for zone in zones:
                wait_for(f"{name} serves {zone}", lambda name=zone: answers_soa(self.port, name) or not self.process.running())
                assert self.process.running()
        except AssertionError:
            self.stop()
            print(self.process.output()[-4000:])
            raise

    def stop(self):
        self.process.stop()


def exchange(port, queries, window=48, tries=4):
    """
    Sends QUERIES, raw messages, over UDP and returns their answers in the same order: None where there was silence through all
    tries. The ids are set here and zeroed in the answers; WINDOW queries are on their way at a time.
    """
    answers = [None] * len(queries)
    waiting = list(range(len(queries)))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect(("127.0.0.1", port))
        client.setblocking(False)
        for _ in range(tries):
            for start in range(0, len(waiting), window):
                exchange_window(client, queries, waiting[start:start + window], answers)
            waiting = [number for number in waiting if answers[number] is None]
    return answers


def exchange_window(client, queries, numbers, answers):
    pending = {}
    for number in numbers:
        id = number & 0xffff
        pending[id] = number
        client.send(struct.pack("!H", id) + queries[number][2:])
    while pending:
        if not select.select([client], [], [], 0.25)[0]:
            return
        try:
            answer = client.recv(65535)
        except BlockingIOError:
            continue
        number = pending.pop(struct.unpack("!H", answer[:2])[0], None) if len(answer) >= 2 else None
        if number is not None:
            answers[number] = b"\0\0" + answer[2:]


def exchange_tcp(port, queries):
    """The same over TCP, one connection a query: nothing is cut off there."""
    answers = []
    for query in queries:
        with socket.create_connection(("127.0.0.1", port), 5) as client:
            client.sendall(struct.pack("!H", len(query)) + b"\0\0" + query[2:])
            data = b""
            while len(data) < 2 or len(data) < 2 + struct.unpack("!H", data[:2])[0]:
                part = client.recv(65536)
                if not part:
                    break
                data += part
            answers.append(data[2:] or None)
    return answers
