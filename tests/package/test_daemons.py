"""The installed package under systemd: who runs as whom, who may touch what, and what follows when something ends."""
import re

import pytest

from harness import wait_for
from site_machine import ADDRESS, UNITS

STATE_FILES = "find /var/lib/meridian /run/meridian -printf '%u %M %p\\n'"


def test_units_start_without_a_failure_and_each_daemon_is_its_own_user(site):
    assert site.machine.run("systemctl", "is-system-running", check=False).out.strip() == "running"
    for unit in UNITS:
        assert site.active(unit) == "active" and site.machine.run("systemctl", "is-enabled", unit).out.strip() == "enabled"
        pid = site.machine.run("systemctl", "show", "-P", "MainPID", unit).out.strip()
        assert site.machine.run("ps", "-o", "user:32=", "-p", pid).out.strip() == unit
    users = site.machine.run("ss", "-lnup", "sport", "=", "53").out
    assert "meridian-geodns" in users


def test_units_are_understood_and_exposed_little(site):
    """The exposure is systemd-analyze's own figure, 0 to 10; the responder may bind low ports, all may open sockets."""
    said = site.machine.sh("cd /lib/systemd/system && systemd-analyze verify --man=no meridian-*.service meridian-*.path meridian-*.timer").out
    assert said == ""
    for unit in (*UNITS, "meridian-geoc", "meridian-bgpwatch"):
        told = site.machine.run("systemd-analyze", "security", "--no-pager", f"{unit}.service").out
        score = float(re.search(r"exposure level for \S+: ([0-9.]+)", told).group(1))
        assert score <= 2.0, f"{unit}: {score}"


def test_the_first_password_stands_in_the_journal_once_and_opens_the_page(site):
    lines = [line for line in site.journal("-u", "meridian-web").splitlines() if "log-in" in line]
    assert len(lines) == 1, lines
    password = lines[0].split(" / ")[1]
    log_in = ("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Content-Type: application/json", "-H", "Origin: http://127.0.0.1:8080",
              "http://127.0.0.1:8080/api/v1/session", "-d")
    assert site.machine.run(*log_in, f'{{"user": "admin", "password": "{password}"}}').out in ("200", "201")
    assert site.machine.run(*log_in, '{"user": "admin", "password": "wrong"}').out == "401"
    assert "<html" in site.machine.run("curl", "-s", "http://127.0.0.1:8080/").out


def test_answers_come_from_port_53_over_udp_and_tcp(site):
    for words in ((), ("+tcp",)):
        assert site.dig("www.example.com", *words) == "192.0.2.10"
    assert site.machine.run("dig", "+short", f"@{ADDRESS}", "ns1.example.com").out.strip() == ADDRESS


def test_bird_reads_the_include_file_as_a_user_of_its_own(site):
    """/run/meridian was closed to BIRD: it did not start, "Unable to stat included file"."""
    assert "Reconfigur" in site.machine.run("birdc", "configure").out
    site.wait_announced()
    assert "announced" in site.anycast()


READ, WRITE = "cat {} >/dev/null", "sh -c ': >>{}'"
RIGHTS = [
    ("/var/lib/meridian/config.db", READ, {"meridian-web", "meridian-geodns", "meridian-healthcheck", "meridian-bgpctl", "olga"}),
    ("/var/lib/meridian/config.db", WRITE, {"meridian-web"}),
    ("/var/lib/meridian/auth.db", READ, {"meridian-web"}),
    ("/var/lib/meridian/dns/cookie_secret", READ, {"meridian-geodns"}),
    ("/var/lib/meridian/events/bgpctl.db", WRITE, {"meridian-bgpctl"}),
    ("/run/meridian/health", READ, {"meridian-web", "meridian-geodns", "meridian-healthcheck", "meridian-bgpctl", "olga"}),
    ("/run/meridian/health", WRITE, {"meridian-healthcheck"}),
    ("/run/meridian/bird/announce.conf", READ, {"meridian-web", "meridian-geodns", "meridian-healthcheck", "meridian-bgpctl", "olga", "bird",
                                                "stranger"}),
    ("/run/meridian/bird/announce.conf", WRITE, {"meridian-bgpctl"}),
    ("/run/bird/bird.ctl", "test -w {}", {"bird"}),
    # What BIRD reads cannot be put aside and replaced either.
    ("/run/meridian/bird", "sh -c 'touch {}/x && rm {}/x'", {"meridian-bgpctl"}),
    ("/run/meridian/bird", "sh -c 'mv {} {}.aside && mv {}.aside {}'", {"meridian-bgpctl"}),
]
USERS = ("meridian-web", "meridian-geodns", "meridian-healthcheck", "meridian-bgpctl", "bird", "olga", "stranger")


@pytest.fixture(name="people", scope="module")
def fixture_people(site):
    """`olga` is a member of the group meridian, `stranger` is not."""
    site.machine.sh("useradd -m -G meridian olga && useradd -m stranger")


