"""`meridian events`: what the API filters by, the command does."""
import json
import subprocess
import time

import pytest

from backends import Backend
from harness import BIN, Instance, free_port, wait_for
from test_api import Client
from test_health import document, state_of
from test_health_reports import TCP, token


def at(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


@pytest.fixture
def site():
    port = free_port()
    backend = Backend("127.89.1.1", port)
    with Instance(document([dict(TCP, port=port)], eu=("t", {"good": "127.89.1.1", "dead": "127.89.1.2"})), geo=False) as instance:
        instance.start("healthcheck", "web")
        wait_for("verdicts", lambda: (state_of(instance, "eu/good"), state_of(instance, "eu/dead")) == ("up", "down"))
        wait_for("events", lambda: len(instance.events(kind="endpoint")) == 2 and instance.events(kind="pool"))
        yield instance, backend
    backend.stop()


def told(instance, *options):
    return [json.loads(line) for line in instance.meridian("events", "--json", *options).stdout.splitlines()]


def test_events_are_filtered_as_the_api_filters_them(site):
    instance, _ = site
    client = Client(instance, token(instance, "viewer"))
    hour_ago, hour_ahead = at(time.time() - 3600), at(time.time() + 3600)
    every = told(instance)
    for options, query in [
            (["--kind", "endpoint"], "kind=endpoint"), (["--object", "endpoint/eu/dead"], "object=endpoint/eu/dead"),
            (["--kind", "pool", "--object", "endpoint/eu/dead"], "kind=pool&object=endpoint/eu/dead"), (["--since", hour_ago], f"since={hour_ago}"),
            (["--since", hour_ahead], f"since={hour_ahead}"), (["--until", hour_ago], f"until={hour_ago}"), (["--limit", "1"], "limit=1")]:
        wanted = client.get("events?" + query).json["items"]
        assert told(instance, *options) == wanted[::-1], options
    assert len(told(instance, "--kind", "endpoint")) == 2 and told(instance, "--object", "endpoint/eu/dead")[0]["to"] == "down"
    assert told(instance, "--since", "1h") == every and told(instance, "--until", "1h") == [] and told(instance, "--since", "0s") == []


def test_a_time_that_is_none_is_refused_with_what_is(site):
    instance, _ = site
    for options in (["--since", "yesterday"], ["--until", "2026-13-01T00:00:00Z"], ["--since", "90"]):
        done = instance.meridian("events", *options, check=False)
        assert done.returncode == 1 and done.stdout == ""
        assert done.stderr == "meridian events: --since and --until are times as in 2026-01-02T03:04:05Z, or how long ago, as in 2h (s, m, h or d)\n"


def test_who_follows_may_not_say_until_when(site):
    instance, _ = site
    done = instance.meridian("events", "--follow", "--until", "2h", check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "meridian events: --follow goes on until it is ended: leave --until out\n")


def test_who_follows_gets_what_is_wanted_alone(site):
    instance, backend = site
    command = [f"{BIN}/meridian", "events", "--dir", instance.dir, "--json", "--follow", "--object", "endpoint/eu/good"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True) as follower:
        try:
            assert json.loads(follower.stdout.readline())["to"] == "up"
            backend.stop()
            assert json.loads(follower.stdout.readline())["to"] == "down"
            assert instance.events(kind="pool")[-1]["to"] == "down"  # of which nothing is told
            backend.start()
            event = json.loads(follower.stdout.readline())
            assert (event["object"], event["to"]) == ("endpoint/eu/good", "up")
        finally:
            follower.kill()
