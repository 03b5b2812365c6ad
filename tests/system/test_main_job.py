"""The main job: one command, the page, answers by place, and a failure that answers, API and route follow."""
import datetime
import os
import re
import shlex
import signal
import subprocess
import time
import urllib.request

import pytest

from demo import AMERICAN, EU, GERMAN, US, Api, Run, need_demo_ports
from harness import own_network, patient, wait_for

USERS = ["root", "an ordinary user"] if os.geteuid() == 0 else ["an ordinary user"]
FALL, INTERVAL_MS, TIMEOUT_MS, RISE = 2, 1000, 500, 2
WITHIN_S = (FALL * INTERVAL_MS + TIMEOUT_MS + 50) / 1000


@pytest.fixture(scope="module", autouse=True)
def network():
    with own_network() as own:
        if not own:
            need_demo_ports()
        yield


@pytest.fixture(scope="module", params=USERS)
def demo(request, network):
    with Run(request.param) as run:
        run.start()
        wait_for("all backends are up", lambda: run.states() == {"up"})
        wait_for("the prefix is at the upstream router", run.upstream_route, 20, 0.1)
        yield run


def when(event):
    return datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00")).timestamp()


@pytest.fixture
def api(demo):
    return Api(demo, demo.password())


def test_the_banner_leads_to_the_page_and_the_log_in(demo, api):
    url = re.search(r"page +(http://\S+)", demo.said()).group(1)
    page = urllib.request.urlopen(url, timeout=patient(5))
    assert page.status == 200 and "Meridian" in page.read().decode()
    assert api.get("session")["role"] == "admin"
    assert demo.said().count(demo.password()) == 1


def test_the_dig_lines_of_the_banner_give_each_continent_its_pool(demo):
    lines = re.findall(r"^ +(dig .*)$", demo.said(), re.M)
    assert len(lines) == 3
    answers = []
    for line in lines:
        done = subprocess.run(shlex.split(line) + ["+time=2"], capture_output=True, text=True, timeout=patient(10))
        assert "status: NOERROR" in done.stdout, done.stdout
        answers.append(set(re.findall(r"\sIN\s+A\s+(\d\S+)", done.stdout)))
    assert answers == [EU, US, EU]


def test_every_command_of_the_banner_succeeds_as_it_stands(demo):
    lines = re.findall(r"^  (\S*(?:meridian|birdc) .*)$", demo.said(), re.M)
    assert len(lines) == 3
    for line in lines:
        done = subprocess.run([*demo.prefix, *shlex.split(line)], capture_output=True, text=True, timeout=patient(10),
                              env={"PATH": "/usr/bin:/bin:/usr/sbin"})
        assert done.returncode == 0, (line, done)
    wait_for("all backends are up again", lambda: demo.states() == {"up"})


def test_processes_belong_to_the_user_who_started_them(demo):
    owner = os.stat(demo.path("config.db")).st_uid
    pids = [int(line.split(":")[0]) for line in demo.leftovers()]
    assert len(pids) == 1 + 4 + 4 + 2
    assert {os.stat(f"/proc/{pid}").st_uid for pid in pids} == {owner} == {65534 if demo.prefix else os.geteuid()}


def test_nothing_secret_can_be_read_by_others(demo):
    for name in ("auth.db", "demo/server.key", "demo/ca.pem", "config.db"):
        assert os.stat(demo.path(name)).st_mode & 0o007 == 0, name
    assert os.stat(demo.dir).st_mode & 0o007 == 0


