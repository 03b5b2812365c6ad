#!/usr/bin/python3
"""A responder that answers every query over UDP and TCP in the way a test wants: the controller's tests need wrong answers too.

usage: responder_stub.py ADDRESS PORT MODE    MODE: good, servfail, lame (no AA), empty, elsewhere (NSID of another site); a file named by @PATH holds it, read at each query
"""
import socket
import struct
import sys
import threading

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rrset


def reply_to(octets, mode):
    query = dns.message.from_wire(octets)
    reply = dns.message.make_response(query)
    reply.flags |= dns.flags.AA
    if mode == "servfail":
        reply.set_rcode(dns.rcode.SERVFAIL)
        return reply.to_wire()
    if query.edns >= 0:
        nsid = b"ams" if mode == "elsewhere" else b"fra"
        reply.use_edns(0, 0, 1232, options=[dns.edns.GenericOption(3, nsid)])
    if mode == "lame":
        reply.flags &= ~dns.flags.AA
    if mode != "empty":
        name = query.question[0].name
        reply.answer.append(dns.rrset.from_text(name, 300, "IN", "SOA", "ns1.example.com. hostmaster.example.com. 1 1 1 1 300"))
    return reply.to_wire()


def main():
    address, port, mode = sys.argv[1], int(sys.argv[2]), sys.argv[3]

    def mode_now():
        return open(mode[1:]).read().strip() if mode.startswith("@") else mode

    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    udp = socket.socket(family, socket.SOCK_DGRAM)
    udp.bind((address, port))
    tcp = socket.socket(family, socket.SOCK_STREAM)
    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    tcp.bind((address, port))
    tcp.listen(16)

    def serve_tcp():
        while True:
            client, _ = tcp.accept()
            with client:
                try:
                    length = struct.unpack("!H", client.recv(2, socket.MSG_WAITALL))[0]
                    wire = reply_to(client.recv(length, socket.MSG_WAITALL), mode_now())
                    client.sendall(struct.pack("!H", len(wire)) + wire)
                except (OSError, struct.error):
                    pass

    threading.Thread(target=serve_tcp, daemon=True).start()
    print("ready", flush=True)
    while True:
        octets, client = udp.recvfrom(4096)
        udp.sendto(reply_to(octets, mode_now()), client)


if __name__ == "__main__":
    main()
