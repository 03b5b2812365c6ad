"""Zone files: what is read, what is refused and where, all or nothing, out and in again, and large ones."""
import os
import pty
import select
import subprocess
import time

import pytest

from harness import BIN, Instance, patient

HEAD = "$TTL 300\n@ SOA ns1 hostmaster 1 3600 600 1209600 60\n@ NS ns1\nns1 A 192.0.2.53\n"
LARGE = 200000


@pytest.fixture(scope="module")
def instance():
    with Instance(geo=False) as made:
        yield made


def write(instance, text, name="zone.txt"):
    path = instance.path(name)
    with open(path, "w") as file:
        file.write(text)
    return path


def take(instance, text, zone="example.com", check=True, options=()):
    return instance.meridian("zone", "import", zone, write(instance, text), *options, check=check)


def export(instance, zone="example.com"):
    return instance.meridian("zone", "export", zone).stdout


def records(instance, zone="example.com"):
    """The exported records as a set of "name ttl type data"."""
    lines = [line.split("\t") for line in export(instance, zone).splitlines() if line[:1] != "$"]
    return {f"{name} {ttl} {kind} {data}" for name, ttl, _, kind, data in lines if kind != "SOA"}


def test_a_file_is_read_as_rfc_1035_section_5_says(instance):
    take(instance, HEAD + """; a comment
$ORIGIN sub
www 60 IN A 192.0.2.1 ; two records, the second without an owner
    IN A 192.0.2.2
    AAAA 2001:db8::1
$ORIGIN example.com.
WwW ( 1h MX
  10 mail ) ; over lines
@ TXT "a ; b" "(c)" \\"d
odd\\.label A 192.0.2.3
abs.example.com. CNAME www.example.org.
t TYPE65280 \\# 2 abcd
""")
    assert records(instance) == {
        "@ 300 NS ns1.example.com.", "ns1 300 A 192.0.2.53", "www.sub 60 A 192.0.2.1", "www.sub 60 A 192.0.2.2",
        "www.sub 300 AAAA 2001:db8::1", "www 3600 MX 10 mail.example.com.", '@ 300 TXT "a ; b" "(c)" "\\"d"', "odd\\.label 300 A 192.0.2.3",
        "abs 300 CNAME www.example.org.", "t 300 TYPE65280 \\# 2 abcd"}


def test_the_soa_becomes_the_settings_of_the_zone(instance):
    take(instance, "@ 1234 SOA first.example.net. admin\\.of.example.net. 9 1 2 3 77\n@ NS ns1\nns1 A 192.0.2.53\n", zone="soa.test")
    zone = next(zone for zone in instance.export()["zones"] if zone["name"] == "soa.test")
    assert (zone["ttl"], zone["negative_ttl"], zone["primary"], zone["contact"]) == (1234, 77, "first.example.net.", "admin\\.of.example.net.")
    assert "@ 1234 NS ns1.soa.test." in records(instance, "soa.test")


def test_the_zone_may_be_written_in_any_case_and_with_its_dot(instance):
    take(instance, HEAD, zone="Upper.Example.")
    assert "upper.example" in {zone["name"] for zone in instance.export()["zones"]}


WRONG = (
    ("$INCLUDE other.txt", 1, 1, "$INCLUDE is not taken"),
    ("$GENERATE 1-9 h$ A 192.0.2.$", 1, 1, "$GENERATE is not taken"),
    ("$TTL soon", 1, 6, "not a TTL"),
    ("www A 192.0.2.300", 1, 7, "is not an IPv4 address"),
    ("www 60 IN MX ( ; data on the next line\n  mail 10 )", 2, 3, "where a number of 0 to 65535 must stand"),
    ("www A", 1, 6, "is not an IPv4 address"),
    ("www NONE 192.0.2.1", 1, 5, "is not a type of record"),
    ("www.example.org. A 192.0.2.1", 1, 1, "outside of the zone"),
    ("x" * 64 + " A 192.0.2.1", 1, 1, "longer than 63 octets"),
    ("a..b A 192.0.2.1", 1, 1, "empty label"),
    ("www TXT \"open", 1, 9, "not closed"),
    ("www TXT ( a\n b", 3, 1, "inside parentheses"),
    ("www A 192.0.2.1 )", 1, 17, "without"),
    ("@ SOA ns1 hostmaster 2 3600 600 1209600 60", 1, 3, "SOA record already"),
    ("www CAA 0 issue", 1, 9, "is not flags"),
    ("www CH TXT x", 1, 5, "class IN"),
    ("www 5y A 192.0.2.1", 1, 5, "stands where a type must"),
    ("www SOA ns1 hostmaster 2 3600 600 1209600 60", 1, 5, "at the zone's own name alone"),
)


