"""The questions of the comparison: every name of the zones and what lies beside, above and below it, with every type."""
import random
import struct

from differential_wire import AA, AD, CD, RA, RD, TC, TYPES, labels_to_wire, opt_record, option, query, text_to_labels

USUAL = ("A", "A", "A", "AAAA", "NS", "MX", "TXT", "SOA", "CNAME", "DS", "DNAME", "ANY", "HTTPS", "SRV", "PTR")
OTHER_ZONES = ("example", "org", "elsewhere.example", "in-addr.arpa", "hand", "tes", "testt")
ODD_LABELS = (b"*", b"a", b"b", b"zz", b"WwW", b"_tcp", b"\0", b"\xff\xfe", b"a.b", b"x" * 63, b"xn--fiqs8s", b" ", b"0/25", b"**", b"-")


# Well-formed, and each of them alone of its code.
OPTIONS = (option(3), option(8, b"\0\1\x20\0\xc6\x33\x64\7"), option(10, b"\1\2\3\4\5\6\7\x08"), option(65001, b"unknown"), option(12, b"\0" * 9),
           option(11), option(15, b"\0\0"), option(9), option(5, b"\x08"), option(14, b"\0\1"), option(100), option(65535, b"\xff" * 300))


def owners(zone, text):
    """The names of ZONE's file as labels, with the zone's behind them."""
    apex = text_to_labels(zone)
    found, depth, last = {tuple(apex)}, 0, None
    for line in text.splitlines():
        if line[:1] not in (";", "$", " ", "\t", "") and depth == 0:
            last = line.split(None, 1)[0]
            if last != "@":
                found.add(tuple(text_to_labels(last) + apex))
        depth += line.count(" ( ") - line.count(" )")
    return sorted(found)


def fits(labels):
    return all(0 < len(label) < 64 for label in labels) and sum(len(label) + 1 for label in labels) < 255


def mixed_case(rng, label):
    return bytes(octet ^ 0x20 if chr(octet).isalpha() and octet < 128 and rng.random() < 0.5 else octet for octet in label)


def near(rng, name, others):
    """A name beside, above, below or like NAME."""
    labels = list(name)
    step = rng.randrange(10)
    if step == 0:
        labels = labels[rng.randrange(len(labels)):]
    elif step <= 2:
        labels = [rng.choice(ODD_LABELS)] + labels
    elif step == 3:
        labels = [rng.choice(ODD_LABELS) for _ in range(rng.randrange(1, 5))] + labels
    elif step == 4 and len(labels) > 1:
        labels[0] = rng.choice(ODD_LABELS)
    elif step == 5 and len(labels) > 2:
        del labels[rng.randrange(len(labels) - 1)]
    elif step == 6:
        other = list(rng.choice(others))
        labels = other[:rng.randrange(1, len(other) + 1)] + labels
    elif step == 7:
        labels = [b"a"] * rng.randrange(5, 125) + labels
    elif step == 8:  # as long as a name may be
        while sum(len(label) + 1 for label in labels) < 254:
            labels = [b"y" * min(63, 253 - sum(len(label) + 1 for label in labels))] + labels
    else:
        labels.insert(rng.randrange(len(labels)), rng.choice(ODD_LABELS))
    return tuple(mixed_case(rng, label) for label in labels) if rng.random() < 0.3 else tuple(labels)


def random_edns(rng):
    kind = rng.random()
    if kind < 0.4:
        return b""
    size = rng.choice((0, 511, 512, 513, 600, 1000, 1232, 1232, 1400, 4096, 65535))
    if kind < 0.7:
        return opt_record(size, flags=rng.choice((0, 0x8000, 0x8000, 0x8001, 0x4000)))
    if kind < 0.8:
        return opt_record(size, options=option(3))
    if kind < 0.9:
        return opt_record(size, options=rng.choice((option(8, b"\0\1\x18\0\xc0\0\2"), option(8, b"\0\2\x38\0\x20\1\x0d\xb8\0\0\0"),
                                                     option(8, b"\0\1\0\0"))))
    return opt_record(size, flags=rng.choice((0, 0, 0x8000)), options=b"".join(rng.sample(OPTIONS, rng.choice((1, 1, 2, 3, 5)))))


def well_formed(zones, count, seed):
    """COUNT queries of class IN and opcode QUERY."""
    rng = random.Random(seed)
    names = [name for zone, text in zones.items() for name in owners(zone, text)]
    data_types = [number for number in (*range(1, 128), *range(256, 300), 32768, 32769, 65280, 65534) if number not in (0, 41)]
    made = []
    for name in names:
        for kind in ("A", "NS", "DS", "ANY", "CNAME", "TXT", "SOA", "DNAME"):
            made.append(query(name, TYPES[kind], edns=opt_record(1232)))
            made.append(query((b"below",) + name, TYPES[kind]) if fits((b"below",) + name) else query(name, TYPES[kind]))
    for kind in TYPES.values():
        for text in ("t.hand.test", "hand.test", "www.hand.test", "ent.hand.test", "c1.hand.test", "sub.hand.test", "x.w.hand.test"):
            made.append(query(text_to_labels(text), kind, edns=opt_record(4096, flags=0x8000)))
    for text in OTHER_ZONES + ("",):
        for kind in ("A", "NS", "DS", "SOA", "ANY"):
            made.append(query(text_to_labels(text), TYPES[kind], edns=opt_record(1232)))
    while len(made) < count:
        name = rng.choice(names)
        if rng.random() < 0.75:
            name = near(rng, name, names)
        if rng.random() < 0.05:
            name = tuple(text_to_labels(rng.choice(OTHER_ZONES)))
        if not fits(name):
            continue
        chance = rng.random()
        kind = TYPES[rng.choice(USUAL)] if chance < 0.85 else rng.choice(tuple(TYPES.values())) if chance < 0.97 else rng.choice(data_types)
        made.append(query(name, kind, flags=rng.choice((0, RD, RD, RD | CD, AD, RD | AD)), edns=random_edns(rng)))
    return made


