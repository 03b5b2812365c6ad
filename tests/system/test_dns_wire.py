"""The responder's manners on the wire: what it answers to the malformed, over UDP and TCP, with the program that ships."""
import ipaddress
import socket
import struct

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import pytest

from dns_stream import receive_message
from harness import Instance, patient, wait_for

BIG = [f"192.0.2.{i}" for i in range(1, 121)]  # 120 A records: 1,920 octets and more
DOCUMENT = {
    "meridian": 1,
    "pools": [{"name": "eu", "endpoints": [{"name": "eu1", "address": "192.0.2.10"}]}],
    "zones": [{
        "name": "example.com", "ttl": 300, "primary": "ns1.example.com.", "contact": "hostmaster.example.com.", "negative_ttl": 300,
        "records": [{"name": "@", "type": "NS", "data": ["ns1.example.com."]},
                    {"name": "ns1", "type": "A", "data": ["192.0.2.53"]},
                    {"name": "sub", "type": "NS", "data": [f"ns{i}.sub.example.com." for i in range(1, 11)]},
                    *({"name": f"ns{i}.sub", "type": "A", "data": [f"192.0.2.{i}"]} for i in range(1, 11)),
                    {"name": "mail", "type": "MX", "data": [f"10 mx{i}.mail.example.com." for i in range(20)]},
                    {"name": "to-mail", "type": "CNAME", "data": ["mail"]},
                    {"name": "big", "type": "A", "data": BIG}],
        "services": [{"name": "www", "ttl": 30, "steering": "failover", "pools": ["eu"]}],
    }],
}


@pytest.fixture(scope="module")
def instance():
    with Instance(DOCUMENT, settings="", geo=False) as running:
        running.start("geodns")
        wait_for("the zone is served", lambda: dns.query.udp(ask("www.example.com"), running.dns_host, port=running.dns_port,
                                                             timeout=patient(2)).rcode() == 0)
        yield running


def ask(name, kind="A", **more):
    return dns.message.make_query(name, kind, **more)


