"""What neighbours and clients see while a machine boots, shuts down, loses its power, and while the package is upgraded, removed and purged."""
import re
import subprocess
import time

import pytest

from harness import wait_for
from site_machine import PREFIX, SETTINGS, UNITS


def moment(journal, pattern):
    """Seconds since the boot of the first line of JOURNAL that matches."""
    for line in journal.splitlines():
        if re.search(pattern, line):
            return float(re.match(r"\[\s*([0-9.]+)\]", line).group(1))
    raise AssertionError(f"no line matches {pattern}:\n{journal}")


def in_order(journal, *patterns):
    moments = [moment(journal, pattern) for pattern in patterns]
    assert moments == sorted(moments), list(zip(patterns, moments))


def test_a_boot_announces_nothing_before_it_is_proved_and_units_start_in_order(site):
    site.machine.power_off()
    assert not site.announced()
    site.boot(wait=False)
    wait_for("BIRD answers", lambda: "up and running" in site.machine.run("birdc", "show", "status", check=False).out, 60, 0.05)
    text = site.machine.read("/run/meridian/bird/announce.conf")
    assert "route" not in text or site.announced() or "announced" in site.anycast()
    site.wait_announced(60)
    journal = site.journal("-b")
    in_order(journal, "Finished systemd-tmpfiles-setup", "Started bird.service", "Starting meridian-geodns", "Started meridian-geodns",
             "Starting meridian-bgpctl", f"prefix {PREFIX} is announced")
    site.machine.wait_booted()
    assert site.machine.run("systemctl", "is-system-running", check=False).out.strip() == "running"


