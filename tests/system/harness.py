"""What system tests share: an instance in a folder of its own, its daemons, dig, certificates, and patient waiting.

Every process is started by a Process, ended by its id, and its output kept for the report of a failure.
"""
import contextlib
import ctypes
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("MERIDIAN_BUILD", os.path.join(ROOT, "build"))
BIN = os.path.join(BUILD, "bin")
COUNTRY_MMDB = os.path.join(ROOT, "build", "geo", "country.mmdb")
# What daemons run under, `valgrind ...` for one, and how many times longer than usual things may take there.
UNDER = shlex.split(os.environ.get("MERIDIAN_UNDER", ""))
PATIENCE = float(os.environ.get("MERIDIAN_PATIENCE", "1"))
# What a sanitizer or valgrind writes when it has found something; what only their daemons do would go unseen otherwise.
FINDING = re.compile(r"(ERROR|WARNING|FATAL): \w+Sanitizer|\w+Sanitizer: ?(CHECK failed|DEADLYSIGNAL)|: runtime error: |ERROR SUMMARY: [1-9]")
CLONE_NEWNET = 0x40000000
DAEMONS = ("healthcheck", "geodns", "web", "bgpctl")


def patient(seconds):
    """As long as what takes a plain build SECONDS may take here: every bound on a program's time is this of something."""
    return seconds * PATIENCE


def wait_for(what, condition, timeout_s=10.0, every_s=0.01):
    """Returns what CONDITION returns as soon as that is true; fails with WHAT when time is over."""
    deadline = time.monotonic() + patient(timeout_s)
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {patient(timeout_s):g} s: {what}")
        time.sleep(every_s)


_given_ports = set()


def free_port(kinds=(socket.SOCK_STREAM, socket.SOCK_DGRAM), host="127.0.0.1"):
    """A port that is free on HOST for TCP and UDP, below the range that the kernel gives to clients. Who runs beside others has ports
    of its own by $MERIDIAN_PORTS, a small number."""
    lane = int(os.environ.get("MERIDIAN_PORTS", "0"))
    start = 20000 + os.getpid() % 3000 if lane == 0 else 26000 + 600 * (lane % 10)
    for port in range(start, 26000 if lane == 0 else start + 600):
        if port in _given_ports:
            continue
        try:
            for kind in kinds:
                with socket.socket(socket.AF_INET, kind) as probe:
                    probe.bind((host, port))
        except OSError:
            continue
        _given_ports.add(port)
        return port
    raise AssertionError("no free port")


def program(name):
    """The path of a program of Debian's: from $PATH (build/peers/bin stands first in it), or /usr/sbin."""
    path = shutil.which(name) or shutil.which(name, path=os.path.join(ROOT, "build", "peers", "bin") + ":/usr/sbin:/sbin")
    assert path, f"{name} is not installed; `make peers` unpacks it"
    return path


class Process:
    """A program in the background with its output in a file."""

    def __init__(self, command, log, prefix=(), **more):
        self.command, self.log = list(command), log
        self.out = open(log, "ab")
        self.popen = subprocess.Popen([*prefix, *command], stdin=subprocess.DEVNULL, stdout=self.out, stderr=self.out, **more)

    @property
    def pid(self):
        return self.popen.pid

    def running(self):
        return self.popen.poll() is None

    def kill(self, number=signal.SIGKILL):
        if self.running():
            self.popen.send_signal(number)

    def stop(self, timeout_s=10):
        """Ends it with SIGTERM, with SIGKILL when that does not help; returns its status."""
        if self.running():
            self.popen.send_signal(signal.SIGCONT)
            self.popen.send_signal(signal.SIGTERM)
            try:
                self.popen.wait(patient(timeout_s))
            except subprocess.TimeoutExpired:
                self.popen.kill()
        status = self.popen.wait()
        self.out.close()
        return status

    def output(self):
        with open(self.log, errors="replace") as log:
            return log.read()

    def has_findings(self):
        return FINDING.search(self.output()) is not None


