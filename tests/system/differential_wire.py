"""Raw DNS messages: queries with everything that can be said in them, and answers read so that they can be compared.

A reader of its own, because tens of thousands of messages are read and because what is compared must not depend on how kind
a library is to them.
"""
import collections
import struct

TYPES = {"A": 1, "NS": 2, "MD": 3, "CNAME": 5, "SOA": 6, "MB": 7, "NULL": 10, "PTR": 12, "HINFO": 13, "MX": 15, "TXT": 16, "RP": 17,
         "AFSDB": 18, "SIG": 24, "KEY": 25, "AAAA": 28, "LOC": 29, "SRV": 33, "NAPTR": 35, "KX": 36, "CERT": 37, "DNAME": 39, "DS": 43,
         "SSHFP": 44, "RRSIG": 46, "NSEC": 47, "DNSKEY": 48, "DHCID": 49, "NSEC3": 50, "NSEC3PARAM": 51, "TLSA": 52, "SMIMEA": 53,
         "CDS": 59, "OPENPGPKEY": 61, "CSYNC": 62, "ZONEMD": 63, "SVCB": 64, "HTTPS": 65, "SPF": 99, "EUI48": 108, "EUI64": 109,
         "ANY": 255, "URI": 256, "CAA": 257, "TYPE65280": 65280, "TYPE65281": 65281, "TYPE65535": 65535}
OPT, TSIG = 41, 250
QR, AA, TC, RD, RA, AD, CD = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080, 0x0020, 0x0010

# Types whose data may hold compressed names (RFC 3597 section 4), as octets before the names, names, octets behind.
COMPRESSED = {2: (0, 1), 5: (0, 1), 6: (0, 2), 12: (0, 1), 15: (2, 1), 17: (0, 2), 18: (2, 1), 33: (6, 1), 36: (2, 1), 39: (0, 1)}

# RFC 9460 section 2.2: a name that is never compressed, behind a number.
SVCB_TYPES = (64, 65)

Record = collections.namedtuple("Record", "name type klass ttl data")
Answer = collections.namedtuple("Answer", "flags rcode opcode question answer authority additional edns")
Edns = collections.namedtuple("Edns", "version flags size options")


class Malformed(Exception):
    pass


def labels_to_wire(labels):
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def text_to_labels(text):
    """Presentation form to labels: \\. and \\DDD are understood."""
    labels, label, at = [], bytearray(), 0
    while at < len(text):
        if text[at] == "\\" and text[at + 1].isdigit():
            label.append(int(text[at + 1:at + 4]))
            at += 4
        elif text[at] == "\\":
            label += text[at + 1].encode()
            at += 2
        elif text[at] == ".":
            labels.append(bytes(label))
            label = bytearray()
            at += 1
        else:
            label += text[at].encode()
            at += 1
    return labels + [bytes(label)] if label else labels


def option(code, data=b""):
    return struct.pack("!HH", code, len(data)) + data


def opt_record(size=1232, version=0, flags=0, options=b"", rcode=0):
    return b"\0" + struct.pack("!HHBBHH", OPT, size, rcode, version, flags, len(options)) + options


def query(labels, kind, klass=1, flags=0, edns=b""):
    return struct.pack("!6H", 0, flags, 1, 0, 0, 1 if edns else 0) + labels_to_wire(labels) + struct.pack("!HH", kind, klass) + edns


def read_name(wire, at):
    """(the name in lower-case wire form, where it ends)."""
    name, end, hops = bytearray(), None, 0
    while True:
        if at >= len(wire):
            raise Malformed("a name runs out of the message")
        length = wire[at]
        if length >= 0xc0:
            if at + 1 >= len(wire):
                raise Malformed("a pointer is cut")
            target = (length & 0x3f) << 8 | wire[at + 1]
            if end is None:
                end = at + 2
            hops += 1
            if target >= at or hops > 127:
                raise Malformed("a pointer does not point back")
            at = target
        elif length > 63:
            raise Malformed("a label of an unknown kind")
        else:
            name += wire[at:at + 1 + length]
            at += 1 + length
            if length == 0:
                break
    if len(name) > 255:
        raise Malformed("a name is longer than 255 octets")
    return bytes(name).lower(), end if end is not None else at


def read_data(wire, at, length, kind):
    """RDATA without compression, names in it in lower case: RFC 4343 section 3, and the peers keep no case."""
    if kind in SVCB_TYPES:
        name, behind = read_name(wire, at + 2)
        if behind != at + 2 + len(name) or behind > at + length:
            raise Malformed("the target of a service binding is compressed or runs out of its data")
        return wire[at:at + 2] + name + wire[behind:at + length]
    if kind not in COMPRESSED:
        return wire[at:at + length]
    before, names = COMPRESSED[kind]
    end = at + length
    out = wire[at:at + before]
    at += before
    for _ in range(names):
        name, at = read_name(wire, at)
        out += name
    if at > end:
        raise Malformed("RDATA is longer than it says")
    return out + wire[at:end]


def read_edns(klass, ttl, data):
    options, at = [], 0
    while at + 4 <= len(data):
        code, length = struct.unpack("!HH", data[at:at + 4])
        options.append((code, data[at + 4:at + 4 + length]))
        at += 4 + length
    if at != len(data):
        raise Malformed("an option is cut")
    return Edns(ttl >> 16 & 0xff, ttl & 0xffff, klass, tuple(sorted(options)))


def read_answer(wire):
    """Reads an answer; Malformed where it is none, where records are doubled, or where octets are left over."""
    if wire is None:
        return None
    if len(wire) < 12:
        raise Malformed("no header")
    _, flags, questions, *counts = struct.unpack("!6H", wire[:12])
    at = 12
    for _ in range(questions):
        at = read_name(wire, at)[1] + 4
    question = wire[12:at]
    sections, edns, rcode = [], None, flags & 15
    for count in counts:
        records = []
        for _ in range(count):
            name, at = read_name(wire, at)
            if at + 10 > len(wire):
                raise Malformed("a record is cut")
            kind, klass, ttl, length = struct.unpack("!HHIH", wire[at:at + 10])
            at += 10
            if at + length > len(wire):
                raise Malformed("RDATA runs out of the message")
            if kind == OPT:
                if edns is not None:
                    raise Malformed("two OPT records")
                edns = read_edns(klass, ttl, wire[at:at + length])
                rcode |= ttl >> 24 << 4
            else:
                records.append(Record(name, kind, klass, ttl, read_data(wire, at, length, kind)))
            at += length
        section = frozenset(records)
        if len(section) != len(records):
            raise Malformed("a record stands twice in a section")
        sections.append(section)
    if at != len(wire):
        raise Malformed("octets behind the last record")
    return Answer(flags & (QR | AA | TC | RD | RA | AD | CD), rcode, flags >> 11 & 15, question, *sections, edns)