@pytest.mark.parametrize("text,line,column,part", WRONG, ids=[entry[0][:20] for entry in WRONG])
def test_an_error_tells_line_and_column_and_nothing_is_imported(instance, text, line, column, part):
    before = instance.revision()
    above = HEAD + "good A 192.0.2.1\n"
    later = "\n" if part == "inside parentheses" else "\nlater A 192.0.2.2\n"
    done = take(instance, above + text + later, check=False)
    assert done.returncode == 1
    assert f"line {line + above.count(chr(10))}, column {column}: " in done.stderr and part in done.stderr, done.stderr
    assert instance.revision() == before


JUDGED = (
    ("www A 192.0.2.1\nwww CNAME ns1", "#/line/", "CNAME stands beside"),
    ("www RRSIG A 8 2 300 20300101000000 20200101000000 1 example.com. AQID", "#/line/5", "made when a zone is signed"),
    ("@ CNAME www", "#/line/", "CNAME"),
    ("c CNAME a\nc CNAME b", "#/line/5", "one CNAME at most"),
)


@pytest.mark.parametrize("text,where,part", JUDGED, ids=[entry[0][:20] for entry in JUDGED])
def test_what_whole_sets_and_names_forbid_is_told_with_a_line(instance, text, where, part):
    before = instance.revision()
    done = take(instance, HEAD + text + "\n", check=False)
    assert done.returncode == 1 and where in done.stderr and part in done.stderr, done.stderr
    assert instance.revision() == before


def test_a_new_zone_needs_a_soa_and_an_old_one_keeps_its_settings(instance):
    refused = take(instance, "@ NS ns1\nns1 A 192.0.2.53\n", zone="new.test", check=False)
    assert refused.returncode == 1 and "must hold its SOA" in refused.stderr
    take(instance, HEAD, zone="kept.test")
    take(instance, "@ 60 NS ns1\nns1 60 A 192.0.2.54\n", zone="kept.test")
    zone = next(zone for zone in instance.export()["zones"] if zone["name"] == "kept.test")
    assert zone["negative_ttl"] == 60 and "ns1 60 A 192.0.2.54" in records(instance, "kept.test")


def test_a_record_given_twice_is_taken_once_and_the_lowest_ttl_holds(instance):
    take(instance, HEAD + "www 60 A 192.0.2.1\nwww 30 A 192.0.2.1\nwww 90 A 192.0.2.2\n", zone="twice.test")
    assert {entry for entry in records(instance, "twice.test") if entry.startswith("www")} == {"www 30 A 192.0.2.1", "www 30 A 192.0.2.2"}


def test_what_the_file_does_not_hold_is_removed_and_services_stay(instance):
    instance.apply({"meridian": 1, "pools": [{"name": "eu", "endpoints": [{"name": "eu1", "address": "192.0.2.10"}]}], "zones": [{
        "name": "served.test", "records": [{"name": "@", "type": "NS", "data": ["ns1.served.test."]}, {"name": "old", "type": "A", "data": ["192.0.2.1"]}],
        "services": [{"name": "www", "steering": "failover", "pools": ["eu"]}]}]})
    take(instance, HEAD, zone="served.test")
    zone = next(zone for zone in instance.export()["zones"] if zone["name"] == "served.test")
    assert [service["name"] for service in zone["services"]] == ["www"]
    assert {record["name"] for record in zone["records"]} == {"@", "ns1"}