def udp(instance, wire, timeout=2.0):
    """The raw answer to raw octets; None for silence."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(patient(timeout))
        client.connect((instance.dns_host, instance.dns_port))
        client.send(wire)
        try:
            return client.recv(65535)
        except socket.timeout:
            return None


def rcode_of(wire):
    return wire[3] & 15


def header(flags=0, qd=1, an=0, ns=0, ar=0):
    return struct.pack("!6H", 0x4D21, flags, qd, an, ns, ar)


QUESTION = b"\3wWw\7ExAmPlE\3cOm\0\0\1\0\1"


def opt(options=b"", version=0, size=1232):
    return b"\0" + struct.pack("!HHBBHH", 41, size, 0, version, 0, len(options)) + options


def option(code, data):
    return struct.pack("!HH", code, len(data)) + data


def assert_message(wire):
    """WIRE is a message whose counts are true: dnspython refuses opcodes that it does not know, so it cannot tell."""
    at = 12
    questions, *records = struct.unpack("!4H", wire[4:12])
    for number in range(questions + sum(records)):
        at += dns.name.from_wire(wire, at)[1]
        at += 4 if number < questions else 10 + struct.unpack("!H", wire[at + 8:at + 10])[0]
    assert at == len(wire)


@pytest.mark.parametrize("wire", [b"", b"\0" * 11, header(0x8000) + QUESTION], ids=["empty", "11 octets", "a response"])
def test_silence_is_the_answer_to_what_is_no_query(instance, wire):
    assert udp(instance, wire, timeout=0.3) is None


FORMERR, NOTIMP, REFUSED = 1, 4, 5
ANSWERS = {
    "no question": (header(qd=0), FORMERR),
    "two questions": (header(qd=2) + QUESTION + QUESTION, FORMERR),
    "compressed question": (header() + b"\xc0\x0c\0\1\0\1", FORMERR),
    "cut question": (header() + QUESTION[:-1], FORMERR),
    "record counted and not there": (header(an=1) + QUESTION, FORMERR),
    "two OPT": (header(ar=2) + QUESTION + opt() + opt(), FORMERR),
    "OPT in the answer section": (header(an=1) + QUESTION + opt(), FORMERR),
    "cookie of nine octets": (header(ar=1) + QUESTION + opt(option(10, b"123456789")), FORMERR),
    "ECS with bits beyond its source": (header(ar=1) + QUESTION + opt(option(8, b"\0\1\x17\0\xc0\0\3")), FORMERR),
    "ECS with a scope": (header(ar=1) + QUESTION + opt(option(8, b"\0\1\x18\x18\xc0\0\2")), FORMERR),
    "ECS of an unknown family": (header(ar=1) + QUESTION + opt(option(8, b"\0\3\0\0")), FORMERR),
    "NOTIFY": (header(0x2000) + QUESTION, NOTIMP),
    "UPDATE": (header(0x2800) + QUESTION, NOTIMP),
    "trailing octets": (header() + QUESTION + b"junk", 0),
    "a junk record": (header(an=1) + QUESTION + b"\1x\0\0\1\0\1\0\0\0\0\0\4abcd", 0),
    "an unknown option": (header(ar=1) + QUESTION + opt(option(65001, b"x")), 0),
    "a zone of somebody else": (header() + b"\7example\3org\0\0\1\0\1", REFUSED),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_rcode_of_the_unusual(instance, case):
    wire, expected = ANSWERS[case]
    answer = udp(instance, wire)
    assert answer is not None and rcode_of(answer) == expected
    assert answer[:2] == wire[:2] and answer[2] & 0xF8 == 0x80 | wire[2] & 0x78  # id, QR, opcode
    assert_message(answer)


def test_question_comes_back_in_the_case_it_was_sent(instance):
    answer = udp(instance, header() + QUESTION)
    assert answer[12:12 + len(QUESTION)] == QUESTION


def test_version_above_0_gets_badvers_with_ours(instance):
    answer = dns.message.from_wire(udp(instance, header(ar=1) + QUESTION + opt(version=1)))
    assert answer.rcode() == dns.rcode.BADVERS and answer.edns == 0 and not answer.answer


def test_opt_is_in_the_answer_if_and_only_if_it_was_in_the_query(instance):
    for use_edns in (-1, 0):
        query = ask("www.example.com", use_edns=use_edns)
        answer = dns.query.udp(query, instance.dns_host, port=instance.dns_port, timeout=patient(2))
        assert answer.edns == use_edns and answer.answer


def test_nsid_names_this_site_when_asked(instance):
    query = ask("www.example.com", use_edns=0, options=[dns.edns.GenericOption(dns.edns.NSID, b"")])
    answer = dns.query.udp(query, instance.dns_host, port=instance.dns_port, timeout=patient(2))
    # dnspython 2.3 has no class of its own for NSID, later ones have.
    (found,) = [option for option in answer.options if option.otype == dns.edns.NSID]
    assert found.to_wire() == b"test"


@pytest.mark.parametrize("size", [None, 512, 1232, 4096])
def test_big_rrset_is_left_out_whole_over_udp_and_comes_over_tcp(instance, size):
    query = ask("big.example.com") if size is None else ask("big.example.com", use_edns=0, payload=size)
    answer = dns.query.udp(query, instance.dns_host, port=instance.dns_port, timeout=patient(2))
    assert answer.flags & dns.flags.TC and not answer.answer
    whole = dns.query.tcp(query, instance.dns_host, port=instance.dns_port, timeout=patient(2))
    assert not whole.flags & dns.flags.TC
    assert {record.address for record in whole.answer[0]} == set(BIG)


def test_referral_with_glue_and_a_long_mx_set_fit_into_512_octets(instance):
    """RFC 1035 section 4.1.4: 10 name servers with glue take 614 octets uncompressed, 20 mail servers 742."""
    referral = dns.query.udp(ask("www.sub.example.com"), instance.dns_host, port=instance.dns_port, timeout=patient(2))
    assert not referral.flags & (dns.flags.TC | dns.flags.AA) and len(referral.authority[0]) == 10
    glue = {rrset.name.to_text(): rrset[0].address for rrset in referral.additional}
    assert glue == {f"ns{i}.sub.example.com.": f"192.0.2.{i}" for i in range(1, 11)}
    for name in ("mail.example.com", "to-mail.example.com"):
        answer = dns.query.udp(ask(name, "MX"), instance.dns_host, port=instance.dns_port, timeout=patient(2))
        assert not answer.flags & dns.flags.TC and answer.answer[-1].name.to_text() == "mail.example.com."
        assert {mx.exchange.to_text() for mx in answer.answer[-1]} == {f"mx{i}.mail.example.com." for i in range(20)}


def test_pipelined_queries_over_one_connection_are_all_answered(instance):
    wires = [header() + QUESTION, header(0x2800) + QUESTION, b"\0" * 11, header(qd=2) + QUESTION] * 50
    stream = b"".join(struct.pack("!H", len(wire)) + wire for wire in wires)
    with socket.create_connection((instance.dns_host, instance.dns_port), timeout=patient(5)) as client:
        client.sendall(stream)
        rcodes = [rcode_of(receive_message(client)) for _ in range(150)]
    assert rcodes == [0, NOTIMP, FORMERR] * 50


def test_keepalive_is_answered_over_tcp_alone(instance):
    wire = header(ar=1) + QUESTION + opt(option(11, b""))
    with socket.create_connection((instance.dns_host, instance.dns_port), timeout=patient(5)) as client:
        client.sendall(struct.pack("!H", len(wire)) + wire)
        assert option(11, b"\0\x64") in receive_message(client)
    assert b"\0\x0b\0\2" not in udp(instance, wire)[12 + len(QUESTION):]


def test_every_answer_to_damaged_queries_is_a_message(instance):
    """A query with each of its octets set to each of a few values: silence or a well-formed answer, never a death."""
    whole = header(ar=1) + QUESTION + opt(option(8, b"\0\1\x18\0\xc0\0\2") + option(10, b"12345678"))
    asked = answered = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(patient(0.02))
        client.connect((instance.dns_host, instance.dns_port))
        for position in range(2, len(whole)):
            for value in (0, 1, 0x3F, 0x40, 0x80, 0xC0, 0xFF):
                client.send(whole[:position] + bytes([value]) + whole[position + 1:])
                asked += 1
                if position == 2 and value & 0x80:
                    continue
                try:
                    assert_message(client.recv(65535))
                    answered += 1
                except socket.timeout:
                    pass
    assert answered > 0.9 * asked
    assert rcode_of(udp(instance, header() + QUESTION)) == 0


def test_wildcard_address_answers_from_the_address_that_was_asked():
    with Instance(DOCUMENT, dns_host="0.0.0.0", geo=False) as running:
        running.start("geodns")
        for last in (1, 9, 77):
            address = str(ipaddress.ip_address("127.0.0.0") + last)
            # dns.query.udp() refuses what comes from elsewhere.
            answer = dns.query.udp(ask("www.example.com"), address, port=running.dns_port, timeout=patient(2))
            assert answer.answer[0][0].address == "192.0.2.10"