def test_a_shutdown_drains_withdraws_and_lets_late_queries_be_answered_before_the_responder_ends(site):
    site.machine.sh("journalctl --no-pager -n 0 --cursor-file=/root/cursor")
    path = [len(site.upstream.route(PREFIX)["path"])]
    shutdown = subprocess.Popen(["nsenter", "-t", str(site.machine.pid), "--all", "--root", "/usr/bin/systemctl", "poweroff"],
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        route = site.upstream.route(PREFIX)
        path.append(len(route["path"]) if route is not None else 0)
        if route is None:
            break
        time.sleep(0.05)
    site.machine.process.wait(90)
    shutdown.wait(10)
    site.machine.ended()
    # As it was, then the path longer while it drains, then nothing.
    assert sorted(set(path), key=path.index) == [1, 4, 0], path
    site.boot()
    journal = site.journal("--after-cursor", site.machine.read("/root/cursor").strip())
    journal = journal[:journal.index("Starting meridian-geodns")]
    in_order(journal, f"prefix {PREFIX} is draining", f"prefix {PREFIX} is withdrawn", "Stopped meridian-bgpctl", "Stopping meridian-geodns",
             "Stopped meridian-geodns", "Stopped bird.service")
    site.wait_announced(60)


def test_a_power_cut_loses_no_configuration_and_announces_nothing_before_it_is_proved(site):
    site.machine.run("meridian", "override", "pool/eu", "drain", "--reason", "power", "--for", "1h")
    site.machine.cut_power()
    wait_for("the upstream has noticed", lambda: not site.announced(), 15, 0.1)
    site.boot()
    assert " power\n" in site.machine.run("meridian", "history").out
    site.machine.run("meridian", "override", "end", "pool/eu")
    site.wait_announced(60)
    assert site.machine.run("systemctl", "is-system-running", check=False).out.strip() == "running"


class Asking:
    """dig in a loop on the machine, until it is told to stop; counts what was answered and for how long nothing was."""

    SCRIPT = "while [ ! -e /tmp/enough ]; do dig +short +time=1 +tries=1 @192.0.2.53 www.example.com | grep -q 192.0.2.10 && date +%s.%N; done"

    def __init__(self, site):
        self.site = site
        self.process = subprocess.Popen(["nsenter", "-t", str(site.machine.pid), "--all", "--root", "/bin/sh", "-c",
                                         "PATH=/usr/bin:/bin; " + self.SCRIPT], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)

    def longest_gap_s(self):
        self.site.machine.sh("touch /tmp/enough")
        answered = [float(line) for line in self.process.communicate(timeout=30)[0].split()]
        self.site.machine.sh("rm /tmp/enough")
        assert len(answered) > 10
        return max(after - before for before, after in zip(answered, answered[1:]))


def test_an_upgrade_sends_no_update_and_leaves_settings_and_data_alone(site, higher):
    before, revision = site.upstream.updates(), site.machine.run("meridian", "history", "--limit", "1").out
    asking = Asking(site)
    site.install(higher, "--force-confold")
    gap = asking.longest_gap_s()
    print(f"longest time without an answer: {gap:.2f} s")
    wait_for("all are well", lambda: site.machine.run("meridian", "status", check=False).status == 0, 30, 0.5)
    wait_for("the prefix is the controller's", lambda: f"{PREFIX}  192.0.2.53  announced" in site.anycast(), 30, 0.5)
    assert site.upstream.updates() == before and site.announced()
    assert gap < 10
    assert site.machine.run("dpkg-query", "-W", "-f", "${Version}", "meridian").out.endswith("+next")
    assert site.machine.read("/etc/meridian/meridian.conf") == SETTINGS
    assert "next version" in site.machine.read("/etc/meridian/meridian.conf.dpkg-dist")
    assert site.machine.run("meridian", "history", "--limit", "1").out == revision
    assert not site.machine.sh("ls /run/meridian/bird/keep /run/meridian/stopped 2>/dev/null", check=False).out


def test_an_upgrade_leaves_stopped_and_disabled_units_alone(site, higher):
    """A controller that was stopped to keep the site away was started again by an upgrade, and a unit that was disabled was enabled."""
    site.machine.run("systemctl", "stop", "meridian-bgpctl")
    site.machine.run("systemctl", "disable", "-q", "--now", "meridian-web")
    site.wait_gone(10)
    site.install(higher, "--force-confold")
    assert site.active("meridian-bgpctl") == "inactive" and site.active("meridian-web") == "inactive"
    assert site.machine.run("systemctl", "is-enabled", "meridian-web", check=False).out.strip() == "disabled"
    assert site.active("meridian-geodns") == "active" and not site.announced()
    site.machine.run("systemctl", "start", "meridian-bgpctl")
    site.machine.run("systemctl", "enable", "-q", "--now", "meridian-web")
    site.wait_announced()


def test_an_upgrade_after_which_the_responder_does_not_start_withdraws(site, higher):
    site.machine.write("/etc/systemd/system/meridian-geodns.service.d/broken.conf", "[Service]\nExecStartPre=/bin/false\n")
    site.install(higher, "--force-confold")
    site.wait_gone()
    site.machine.sh("rm -r /etc/systemd/system/meridian-geodns.service.d && systemctl daemon-reload")
    wait_for("the responder answers", lambda: site.dig("www.example.com"), 20, 0.2)
    site.wait_announced()


def everything(site):
    return site.machine.sh("find / -xdev \\( -name '*meridian*' -o -path '*/bird/meridian.d*' \\) -not -path '/proc/*' -not -path '/root/*' "
                           "-not -path '/sys/*' 2>/dev/null; find /run/meridian 2>/dev/null", check=False).out.splitlines()


def test_remove_drains_first_and_leaves_data_and_settings_and_a_second_install_takes_them_up(site):
    before = site.machine.run("meridian", "export").out
    site.machine.run("dpkg", "-r", "meridian", timeout_s=120)
    assert not site.announced()
    assert "draining" in site.journal("-u", "meridian-bgpctl")
    for unit in UNITS:
        assert site.active(unit) in ("inactive", "unknown", "not-found")
    # BIRD goes on for whatever else it does, and starts again without us: an include whose folder is gone would have stopped it.
    assert "Reconfigur" in site.machine.run("birdc", "configure").out
    site.machine.run("systemctl", "restart", "bird")
    wait_for("BIRD answers", lambda: "up and running" in site.machine.run("birdc", "show", "status", check=False).out, 10, 0.1)
    assert site.machine.sh("ls /var/lib/meridian/config.db /var/lib/meridian/auth.db /etc/meridian/meridian.conf").status == 0
    site.install(site.deb, "--force-confold")
    assert site.machine.run("meridian", "export").out == before
    for unit in UNITS:
        assert site.active(unit) == "active", unit
    site.machine.run("systemctl", "restart", "bird")
    site.wait_announced()


def test_purge_takes_everything_and_a_fresh_install_begins_anew(site):
    site.machine.run("dpkg", "--purge", "meridian", timeout_s=120)
    # What the operator had written for BIRD stays BIRD's, and BIRD still starts with it.
    assert set(everything(site)) == {"/etc/bird/meridian.conf", "/etc/bird/meridian.d"}
    site.machine.run("systemctl", "restart", "bird")
    wait_for("BIRD answers", lambda: "up and running" in site.machine.run("birdc", "show", "status", check=False).out, 10, 0.1)
    site.install(site.deb)
    for unit in UNITS:
        assert site.active(unit) == "active", unit
    assert "no revision" in site.machine.run("meridian", "history").out or site.machine.run("meridian", "history").out.count("\n") <= 1
    assert len([line for line in site.journal("-u", "meridian-web").splitlines() if "log-in" in line]) == 2


def test_a_machine_without_bird_serves_and_says_what_is_missing(site):
    site.machine.run("dpkg", "-r", "--force-depends", "bird2", timeout_s=60)
    site.machine.run("systemctl", "restart", *UNITS)
    for unit in UNITS:
        assert site.active(unit) == "active", unit


@pytest.fixture(autouse=True)
def fixture_nothing_failed(site):
    """No unit of ours is left failed by what a test did."""
    yield
    failed = site.machine.run("systemctl", "--failed", "--no-legend", "--plain", check=False).out
    assert "meridian" not in failed, failed
