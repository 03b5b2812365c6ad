"""RFC 8906 section 8: every test that finds servers which break when asked something new, over UDP and TCP, and TCP itself cut up, mixed and
misused (RFC 7766)."""
import socket
import struct

import pytest

from differential_peers import exchange, exchange_tcp
from differential_wire import AA, AD, CD, QR, RA, RD, TC, TYPES, labels_to_wire, opt_record, option, query, read_answer, text_to_labels
from harness import Instance, patient, wait_for

DOCUMENT = {
    "meridian": 1,
    "zones": [{"name": "example.com", "ttl": 300, "primary": "ns1.example.com.", "contact": "hostmaster.example.com.",
               "records": [{"name": "@", "type": "NS", "data": ["ns1.example.com."]},
                           {"name": "@", "type": "TXT", "data": [f'"{i:03}{"x" * 150}"' for i in range(10)]},
                           {"name": "ns1", "type": "A", "data": ["192.0.2.53"]}]}]}
APEX = text_to_labels("example.com")
SOA, UNKNOWN_TYPE, UNKNOWN_OPTION, MBZ, DO = TYPES["SOA"], 1000, 100, 0x0040, 0x8000
NOERROR, NOTIMP, BADVERS = 0, 4, 16


@pytest.fixture(scope="module")
def instance():
    with Instance(DOCUMENT, geo=False) as running:
        running.start("geodns")
        wait_for("the zone is served", lambda: running.dig("example.com", "SOA"))
        yield running


# Section of RFC 8906: (query, RCODE, records in the answer, version and flags of OPT or None). No flag but AA (and RD) comes back.
SECTIONS = {
    "8.1.1 plain DNS": (query(APEX, SOA), NOERROR, 1, None),
    "8.1.2 an unknown type": (query(APEX, UNKNOWN_TYPE), NOERROR, 0, None),
    "8.1.3.1 CD": (query(APEX, SOA, flags=CD), NOERROR, 1, None),
    "8.1.3.2 AD": (query(APEX, SOA, flags=AD), NOERROR, 1, None),
    "8.1.3.3 the reserved bit": (query(APEX, SOA, flags=MBZ), NOERROR, 1, None),
    "8.1.3.4 RD": (query(APEX, SOA, flags=RD), NOERROR, 1, None),
    "8.1.4 an unknown opcode": (b"\0\0\x78\0" + bytes(8), NOTIMP, 0, None),
    "8.2.1 EDNS": (query(APEX, SOA, edns=opt_record()), NOERROR, 1, (0, 0)),
    "8.2.2 an unknown version": (query(APEX, SOA, edns=opt_record(version=1)), BADVERS, 0, (0, 0)),
    "8.2.3 an unknown option": (query(APEX, SOA, edns=opt_record(options=option(UNKNOWN_OPTION))), NOERROR, 1, (0, 0)),
    "8.2.4 an unknown flag": (query(APEX, SOA, edns=opt_record(flags=MBZ)), NOERROR, 1, (0, 0)),
    "8.2.5 version and flag": (query(APEX, SOA, edns=opt_record(version=1, flags=MBZ)), BADVERS, 0, (0, 0)),
    "8.2.6 version and option": (query(APEX, SOA, edns=opt_record(version=1, options=option(UNKNOWN_OPTION))), BADVERS, 0, (0, 0)),
    "8.2.8 DO": (query(APEX, SOA, edns=opt_record(flags=DO)), NOERROR, 1, (0, DO)),
    "8.2.9 version and DO": (query(APEX, SOA, edns=opt_record(version=1, flags=DO)), BADVERS, 0, (0, DO)),
}


@pytest.mark.parametrize("send", [exchange, exchange_tcp], ids=["UDP", "TCP"])
@pytest.mark.parametrize("section", SECTIONS)
def test_section_8_of_rfc_8906(instance, section, send):
    """8.1.5, TCP, is each of them once more."""
    wire, rcode, records, edns = SECTIONS[section]
    answer = read_answer(send(instance.dns_port, [wire])[0])
    assert answer.rcode == rcode and len(answer.answer) == records
    assert answer.opcode == wire[2] >> 3 & 15
    # BADVERS and NOTIMP say nothing of data, so AA means nothing there.
    assert answer.flags & ~AA == QR | struct.unpack("!H", wire[2:4])[0] & RD
    assert bool(answer.flags & AA) == (rcode == NOERROR)
    assert (answer.edns and (answer.edns.version, answer.edns.flags)) == edns
    assert not answer.edns or not answer.edns.options
    assert not records or {record.type for record in answer.answer} == {SOA}


