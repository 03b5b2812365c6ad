"""meridian-geoc as an operator meets it: statuses, sentences, and a table that is whole at every moment."""
import os
import random
import subprocess
import threading
import time

import pytest

from harness import BIN, COUNTRY_MMDB, patient

GEOC = os.path.join(BIN, "meridian-geoc")


def geoc(*arguments):
    return subprocess.run([GEOC, *map(str, arguments)], capture_output=True, text=True, timeout=patient(60))


def read(path):
    with open(path, "rb") as file:
        return file.read()


@pytest.fixture
def table(tmp_path):
    """A place table of the whole world."""
    path = tmp_path / "places.tbl"
    done = geoc("--out", path, "--country", COUNTRY_MMDB)
    assert done.returncode == 0, done.stderr
    return path


def test_the_world_is_compiled_and_reported_in_one_line(table, tmp_path):
    done = geoc("--out", table, "--country", COUNTRY_MMDB)
    assert done.returncode == 0
    assert done.stdout.count("\n") == 1 and "networks" in done.stdout
    ranges = int(done.stdout.split(":")[1].split()[0])
    assert ranges > 100_000
    assert os.listdir(tmp_path) == ["places.tbl"]


def test_usage_errors_end_with_status_2_and_help_with_0(tmp_path):
    assert geoc("--help").returncode == 0
    assert geoc("--version").stdout.startswith("meridian-geoc ")
    for arguments in ([], ["--out", tmp_path / "x"], ["--country", COUNTRY_MMDB], ["--nonsense"],
                      ["--out", tmp_path / "x", "--country", COUNTRY_MMDB, "more"]):
        done = geoc(*arguments)
        assert done.returncode == 2 and done.stderr


def test_a_bad_database_is_refused_with_its_name_and_the_table_kept(table, tmp_path):
    before = read(table)
    whole = read(COUNTRY_MMDB)
    noise = random.Random(1)
    bad = {
        "empty": b"",
        "garbage": noise.randbytes(10_000_000),
        "half": whole[:len(whole) // 2],
        "tail": whole[len(whole) // 2:],
        "no marker": whole.replace(b"MaxMind.com", b"MaxMind.org"),
        "noise in the tree": noise.randbytes(1_000_000) + whole[1_000_000:],
    }
    for name, content in bad.items():
        path = tmp_path / "bad.mmdb"
        path.write_bytes(content)
        done = geoc("--out", table, "--country", path)
        assert done.returncode == 1, name
        assert str(path) in done.stderr and done.stderr.count("\n") == 1, name
        assert read(table) == before, name
        assert read(f"{table}.refused").decode() == done.stderr.removeprefix("meridian-geoc: ").rstrip("\n"), name
    assert sorted(os.listdir(tmp_path)) == ["bad.mmdb", "places.tbl", "places.tbl.refused"]
    assert geoc("--out", table, "--country", COUNTRY_MMDB).returncode == 0
    assert sorted(os.listdir(tmp_path)) == ["bad.mmdb", "places.tbl"]


def test_a_compiler_killed_at_any_moment_leaves_the_table_whole(table):
    before = read(table)
    for delay_ms in range(0, 200, 20):
        process = subprocess.Popen([GEOC, "--out", str(table), "--country", COUNTRY_MMDB],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay_ms / 1000)
        process.kill()
        process.wait()
        # Two tables of one database differ in when they were made, not in size.
        assert len(read(table)) == len(before)
    assert geoc("--out", table, "--country", COUNTRY_MMDB).returncode == 0
    assert os.listdir(os.path.dirname(table)) == ["places.tbl"]


def test_compilers_side_by_side_do_not_disturb_each_other(table):
    done = []
    threads = [threading.Thread(target=lambda: done.append(geoc("--out", table, "--country", COUNTRY_MMDB)))
               for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.returncode for one in done] == [0, 0, 0]
    assert os.listdir(os.path.dirname(table)) == ["places.tbl"]