def additional(message, *records):
    """MESSAGE, which has none, with RECORDS in the additional section."""
    present = [record for record in records if record]
    return message[:10] + struct.pack("!H", len(present)) + message[12:] + b"".join(present)


def signature(kind, klass):
    """A TSIG (250) of hmac-sha256, or a SIG(0) (24)."""
    mac = struct.pack("!HIHH", 0, 1600000000, 300, 32) + b"\1" * 32 + struct.pack("!HHH", 0, 0, 0)
    data = labels_to_wire([b"hmac-sha256"]) + mac if kind == 250 else struct.pack("!HBBIIIH", 0, 8, 0, 0, 1800000000, 1600000000, 7) + b"\0" + b"\1" * 64
    owner = labels_to_wire([b"key"]) if kind == 250 else b"\0"
    return owner + struct.pack("!HHIH", kind, klass, 0, len(data)) + data


def odd(zones, count, seed):
    """COUNT messages that are no plain query: other classes and opcodes, versions, options, counts, octets cut or changed."""
    rng = random.Random(seed)
    names = [name for zone, text in zones.items() for name in owners(zone, text)]
    www = text_to_labels("www.hand.test")
    made = [query(text_to_labels(name), 16, klass=3, edns=edns) for edns in (b"", opt_record()) for name in
            ("version.bind", "version.server", "id.server", "hostname.bind", "authors.bind", "www.hand.test", "")]
    made += [query(www, kind, klass=klass) for klass in (0, 2, 3, 4, 254, 255, 65535) for kind in (1, 255)]
    made += [query(www, 1, flags=opcode << 11, edns=edns) for opcode in range(1, 16) for edns in (b"", opt_record())]
    made += [query(www, 1, edns=opt_record(version=version)) for version in (1, 2, 255)]
    made += [query(www, 1, edns=opt_record(rcode=1)), query(www, 1, edns=opt_record() + b"trailing")]
    made += [query(www, kind, edns=opt_record()) for kind in (0, 41, 128, 200, 248, 249, 250, 251, 252, 253, 254)]
    made += [query(www, kind) for kind in (0, 128, 248)]
    plain = query(www, 1)
    for counts in ((0, 0, 0, 0), (2, 0, 0, 0), (1, 1, 0, 0), (1, 0, 1, 0), (1, 0, 0, 1), (1, 0, 0, 2)):
        made.append(plain[:4] + b"".join(count.to_bytes(2, "big") for count in counts) + plain[12:])
    made.append(plain[:10] + b"\0\2" + plain[12:] + opt_record() * 2)
    made.append(plain[:10] + b"\0\2" + plain[12:] + labels_to_wire(www) + b"\0\1\0\1\0\0\0\0\0\4abcd" + opt_record())
    made += [query(www, 1, edns=opt_record(options=options)) for options in
             (option(8), option(8, b"\0\1"), option(8, b"\0\1\x20\0\xc0\0\2"), option(8, b"\0\1\x18\x18\xc0\0\2"), option(8, b"\0\1\x17\0\xc0\0\3"),
              option(8, b"\0\3\x18\0\xc0\0\2"), option(8, b"\0\1\x21\0\xc0\0\2\1\0"), option(10, b"short"), b"\0\3\0", b"\0\3\0\7ab",
              option(10, b"\1" * 41), option(3, b"payload"), option(12, b"\0" * 300))]
    made += [query(www, 1, edns=opt_record(size, flags=flags, rcode=rcode)) for size in (0, 1, 511, 65535) for flags in (1, 0x4000, 0xffff)
             for rcode in (0, 255)]
    made += [query(www, 1, flags=flags) for flags in (AA, TC, RA, 0x40, AA | TC | RD | RA | 0x7f)]
    made += [query(rng.choice(names), TYPES[rng.choice(USUAL)], klass=rng.choice((3, 4, 254, 255))) for _ in range(60)]
    for edns in (b"", opt_record()):  # signed by keys that nobody has, and by none
        for name in ("www.hand.test", "x.w.hand.test", "www.sub.hand.test", "nothing.hand.test", "elsewhere.example"):
            made.append(additional(query(text_to_labels(name), 1), edns, signature(250, 255)))
            made.append(additional(query(text_to_labels(name), 1), edns, signature(24, 255)))
    made.append(additional(query(www, 1), signature(250, 255), opt_record()))
    made.append(additional(query(www, 1), signature(250, 255), signature(250, 255)))
    made.append(additional(query(www, 252), b"", signature(250, 255)))
    while len(made) < count:
        message = bytearray(query(rng.choice(names), TYPES[rng.choice(USUAL)], edns=random_edns(rng)))
        if rng.random() < 0.5:
            message = message[:rng.randrange(12, len(message))]
        else:
            message[rng.randrange(4, len(message))] = rng.randrange(256)
        made.append(bytes(message))
    return made
