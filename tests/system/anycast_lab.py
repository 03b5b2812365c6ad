"""A site and its upstream router in network namespaces of their own, each with a real BIRD, joined by a veth.

Works for an ordinary user: both namespaces belong to one user namespace. Nothing of it is seen outside.
"""
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

from harness import Process, patient, program, wait_for

SITE_AS, UPSTREAM_AS, BGP_PORT = 64512, 64513, 1790

SITE_CONF = """
log stderr all;
router id 10.9.0.1;
define MERIDIAN_AS = %(as)d;
protocol device {}
include "%(include)s/*.conf";
function meridian_attributes()
{
	if (MERIDIAN_AS, 53, 2) ~ bgp_large_community then {
		bgp_path.prepend(MERIDIAN_AS); bgp_path.prepend(MERIDIAN_AS); bgp_path.prepend(MERIDIAN_AS); bgp_med = 500;
	} else if (MERIDIAN_AS, 53, 3) ~ bgp_large_community then {
		bgp_community.add((65535, 0)); bgp_med = 1000;
		bgp_path.prepend(MERIDIAN_AS); bgp_path.prepend(MERIDIAN_AS); bgp_path.prepend(MERIDIAN_AS);
	} else if !((MERIDIAN_AS, 53, 1) ~ bgp_large_community) then reject;
	bgp_large_community.delete([(MERIDIAN_AS, 53, *)]);
	accept;
}
filter meridian_export4 { if proto = "meridian4" then meridian_attributes(); reject; }
filter meridian_export6 { if proto = "meridian6" then meridian_attributes(); reject; }
protocol bgp upstream {
	local 10.9.0.1 port %(port)d as MERIDIAN_AS; neighbor 10.9.0.2 port %(port)d as %(upstream_as)d;
	hold time 9; connect delay time 1; connect retry time 2; error wait time 1, 2;
	ipv4 { import none; export filter meridian_export4; export limit 4 action block; };
	ipv6 { import none; export filter meridian_export6; export limit 4 action block; };
}
%(more)s
"""

UPSTREAM_CONF = """
log stderr all;
router id 10.9.0.2;
protocol device {}
protocol bgp site {
	local 10.9.0.2 port %(port)d as %(upstream_as)d; neighbor 10.9.0.1 port %(port)d as %(as)d;
	hold time 9; connect delay time 1; connect retry time 2; error wait time 1, 2;
	ipv4 { import all; export none; };
	ipv6 { import all; export none; };
}
"""

# The other end of a session over IPv6 alone.
UPSTREAM_SIX = """
protocol bgp site6 {
	local 2001:db8:9::2 port %(port)d as %(upstream_as)d; neighbor 2001:db8:9::1 port %(port)d as %(as)d;
	hold time 9; connect delay time 1; connect retry time 2; error wait time 1, 2;
	ipv6 { import all; export none; };
}
"""


class Bird:
    """One BIRD: its configuration file, its process, its control socket."""

    def __init__(self, folder, name, prefix):
        self.folder, self.name, self.prefix = folder, name, list(prefix)
        self.conf, self.socket = os.path.join(folder, f"{name}.conf"), os.path.join(folder, f"{name}.ctl")
        self.log = os.path.join(folder, f"{name}.log")
        self.process = None

    def write(self, text):
        with open(self.conf, "w") as conf:
            conf.write(text)

    def start(self):
        command = [program("bird"), "-f", "-c", self.conf, "-s", self.socket, "-P", os.path.join(self.folder, f"{self.name}.pid")]
        self.process = Process(command, self.log, self.prefix)
        wait_for(f"BIRD {self.name} answers", lambda: "up and running" in self.ask("show status"))

    def stop(self):
        if self.process is not None:
            self.process.stop()
            self.process = None

    def ask(self, command):
        done = subprocess.run([program("birdc"), "-s", self.socket, command], capture_output=True, text=True, timeout=patient(10),
                              stdin=subprocess.DEVNULL)
        return done.stdout + done.stderr

    def route(self, prefix):
        """{"path": [AS, ...], "med": N or None, "communities": text} of PREFIX, or None where there is no route."""
        text = self.ask(f"show route for {prefix} all" if "/" not in prefix else f"show route {prefix} all")
        if prefix not in text:
            return None
        path = re.search(r"BGP\.as_path:(.*)", text)
        med = re.search(r"BGP\.med: (\d+)", text)
        communities = re.search(r"BGP\.community:(.*)", text)
        return {"path": [int(number) for number in path.group(1).split()] if path else [],
                "med": int(med.group(1)) if med else None, "communities": communities.group(1).strip() if communities else ""}

    def updates(self, protocol="site"):
        """How many updates and withdrawals came in over PROTOCOL so far."""
        text = self.ask(f"show protocols all {protocol}")
        counts = re.findall(r"Import (?:updates|withdraws):\s+(\d+)", text)
        return [int(count) for count in counts]


