#!/usr/bin/python3
"""A BIRD that is only its control socket, and answers as a test wants: real BIRDs rarely misbehave on demand.

It reads the include file as BIRD would when it is configured, and takes all of it as exported to one session, "up1". Its bird.conf is a
file beside it that says nothing. `log()` sends a line to those who asked for its log. What it does at each
request stands in a dict that the test changes: {"configure": reply or callable, ...}, octets (not text) are sent and the connection is closed; what it was asked is in `asked`.
"""
import os
import re
import socket
import threading


class FakeBird:
    def __init__(self, path, include):
        self.path, self.include, self.conf = path, include, os.path.join(os.path.dirname(path), "bird.conf")
        with open(self.conf, "w") as conf:
            conf.write(f'include "{os.path.dirname(include)}/*.conf";\n')
        self.reading, self.listeners = f"0002-Reading configuration from {self.conf}\n", []
        self.routes, self.before, self.filter = {}, {}, lambda routes: routes
        self.disabled, self.asked, self.replies, self.unconfirmed = set(), [], {}, False
        self.lock = threading.Lock()
        self.listener = socket.socket(socket.AF_UNIX)
        if os.path.exists(path):
            os.unlink(path)
        self.listener.bind(path)
        self.listener.listen(8)
        self.configure()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def configure(self):
        text = open(self.include).read() if os.path.exists(self.include) else ""
        self.before = self.routes
        self.routes = {net: int(tag) for net, tag in re.findall(r"route (\S+) unreachable .*MERIDIAN_AS, 53, (\d)", text)}
        self.disabled.clear()

    def log(self, text):
        with self.lock:
            for client in self.listeners:
                client.sendall(f"+{text}\n".encode())

    def exported(self):
        """{prefix: tag} that the one neighbour has."""
        with self.lock:
            return self._exported()

    def _exported(self):
        if "up1" in self.disabled:
            return {}
        return {net: tag for net, tag in self.filter(self.routes).items() if f"meridian{6 if ':' in net else 4}" not in self.disabled}

    def said(self, start):
        return [line for line in self.asked if line.startswith(start)]

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client:
            try:
                client.sendall(b"0001 BIRD 2.0.12 ready.\n")
                waiting = b""
                while True:
                    part = client.recv(4096)
                    if not part:
                        return
                    waiting += part
                    while b"\n" in waiting:
                        line, waiting = waiting.split(b"\n", 1)
                        if line.startswith(b"echo "):
                            self.listeners.append(client)
                        reply = self._answer(line.decode(errors="replace"))
                        client.sendall(reply if isinstance(reply, bytes) else reply.encode())
                        if isinstance(reply, bytes):
                            return
            except OSError:
                return
            finally:
                if client in self.listeners:
                    self.listeners.remove(client)

    def _answer(self, line):
        with self.lock:
            self.asked.append(line)
            for start, reply in self.replies.items():
                if line.startswith(start):
                    reply = reply(line) if callable(reply) else reply
                    if reply != "as ever":
                        return reply
            return self._ordinary(line)

    def _ordinary(self, line):
        words = line.split()
        if line == "restrict":
            return "0016 Access restricted\n"
        if words[0] == "echo":
            return "0000 \n"
        if line == "configure check":
            return self.reading + "0020 Configuration OK\n"
        if line == "configure undo":
            self.routes = self.before
            return "0021-Undo requested\n0003 Reconfigured\n"
        if line == "configure confirm":
            return "0018 Reconfiguration confirmed\n"
        if line == "configure status":
            return "0003-Daemon is up and running\n0000 \n"
        if words[0] == "configure":
            self.configure()
            return self.reading + "0003 Reconfigured\n"
        if words[0] == "disable":
            self.disabled.add(words[1])
            return f"0009-{words[1]}: disabled\n0000 \n"
        if line == "show status":
            return "1000-BIRD 2.0.12\n1011-Last reboot on 2026-01-01 00:00:00\n Last reconfiguration on 2026-01-01 00:00:00\n0013 Daemon is up and running\n"
        if line == "show protocols all":
            return self._protocols()
        if words[:3] == ["show", "route", "protocol"] and words[-1] == "all":
            return self._routes({net: tag for net, tag in self.routes.items()
                                 if ("6" if ":" in net else "4") == words[3][-1] and words[3] not in self.disabled}, words[3])
        if "protocol" in words and words[-1] == "all":
            return self._routes({net: tag for net, tag in self.routes.items() if net == words[2] and words[4] not in self.disabled}, words[4])
        if "exported" in words:
            shown = {net: tag for net, tag in self._exported().items() if net in words or words[2] == "protocol"}
            return self._routes(shown, "meridian4") if shown else "8001 Network not found\n"
        if "export" in words:
            return self._routes({net: tag for net, tag in self._exported().items() if net in words}, "meridian4", True)
        return "9001 syntax error\n"

    def _protocols(self):
        state = "down  " if "up1" in self.disabled else "up    "
        info = "" if "up1" in self.disabled else "Established"
        channel = "DOWN" if "up1" in self.disabled else "UP"
        return ("2002-Name       Proto      Table      State  Since         Info\n"
                f"1002-up1        BGP        ---        {state} 12:00:00.000  {info}\n"
                "1006-  BGP state:          Established\n    Neighbor address: 192.0.2.1\n"
                f"   Channel ipv4\n     State:          {channel}\n     Output filter:  f\n 	\n0000 \n")

    @staticmethod
    def _routes(routes, protocol, exported=False):
        lines = []
        for net, tag in routes.items():
            lines.append(f"1007-Table master4:\n {net}         unreachable [{protocol} 12:00:00.000] * (200)\n")
            lines.append("1008-\tType: static univ\n")
            if exported:
                path = " 64512 64512 64512" if tag > 1 else ""
                lines.append(f"1012-\tBGP.as_path:{path}\n" + (" \tBGP.community: (65535,0)\n" if tag == 3 else ""))
            else:
                lines.append(f"1012-\tBGP.large_community: (64512, 53, {tag})\n")
        return "".join(lines) + "0000 \n"