def test_section_8_2_7_of_rfc_8906_truncation(instance):
    wire = query(APEX, TYPES["TXT"], edns=opt_record(size=512, flags=DO))
    answer = read_answer(exchange(instance.dns_port, [wire])[0])
    assert answer.flags & TC and not answer.answer and answer.edns.flags == DO
    whole = read_answer(exchange_tcp(instance.dns_port, [wire])[0])
    assert not whole.flags & TC and len(whole.answer) == 10


def test_section_8_2_10_of_rfc_8906_several_options_at_once(instance):
    options = option(3) + option(10, bytes(range(8))) + option(9) + option(8, b"\0\1\0\0")
    answer = read_answer(exchange(instance.dns_port, [query(APEX, SOA, edns=opt_record(options=options))])[0])
    told = dict(answer.edns.options)
    assert answer.rcode == NOERROR and len(answer.answer) == 1
    assert told.keys() == {3, 8, 10}  # EXPIRE (RFC 7314) is for secondaries
    assert told[3] == b"test" and told[8] == b"\0\1\0\0" and told[10][:8] == bytes(range(8)) and len(told[10]) == 24


def connect(instance):
    return socket.create_connection((instance.dns_host, instance.dns_port), timeout=patient(5))


def framed(wire):
    return struct.pack("!H", len(wire)) + wire


def receive(client, count):
    got = b""
    while len(got) < count:
        more = client.recv(count - len(got))
        if not more:
            break
        got += more
    return got


def answers_of(client):
    """Every message until the server closes."""
    while prefix := receive(client, 2):
        yield receive(client, struct.unpack("!H", prefix)[0])


def numbered(number):
    return struct.pack("!H", number) + query(APEX, SOA)[2:]


def test_a_query_of_single_octets_is_answered(instance):
    with connect(instance) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in framed(numbered(7)):
            client.send(bytes([octet]))
        answer = receive(client, struct.unpack("!H", receive(client, 2))[0])
        assert answer[:2] == b"\0\7" and read_answer(answer).answer


def test_a_hundred_pipelined_queries_are_answered_before_a_half_close_ends_the_connection(instance):
    """RFC 7766 sections 6.2.1.1 and 7; RFC 9293 section 3.6: one side may stop speaking and go on listening."""
    with connect(instance) as client:
        client.sendall(b"".join(framed(numbered(i)) for i in range(100)))
        client.shutdown(socket.SHUT_WR)
        answers = list(answers_of(client))
    assert sorted(struct.unpack("!H", answer[:2])[0] for answer in answers) == list(range(100))


def test_frames_that_hold_no_query_do_not_end_the_connection(instance):
    """Length 0, fewer octets than a header, a response: silence (RFC 1035 section 4.1.1), and what follows is answered."""
    response = query(APEX, SOA, flags=QR)
    with connect(instance) as client:
        client.sendall(framed(b"") + framed(b"\0" * 11) + framed(response) + framed(numbered(9)))
        client.shutdown(socket.SHUT_WR)
        answers = list(answers_of(client))
    assert [answer[:2] for answer in answers] == [b"\0\x09"]


def test_a_stream_that_ends_within_a_message_is_closed_after_what_was_whole(instance):
    with connect(instance) as client:
        client.sendall(framed(numbered(1)) + framed(numbered(2))[:-3])
        client.shutdown(socket.SHUT_WR)
        assert [answer[:2] for answer in answers_of(client)] == [b"\0\1"]


def test_a_signed_query_is_notauth_with_badkey(instance):
    """RFC 8945 section 5.2.1: this server has no keys, so every key is unknown to it."""
    rdata = labels_to_wire([b"hmac-sha256"]) + bytes(6) + struct.pack("!HH", 300, 32) + bytes(32) + struct.pack("!HHH", 0, 0, 0)
    record = labels_to_wire([b"key"]) + struct.pack("!HHIH", 250, 255, 0, len(rdata)) + rdata
    for send in (exchange, exchange_tcp):
        answer = read_answer(send(instance.dns_port, [query(APEX, SOA, edns=record)])[0])
        (tsig,) = answer.additional
        assert answer.rcode == 9 and tsig.type == 250 and not answer.answer
        assert tsig.data[13 + 8:] == b"\0\0" + b"\0\0" + struct.pack("!H", 17) + b"\0\0"  # no MAC, the id, BADKEY, nothing more
    done = instance.dig("-y", "hmac-sha256:key:" + "A" * 43 + "=", "example.com", "SOA")
    assert done == []


def test_no_flag_of_a_query_makes_the_server_offer_recursion(instance):
    for flags in range(0, 0x800, 0x10):
        answer = read_answer(exchange(instance.dns_port, [query(APEX, SOA, flags=flags)])[0])
        assert answer.flags & ~RD == QR | AA and not answer.flags & RA
