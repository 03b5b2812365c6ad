"""What the responder grants to whom over UDP: rate limits, cookies that lift them, and what class CHAOS tells."""
import os
import socket
import struct
import threading
import time

import dns.edns
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdataclass
import pytest

from harness import Instance, patient, wait_for

DOCUMENT = {
    "meridian": 1,
    "zones": [{"name": "example.com", "ttl": 300, "primary": "ns1.example.com.", "contact": "hostmaster.example.com.",
               "records": [{"name": "@", "type": "NS", "data": ["ns1.example.com."]},
                           {"name": "ns1", "type": "A", "data": ["192.0.2.53"]},
                           {"name": "*.wild", "type": "A", "data": ["192.0.2.54"]}]}]}
RATE = 50
# Loopback is on the list of those without a limit, unless the list says otherwise.
SETTINGS = f"""[dns]
threads = 1
rrl_rate = {RATE}
rrl_allow = 127.0.9.0/24
chaos_id = fra1
chaos_version = Meridian
"""
FLOODER, QUIET, ALLOWED = "127.0.1.1", "127.0.2.1", "127.0.9.1"


@pytest.fixture(scope="module")
def instance():
    with Instance(DOCUMENT, settings=SETTINGS, geo=False) as running:
        running.start("geodns")
        wait_for("the zone is served", lambda: ask(running, ALLOWED).rcode() == 0)
        yield running


def ask(instance, source, name="ns1.example.com", rdtype="A", cookie=None, **more):
    options = [dns.edns.GenericOption(dns.edns.COOKIE, cookie)] if cookie is not None else None
    query = dns.message.make_query(name, rdtype, use_edns=0 if options else None, options=options, **more)
    return dns.query.udp(query, instance.dns_host, port=instance.dns_port, timeout=patient(2), source=source)


def cookie_of(answer):
    found = [option.to_wire() for option in answer.options if option.otype == dns.edns.COOKIE]
    return found[0] if found else None


def limited(instance):
    metrics = {metric["name"]: metric for metric in instance.ask("geodns", "stats")["metrics"]}
    return {sample["labels"]["action"]: sample["value"] for sample in metrics["meridian_dns_rrl_total"]["samples"]}


def wire(name="ns1.example.com", rdtype=1, options=b""):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    opt = b"\0" + struct.pack("!HHIH", 41, 1232, 0, len(options)) + options
    return struct.pack("!6H", 7, 0, 1, 0, 0, 1) + labels + struct.pack("!HH", rdtype, 1) + opt


def burst(instance, source, packets, wait_s=0.5):
    """Sends all of PACKETS at once from SOURCE; returns the answers."""
    answers = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        client.bind((source, 0))
        client.connect((instance.dns_host, instance.dns_port))
        client.settimeout(patient(wait_s))
        for packet in packets:
            client.send(packet)
        while len(answers) < len(packets):
            try:
                answers.append(client.recv(4096))
            except socket.timeout:
                break
    return answers


def truncated(answers):
    return sum(answer[2] >> 1 & 1 for answer in answers)


def test_beyond_the_rate_answers_are_truncated_and_tcp_gives_them_whole(instance):
    before, begun = limited(instance), time.monotonic()
    answers = burst(instance, FLOODER, [wire()] * 400)
    most = RATE * (2 + time.monotonic() - begun)
    assert len(answers) == 400  # slip 1: nothing is dropped
    cut = [answer for answer in answers if answer[2] & 2]
    assert 400 - most <= len(cut) <= 400 - RATE and cut
    # No gain for who forged the source: no records, and no more octets than were sent.
    assert all(answer[6:10] == b"\0\0\0\0" and len(answer) <= len(wire()) for answer in cut)
    assert limited(instance)["truncated"] - before["truncated"] == len(cut)
    query = dns.message.make_query("ns1.example.com", "A")

    def sent_to_tcp():
        """The answer to one query more, where the account had not grown again by the time that it came."""
        burst(instance, FLOODER, [wire()] * 100)
        answer, used_tcp = dns.query.udp_with_fallback(query, instance.dns_host, port=instance.dns_port, timeout=patient(2), source=FLOODER)
        return used_tcp and answer
    whole = wait_for("an answer is cut", sent_to_tcp)
    assert whole.answer[0][0].address == "192.0.2.53"


