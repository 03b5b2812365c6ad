"""What the tests of the package share: the package as `make deb` builds it, a machine with it installed, and its upstream router."""
import os
import shutil
import subprocess
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "system")]

import harness  # noqa: E402  pylint: disable=wrong-import-position
import machine  # noqa: E402  pylint: disable=wrong-import-position
import site_machine  # noqa: E402  pylint: disable=wrong-import-position


def pytest_collection_modifyitems(items):
    """Where no machine can be had, every test says why it was skipped."""
    why = machine.why_none()
    if why is not None:
        for item in items:
            item.add_marker(pytest.mark.skip(reason=why))


@pytest.fixture(scope="session")
def deb():
    """The path of the package, with the image that it needs made."""
    build = os.path.relpath(harness.BUILD, harness.ROOT)
    done = subprocess.run(["make", "-s", "deb", f"BUILD={build}"], cwd=harness.ROOT, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    folder = os.path.join(harness.BUILD, "deb")
    [name] = [name for name in os.listdir(folder) if name.endswith(".deb")]
    path = os.path.join(folder, name)
    machine.make_image(path)
    return path


@pytest.fixture(scope="session")
def higher(deb, tmp_path_factory):
    """The same package with a higher version, and with other settings shipped."""
    root = str(tmp_path_factory.mktemp("higher") / "root")
    subprocess.run(["dpkg-deb", "-R", deb, root], check=True, timeout=60)
    control = os.path.join(root, "DEBIAN", "control")
    with open(control) as file:
        lines = file.read().splitlines()
    with open(control, "w") as file:
        file.write("".join((line + "+next" if line.startswith("Version:") else line) + "\n" for line in lines))
    with open(os.path.join(root, "etc", "meridian", "meridian.conf"), "a") as file:
        file.write("# settings as the next version ships them\n")
    path = root + ".deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", root, path], check=True, capture_output=True, timeout=60)
    shutil.rmtree(root)
    return path


@pytest.fixture(scope="module")
def site(deb):
    """A machine that announces 192.0.2.0/24 to its upstream: installed and set up as docs/operations.md says."""
    with site_machine.Site(deb) as ready:
        yield ready


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """A test that failed tells what the machine's journal says."""
    report = (yield).get_result()
    ready = getattr(item, "funcargs", {}).get("site")
    if report.failed and ready is not None and ready.machine.pid is not None:
        report.sections.append(("journal", ready.journal("-b", "-n", "80")))
