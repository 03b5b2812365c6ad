"""What README.md and the documents tell a reader to type is typed here, as it stands, against a running demo."""
import os
import re
import subprocess
import time

import pytest

from demo import Run, need_demo_ports
from harness import BIN, ROOT, own_network, wait_for

DOCUMENTS = ["README.md", *(f"docs/{name}" for name in sorted(os.listdir(os.path.join(ROOT, "docs"))) if name.endswith(".md"))]
# What is typed in a clone and has tests of its own: these are only asked of make without being done.
TOMORROW = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86400))
MAKE = re.compile(r"^make( |$)")


def shell_lines(path):
    """The lines of all ```sh blocks (```console is typed by root on a site, which tests/package does) and the inline `meridian ...` commands of PATH, without comments."""
    with open(os.path.join(ROOT, path)) as file:
        text = file.read()
    lines = [line for block in re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S) for line in block.splitlines()]
    lines += re.findall(r"`(meridian (?!(?:zone (?:import|export)|bird setup)`)[a-z]+ [^`]*)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))
    return [line for line in (re.sub(r"\s+#.*", "", line).strip() for line in lines) if line and not line.startswith("#")]


COMMANDS = [(path, line) for path in DOCUMENTS for line in shell_lines(path)]


@pytest.fixture(scope="module")
def demo():
    with own_network() as own:
        if not own:
            need_demo_ports()
        with Run("an ordinary user") as run:
            run.dns_port, run.http_port = 5300, 8080
            run.start()
            wait_for("all backends are up", lambda: run.states() == {"up"})
            os.symlink(run.dir, run.path("meridian-data"))
            yield run


def filled(line):
    """LINE with the words that stand for a reader's own."""
    for word, value in (("NAME --client ADDR", "www.demo.example --client 5.1.64.0/24"), ("prefix/P", "prefix/192.0.2.0/24"), ("down|drain|up", "drain"), (" NAME FILE", " demo.example zone.txt"), ("zone export NAME", "zone export demo.example"),
                        ("OBJECT up|down|drain", "endpoint/eu/eu1 drain"), ("[--from TIME]", f"--from {TOMORROW}"), ("TEXT", "test"), ("DURATION", "5m"),
                        ("rollback N", "rollback 1"), ("FILE", "config.json")):
        line = line.replace(word, value)
    return re.sub(r"--from 20\S+", f"--from {TOMORROW}", line)


def test_there_is_something_to_type():
    assert len([line for path, line in COMMANDS if path == "README.md"]) >= 11
    assert [line for path, line in COMMANDS if path == "docs/operations.md"]


def test_every_make_target_that_is_named_exists():
    targets = {line.split()[1] for _, line in COMMANDS if MAKE.match(line) and len(line.split()) > 1}
    assert {"run", "check"} <= targets
    for target in targets:
        done = subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"make {target}: {done.stderr}"


def test_every_command_succeeds_as_it_stands(demo):
    """In the order of the text, in one shell's folder: a later command may need what an earlier one made."""
    path = f"{BIN}:{os.path.dirname(BIN)}:/usr/local/bin:/usr/bin:/bin"
    with open(demo.path("zone.txt"), "w") as zone:
        zone.write(demo.meridian("zone", "export", "demo.example").stdout)
    for document, line in COMMANDS:
        if MAKE.match(line):
            continue
        command = filled(line)
        if command.startswith("meridian") and "--dir" not in command:
            command += " --dir meridian-data"
        done = subprocess.run([*demo.prefix, "sh", "-c", command], cwd=demo.dir, env={"PATH": path, "HOME": demo.dir},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, f"{document}: {line}\n{done.stdout}{done.stderr}"
        assert done.stdout.strip() or ">" in command, f"{document}: {line} says nothing"
        assert "timed out" not in done.stdout and "SERVFAIL" not in done.stdout, f"{document}: {line}\n{done.stdout}"