def test_names_that_are_made_up_share_an_account(instance):
    for pattern in ("n{}.example.com", "n{}.wild.example.com", "n{}.example.org"):
        answers = burst(instance, "127.0.3.1", [wire(pattern.format(i)) for i in range(300)])
        assert len(answers) == 300 and truncated(answers) >= 300 - 3 * RATE


def test_allow_list_has_no_limit(instance):
    assert truncated(burst(instance, ALLOWED, [wire()] * 1000)) == 0


def test_flooding_prefix_never_raises_anothers_loss(instance):
    """One source sends all it can; another asks below its rate and gets each answer, whole."""
    over = threading.Event()

    def flood():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.bind((FLOODER, 0))
            client.connect((instance.dns_host, instance.dns_port))
            packets = [wire(), wire("nope.example.com"), wire("x.wild.example.com"), wire("x.example.org")]
            while not over.is_set():
                for packet in packets:
                    client.send(packet)
                time.sleep(0.0004)

    before = limited(instance)
    flooder = threading.Thread(target=flood)
    flooder.start()
    try:
        answers = []
        for _ in range(60):
            answers += burst(instance, QUIET, [wire()])
            time.sleep(0.03)
    finally:
        over.set()
        flooder.join()
    assert limited(instance)["truncated"] - before["truncated"] > 1000, "there was no flood"
    assert len(answers) == 60 and truncated(answers) == 0


def test_a_cookie_of_ours_lifts_the_limit_and_a_made_up_one_does_not(instance):
    source = "127.0.4.1"
    cookie = cookie_of(ask(instance, source, cookie=b"8 octets"))
    assert cookie[:8] == b"8 octets" and len(cookie) == 24

    def flood_with(data):
        return truncated(burst(instance, source, [wire(options=struct.pack("!HH", 10, len(data)) + data)] * 300))

    assert flood_with(cookie) == 0
    assert flood_with(cookie[:-1] + bytes([cookie[-1] ^ 1])) > 100
    assert flood_with(b"8 octets") > 100
    assert flood_with(cookie) == 0
    # The address is part of it.
    answers = burst(instance, "127.0.5.1", [wire(options=struct.pack("!HH", 10, 24) + cookie)] * 300)
    assert truncated(answers) > 100


def test_every_kind_of_answer_carries_a_cookie_when_one_was_sent(instance):
    for name, rcode in (("ns1.example.com", dns.rcode.NOERROR), ("nope.example.com", dns.rcode.NXDOMAIN),
                        ("www.example.org", dns.rcode.REFUSED)):
        answer = ask(instance, ALLOWED, name, cookie=b"8 octets")
        assert answer.rcode() == rcode and len(cookie_of(answer)) == 24
    assert cookie_of(ask(instance, ALLOWED)) is None


def test_no_question_but_a_cookie_fetches_one(instance):
    packet = struct.pack("!6H", 7, 0, 0, 0, 0, 1) + b"\0" + struct.pack("!HHIHHH", 41, 1232, 0, 12, 10, 8) + b"8 octets"
    answer, = burst(instance, ALLOWED, [packet])  # RFC 7873 section 5.4
    assert answer[3] & 15 == 0 and answer[4:12] == b"\0\0\0\0\0\0\0\1" and b"\0\x0a\0\x188 octets" in answer


def test_cookies_outlive_a_change_of_the_secret(instance):
    path = instance.path("cookie_secret")
    assert os.stat(path).st_mode & 0o777 == 0o600
    with open(path) as file:
        old = file.read()
    source = "127.0.6.1"
    cookie = cookie_of(ask(instance, source, cookie=b"8 octets"))
    with open(path + ".new", "w") as file:
        file.write("# rolled over\n" + "0f" * 16 + "\n" + old)
    os.rename(path + ".new", path)
    fresh = wait_for("another secret makes the cookies", lambda: renewed(instance, source, cookie), timeout_s=5, every_s=0.1)
    for data in (cookie, fresh):
        assert truncated(burst(instance, source, [wire(options=struct.pack("!HH", 10, 24) + data)] * 300)) == 0
    with open(path, "w") as file:
        file.write("0f" * 16 + "\n")
    wait_for("the old secret is out of force", lambda: truncated(burst(
        instance, source, [wire(options=struct.pack("!HH", 10, 24) + cookie)] * 300, wait_s=0.1)) > 0, timeout_s=5)


