"""meridian bird setup: what it writes is taken by a real BIRD, and it never writes over what is not its own; meridian anycast plan."""
import json
import os
import re
import subprocess
import urllib.error
import urllib.request

import pytest

from anycast_lab import BGP_PORT, SITE_AS, UPSTREAM_AS
from harness import Instance, patient, program, wait_for
from test_anycast import PREFIX, Site, document, lab, shared_lab  # noqa: F401

SIX = "2001:db8:53::/48"
PEERS = ("--as", str(SITE_AS), "--router-id", "10.9.0.1", "--port", str(BGP_PORT), "--local", "10.9.0.1", "--local", "2001:db8:9::1")


@pytest.fixture
def site(lab):
    with Site(lab) as made:
        yield made


def both_families():
    both = document()
    both["prefixes"].append({**both["prefixes"][0], "prefix": SIX, "address": "2001:db8:53::53", "needs": {"pools": ["eu"]}})
    return both


def parses(path):
    return subprocess.run([program("bird"), "-p", "-c", path], capture_output=True, text=True, timeout=patient(10), stdin=subprocess.DEVNULL)


def test_what_it_writes_is_taken_by_bird_and_announces(lab, site):
    site.instance.apply(both_families())
    path = site.instance.path("bird", "bird.conf")
    password = site.instance.path("password")
    with open(password, "w") as file:
        file.write("s3cret!\n")
    site.instance.meridian("bird", "setup", *PEERS, "--peer", f"upstream,10.9.0.2,{UPSTREAM_AS}", "--peer",
                           f"six,2001:db8:9::2,{UPSTREAM_AS},{password}", "--bfd", "up0")
    text = open(path).read()
    assert f"[ {PREFIX} ]" in text and f"[ {SIX} ]" in text and "export limit 1 action block" in text and "bfd on;" in text
    assert 'password "s3cret!";' in text and os.stat(path).st_mode & 0o007 == 0
    # The lab's include folder is another than the instance's, and its upstream has no password.
    done = parses(path)
    assert done.returncode == 0, done.stdout + done.stderr
    again = site.instance.meridian("bird", "setup", *PEERS, "--peer", f"upstream,10.9.0.2,{UPSTREAM_AS}")
    assert "until you confirm what it is to read: meridian anycast confirm" in again.stdout
    lab.site.write(open(path).read().replace(site.instance.path("bird") + "/*", lab.include + "/*").replace("log syslog", "log stderr"))
    lab.site.ask("configure")
    wait_for("the session is up", lambda: "Established" in lab.site.ask("show protocols upstream"), 20)
    site.announced()


def tagged(net):
    return f"route {net} unreachable {{ bgp_large_community.add((MERIDIAN_AS, 53, 1)); }};"


def leaks(family, owned, foreign):
    """What a faulty include folder may hold: the first of OWNED as it should be, and all that must not pass."""
    return (f"protocol static meridian{family} {{ ipv{family}; {tagged(owned[0])} route {owned[1]} unreachable;"
            f" {' '.join(map(tagged, foreign))} }}\n"
            f"protocol static other{family} {{ ipv{family}; {tagged(owned[1])} }}\n")


def nets(bird, command="show route"):
    return set(re.findall(r"^([0-9a-f.:]+/\d+) ", bird.ask(command), re.M))


