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


def refused_by_name(browser, *others):
    """The console tells each refusal of the server's; nothing else may be there."""
    browser.collect()
    statuses = {re.search(r"status of (\d+)|$", complaint).group(1) for complaint in browser.complaints}
    assert "409" in statuses and statuses <= {"409", *others}, browser.complaints
    browser.complaints = []


def press(browser, words, within):
    """Presses the button as soon as it can be pressed."""
    button = browser.button(words, within)
    browser.wait(f"“{words}” can be pressed", button.is_enabled)
    button.click()


def configured_sites(site):
    return [prefix["sites"] for prefix in site.instance.export()["prefixes"]]


def test_a_change_that_takes_a_site_away_wants_the_prefix_typed(site, browser):
    browser.one(f'[aria-label="Edit {PREFIX}"]').click()
    browser.fill("Sites", "ams", ".editing")
    browser.wait_text(f"confirm it by name: prefix/{PREFIX}", ".editing")
    label = f"Type {PREFIX} to take it away"
    for text in ("yes", OTHER):
        browser.fill(label, text, ".editing")
        assert not browser.button("Deploy", ".editing").is_enabled()
    assert configured_sites(site) == [["fra", "ams"]] and list(site.bird.exported()) == [PREFIX]
    browser.fill(label, PREFIX, ".editing")
    browser.wait("the refusal is over", lambda: "confirm it by name" not in browser.text(".editing"))
    press(browser, "Deploy", ".editing")
    site.wait_exported([])
    assert configured_sites(site) == [["ams"]]
    refused_by_name(browser)


def test_a_prefix_is_deleted_only_with_its_name_typed(site, browser):
    browser.one(f'[aria-label="Edit {PREFIX}"]').click()
    browser.button("Delete", ".editing").click()
    browser.button("Delete", ".editing .delete").click()
    browser.wait_text(f"confirm it by name: prefix/{PREFIX}", ".editing .delete")
    assert not browser.button("Delete", ".editing .delete").is_enabled() and list(site.bird.exported()) == [PREFIX]
    browser.one(".editing .delete input").send_keys(PREFIX)
    press(browser, "Delete", ".editing .delete")
    wait_for("it is deleted", lambda: configured_sites(site) == [])
    # Of a prefix that no configuration knows, this may be the last site: an order takes it away.
    wait_for("it is kept", lambda: site.prefix()["blocked_by"] == "last_site")
    assert list(site.bird.exported()) == [PREFIX]
    refused_by_name(browser)


def test_a_roll_back_that_takes_a_site_away_wants_the_prefix_typed(site, browser):
    before = site.instance.revision()
    one = site.document["prefixes"][0]
    site.instance.apply(dict(site.document, sites=[*site.document["sites"], {"name": "lon"}], prefixes=[{**one, "sites": ["fra", "ams", "lon"]}]))
    browser.open(f"/revisions?n={before}")
    browser.button("Roll back to here").click()
    browser.wait_text(f"confirm it by name: prefix/{PREFIX}", "dialog")
    assert not browser.button("Roll back", "dialog").is_enabled()
    browser.fill(f"Type {PREFIX} to take it away", PREFIX, "dialog")
    press(browser, "Roll back", "dialog")
    wait_for("it is rolled back", lambda: configured_sites(site) == [["fra", "ams"]])
    assert list(site.bird.exported()) == [PREFIX]
    refused_by_name(browser)


def test_an_undo_that_takes_a_site_away_wants_the_prefix_typed(site, browser):
    site.instance.apply(dict(site.document, sites=[*site.document["sites"], {"name": "lon"}]))
    browser.one(f'[aria-label="Edit {PREFIX}"]').click()
    browser.fill("Sites", "fra, ams, lon", ".editing")
    press(browser, "Deploy", ".editing")
    wait_for("a third site announces", lambda: configured_sites(site) == [["fra", "ams", "lon"]])
    browser.button("Undo", ".undo").click()
    browser.wait_text(f"confirm it by name: prefix/{PREFIX}", "dialog")
    assert not browser.button("Roll back", "dialog").is_enabled()
    browser.fill(f"Type {PREFIX} to take it away", PREFIX, "dialog")
    press(browser, "Roll back", "dialog")
    wait_for("it is undone", lambda: configured_sites(site) == [["fra", "ams"]])
    browser.wait("nothing more is asked", lambda: not browser.all("dialog"))
    refused_by_name(browser, "422")  # a list of sites that is half typed


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