def renewed(instance, source, before):
    """A new cookie in answer to BEFORE, which was made by a secret that is no longer the first."""
    after = cookie_of(ask(instance, source, cookie=before))
    return after if after != before else None


def test_bad_file_of_secrets_is_told_and_the_old_ones_hold(instance):
    path = instance.path("cookie_secret")
    with open(path) as file:
        good = file.read()
    cookie = cookie_of(ask(instance, ALLOWED, cookie=b"8 octets"))
    with open(path, "w") as file:
        file.write("nonsense\n")
    wait_for("status tells it", lambda: any("line 1" in problem for problem in instance.ask("geodns", "status")["problems"]))
    assert cookie_of(ask(instance, ALLOWED, cookie=cookie)) == cookie
    with open(path, "w") as file:
        file.write(good)
    wait_for("it is over", lambda: not instance.ask("geodns", "status")["problems"])


def test_sites_that_share_a_secret_take_each_others_cookies(instance):
    with open(instance.path("cookie_secret")) as file:
        secret = file.read()
    with Instance(DOCUMENT, settings=SETTINGS, geo=False) as other:
        with open(other.path("cookie_secret"), "w") as file:
            file.write(secret)
        other.start("geodns")
        cookie = cookie_of(ask(instance, ALLOWED, cookie=b"8 octets"))
        # One that is good and young comes back as it is; any other is made anew, at a later second.
        time.sleep(1.1)
        assert cookie_of(ask(other, ALLOWED, cookie=cookie)) == cookie


def chaos(instance, name):
    query = dns.message.make_query(name, "TXT", rdclass=dns.rdataclass.CH)
    return dns.query.udp(query, instance.dns_host, port=instance.dns_port, timeout=patient(2), source=ALLOWED)


@pytest.mark.parametrize("name,text", [("id.server", b"fra1"), ("hostname.bind", b"fra1"), ("version.server", b"Meridian"),
                                       ("VERSION.bind", b"Meridian")])
def test_chaos_tells_what_the_settings_give(instance, name, text):
    answer = chaos(instance, name)
    assert answer.rcode() == 0 and answer.flags & dns.flags.AA
    assert answer.answer[0].rdclass == dns.rdataclass.CH and answer.answer[0][0].strings == (text,)


def test_chaos_is_refused_for_other_names_and_hidden_by_default(instance):
    assert chaos(instance, "authors.bind").rcode() == dns.rcode.REFUSED
    with Instance(DOCUMENT, geo=False) as plain:
        plain.start("geodns")
        for name in ("id.server", "hostname.bind", "version.server", "version.bind"):
            assert chaos(plain, name).rcode() == dns.rcode.REFUSED


def test_loopback_is_not_limited_unless_the_settings_say_so():
    with Instance(DOCUMENT, settings="[dns]\nrrl_rate = 1\n", geo=False) as plain:
        plain.start("geodns")
        assert truncated(burst(plain, "127.0.0.1", [wire()] * 300)) == 0
        assert limited(plain) == {"truncated": 0, "dropped": 0}


def test_slip_0_drops_what_is_beyond_the_rate():
    with Instance(DOCUMENT, settings="[dns]\nthreads = 1\nrrl_rate = 10\nrrl_slip = 0\nrrl_allow = 192.0.2.1\n",
                  geo=False) as strict:
        strict.start("geodns")
        answers = burst(strict, FLOODER, [wire()] * 100)
        assert 10 <= len(answers) <= 30 and truncated(answers) == 0
        assert limited(strict)["dropped"] == 100 - len(answers)


def test_durations_are_told_as_a_histogram(instance):
    metrics = {metric["name"]: metric for metric in instance.ask("geodns", "stats")["metrics"]}
    samples = metrics["meridian_dns_request_duration_seconds"]["samples"]
    buckets = [sample["value"] for sample in samples if sample["suffix"] == "_bucket"]
    count, = [sample["value"] for sample in samples if sample["suffix"] == "_count"]
    total, = [sample["value"] for sample in samples if sample["suffix"] == "_sum"]
    assert buckets == sorted(buckets) and buckets[-1] == count >= 1 and 0 < total / count < patient(0.1)
