"""A site: a machine with the package installed and BIRD set up, its upstream router, and the cable between them."""
import json
import os
import shutil
import subprocess
import tempfile

from anycast_lab import Bird
from harness import wait_for
from machine import Machine

PREFIX, ADDRESS = "192.0.2.0/24", "192.0.2.53"
UNITS = ("meridian-healthcheck", "meridian-geodns", "meridian-web", "meridian-bgpctl")

DOCUMENT = {
    "meridian": 1,
    "sites": [{"name": "fra1", "lat": 50.1, "lon": 8.7}],
    "pools": [{"name": "eu", "endpoints": [{"name": "eu1", "address": "192.0.2.10"}]}],
    "zones": [{"name": "example.com", "ttl": 300, "primary": "ns1.example.com.", "contact": "hostmaster.example.com.",
               "records": [{"name": "@", "type": "NS", "data": ["ns1.example.com."]}, {"name": "ns1", "type": "A", "data": [ADDRESS]}],
               "services": [{"name": "www", "ttl": 30, "steering": "rules", "default": "eu"}]}],
    "prefixes": [{"prefix": PREFIX, "address": ADDRESS, "sites": ["fra1"], "interface": "lo",
                  "needs": {"dns": "example.com. SOA"}}],
}

# The waits of a real site, made short.
SETTINGS = """[site]
name = fra1
[bird]
boot_hold_up_s = 1
hold_up_s = 1
announce_gap_s = 1
stop_drain_s = 2
settle_s = 1
"""

ADDRESSES = f"""[Unit]
Description=The addresses of this machine
DefaultDependencies=no
Before=network.target network-online.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=ip addr add 10.9.0.1/30 dev up0
ExecStart=ip link set up0 up
ExecStart=ip addr add {ADDRESS}/32 dev lo
[Install]
WantedBy=network-online.target
"""

UPSTREAM = """
log stderr all;
router id 10.9.0.2;
protocol device {}
protocol bgp site {
	local 10.9.0.2 as 64513; neighbor 10.9.0.1 as 64512;
	hold time 9; connect delay time 1; connect retry time 1; error wait time 1, 1;
	ipv4 { import all; export none; };
}
"""


class Site:
    """Use it with `with`."""

    def __init__(self, deb):
        self.deb, self.dir = deb, tempfile.mkdtemp(prefix="mdn-site-")
        self.machine, self.holder, self.upstream = Machine(), None, None

    def __enter__(self):
        try:
            self._build()
        except BaseException as error:
            self.__exit__(type(error), error, None)
            raise
        return self

    def __exit__(self, *what):
        self.machine.__exit__(*what)
        if self.upstream is not None:
            self.upstream.stop()
        if self.holder is not None:
            self.holder.kill()
            self.holder.wait()
        shutil.rmtree(self.dir, ignore_errors=True)

    def _build(self):
        self.holder = subprocess.Popen(["unshare", "-n", "sleep", "1200"], stdin=subprocess.DEVNULL)
        wait_for("the router's namespace", lambda: os.readlink(f"/proc/{self.holder.pid}/ns/net") != os.readlink("/proc/self/ns/net"))
        self.router = ["nsenter", "-t", str(self.holder.pid), "-n", "--"]
        self.machine.write("/etc/systemd/system/addresses.service", ADDRESSES)
        self.machine.write("/etc/hostname", "fra1\n")
        self.boot()
        self.machine.run("systemctl", "enable", "--now", "-q", "addresses")
        self.install(self.deb)
        self.configure()

    def boot(self, wait=True):
        self.machine.boot(self._plug, wait)

    def _plug(self, pid):
        def ip(*words):
            subprocess.run([*self.router, "ip", *words], check=True, timeout=10)
        ip("link", "add", "down0", "type", "veth", "peer", "name", "up0", "netns", str(pid))
        ip("addr", "add", "10.9.0.2/30", "dev", "down0")
        ip("link", "set", "lo", "up")
        ip("link", "set", "down0", "up")
        if self.upstream is None:
            self.upstream = Bird(self.dir, "upstream", self.router)
            self.upstream.write(UPSTREAM)
            self.upstream.start()

    def put(self, path):
        """Copies a file of ours into the machine's /root; returns its path there."""
        there = f"/root/{os.path.basename(path)}"
        shutil.copyfile(path, f"/proc/{self.machine.pid}/root{there}")
        return there

    def install(self, deb, *options):
        return self.machine.run("dpkg", *options, "-i", self.put(deb), timeout_s=120)

    def configure(self):
        """What the operator of a new site does."""
        run, sh = self.machine.run, self.machine.sh
        self.machine.write("/etc/meridian/meridian.conf", SETTINGS)
        self.machine.write("/root/site.json", json.dumps(DOCUMENT))
        run("systemctl", "restart", *UNITS)
        run("meridian", "apply", "/root/site.json")
        run("meridian", "bird", "setup", "--as", "64512", "--router-id", "10.9.0.1", "--local", "10.9.0.1", "--peer", "upstream,10.9.0.2,64513")
        sh('echo "include \\"/etc/bird/meridian.conf\\";" >/etc/bird/bird.conf && systemctl restart bird')
        self.wait_announced()

    def announced(self):
        return self.upstream.route(PREFIX) is not None

    def wait_announced(self, timeout_s=40):
        wait_for(f"{PREFIX} at the upstream\n{self.anycast()}", self.announced, timeout_s, 0.05)

    def wait_gone(self, timeout_s=5):
        wait_for(f"{PREFIX} gone at the upstream", lambda: not self.announced(), timeout_s, 0.02)

    def anycast(self):
        return self.machine.run("meridian", "anycast", check=False).out

    def dig(self, *words):
        return self.machine.run("dig", "+short", "+time=1", "+tries=1", "@127.0.0.1", *words, check=False).out.strip()

    def active(self, unit):
        return self.machine.run("systemctl", "is-active", unit, check=False).out.strip()

    def journal(self, *words):
        return self.machine.run("journalctl", "--no-pager", "-o", "short-monotonic", *words, check=False).out