class Lab:
    """Use it with `with`: namespaces and both BIRDs; `site_prefix` runs a command inside the site."""

    def __init__(self, include=None, addresses=("192.0.2.53/32",), more=""):
        self.dir = tempfile.mkdtemp(prefix="mdn-lab-")
        self.include = include or os.path.join(self.dir, "include")
        os.makedirs(self.include, exist_ok=True)
        self.addresses, self.holders, self.processes = addresses, [], []
        self.more = more

    def __enter__(self):
        try:
            self._build()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *what):
        self._end()
        if what[0] is not None:
            for bird in (self.site, self.upstream):
                print(f"--- bird {bird.name}\n{open(bird.log, errors='replace').read()[-2000:]}")
        shutil.rmtree(self.dir, ignore_errors=True)

    def _hold(self, command):
        holder = subprocess.Popen([*command, "sh", "-c", "echo ready; exec sleep 600"], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.holders.append(holder)
        assert holder.stdout.readline() == b"ready\n", "cannot make a network namespace"
        return ["nsenter", "-t", str(holder.pid), "-U", "-n", "--preserve-credentials", "--"]

    def _build(self):
        self.site_prefix = self._hold(["unshare", "-rn"])
        self.upstream_prefix = self._hold([*self.site_prefix, "unshare", "-n"])
        upstream_pid = str(self.holders[1].pid)
        for line in ("link set lo up", f"link add up0 type veth peer name down0 netns {upstream_pid}", "addr add 10.9.0.1/30 dev up0",
                     "addr add 2001:db8:9::1/64 dev up0 nodad", "link set up0 up", *(f"addr add {at} dev lo" for at in self.addresses)):
            self.in_site("ip", *line.split())
        for line in ("link set lo up", "addr add 10.9.0.2/30 dev down0", "addr add 2001:db8:9::2/64 dev down0 nodad", "link set down0 up"):
            subprocess.run([*self.upstream_prefix, "ip", *line.split()], check=True)
        values = self.values = {"as": SITE_AS, "upstream_as": UPSTREAM_AS, "port": BGP_PORT, "include": self.include, "more": self.more}
        self.site = Bird(self.dir, "site", self.site_prefix)
        self.upstream = Bird(self.dir, "upstream", self.upstream_prefix)
        self.site_text = SITE_CONF % values
        self.site.write(self.site_text)
        self.upstream.write(UPSTREAM_CONF % values)
        self.upstream.start()
        self.site.start()
        wait_for("the BGP session is established", lambda: "Established" in self.site.ask("show protocols upstream"), 20)

    def _end(self):
        for bird in (getattr(self, "site", None), getattr(self, "upstream", None)):
            if bird is not None:
                bird.stop()
        for process in self.processes:
            process.stop()
        for holder in reversed(self.holders):
            holder.kill()
            holder.wait()
            holder.stdout.close()

    def in_site(self, *command):
        return subprocess.run([*self.site_prefix, *command], check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout

    def also_over_ipv6(self):
        """Lets the upstream take a second session, over IPv6."""
        self.upstream.write((UPSTREAM_CONF + UPSTREAM_SIX) % self.values)
        assert "Reconfigur" in self.upstream.ask("configure")

    def route(self, prefix="192.0.2.0/24"):
        return self.upstream.route(prefix)

    def wait_route(self, prefix="192.0.2.0/24", path_len=1, timeout_s=10):
        """Waits until the upstream has PREFIX with PATH_LEN ASes; returns the route."""
        def there():
            route = self.route(prefix)
            return route if route is not None and len(route["path"]) == path_len else None
        return wait_for(f"{prefix} at the upstream with a path of {path_len}", there, timeout_s)

    def goes_by(self, act):
        """Returns what ACT returns, when the upstream was told an IPv4 withdrawal: the route may be back before anybody could look."""
        before = self.upstream.updates()[1]
        done = act()
        wait_for("the upstream is told of a withdrawal", lambda: self.upstream.updates()[1] > before)
        return done

    def wait_gone(self, prefix="192.0.2.0/24", timeout_s=10.0):
        """Waits until the upstream has no PREFIX; returns how many seconds it took."""
        start = time.monotonic()
        wait_for(f"{prefix} gone at the upstream", lambda: self.route(prefix) is None, timeout_s, 0.005)
        return time.monotonic() - start

    def stays(self, prefix="192.0.2.0/24", seconds=1.0):
        """Fails when PREFIX leaves the upstream within SECONDS."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert self.route(prefix) is not None, f"{prefix} left the upstream"
            time.sleep(0.02)

    def stays_away(self, prefix="192.0.2.0/24", seconds=1.0):
        """Fails when PREFIX comes to the upstream within SECONDS."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert self.route(prefix) is None, f"{prefix} came to the upstream"
            time.sleep(0.02)

    def tidy(self):
        """Takes everything out of it that a test put in; False where it is no longer as it was made."""
        for name in os.listdir(self.include) if os.path.isdir(self.include) else ():
            os.unlink(os.path.join(self.include, name))
        with open(self.site.conf) as conf:
            same = conf.read() == self.site_text
        if not same or not os.path.isdir(self.include) or not self.site.process.running() or not self.upstream.process.running():
            return False
        addresses = self.in_site("ip", "addr", "show", "dev", "lo")
        # Where routes go with it, BIRD says at first that it is still at it.
        taken = "Reconfigur" in self.site.ask("configure")
        whole = taken and "Established" in self.site.ask("show protocols upstream")
        return whole and all(at in addresses for at in self.addresses) and "Established" in self.upstream.ask("show protocols site")


class SharedLab:
    """One lab for many tests, made anew after a test that failed or left it otherwise than it was."""

    def __init__(self):
        self.lab = None

    def take(self):
        if self.lab is None:
            self.lab = Lab().__enter__()
        return self.lab

    def give_back(self):
        if self.lab is not None and not self.lab.tidy():
            self.end()

    def end(self):
        if self.lab is not None:
            self.lab.__exit__(None, None, None)
            self.lab = None


def signal_and_wait(process, number=signal.SIGTERM, timeout_s=10):
    process.kill(number)
    process.popen.wait(patient(timeout_s))
    return process.popen.returncode