def test_each_file_is_open_to_those_who_need_it_and_closed_to_all_others(site, people):
    wrong = []
    for path, action, may in RIGHTS:
        for user in USERS:
            done = site.machine.sh(action.replace("{}", path), user=user, check=False)
            if (done.status == 0) != (user in may):
                wrong.append((path, action, user, done.out))
    assert wrong == []


def test_members_of_the_group_look_and_only_root_changes(site, people):
    for command in (["status"], ["health"], ["anycast"], ["events"], ["history"], ["export"], ["explain", "www.example.com", "--client", "192.0.2.1"]):
        site.machine.run("meridian", *command, user="olga")
    for user in ("olga", "stranger"):
        told = site.machine.run("meridian", "override", "pool/eu", "drain", "--reason", "x", "--for", "1h", user=user, check=False)
        assert told.status == 1 and "config.db" in told.out and "root" in told.out, str(told)
    told = site.machine.run("meridian", "status", user="stranger", check=False)
    assert told.status == 1 and "group" in told.out, str(told)


def belongs_to_root(site):
    """Files of daemons that fell to root, the two folders that are root's apart."""
    lines = site.machine.sh(STATE_FILES).out.splitlines()
    return [line for line in lines if line.startswith("root ") and not line.endswith((" /run/meridian", " /var/lib/meridian/events"))]


def test_what_root_writes_leaves_every_file_to_its_daemon(site):
    """A file that falls to root at night is one that its daemon cannot write in the morning."""
    writes = "meridian apply /root/site.json --comment x; meridian override pool/eu drain --reason x --for 1h && meridian override end pool/eu" \
             " && meridian geo compile && meridian user add carol --role viewer && meridian token add t --role viewer"
    site.machine.sh(writes)
    assert belongs_to_root(site) == []
    # With nobody there who holds the logs of the databases open, and with none of the databases but the store.
    site.machine.run("systemctl", "stop", "meridian-web", "meridian-healthcheck", "meridian-bgpctl", "meridian-geodns")
    site.machine.sh("cd /var/lib/meridian && rm -f auth.db* config.db-* geo/places.tbl events/*")
    site.machine.sh(writes.replace("carol", "dave"))
    site.machine.run("meridian", "events")
    assert belongs_to_root(site) == []
    site.machine.run("systemctl", "start", "meridian-web", "meridian-healthcheck", "meridian-geodns", "meridian-bgpctl")
    wait_for("all are well", lambda: site.machine.run("meridian", "status", check=False).status == 0, 20, 0.5)
    site.wait_announced()
    # A write by the dashboard's own user follows one by root.
    site.machine.run("meridian", "apply", "/root/site.json", "--comment", "y", user="meridian-web", check=False)
    site.machine.sh("runuser -u meridian-web -- meridian override pool/eu up --reason x --for 1h && meridian override end pool/eu")


def test_a_new_database_of_places_is_compiled_by_the_path_unit(site):
    def compiled():
        return site.machine.sh("stat -c %y /var/lib/meridian/geo/places.tbl").out
    before = compiled()
    # Replaced by a rename, as geoipupdate does; and again by writing into it.
    for change in ("cp country.mmdb new && mv new country.mmdb", "cp country.mmdb /tmp/c && cat /tmp/c > country.mmdb"):
        site.machine.sh(f"cd /usr/share/meridian/geo && {change}")
        wait_for(f"the table is made anew after {change}", lambda: compiled() != before, 30, 0.2)
        wait_for("the compiler has ended", lambda: site.active("meridian-geoc.service") == "inactive", 30, 0.2)
        before = compiled()
    assert site.machine.run("systemctl", "show", "-P", "Result", "meridian-geoc.service").out.strip() == "success"
    assert "place table is taken up" in site.journal("-u", "meridian-geodns")


def restarts(site, unit):
    return int(site.machine.run("systemctl", "show", "-P", "NRestarts", unit).out)


def test_each_killed_daemon_is_started_again_and_only_the_responder_withdraws(site):
    for unit in ("meridian-web", "meridian-healthcheck", "meridian-bgpctl"):
        before, updates = restarts(site, unit), site.upstream.updates()
        site.machine.run("systemctl", "kill", "-s", "KILL", unit)
        wait_for(f"{unit} is back", lambda: restarts(site, unit) == before + 1 and site.active(unit) == "active", 20, 0.1)
        wait_for("all are well", lambda: site.machine.run("meridian", "status", check=False).status == 0, 20, 0.2)
        assert site.upstream.updates() == updates, unit
    before = restarts(site, "meridian-geodns")
    site.machine.run("systemctl", "kill", "-s", "KILL", "meridian-geodns")
    site.wait_gone()
    wait_for("the responder is back", lambda: restarts(site, "meridian-geodns") > before and site.dig("www.example.com"), 20, 0.1)
    site.wait_announced()