def test_export_then_import_changes_nothing(instance):
    instance.apply({"meridian": 1, "zones": [{"name": "round.test", "ttl": 77, "records": [
        {"name": "@", "type": "NS", "ttl": 86400, "data": ["ns1", "ns2.example.net."]}, {"name": "ns1", "type": "A", "data": ["192.0.2.53"]},
        {"name": "*.w", "type": "MX", "data": ["10 mail", "20 mail2"]}, {"name": "a\\.b\\@", "type": "TXT", "data": ['"x;y" "\\"q\\"" "\\000\\255"', "plain"]},
        {"name": "h", "type": "HTTPS", "data": ["1 . alpn=h2,h3"]}, {"name": "0/25", "type": "PTR", "data": ["www"]},
        {"name": "u", "type": "TYPE65280", "data": ["\\# 3 010203"]}]}]})
    before, revision = instance.export(), instance.revision()
    text = export(instance, "round.test")
    done = take(instance, text, zone="round.test")
    assert "nothing to change" in done.stdout, done.stdout
    assert instance.export() == before and instance.revision() == revision
    assert export(instance, "round.test") == text


def test_records_below_a_cut_or_a_dname_are_taken_and_told(instance):
    done = take(instance, HEAD + "sub NS ns.sub\nns.sub A 192.0.2.1\nsub DS 1 8 1 " + "00" * 20 + "\nwww.sub TXT t\nsub TXT t\nd DNAME x\na.d A 192.0.2.2\n",
                zone="hidden.test")
    assert [line.split(": ", 1)[1] for line in done.stderr.splitlines()] == [
        "line 8: www.sub TXT is never answered with: it lies below sub", "line 9: sub TXT is never answered with: it lies below sub",
        "line 11: a.d A is never answered with: it lies below d"]


def test_a_dry_run_writes_nothing(instance):
    before = instance.revision()
    done = take(instance, HEAD + "dry A 192.0.2.1\n", options=("--dry-run",))
    assert "nothing is written" in done.stdout and instance.revision() == before


@pytest.fixture(scope="module")
def large(instance):
    lines = [HEAD]
    for i in range(LARGE):
        data = (f"A 10.{i >> 16}.{i >> 8 & 255}.{i & 255}", f"60 IN AAAA 2001:db8::{i >> 16:x}:{i & 65535:x}", f"TXT \"number {i}\"", f"MX 10 mail{i % 100}")[i % 4]
        lines.append(f"host{i} {data}\n")
    return write(instance, "".join(lines), "large.txt")


def test_a_file_of_200000_records_takes_seconds_and_little_memory(instance, large):
    before = time.monotonic()
    child = os.posix_spawn(os.path.join(BIN, "meridian"), ["meridian", "zone", "import", "large.test", large, "--dir", instance.dir], os.environ)
    _, status, usage = os.wait4(child, 0)
    first, peak_kb = time.monotonic() - before, usage.ru_maxrss
    assert status == 0
    before = time.monotonic()
    again = instance.meridian("zone", "import", "large.test", large, timeout_s=120)
    second = time.monotonic() - before
    print(f"import {first:.1f} s, again {second:.1f} s, at most {peak_kb / 1024:.0f} MB")
    assert "nothing to change" in again.stdout
    assert first < 60 and second < 20  # some 2 s and 0.3 s; a quadratic step would take minutes
    assert peak_kb < 400 * 1024


def test_a_long_import_shows_progress_on_a_terminal_alone(instance, large):
    master, terminal = pty.openpty()
    child = subprocess.Popen([os.path.join(BIN, "meridian"), "zone", "import", "large.test", large, "--dir", instance.dir],
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=terminal)
    os.close(terminal)
    shown = b""
    while select.select([master], [], [], 60)[0]:
        try:
            part = os.read(master, 65536)
        except OSError:  # the other end is closed
            break
        shown += part
    os.close(master)
    assert child.wait(patient(60)) == 0
    child.stdout.close()
    assert b"50000 records read" in shown and b"200000 records read" in shown
    assert instance.meridian("zone", "import", "large.test", large, timeout_s=120).stderr == ""
