"""A steady stream of queries in the background that misses no loss and no changed answer."""
import socket
import threading
import time

import dns.edns
import dns.flags
import dns.message
import dns.rcode

from harness import patient


class Load:
    """Asks each of QUESTIONS ((name, type, client or None)) in turn, RATE times a second, on one socket; use it with `with`.

    The first answer to each question is the wanted one. `lost` counts queries without an answer within TIMEOUT_S, `changed` lists
    answers that differ (question, wanted, got)."""

    def __init__(self, port, questions, rate=200, timeout_s=1.0):
        self.port, self.questions, self.rate, self.timeout_s = port, questions, rate, patient(timeout_s)
        self.sent, self.lost, self.answered, self.changed, self.wanted = 0, 0, 0, [], {}
        self.pending, self.going, self.mutex = {}, True, threading.Lock()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(("127.0.0.1", port))
        self.socket.settimeout(0.1)
        self.threads = [threading.Thread(target=work, daemon=True) for work in (self.send, self.receive)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        deadline = time.monotonic() + patient(5)
        while len(self.wanted) < len(self.questions):
            assert time.monotonic() < deadline, "the load gets no answers to begin with"
            time.sleep(0.01)
        return self

    def __exit__(self, *what):
        self.going = False
        for thread in self.threads:
            thread.join(patient(5))
        self.socket.close()

    def send(self):
        wires = []
        for name, rdtype, client in self.questions:
            options = [dns.edns.ECSOption(client, 24)] if client else []
            wires.append(bytearray(dns.message.make_query(name, rdtype, use_edns=0, options=options).to_wire()))
        due = time.monotonic()
        while self.going:
            number = self.sent % 65536
            wire = wires[self.sent % len(wires)]
            wire[0:2] = number.to_bytes(2, "big")
            with self.mutex:
                self.pending[number] = (self.sent % len(wires), time.monotonic())
            try:
                self.socket.send(wire)
            except OSError:
                pass  # nobody listens: it counts as lost below
            self.sent += 1
            due += 1 / self.rate
            time.sleep(max(0.0, due - time.monotonic()))

    def receive(self):
        end = None
        while end is None or (self.pending and time.monotonic() < end):
            if end is None and not self.going:
                end = time.monotonic() + self.timeout_s
            try:
                self.take(self.socket.recv(4096))
            except OSError:
                pass  # nothing came, or nobody listens
            self.forget()
        self.lost += len(self.pending)

    def take(self, wire):
        with self.mutex:
            index, _ = self.pending.pop(int.from_bytes(wire[:2], "big"), (None, None))
        if index is None:
            return
        reply = dns.message.from_wire(wire)
        got = (dns.rcode.to_text(reply.rcode()), frozenset(item.to_text() for rrset in reply.answer for item in rrset))
        wanted = self.wanted.setdefault(index, got)
        self.answered += 1
        if got != wanted:
            self.changed.append((self.questions[index], wanted, got))

    def forget(self):
        old = time.monotonic() - self.timeout_s
        with self.mutex:
            late = [number for number, (_, at) in self.pending.items() if at < old]
            for number in late:
                del self.pending[number]
        self.lost += len(late)

    def check(self, least=20):
        """Nothing was lost and nothing changed until now, over at least LEAST answers."""
        assert self.answered >= least, f"only {self.answered} answers"
        assert self.lost == 0, f"{self.lost} of {self.sent} queries were lost"
        assert not self.changed, self.changed[:3]