def test_the_responder_is_withdrawn_by_its_unit_where_the_controller_is_dead(site):
    drop_in = "/run/systemd/system/meridian-bgpctl.service.d/dead.conf"
    site.machine.write(drop_in, "[Service]\nRestart=no\n")
    site.machine.run("systemctl", "daemon-reload")
    site.machine.run("systemctl", "kill", "-s", "KILL", "meridian-bgpctl")
    wait_for("the controller is dead", lambda: site.active("meridian-bgpctl") == "failed", 10, 0.1)
    assert site.announced()
    site.machine.run("systemctl", "stop", "meridian-geodns")
    site.wait_gone(2)
    assert "nothing is announced any more" in site.journal("-u", "meridian-geodns")
    site.machine.sh(f"rm {drop_in} && systemctl daemon-reload")
    site.machine.run("systemctl", "start", "meridian-geodns", "meridian-bgpctl")
    site.wait_announced()
    # What root wrote into the controller's folder is the controller's again.
    assert belongs_to_root(site) == []


def test_a_dead_controller_is_told_by_the_timer_and_a_stopped_one_is_not(site):
    assert site.active("meridian-bgpwatch.timer") == "active"
    conf = site.machine.read("/etc/meridian/meridian.conf")
    site.machine.write("/etc/meridian/meridian.conf", conf + "controller_dead_s = 3\n")
    site.machine.write("/run/systemd/system/meridian-bgpctl.service.d/dead.conf", "[Service]\nRestart=no\n")
    site.machine.run("systemctl", "daemon-reload")
    site.machine.run("systemctl", "kill", "-s", "KILL", "meridian-bgpctl")
    wait_for("the timer tells it", lambda: site.machine.run("systemctl", "is-failed", "meridian-bgpwatch", check=False).out.strip() == "failed", 40, 0.5)
    assert site.announced()
    site.machine.sh("rm /run/systemd/system/meridian-bgpctl.service.d/dead.conf && systemctl daemon-reload")
    site.machine.write("/etc/meridian/meridian.conf", conf)
    site.machine.run("systemctl", "start", "meridian-bgpctl")
    site.machine.run("systemctl", "start", "meridian-bgpwatch")
    site.machine.run("systemctl", "stop", "meridian-bgpctl")
    site.machine.run("systemctl", "start", "meridian-bgpwatch")
    site.machine.run("systemctl", "start", "meridian-bgpctl")
    site.wait_announced()


def test_bird_stopped_restarted_and_killed_comes_back_to_what_is_announced(site):
    site.machine.run("systemctl", "stop", "bird")
    site.wait_gone()
    wait_for("the controller says so", lambda: "BIRD: down" in site.anycast(), 10, 0.2)
    site.machine.run("systemctl", "start", "bird")
    site.wait_announced()
    site.machine.run("systemctl", "restart", "bird")
    site.wait_announced()
    for _ in range(7):
        site.machine.run("systemctl", "kill", "-s", "KILL", "bird")
        wait_for("BIRD is started again", lambda: site.active("bird") == "active", 10, 0.05)
    site.wait_announced()


SQUATTER = "use Socket; socket(S, PF_INET, SOCK_DGRAM, 0); bind(S, sockaddr_in(53, INADDR_LOOPBACK)) or die; sleep 600"


def test_a_responder_whose_port_is_taken_says_so_and_is_tried_until_it_is_free(site):
    """systemd gives a unit up after five starts in ten seconds, unless told otherwise."""
    site.machine.run("systemctl", "stop", "meridian-geodns")
    site.wait_gone()
    site.machine.run("systemd-run", "-q", "--unit", "squatter", "perl", "-e", SQUATTER)
    wait_for("somebody else has the port", lambda: "perl" in site.machine.run("ss", "-lnup").out, 10, 0.1)
    before = restarts(site, "meridian-geodns")
    assert site.machine.run("systemctl", "start", "meridian-geodns", check=False).status != 0
    wait_for("it was tried eight times", lambda: restarts(site, "meridian-geodns") >= before + 8, 40, 0.2)
    said = site.journal("-u", "meridian-geodns", "-n", "30")
    assert "cannot listen on UDP 0.0.0.0:53" in said and "ss -lntup" in said, said
    assert not site.announced()
    site.machine.run("systemctl", "stop", "squatter")
    wait_for("the responder answers", lambda: site.dig("www.example.com") == "192.0.2.10", 20, 0.2)
    site.wait_announced()


def test_a_machine_whose_kernel_has_no_ipv6_is_served_over_ipv4(site):
    """Sockets of the family are refused, as with ipv6.disable=1; the settings name [::]:53 by default."""
    for unit in UNITS:
        site.machine.write(f"/run/systemd/system/{unit}.service.d/no-ipv6.conf", "[Service]\nRestrictAddressFamilies=~AF_INET6\n")
    site.machine.run("systemctl", "daemon-reload")
    site.machine.run("systemctl", "restart", *UNITS)
    assert site.dig("www.example.com") == "192.0.2.10"
    site.wait_announced()
    assert "[::]:53" not in site.machine.run("ss", "-lnu").out
    site.machine.sh("rm /run/systemd/system/meridian-*.service.d/no-ipv6.conf && systemctl daemon-reload")
    site.machine.run("systemctl", "restart", *UNITS)
    assert "[::]:53" in site.machine.run("ss", "-lnu").out
    site.wait_announced()