def test_no_untagged_default_foreign_or_more_specific_route_leaks(lab, site):
    """The filter takes owned prefixes of its own protocols by tag alone; where it were broken, the limit holds and the session stays."""
    owned = ([PREFIX, "198.51.100.0/24"], [SIX, "2001:db8:54::/48"])
    foreign = (["0.0.0.0/0", "192.0.2.0/25", "192.0.2.53/32", "203.0.113.0/24"], ["::/0", "2001:db8:53:1::/64", "2001:db8:53::53/128", "2001:db8::/32"])
    both = both_families()
    both["prefixes"] += [{**both["prefixes"][0], "prefix": owned[0][1], "address": "198.51.100.53"},
                         {**both["prefixes"][1], "prefix": owned[1][1], "address": "2001:db8:54::53"}]
    site.instance.apply(both)
    site.instance.meridian("bird", "setup", *PEERS, "--peer", f"upstream,10.9.0.2,{UPSTREAM_AS}", "--peer", f"six,2001:db8:9::2,{UPSTREAM_AS}")
    lab.also_over_ipv6()
    with open(os.path.join(lab.include, "announce.conf"), "w") as include:
        include.write(leaks(4, owned[0], foreign[0]) + leaks(6, owned[1], foreign[1]))
    text = open(site.instance.path("bird", "bird.conf")).read()
    text = text.replace(site.instance.path("bird") + "/*", lab.include + "/*").replace("log syslog", "log stderr")

    def configure(conf):
        lab.site.write(conf)
        assert "Reconfigur" in lab.site.ask("configure")
        for session in ("upstream", "six"):
            wait_for(f"{session} is up", lambda name=session: "Established" in lab.site.ask(f"show protocols {name}"), 20)

    configure(text)
    assert nets(lab.site) == {net for family in (*owned, *foreign) for net in family}, "the site itself has them all"
    wait_for("the upstream has what is announced", lambda: nets(lab.upstream) >= {PREFIX, SIX}, 20)
    assert nets(lab.site, "show route exported upstream") == {PREFIX} and nets(lab.site, "show route exported six") == {SIX}
    assert nets(lab.upstream) == {PREFIX, SIX}

    broken = re.sub(r"(?m)^filter (meridian_export\d) .*", r"filter \1 { accept; }", text)
    assert broken != text
    configure(broken)
    for session, family in (("upstream", 4), ("six", 6)):
        def limit(name=session):
            return re.search(r"Export limit:\s+2 \[HIT\]\s+Action:\s+block", lab.site.ask(f"show protocols all {name}"))
        wait_for(f"{session} is at its limit", limit)
        assert len(nets(lab.site, f"show route exported {session}")) == 2
        assert "Established" in lab.site.ask(f"show protocols {session}")
    assert len(nets(lab.upstream, "show route table master4")) <= 2 and len(nets(lab.upstream, "show route table master6")) <= 2


def test_where_no_bird_runs_there_is_nothing_to_confirm():
    with Instance(document(), "fra", geo=False) as instance:
        done = instance.meridian("bird", "setup", *PEERS, "--peer", f"upstream,10.9.0.2,{UPSTREAM_AS}")
        assert "wrote" in done.stdout and "confirm" not in done.stdout
        # It lies beside the file that it includes, with and without that one; and what was left there by one that broke off is no secret's place.
        path, include = instance.path("bird", "bird.conf"), instance.path("bird", "announce.conf")
        assert parses(path).returncode == 0, parses(path).stderr
        with open(include, "w") as file:
            file.write("this is not BIRD's language\n")
        assert parses(path).returncode == 1 and include in parses(path).stdout + parses(path).stderr
        os.unlink(include)
        with open(path + ".new", "w") as file:
            file.write(open(path).read()[:100])
        os.chmod(path + ".new", 0o666)
        instance.meridian("bird", "setup", *PEERS, "--peer", f"upstream,10.9.0.2,{UPSTREAM_AS}")
        assert os.stat(path).st_mode & 0o007 == 0 and not os.path.exists(path + ".new")
        with open(path + ".new", "w") as file:
            file.write("somebody else's\n")
        refused = instance.meridian("bird", "setup", *PEERS, "--peer", f"upstream,10.9.0.2,{UPSTREAM_AS}", check=False)
        assert refused.returncode == 1 and open(path + ".new").read() == "somebody else's\n"


def test_a_file_of_somebody_else_is_left_alone(site):
    path = site.instance.path("bird", "bird.conf")
    with open(path, "w") as file:
        file.write("router id 1.2.3.4;\n")
    done = site.instance.meridian("bird", "setup", *PEERS, "--peer", f"up,10.9.0.2,{UPSTREAM_AS}", check=False)
    assert done.returncode == 1 and "left alone" in done.stderr and open(path).read() == "router id 1.2.3.4;\n"


@pytest.mark.parametrize("peer", ["up", "up,10.9.0.2", "up,10.9.0.2,0", "up,10.9.0,64513", "u p,10.9.0.2,64513", 'up";,10.9.0.2,64513'])
def test_words_that_are_no_peer_are_refused(site, peer):
    done = site.instance.meridian("bird", "setup", *PEERS, "--peer", peer, check=False)
    assert done.returncode == 2 and not os.path.exists(site.instance.path("bird", "bird.conf"))