def certificates(folder, san="DNS:www.example.com", days=30, name="server", ca="ca", not_after=None):
    """Makes FOLDER/{ca}.pem (unless it is there) and {name}.pem, {name}.key signed by it; returns their paths."""
    def openssl(*args):
        subprocess.run(["openssl", *args], cwd=folder, check=True, capture_output=True)

    if not os.path.exists(os.path.join(folder, f"{ca}.pem")):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{ca}.key",
                "-out", f"{ca}.pem", "-days", "3650", "-subj", f"/CN=test authority {ca}")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key",
            "-out", f"{name}.csr", "-subj", "/CN=test")
    with open(os.path.join(folder, f"{name}.ext"), "w") as extensions:
        extensions.write(f"subjectAltName={san}\nextendedKeyUsage=serverAuth\n")
    # x509 -days takes negative numbers: the certificate is then expired already.
    openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{ca}.pem", "-CAkey", f"{ca}.key", "-CAcreateserial",
            "-out", f"{name}.pem", "-days", str(days), "-extfile", f"{name}.ext")
    return tuple(os.path.join(folder, file) for file in (f"{ca}.pem", f"{name}.pem", f"{name}.key"))


class Instance:
    """A Meridian of its own: folder, settings, store, daemons. Use it with `with`."""

    def __init__(self, document=None, site="test", settings="", dns_host="127.0.0.1", prefix=(), geo=True, folder=None, outside=""):
        """FOLDER: one that is there already, seen from here at OUTSIDE/FOLDER where PREFIX leads into a mount namespace."""
        # Control sockets have short paths, so the folder is directly below the temporary one.
        self.dir, self.outside = folder or tempfile.mkdtemp(prefix="mdn-"), outside
        self.dns_host, self.dns_port = dns_host, free_port()
        self.http_port = free_port((socket.SOCK_STREAM,))
        self.prefix = list(prefix)
        self.processes = {}
        os.chmod(self.path(), 0o755)
        with open(self.path("meridian.conf"), "w") as conf:
            conf.write(f"[site]\nname = {site}\n[dns]\nlisten = {dns_host}:{self.dns_port}\n[web]\nlisten = "
                       f"127.0.0.1:{self.http_port}\n{settings}\n")
        self.meridian("init")
        if document is not None:
            self.apply(document)
        if geo:
            os.makedirs(self.path("geo"), exist_ok=True)
            shutil.copyfile(world_table(), self.path("geo", "places.tbl"))

    def __enter__(self):
        return self

    def __exit__(self, *what):
        try:
            self.stop()
        except AssertionError:
            self.report()
            raise
        finally:
            if what[0] is not None:
                self.report()
            if not self.outside:
                shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, *parts):
        return os.path.join(self.outside + self.dir, *parts)

    def meridian(self, *args, check=True, text=None, timeout_s=60):
        """Runs `meridian ARGS --dir DIR`; returns the finished process (stdout, stderr as text)."""
        done = subprocess.run([*self.prefix, os.path.join(BIN, "meridian"), *args, "--dir", self.dir], input=text,
                              stdin=subprocess.DEVNULL if text is None else None, capture_output=True, text=True,
                              timeout=patient(timeout_s))
        assert not FINDING.search(done.stderr), f"meridian {' '.join(args)}: a sanitizer found something\n{done.stderr}"
        if check:
            assert done.returncode == 0, f"meridian {' '.join(args)}: status {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def json(self, *args):
        return json.loads(self.meridian(*args, "--json").stdout)

    def apply(self, document, *options, check=True):
        """Applies a dict (or text) as a document."""
        text = document if isinstance(document, str) else json.dumps(document)
        path = self.path("apply.json")
        with open(path, "w") as file:
            file.write(text)
        return self.meridian("apply", path, *options, check=check)

    def export(self):
        return json.loads(self.meridian("export").stdout)

    def revision(self):
        history = self.json("history", "--limit", "1")
        return history[0]["revision"] if history else 0

    def start(self, *names, wait=True):
        """Starts daemons by their short names (all four without names) and waits until each answers its control socket."""
        for name in names or DAEMONS:
            command = [*UNDER, os.path.join(BIN, f"meridian-{name}"), "--dir", self.dir]
            self.processes[name] = Process(command, self.path(f"{name}.log"), self.prefix)
        if wait:
            for name in names or DAEMONS:
                wait_for(f"meridian-{name} answers", lambda daemon=name: self.ask(daemon, "status"))
        return self

    def stop(self, *names):
        stopped = [self.processes.pop(name) for name in names or ("bgpctl", "web", "geodns", "healthcheck") if name in self.processes]
        for process in stopped:
            process.stop()
        found = [process.log for process in stopped if process.has_findings()]
        assert not found, f"a sanitizer or valgrind found something: {found}"

    def kill(self, name, number=signal.SIGKILL):
        self.processes[name].kill(number)

    def report(self):
        """Prints the ends of all logs: what a person wants to see after a failure."""
        for name in sorted(os.listdir(self.path())):
            if name.endswith(".log"):
                with open(self.path(name), errors="replace") as log:
                    print(f"--- {name}\n{log.read()[-3000:]}")

    def ask(self, daemon, verb, args=None, timeout_s=5):
        """One request on a control socket; None where nobody listens."""
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(patient(timeout_s))
                client.connect(self.path("run", f"{daemon}.sock"))
                client.sendall((verb + (" " + json.dumps(args) if args is not None else "") + "\n").encode())
                reply = b""
                while not reply.endswith(b"\n"):
                    part = client.recv(65536)
                    if not part:
                        return None
                    reply += part
                return json.loads(reply)
        except OSError:
            return None

    def health(self):
        """{"POOL/ENDPOINT": target} as the health checker tells it."""
        reply = self.ask("healthcheck", "health") or {"targets": []}
        return {f"{target['pool']}/{target['endpoint']}": target for target in reply["targets"]}

    def events(self, **match):
        """All events, oldest first, whose members equal MATCH."""
        wanted = [word for key in ("kind", "object") if key in match for word in (f"--{key}", match[key])]
        lines = self.meridian("events", "--limit", "1000", "--json", *wanted).stdout.splitlines()
        events = [json.loads(line) for line in lines]
        return [event for event in events if all(event.get(key) == value for key, value in match.items())]

    def dig(self, *args, host=None):
        """dig +short to the instance's responder: the list of lines."""
        done = subprocess.run([*self.prefix, "dig", f"@{host or self.dns_host}", "-p", str(self.dns_port), f"+time={max(1, patient(1)):.0f}",
                               "+tries=2", "+short", *args], capture_output=True, text=True, timeout=patient(20), stdin=subprocess.DEVNULL)
        return [line for line in done.stdout.splitlines() if line and not line.startswith(";")]


def world_table():
    """The place table of the whole-world country database, compiled once a build."""
    table = os.path.join(BUILD, "geo", "places.tbl")
    compiler = os.path.join(BIN, "meridian-geoc")
    if not os.path.exists(table) or os.path.getmtime(table) < max(os.path.getmtime(compiler), os.path.getmtime(COUNTRY_MMDB)):
        os.makedirs(os.path.dirname(table), exist_ok=True)
        subprocess.run([compiler, "--out", table, "--country", COUNTRY_MMDB], check=True, capture_output=True)
    return table


@contextlib.contextmanager
def own_network():
    """Within it, this thread and what it starts are in an empty network with loopback alone, so that fixed addresses are free whatever
    else runs here. An ordinary user cannot come back from there: for one, this does nothing."""
    if os.geteuid() != 0:
        yield False
        return
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/thread-self/ns/net") as before:
        if libc.unshare(CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "cannot have a network of its own")
        try:
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
            yield True
        finally:
            assert libc.setns(before.fileno(), CLONE_NEWNET) == 0, "cannot go back into the network"


def as_ordinary_user():
    """What to put before a command so that it runs as an ordinary user: nothing where this is one already."""
    return ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] if os.geteuid() == 0 else []