def test_a_stopped_pool_is_left_within_its_checks_and_taken_again_after_rise(demo, api):
    assert demo.answers(GERMAN) == EU and demo.answers(AMERICAN) == US
    assert "BGP.as_path: 64512\n" in demo.upstream_route()
    stopped = time.time()
    demo.meridian("demo", "stop", "eu1", "eu2")
    gone = time.time()
    while demo.answers(GERMAN) != US:
        assert time.time() < gone + 10, "the German client never gets the US pool"
    changed = time.time()
    assert changed - gone <= WITHIN_S, f"{changed - gone:.3f} s after the stop"
    assert demo.answers(AMERICAN) == US

    for name, address in (("eu1", "127.0.1.1"), ("eu2", "127.0.1.2")):
        down = demo.events(object=f"endpoint/eu/{name}", to="down")[-1]
        assert down["reason"] == f"connection refused to {address}:8443" and down["from"] == "up"
        assert stopped <= when(down) + 0.001 and when(down) <= gone + WITHIN_S
        seen = api.endpoint("eu", name)
        assert (seen["state"], seen["reason"], seen["effective"]["serving"]) == ("down", down["reason"], False)
    pool = wait_for("the event of the pool", lambda: [event for event in demo.events(object="pool/eu", to="down")
                                                      if when(event) >= stopped - 0.001])[-1]
    assert changed - when(pool) < 0.1, f"answers followed {changed - when(pool):.3f} s after the decision"
    wait_for("the route at the upstream is degraded", lambda: "BGP.as_path: 64512 64512 64512 64512" in demo.upstream_route())
    assert "BGP.med: 500" in demo.upstream_route()
    assert api.get("anycast")["prefixes"][0]["state"] == "degraded"

    demo.meridian("demo", "start", "eu1", "eu2")
    started = time.time()
    while demo.answers(GERMAN) == US:
        assert time.time() < started + 10, "the German client never comes back"
    assert time.time() - started <= WITHIN_S
    up = wait_for("both are up", lambda: [event for event in demo.events(to="up") if when(event) >= started - 0.01])
    assert "2 checks in a row" in up[0]["reason"]
    wait_for("both are answered", lambda: demo.answers(GERMAN) == EU)
    wait_for("the route is as before", lambda: "BGP.as_path: 64512\n" in demo.upstream_route(), 20, 0.1)


def test_one_stopped_backend_leaves_its_pool_to_the_other(demo):
    demo.meridian("demo", "stop", "eu2")
    wait_for("only the other is answered", lambda: demo.answers(GERMAN) == {"127.0.1.1"})
    demo.meridian("demo", "start", "eu2")
    wait_for("both are answered", lambda: demo.answers(GERMAN) == EU)


def test_a_demo_backend_that_is_not_there_is_told(demo):
    done = demo.meridian("demo", "stop", "eu9", check=False)
    assert done.returncode == 1 and 'no demo backend "eu9"' in done.stderr


@pytest.mark.parametrize("name", ["geodns", "healthcheck", "bgpctl", "web"])
def test_a_killed_daemon_is_started_again(demo, name):
    pid = demo.daemon(name)["pid"]
    os.kill(pid, signal.SIGKILL)
    wait_for(f"another {name}", lambda: demo.daemon(name).get("pid", pid) != pid)
    demo.meridian("status", "--wait-ready", f"{patient(15):.0f}")
    assert f"{name} was ended by signal 9" in demo.said()
    assert demo.answers(GERMAN) == EU


def test_the_prefix_is_withdrawn_when_the_responder_is_killed_and_comes_back(demo):
    wait_for("the prefix is at the upstream router", demo.upstream_route, 20, 0.1)
    os.kill(demo.daemon("geodns")["pid"], signal.SIGKILL)
    wait_for("it is gone", lambda: not demo.upstream_route(), 1.5)
    wait_for("it is there again", demo.upstream_route, 20, 0.1)


def test_a_second_run_on_the_folder_is_refused_and_changes_nothing(demo):
    with open(demo.path("meridian.conf")) as file:
        settings = file.read()
    other = demo.command("--dns-port", "1", ports=False)
    done = subprocess.run(other, capture_output=True, text=True, timeout=patient(10), stdin=subprocess.DEVNULL)
    assert done.returncode == 1 and "another `meridian run` has the folder" in done.stderr and "--dir" in done.stderr
    with open(demo.path("meridian.conf")) as file:
        assert file.read() == settings
    assert demo.answers(GERMAN) == EU


def test_a_second_demo_on_the_machine_is_told_whose_port_it_is(demo):
    with Run("an ordinary user") as other:
        said = other.refused()
        assert "127.0.1.1 port 8443" in said and "the demo needs it" in said, said
        assert other.leftovers() == []
