"""The example bird.conf that ships is one that BIRD takes, alone and with what the controller writes."""
import os
import subprocess

from harness import ROOT, patient, program

ANNOUNCE = """# meridian: announcements of this site, generation 1
protocol static meridian4 {
	ipv4;
	route 192.0.2.0/24 unreachable { bgp_large_community.add((MERIDIAN_AS, 53, 1)); };
}
protocol static meridian6 {
	ipv6;
	route 2001:db8:53::/48 unreachable { bgp_large_community.add((MERIDIAN_AS, 53, 3)); };
}
"""


def parse(folder, text):
    conf = folder / "bird.conf"
    conf.write_text(text)
    done = subprocess.run([program("bird"), "-p", "-c", str(conf)], capture_output=True, text=True, timeout=patient(20))
    return done.returncode, done.stdout + done.stderr


def test_the_example_is_taken_by_bird_with_and_without_announcements(tmp_path):
    with open(os.path.join(ROOT, "packaging", "bird", "bird.conf")) as example:
        text = example.read()
    assert '"/etc/bird/meridian.d/*.conf"' in text
    included = tmp_path / "meridian.d"
    included.mkdir()
    text = text.replace("/etc/bird/meridian.d", str(included))
    assert parse(tmp_path, text) == (0, "")
    (included / "announce.conf").write_text(ANNOUNCE)
    assert parse(tmp_path, text) == (0, "")
    # The test can fail: what the controller writes needs the name that the example defines.
    status, said = parse(tmp_path, text.replace("define MERIDIAN_AS", "define OTHER_AS"))
    assert status != 0 and said
