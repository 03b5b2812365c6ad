"""A Debian 12 machine with systemd as its PID 1, in namespaces of its own: booted, asked, cut off from power, booted again.

The image is made once by debootstrap under build/package; each machine writes into an overlay, which outlives its boots. Nothing of a
machine is seen outside but its processes; its network has a loopback and the cable to its upstream router.
"""
import os
import shutil
import subprocess
import tempfile

import harness
from harness import wait_for

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(harness.ROOT, "build", "package")
IMAGE = os.path.join(FOLDER, "image")
NAMESPACES = ("pid", "mount", "uts", "ipc", "net", "cgroup")


def cgroup_mount():
    """Where the unified hierarchy is mounted, or None."""
    with open("/proc/self/mounts") as mounts:
        for line in mounts:
            _, where, kind = line.split()[:3]
            if kind == "cgroup2" and os.access(where, os.W_OK):
                return where
    return None


def why_none():
    """Why no machine can be had here; None where one can."""
    if os.geteuid() != 0:
        return "machines with systemd need root: sudo make check-package"
    if cgroup_mount() is None:
        return "no writable cgroup2 hierarchy is mounted"
    return None


def make_image(deb):
    """The image with what DEB depends on, made where it is not there yet."""
    depends = subprocess.run(["dpkg-deb", "-f", deb, "Depends"], check=True, capture_output=True, text=True, timeout=30).stdout.strip()
    subprocess.run([os.path.join(HERE, "image"), IMAGE, depends], check=True, stdin=subprocess.DEVNULL, timeout=900)


class Answer:
    """What a command printed, and how it ended."""

    def __init__(self, done):
        self.status, self.out = done.returncode, done.stdout

    def __str__(self):
        return f"status {self.status}\n{self.out}"


class Machine:
    """Use it with `with`; `boot`, `power_off` and `cut_power` as often as you like."""

    def __init__(self, name="fra1"):
        self.name = name
        self.dir = tempfile.mkdtemp(prefix=f"{name}-", dir=FOLDER)
        for part in ("upper", "work", "root"):
            os.mkdir(os.path.join(self.dir, part))
        os.chmod(os.path.join(self.dir, "upper"), 0o755)
        self.cgroup = os.path.join(cgroup_mount(), "meridian-" + os.path.basename(self.dir))
        self.process, self.pid = None, None

    def __enter__(self):
        return self

    def __exit__(self, *what):
        if what[0] is not None and self.pid is not None:
            print(self.run("journalctl", "--no-pager", "-n", "200", check=False).out)
        self.cut_power()
        shutil.rmtree(self.dir, ignore_errors=True)

    def write(self, path, text, mode=0o644):
        """Writes a file of the machine, while it is off or while it runs."""
        inside = f"/proc/{self.pid}/root" if self.pid else os.path.join(self.dir, "upper")
        target = inside + path
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "w") as file:
            file.write(text)
        os.chmod(target, mode)

    def read(self, path):
        with open(f"/proc/{self.pid}/root{path}") as file:
            return file.read()

    def boot(self, cable=None, wait=True):
        """Starts systemd; CABLE is called with the machine's process id before, to plug in interfaces."""
        os.makedirs(self.cgroup, exist_ok=True)
        parts = [os.path.join(self.dir, part) for part in ("upper", "work", "root")]
        enter = f"echo $$ >{self.cgroup}/cgroup.procs; exec \"$@\""
        command = ["setpriv", "--pdeathsig", "KILL", "sh", "-c", enter, "sh", "unshare", "--fork", "--kill-child",
                   *(f"--{kind}" for kind in NAMESPACES), os.path.join(HERE, "boot"), IMAGE, *parts, self.name]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        told = self.process.stdout.readline()
        assert told == "ready\n", told + self.process.stdout.read()
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as children:
            self.pid = int(children.read().split()[0])
        if cable is not None:
            cable(self.pid)
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        if wait:
            self.wait_booted()

    def wait_booted(self):
        wait_for(f"{self.name} has booted", lambda: self.run("systemctl", "is-system-running", check=False).out.strip() in
                 ("running", "degraded"), 90, 0.2)

    def ended(self):
        """Clears up after a machine whose processes have ended."""
        self.process.wait(30)
        self.process.stdin.close()
        self.process.stdout.close()
        self.process, self.pid = None, None
        wait_for(f"no process of {self.name} is left", lambda: "populated 0" in self._events(), 10)
        for folder, _, _ in os.walk(self.cgroup, topdown=False):
            os.rmdir(folder)

    def _events(self):
        with open(os.path.join(self.cgroup, "cgroup.events")) as events:
            return events.read()

    def power_off(self, timeout_s=90):
        """An orderly shutdown."""
        self.run("systemctl", "poweroff", check=False)
        self.process.wait(timeout_s)
        self.ended()

    def cut_power(self):
        """Everything ends at once."""
        if self.process is not None:
            with open(os.path.join(self.cgroup, "cgroup.kill"), "w") as kill:
                kill.write("1")
            self.ended()

    def run(self, *command, check=True, user=None, text=None, timeout_s=60):
        """Runs COMMAND in the machine, as root or USER; its standard output and error are one text."""
        enter = ["nsenter", "-t", str(self.pid), "--all", "--root", "env", "--chdir=/", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8",
                 "TERM=dumb"]
        if user is not None:
            enter += ["runuser", "-u", user, "--"]
        done = subprocess.run([*enter, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout_s, input=text,
                              stdin=subprocess.DEVNULL if text is None else None)
        answer = Answer(done)
        assert not check or answer.status == 0, f"{' '.join(command)}: {answer}"
        return answer

    def sh(self, script, **more):
        return self.run("sh", "-c", script, **more)
