"""Small MMDB files (MaxMind DB format 2.0) with what a test wants to stand in them."""
import ipaddress
import struct
import time

MARKER = b"\xab\xcd\xefMaxMind.com"
UINT16, UINT32, UINT64 = 5, 6, 9


class Number:
    """An integer of one of the format's types."""

    def __init__(self, kind, value):
        self.kind, self.value = kind, value


def head(kind, size):
    first = kind << 5 if kind <= 7 else 0
    extended = bytes([kind - 7]) if kind > 7 else b""
    if size < 29:
        return bytes([first | size]) + extended
    assert size < 285
    return bytes([first | 29]) + extended + bytes([size - 29])


def encode(value):
    if isinstance(value, dict):
        return head(7, len(value)) + b"".join(encode(key) + encode(item) for key, item in value.items())
    if isinstance(value, list):
        return head(11, len(value)) + b"".join(map(encode, value))
    if isinstance(value, str):
        return head(2, len(value.encode())) + value.encode()
    if isinstance(value, float):
        return head(3, 8) + struct.pack("!d", value)
    octets = value.value.to_bytes(8, "big").lstrip(b"\0")
    return head(value.kind, len(octets)) + octets


def city(country, continent, subdivision=None, lat=None, lon=None):
    record = {"continent": {"code": continent}, "country": {"iso_code": country}}
    if subdivision is not None:
        record["subdivisions"] = [{"iso_code": subdivision}]
    if lat is not None:
        record["location"] = {"latitude": float(lat), "longitude": float(lon)}
    return record


def asn(number):
    return {"autonomous_system_number": Number(UINT32, number), "autonomous_system_organization": "Example"}


def bits_of(prefix):
    network = ipaddress.ip_network(prefix)
    number, length = int(network.network_address), network.prefixlen + (96 if network.version == 4 else 0)
    return [number >> (127 - i) & 1 for i in range(length)]


def build(database_type, networks):
    """The octets of a database of {prefix: record}; prefixes do not overlap."""
    nodes, data, places = [[None, None]], b"", {}
    for prefix, record in networks.items():
        body = encode(record)
        if body not in places:
            places[body] = len(data)
            data += body
        at, *bits = 0, *bits_of(prefix)
        for bit in bits[:-1]:
            if nodes[at][bit] is None:
                nodes.append([None, None])
                nodes[at][bit] = len(nodes) - 1
            at = nodes[at][bit]
        nodes[at][bits[-1]] = ("data", places[body])
    tree = b"".join((len(nodes) if side is None else len(nodes) + 16 + side[1] if isinstance(side, tuple) else side).to_bytes(3, "big")
                    for node in nodes for side in node)
    return tree + b"\0" * 16 + data + MARKER + encode({
        "node_count": Number(UINT32, len(nodes)), "record_size": Number(UINT16, 24), "ip_version": Number(UINT16, 6),
        "database_type": database_type, "languages": ["en"], "binary_format_major_version": Number(UINT16, 2),
        "binary_format_minor_version": Number(UINT16, 0), "build_epoch": Number(UINT64, int(time.time())),
        "description": {"en": "made for a test"}})
