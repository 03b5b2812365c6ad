"""The Debian package as `make deb` builds it: what is in it, with which modes, and that its programs run."""
import os
import shutil
import stat
import subprocess

import pytest

import harness

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DAEMONS = ("geodns", "healthcheck", "bgpctl", "web")


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """(folder of the unpacked files, folder of the control files)."""
    for name in ("dpkg-deb", "dpkg-shlibdeps", "strip"):
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not installed")
    build = os.path.relpath(harness.BUILD, ROOT)
    done = subprocess.run(["make", "-s", "deb", f"BUILD={build}"], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    folder = os.path.join(ROOT, build, "deb")
    [name] = os.listdir(folder)
    root = tmp_path_factory.mktemp("package")
    for option, to in (("-x", "root"), ("-e", "control")):
        subprocess.run(["dpkg-deb", option, os.path.join(folder, name), str(root / to)], check=True, timeout=60)
    return root / "root", root / "control"


def test_every_program_is_there_and_runs(package):
    root, _ = package
    for path in ["usr/bin/meridian", "usr/bin/meridian-geoc", *(f"usr/sbin/meridian-{name}" for name in DAEMONS)]:
        told = subprocess.run([root / path, "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
        assert told.returncode == 0 and "0." in told.stdout, (path, told)
    for name in ("withdraw", "bgpwatch"):
        assert os.access(root / f"usr/sbin/meridian-{name}", os.X_OK)
    assert not (root / "usr/bin/meridian-demo-backend").exists()


def test_files_are_the_systems_and_nothing_is_writable_or_special(package):
    root, _ = package
    for folder, folders, names in os.walk(root):
        for name in folders + names:
            mode = os.lstat(os.path.join(folder, name)).st_mode
            if not stat.S_ISLNK(mode):
                assert mode & 0o7022 == 0, (folder, name, oct(mode))
    assert os.readlink(root / "etc/bird/meridian.d/announce.conf") == "/run/meridian/bird/announce.conf"
    assert (root / "usr/share/meridian/geo/country.mmdb").stat().st_size > 100000
    for name in ("copyright", "changelog.gz", "README.md", "operations.md", "examples/bird/bird.conf", "examples/bird/README.md"):
        assert (root / "usr/share/doc/meridian" / name).stat().st_size > 0, name


def test_settings_are_a_conffile_and_the_libraries_are_depended_on(package):
    root, control = package
    conffiles = (control / "conffiles").read_text().split()
    assert conffiles == ["/etc/meridian/meridian.conf"] and (root / "etc/meridian/meridian.conf").exists()
    fields = (control / "control").read_text()
    for library in ("libc6", "libcurl4", "libsqlite3-0", "libmicrohttpd12", "libuv1", "libldns3"):
        assert library in fields, library
    for script in ("postinst", "prerm", "postrm"):
        subprocess.run(["dash", "-n", control / script], check=True, timeout=10)


def test_bird_may_pass_to_the_include_file_and_only_the_controller_may_write_it(package):
    """BIRD reads it as a user of its own; what the group could write there, a hole in the web server could have BIRD read."""
    root, _ = package
    lines = (root / "usr/lib/tmpfiles.d/meridian.conf").read_text().splitlines()
    modes = {line.split()[1]: (int(line.split()[2], 8), line.split()[3]) for line in lines if not line.startswith("#")}
    mode, user = modes["/run/meridian"]
    assert mode & 0o001 and mode & 0o1000 and user == "root"
    mode, user = modes["/run/meridian/bird"]
    assert mode & 0o005 == 0o005 and not mode & 0o022 and user == "meridian-bgpctl"


def test_units_are_never_given_up_and_say_when_they_are_ready(package):
    root, _ = package
    for name in DAEMONS:
        text = (root / f"lib/systemd/system/meridian-{name}.service").read_text()
        for line in ("Type=notify", "StartLimitIntervalSec=0", "Restart=always"):
            assert f"{line}\n" in text, (name, line)
    assert "StartLimitIntervalSec=0" in (root / "lib/systemd/system/bird.service.d/meridian.conf").read_text()


def test_every_unit_starts_a_program_that_is_there(package):
    root, _ = package
    units = root / "lib/systemd/system"
    assert "[Timer]" in (units / "meridian-bgpwatch.timer").read_text()
    for name in (*DAEMONS, "bgpwatch"):
        text = (units / f"meridian-{name}.service").read_text()
        for line in text.splitlines():
            if line.startswith("Exec") and "=" in line:
                program = line.split("=", 1)[1].lstrip("-+!@:").split()[0]
                assert not program.startswith("/usr/sbin/meridian") or os.access(root / program[1:], os.X_OK), line
        assert "NoNewPrivileges=" in text or "CapabilityBoundingSet=" in text, name


def test_units_are_understood_by_systemd(package, tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    root, _ = package
    for name in sorted(os.listdir(root / "lib/systemd/system")):
        if not name.startswith("meridian-"):
            continue
        text = (root / "lib/systemd/system" / name).read_text()
        # Where the programs are not installed, systemd would say so first.
        (tmp_path / name).write_text(text.replace("=/usr/", f"={root}/usr/"))
    told = subprocess.run(["systemd-analyze", "verify", "--man=no", *sorted(map(str, tmp_path.iterdir()))], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60)
    wrong = [line for line in told.stderr.splitlines() if "meridian-" in line and str(tmp_path) in line]
    assert wrong == [], told.stderr