def test_a_plan_says_what_would_go_and_changes_nothing(lab, site):
    site.announced()
    before = lab.upstream.updates()
    plan = site.instance.json("anycast", "plan")
    assert [(item["now"], item["then"], item["later"]) for item in plan["prefixes"]] == [("announced",) * 3] and plan["exports"] == []
    file = site.instance.path("fewer.json")
    for sites, then, rule in ((["ams"], "withdrawn", None), (["ams", "lon"], "withdrawn", None)):
        fewer = document(sites=sites)
        fewer["sites"].append({"name": "lon", "lat": 51, "lon": 0})
        with open(file, "w") as out:
            json.dump(fewer, out)
        plan = json.loads(site.instance.meridian("anycast", "plan", "--apply", file, "--json").stdout)
        assert [(item["then"], item["blocked_by"]) for item in plan["prefixes"]] == [(then, rule)]
        assert plan["exports"] == [{"peer": "upstream", "prefix": PREFIX, "now": "announced", "then": "withdrawn"}]
        assert f"route {PREFIX}" in plan["file"]["before"] and f"route {PREFIX}" not in plan["file"]["after"]
    shown = site.instance.meridian("anycast", "plan", "--apply", file)
    assert f"-\troute {PREFIX} unreachable" in shown.stdout and f"confirm it by name: prefix/{PREFIX}" in shown.stderr
    assert "passes" in shown.stdout
    # A prefix that would be new is held, and announced later.
    more = both_families()
    more["prefixes"][1].update(prefix="198.51.100.0/24", address="198.51.100.53")
    with open(file, "w") as out:
        json.dump(more, out)
    plan = json.loads(site.instance.meridian("anycast", "plan", "--apply", file, "--json").stdout)
    assert [(item["prefix"], item["then"]) for item in plan["prefixes"]] == [(PREFIX, "announced"), ("198.51.100.0/24", "held")]
    lab.stays(seconds=0.5)
    assert lab.upstream.updates() == before and site.prefix()["state"] == "announced"


def test_a_plan_names_the_rule_that_would_refuse(lab):
    with Site(lab, sites=["fra"]) as site:
        site.announced()
        file = site.instance.path("none.json")
        with open(file, "w") as out:
            json.dump(document(sites=["ams"], min_sites=2), out)
        plan = json.loads(site.instance.meridian("anycast", "plan", "--apply", file, "--json").stdout)
        assert [(item["then"], item["blocked_by"]) for item in plan["prefixes"]] == [("degraded", "min_sites")]


def test_the_api_wants_the_prefix_confirmed_by_name_too():
    with Instance(document(), "fra", geo=False) as instance:
        instance.start("web")
        token = instance.meridian("token", "add", "test", "--role", "admin").stdout.split()[1]

        def send(method, path, body=None):
            request = urllib.request.Request(f"http://127.0.0.1:{instance.http_port}/api/v1/{path}", method=method,
                                             data=json.dumps(body).encode() if body else None,
                                             headers={"Authorization": f"Bearer {token}", "If-Match": "*",
                                                      "Content-Type": "application/merge-patch+json" if method == "PATCH" else "application/json"})
            try:
                with urllib.request.urlopen(request, timeout=patient(10)) as answer:
                    return answer.status, answer.read().decode()
            except urllib.error.HTTPError as error:
                return error.code, error.read().decode()

        def refused_then_done(method, path, body=None):
            for query in ("", "?dry_run=true", "?confirm=prefix/198.51.100.0/24", "?confirm=true"):
                status, said = send(method, path + query, body)
                assert status == 409 and f"confirm it by name: prefix/{PREFIX}" in said, (query, status, said)
            status, said = send(method, f"{path}?confirm=prefix/{PREFIX}", body)
            assert status in (200, 204), said

        whole, fewer = document(), document(sites=["ams"])
        first = instance.revision()
        refused_then_done("PUT", "config", fewer)
        one = f"prefixes/{PREFIX}"
        assert send("PUT", "config", whole)[0] == 200
        refused_then_done("PUT", one, fewer["prefixes"][0])
        assert send("PUT", "config", whole)[0] == 200
        refused_then_done("PATCH", one, {"sites": ["ams"]})
        assert send("POST", f"revisions/{first}/rollback")[0] == 200
        refused_then_done("DELETE", one)
