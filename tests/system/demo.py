"""A `meridian run` as a person has it in a terminal: its folder, its ports, its user, what it says, and how it ends."""
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile

import dns.edns
import dns.exception
import dns.message
import dns.query
import pytest

from harness import BIN, Process, as_ordinary_user, free_port, patient, program, wait_for

GERMAN, AMERICAN = "5.1.64.0", "8.8.8.0"
EU, US = {"127.0.1.1", "127.0.1.2"}, {"127.0.2.1", "127.0.2.2"}
PREFIX = "192.0.2.0/24"


def need_demo_ports():
    """Skips where the demo's fixed ports are taken, which happens only to an ordinary user (see own_network)."""
    for host in sorted(EU | US):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, 8443))
            except OSError:
                pytest.skip(f"{host} port 8443 is taken: is a demo running on this machine?")


class Run:
    """Use it with `with`. Nothing is started before start()."""

    def __init__(self, user="root", path=None):
        self.prefix = as_ordinary_user() if user != "root" else []
        self.dir = os.path.realpath(tempfile.mkdtemp(prefix="mdr-"))
        self.environment = dict(os.environ, PATH=path or f"{os.path.dirname(program('bird'))}:{os.environ['PATH']}")
        self.dns_port, self.http_port = free_port(), free_port((socket.SOCK_STREAM,))
        self.process, self.starts = None, 0
        if self.prefix:
            os.chown(self.dir, 65534, 65534)
            probe = subprocess.run([*self.prefix, "test", "-x", os.path.join(BIN, "meridian")])
            if probe.returncode != 0:
                pytest.skip(f"an ordinary user cannot reach {BIN}")

    def __enter__(self):
        return self

    def __exit__(self, *what):
        if self.process is not None:
            if what[0] is not None:
                print(self.said())
            self.process.stop()
        shutil.rmtree(self.dir, ignore_errors=True)
        for number in range(1, self.starts + 1):
            os.unlink(f"{self.dir}.{number}.log")

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def command(self, *args, ports=True):
        options = ["--dns-port", str(self.dns_port), "--http-port", str(self.http_port)] if ports else []
        return [*self.prefix, os.path.join(BIN, "meridian"), "run", "--dir", self.dir, *options, *args]

    def start(self, *args, ready=True, wait=True, **more):
        self.starts += 1
        self.process = Process(self.command(*args, **more), f"{self.dir}.{self.starts}.log", env=self.environment)
        if ready:
            wait_for("the banner", lambda: "Ctrl-C ends" in self.said() or not self.process.running(), 30)
            assert self.process.running(), self.said()
        if ready and wait:
            self.meridian("status", "--wait-ready", f"{patient(20):.0f}")
        return self

    def said(self):
        return self.process.output()

    def end(self, number=signal.SIGINT):
        """Its exit status after signal NUMBER."""
        self.process.kill(number)
        return self.process.popen.wait(patient(20))

    def refused(self, *args, **more):
        """What a start that must fail says on stderr, and all that it says."""
        done = subprocess.run(self.command(*args, **more), env=self.environment, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=patient(30))
        assert done.returncode == 1, done
        return done.stderr

    def leftovers(self):
        """The command lines of all processes that name the folder."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    words = file.read().decode(errors="replace").split("\0")
            except OSError:
                continue  # it has just ended
            if any(word == self.dir or word.startswith(self.dir + "/") for word in words):
                found.append(f"{pid}: {' '.join(words)}")
        return found

    def meridian(self, *args, check=True):
        done = subprocess.run([*self.prefix, os.path.join(BIN, "meridian"), *args, "--dir", self.dir], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=patient(60))
        assert not check or done.returncode == 0, f"meridian {' '.join(args)}\n{done.stdout}{done.stderr}"
        return done

    def json(self, *args):
        return json.loads(self.meridian(*args, "--json").stdout)

    def events(self, **match):
        lines = self.meridian("events", "--limit", "1000", "--json").stdout.splitlines()
        events = [json.loads(line) for line in lines]
        return [event for event in events if all(event[key] == value for key, value in match.items())]

    def states(self):
        """The states that the targets are in: {"up"} when all is well."""
        return {target["state"] for target in self.json("health")["targets"]}

    def daemon(self, name):
        """What `meridian status` says of NAME; the command fails where somebody is not well."""
        told = json.loads(self.meridian("status", "--json", check=False).stdout)
        return next(daemon for daemon in told["daemons"] if daemon["daemon"] == name)

    def password(self):
        found = re.search(r"log-in +admin +(\S+)", self.said())
        return found.group(1) if found else None

    def answers(self, client, name="www.demo.example"):
        """The addresses that a client in CLIENT's /24 gets; None where no answer comes within a second."""
        query = dns.message.make_query(name, "A", use_edns=0, options=[dns.edns.ECSOption(client, 24)])
        try:
            reply = dns.query.udp(query, "127.0.0.1", port=self.dns_port, timeout=patient(1))
        except (dns.exception.Timeout, OSError):
            return None
        return {item.to_text() for rrset in reply.answer for item in rrset}

    def upstream_route(self):
        """What the upstream router has of the demo's prefix; "" where it has none."""
        done = subprocess.run([program("birdc"), "-s", self.path("bird", "upstream.ctl"), f"show route {PREFIX} all"],
                              capture_output=True, text=True, timeout=patient(10), stdin=subprocess.DEVNULL)
        return done.stdout if PREFIX in done.stdout else ""


class Api:
    """The administrator at the API of a run."""

    def __init__(self, run, password):
        self.port = run.http_port
        answer = self.call("POST", "session", {"user": "admin", "password": password})
        self.cookie = answer.getheader("Set-Cookie").split(";")[0]

    def call(self, method, path, body=None, **head):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patient(10))
        head.update({"Content-Type": "application/json", "Origin": f"http://127.0.0.1:{self.port}"})
        connection.request(method, f"/api/v1/{path}", body=json.dumps(body) if body is not None else None, headers=head)
        answer = connection.getresponse()
        answer.text = answer.read()
        assert answer.status == 200, (answer.status, answer.text)
        return answer

    def get(self, path):
        return json.loads(self.call("GET", path, Cookie=self.cookie).text)

    def endpoint(self, pool, name):
        pools = {item["name"]: item for item in self.get("health")["pools"]}
        return next(item for item in pools[pool]["endpoints"] if item["endpoint"] == name)
