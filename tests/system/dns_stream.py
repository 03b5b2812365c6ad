"""DNS messages on a stream (RFC 1035 section 4.2.2)."""
import struct


def receive(client, count):
    data = b""
    while len(data) < count:
        more = client.recv(count - len(data))
        assert more, "closed by the other side"
        data += more
    return data


def receive_message(client):
    return receive(client, struct.unpack("!H", receive(client, 2))[0])
