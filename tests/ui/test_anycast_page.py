"""The page of announcements in a real browser, before a controller whose BIRD does as the test wants."""
import json
import os
import re

import pytest

from browser import Browser
from harness import wait_for
from test_anycast_bird import OTHER, PREFIX, Site


@pytest.fixture
def site():
    with Site() as made:
        made.announced()
        made.instance.start("web")
        said = made.instance.meridian("user", "add", "root", "--role", "admin").stdout
        made.password = re.search(r"password\s+(\S+)", said).group(1)
        yield made


@pytest.fixture
def browser(site):
    with Browser(f"http://127.0.0.1:{site.instance.http_port}") as browser:
        browser.log_in("root", site.password)
        browser.open("/anycast")
        browser.wait_text("announced", "table")
        yield browser
        browser.collect()
        assert browser.complaints == []


def test_it_shows_prefixes_sessions_and_the_last_changes_with_their_latency(site, browser):
    for text in (PREFIX, "the responder answers on its service address", "up1 has it", "Established"):
        browser.wait_text(text, "main")
    changes = wait_for("both changes are there", lambda: [row.text for row in browser.all("section[aria-label='Last changes'] tbody tr")][:2])
    assert "announced" in changes[0] and re.search(r"\d (ms|µs)", changes[0]), changes
    site.responder.kill()
    browser.wait_text("withdrawn", "section[aria-label='Last changes'] tbody tr:first-child")
    browser.wait_text("refuses connections", "section[aria-label='Prefixes']")


def test_a_plan_is_shown_for_now_and_for_a_document_and_changes_nothing(site, browser, tmp_path):
    browser.button("What would be done now").click()
    browser.wait_text("No session would export anything else than now.", "section[aria-label='Plan']")
    fewer = dict(site.document, prefixes=[{**site.document["prefixes"][0], "sites": ["ams"]}])
    path = tmp_path / "fewer.json"
    path.write_text(json.dumps(fewer))
    browser.one("section[aria-label='Plan'] input[type=file]").send_keys(str(path))
    browser.wait_text(f"up1: {PREFIX} announced → withdrawn", "section[aria-label='Plan']")
    browser.wait_text(f"confirm it by name: prefix/{PREFIX}", "section[aria-label='Plan']")
    browser.wait_text(f"route {PREFIX} unreachable", "section[aria-label='Plan'] pre")
    assert site.bird.exported() == {PREFIX: 1}


def test_a_foreign_change_of_bird_conf_asks_for_a_look_and_is_confirmed_by_a_button(site, browser):
    with open(site.bird.conf, "a") as conf:
        conf.write("# half of an edit\n")
    browser.wait_text(f"Somebody changed {site.bird.conf}. Announcing waits; withdrawing does not.", ".banner")
    more = dict(site.document, prefixes=[*site.document["prefixes"], {**site.document["prefixes"][0], "prefix": OTHER, "needs": {"pools": ["eu"]}}])
    site.instance.apply(more)
    browser.wait_text("anycast confirm", "section[aria-label='Prefixes']")
    assert sorted(site.bird.exported()) == [PREFIX]
    browser.open("/")
    browser.wait_text("somebody changed", "#attention")
    browser.open("/anycast")
    browser.button("I have looked at it: go on announcing").click()
    browser.wait("nothing is asked any more", lambda: "go on announcing" not in browser.text("main"), 10)
    site.wait_exported([PREFIX, OTHER])


def test_what_it_looks_like(site, browser):
    """Writes a picture where $MERIDIAN_SHOT names a file."""
    browser.button("What would be done now").click()
    browser.wait_text("No session would export", "section[aria-label='Plan']")
    if "MERIDIAN_SHOT" in os.environ:
        with open(site.bird.conf, "a") as conf:
            conf.write("# half of an edit\n")
        browser.wait_text("go on announcing", ".banner")
        browser.driver.set_window_size(1280, 1900)
        browser.driver.save_screenshot(os.environ["MERIDIAN_SHOT"])
