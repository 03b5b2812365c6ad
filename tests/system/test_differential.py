"""The same zones served by Knot DNS, by NSD and by us: header, RCODE, every section and TTL of the answers to many questions are
the same, or a rule of differential_rules.py says by which section of which RFC they are not."""
import collections
import os
import re

import pytest

import differential_queries
import differential_rules
import differential_zones
from differential_peers import Peer, exchange, exchange_tcp
from differential_wire import TYPES, Malformed, labels_to_wire, read_answer, text_to_labels
from harness import ROOT, Instance

WELL_FORMED, ODD, SEED = 50000, 3000, int(os.environ.get("MERIDIAN_SEED", "20250"))
SHOWN = 12


class World:
    """All three servers with the zones, and the answers that they have given."""

    def __init__(self, instance, peers, zones):
        self.ports = {"ours": instance.dns_port, **{peer.name: peer.port for peer in peers}}
        self.zones = zones
        self.zone_names = [labels_to_wire(text_to_labels(zone)) for zone in zones]
        self.known = {}

    def ask(self, server, query, tcp):
        key = server, query, tcp
        if key not in self.known:
            send = exchange_tcp if tcp else exchange
            self.known[key] = send(self.ports[server], [query])[0]
        return read_or_none(self.known[key])


def read_or_none(wire):
    try:
        return read_answer(wire)
    except Malformed:
        return None


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    zones, folder, peers = differential_zones.zones(), tmp_path_factory.mktemp("peers"), []
    with Instance(geo=False) as instance:
        try:
            for name, text in zones.items():
                path = instance.path(f"{name}.zone")
                with open(path, "w") as file:
                    file.write(text)
                instance.meridian("zone", "import", name, path)
            instance.start("geodns")
            peers += [Peer("knotd", str(folder / "knotd"), zones)]
            peers += [Peer("nsd", str(folder / "nsd"), zones)]
            yield World(instance, peers, zones)
        finally:
            for peer in peers:
                peer.stop()


def show_name(wire):
    labels, at = [], 0
    while wire[at]:
        labels.append(wire[at + 1:at + 1 + wire[at]].decode("latin-1"))
        at += wire[at] + 1
    return ".".join(label if len(label) < 30 else label[:8] + ".." for label in labels) + "."


def show_section(records):
    kinds = {number: name for name, number in TYPES.items()}
    lines = sorted(f"{show_name(record.name)} {record.ttl} {kinds.get(record.type, record.type)} {record.data[:40]!r}" for record in records)
    return lines[:5] + ([f"... {len(lines)} records"] if len(lines) > 5 else [])


def show(case):
    kinds = {number: name for name, number in TYPES.items()}
    lines = [f"{show_name(case.qname) if case.qname else '?'} {kinds.get(case.qtype, case.qtype)} class {case.qclass} {case.query.hex()} used={case.used}"]
    for who, answer in (("ours", case.ours), (case.peer, case.theirs)):
        if answer is None:
            lines.append(f"  {who}: silence or nonsense")
            continue
        lines.append(f"  {who}: rcode {answer.rcode} flags {answer.flags:04x} opcode {answer.opcode} {answer.edns}")
        for section in ("answer", "authority", "additional"):
            lines += [f"    {section} {line}" for line in show_section(getattr(answer, section))]
    return "\n".join(lines)


def compare(world, queries, tries):
    """Asks all servers and returns (cases without an explanation, how often each rule was used with each peer)."""
    answers = {server: exchange(port, queries, tries=tries if server != "ours" else 4) for server, port in world.ports.items()}
    for peer in ("knotd", "nsd"):  # who was asked once may have answered late: once more, where we have answered
        silent = [number for number, wire in enumerate(answers[peer]) if read_or_none(wire) is None and read_or_none(answers["ours"][number])]
        for number, wire in zip(silent, exchange(world.ports[peer], [queries[number] for number in silent], tries=tries)):
            answers[peer][number] = wire
    left, used = [], collections.Counter()
    for number, query in enumerate(queries):
        ours = read_answer(answers["ours"][number])  # Malformed is a failure
        for peer in ("knotd", "nsd"):
            case = differential_rules.Case(query, ours, read_or_none(answers[peer][number]), peer, world.zone_names,
                                           lambda query, tcp: world.ask("ours", query, tcp),
                                           lambda query, tcp, peer=peer: world.ask(peer, query, tcp))
            if differential_rules.explain(case):
                used.update((peer, name) for name in case.used)
            else:
                left.append(case)
    return left, used


used_rules = collections.Counter()


def check(world, queries, tries):
    left, used = compare(world, queries, tries)
    used_rules.update(used)
    print(f"{len(queries)} queries; explained: {dict(used)}")
    assert not left, f"{len(left)} differences without an explanation\n" + "\n".join(show(case) for case in left[:SHOWN])


def test_answers_to_well_formed_queries_are_those_of_knot_and_nsd(world):
    check(world, differential_queries.well_formed(world.zones, WELL_FORMED, SEED), tries=4)


def test_answers_to_odd_messages_are_those_of_knot_and_nsd(world):
    check(world, differential_queries.odd(world.zones, ODD, SEED), tries=1)


def test_every_rule_explains_something():
    """Runs last: a rule without use hides a difference that is gone or never was."""
    if not used_rules:
        pytest.skip("the comparisons did not run")
    missing = [(name, peer) for name, _, peers, _ in differential_rules.RULES for peer in peers if not used_rules[peer, name]]
    assert not missing


def test_every_rule_is_told_in_the_conformance_document():
    with open(os.path.join(ROOT, "docs", "conformance.md")) as document:
        text = document.read()
    told = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    assert told == {name for name, *_ in differential_rules.RULES}
