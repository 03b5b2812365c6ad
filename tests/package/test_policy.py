"""What Debian asks of a package, as lintian judges it; needs no machine."""
import shutil
import subprocess

import pytest


def test_lintian_finds_nothing(deb):
    if shutil.which("lintian") is None:
        pytest.skip("lintian is not installed")
    said = subprocess.run(["lintian", "--fail-on", "error,warning", "--allow-root", deb], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=300)
    assert said.returncode == 0, said.stdout
