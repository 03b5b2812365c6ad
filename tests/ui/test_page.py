"""The page in a real browser, before real daemons and real backends."""
import gzip
import os
import re
import time
import urllib.request

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from backends import Backend
from browser import Browser
from harness import ROOT, Instance, free_port, wait_for

HOSTILE = '<img src=x onerror="document.title=`broken in`"><script>document.title="broken in"</script>'
BUDGET = 150 * 1024
EU, US = "127.0.41.1", "127.0.42.1"


def document(port):
    return {
        "meridian": 1,
        "sites": [{"name": "test", "lat": 50.11, "lon": 8.68}],
        "regions": [{"name": "dach", "places": ["EU-DE", "EU-AT", "EU-CH"]}],
        "monitors": [{"name": "web", "type": "http", "port": port, "path": "/", "interval_ms": 300, "timeout_ms": 300, "fall": 2, "rise": 2, "recheck_ms": 100}],
        "pools": [{"name": "eu", "lat": 50.11, "lon": 8.68, "monitor": "web", "fallback": "us", "endpoints": [{"name": "eu1", "address": EU}]},
                  {"name": "us", "lat": 39.04, "lon": -77.49, "monitor": "web", "endpoints": [{"name": "us1", "address": US}]}],
        "zones": [{"name": "demo.example", "primary": "ns1.demo.example.", "contact": "hostmaster.demo.example.",
                   "records": [{"name": "@", "type": "NS", "data": ["ns1.demo.example."]}, {"name": "ns1", "type": "A", "data": ["127.0.0.1"]},
                               {"name": "hostile", "type": "TXT", "data": ['"' + HOSTILE.replace('"', "'") + '"']}],
                   "services": [{"name": "www", "ttl": 30, "steering": "rules", "default": "us", "rules": [{"match": ["region:dach", "EU"], "pool": "eu"}]}]}],
    }


class Site:
    """An instance with all daemons, two pools of one backend each, and an administrator."""

    def __init__(self):
        port = free_port(host=EU)
        self.eu, self.us = Backend(EU, port), Backend(US, port)
        self.instance = Instance(document(port))
        self.instance.start("healthcheck", "geodns", "web")
        self.password = self.add_user("root", "admin")
        self.base = f"http://127.0.0.1:{self.instance.http_port}"
        wait_for("both backends are up", lambda: [t["state"] for t in self.instance.health().values()] == ["up", "up"])

    def add_user(self, name, role):
        said = self.instance.meridian("user", "add", name, "--role", role).stdout
        return re.search(r"password\s+(\S+)", said).group(1)

    def close(self):
        self.eu.stop()
        self.us.stop()
        self.instance.__exit__(None)


@pytest.fixture(scope="module")
def site():
    site = Site()
    yield site
    site.close()


@pytest.fixture
def guest(site):
    with Browser(site.base) as browser:
        yield browser


@pytest.fixture
def browser(site):
    """Logged in as an administrator; afterwards nothing may have been complained of."""
    with Browser(site.base) as browser:
        browser.log_in("root", site.password)
        yield browser
        browser.collect()
        # On a slow machine a record is looked at in advance while it is half typed, and refused.
        half_typed = [each for each in browser.complaints if "/records?dry_run=true" in each and "status of 422" in each]
        assert [each for each in browser.complaints if each not in half_typed] == []
        assert browser.foreign() == []


def test_a_wrong_password_is_refused_with_a_sentence_and_the_right_one_lets_in(site, guest):
    guest.open("/pools")
    guest.one("#user").send_keys("root")
    guest.one("#password").send_keys("not the password", Keys.ENTER)
    guest.wait_text("The user name or the password is wrong.", "[role=alert]")
    assert guest.all("nav") == []
    guest.fill("Password", site.password).send_keys(Keys.ENTER)
    guest.wait_text("Pools", "h1")
    guest.wait_text("eu", "table")


def test_logging_out_shows_nothing_any_more(browser):
    browser.wait_text("healthy", "#pools")
    browser.button("Log out").click()
    browser.one("#password")
    assert browser.all("nav") == []
    browser.open("/zones")
    browser.one("#password")


def test_overview_shows_both_pools_healthy_on_the_map_and_in_the_table(browser):
    browser.wait_text("healthy", "#pools")
    rows = [row.text for row in browser.all("#pools tbody tr")]
    assert len(rows) == 2 and all("healthy" in row for row in rows), rows
    marks = [mark.get_attribute("aria-label") for mark in browser.all(".map a")]
    assert any(mark.startswith("pool eu: healthy") for mark in marks) and any(mark.startswith("pool us: healthy") for mark in marks), marks
    # The map's land is there, not only its markers.
    land = browser.driver.execute_script("return document.querySelector('.map .land').getBoundingClientRect().width")
    assert land > 300
    # A state is a shape and a word, never a colour alone.
    assert all(row.find_elements("css selector", ".state svg.shape") for row in browser.all("#pools tbody tr"))


def test_a_stopped_backend_is_seen_down_with_its_reason_within_two_seconds(site, browser):
    browser.wait_text("healthy", "#pools")
    began = time.monotonic()
    site.eu.stop()
    try:
        browser.wait("pool eu is down", lambda: "down" in browser.text("#pools tbody tr:first-child"), 4)
        took = time.monotonic() - began
        assert took < 2, f"{took:.2f} s"
        assert "connection refused to " + EU in browser.text("#pools tbody tr:first-child")
        browser.wait_text("The pool eu is down", "#attention")
        browser.wait_text("critical", ".summary")
    finally:
        site.eu.start()
    browser.wait("pool eu is healthy again", lambda: "down" not in browser.text("#pools") and "healthy" in browser.text("#pools"), 5)


def test_explain_shows_answer_and_steps_and_has_a_permanent_address(site, browser):
    browser.open("/explain")
    browser.fill("Name", "www.demo.example")
    browser.fill("Client", "5.1.64.0/24")
    browser.button("Explain", "main form").click()
    browser.wait_text("NOERROR", ".answer")
    assert f"www.demo.example. 30 IN A {EU}" in browser.text(".answer pre")
    steps = browser.text(".steps")
    assert "EU-DE" in steps and "region:dach" in steps and len(browser.all(".steps li")) >= 5, steps
    address = browser.driver.current_url
    assert "name=www.demo.example" in address and "client=5.1.64.0%2F24" in address
    browser.driver.get(address + "&down=pool%2Feu")
    browser.wait_text(f"www.demo.example. 30 IN A {US}", ".answer pre")


PAGES = {"/": "Overview", "/services": "Services", "/services/demo.example/www": "www.demo.example", "/zones": "Zones", "/zones/demo.example": "demo.example",
         "/pools": "Pools", "/pools/eu": "eu", "/pools/eu/eu1": "eu/eu1", "/monitors?name=web": "Monitors", "/regions": "Places", "/anycast": "Anycast",
         "/explain": "Explain", "/events": "Events", "/revisions?n=1": "Revisions", "/settings": "Settings", "/start": "Start"}


def test_every_page_opens_without_a_complaint_of_the_console_or_the_policy(browser):
    for path, title in PAGES.items():
        browser.open(path)
        browser.wait_text(title, "h1")
        browser.wait(f"{path} has loaded", lambda: not browser.all("[aria-busy]"))
        assert browser.all(".failure") == [], f"{path}: {browser.text('.failure')}"
        wide = browser.driver.execute_script("return document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{path} is {wide} px too wide"
        browser.collect()
        assert browser.complaints == [], path
    # Data URLs and our own files only; that there were any shows that the log works.
    assert len(browser.requested) > 50 and browser.foreign() == []


def test_every_page_fits_a_telephone(browser):
    browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True})
    for path, title in PAGES.items():
        browser.open(path)
        browser.wait_text(title, "h1")
        browser.wait(f"{path} has loaded", lambda: not browser.all("[aria-busy]"))
        wide = browser.driver.execute_script("return document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{path} is {wide} px too wide"


def test_the_keyboard_searches_goes_and_helps(browser):
    browser.wait_text("Overview", "h1")
    body = browser.one("body")
    body.send_keys("g")
    body.send_keys("s")
    browser.wait_text("Services", "h1")
    body.send_keys("g")
    body.send_keys("a")
    browser.wait_text("Anycast", "h1")
    body.send_keys("?")
    browser.wait_text("Keyboard", "dialog h2")
    ActionChains(browser.driver).send_keys(Keys.ESCAPE).perform()
    browser.wait("the help is gone", lambda: not browser.all("dialog"))
    body.send_keys("/")
    browser.one("dialog input[type=search]").send_keys("www")
    browser.wait_text("www.demo.example", "dialog .found")
    browser.press(Keys.ENTER)
    browser.wait_text("www.demo.example", "h1")
    # Within a field a letter is a letter.
    browser.fill("Client", "g?/")
    assert browser.all("dialog") == [] and "www.demo.example" in browser.text("h1")


def test_a_record_is_made_changed_and_deleted_and_mistakes_stand_beside_their_field(site, browser):
    browser.open("/zones/demo.example")
    browser.button("Add a record").click()
    browser.fill("Name", "new")
    browser.fill("Data", "192.0.2.300")
    # The server judges while one types, before anything is sent for good.
    browser.wait("the mistake is told beside the field", lambda: browser.all(".field.lines .bad"))
    browser.fill("Data", "192.0.2.3")
    browser.wait("the mistake is gone", lambda: not browser.all(".field.lines .bad"))
    browser.button("Create and deploy").click()
    browser.wait_text("192.0.2.3", ".records")
    wait_for("the new record is answered", lambda: site.instance.dig("new.demo.example", "A") == ["192.0.2.3"], 3)
    browser.wait_text("Undo", ".undo")
    browser.one('[aria-label="Edit new A"]').click()
    browser.fill("Data", "192.0.2.4")
    browser.button("Deploy").click()
    browser.wait_text("192.0.2.4", ".records")
    browser.one('[aria-label="Edit new A"]').click()
    browser.button("Delete", ".editing").click()
    browser.button("Delete", ".editing .delete").click()
    browser.wait("the record is gone", lambda: "192.0.2.4" not in browser.text(".records"))
    assert site.instance.dig("new.demo.example", "A") == []
    browser.collect()
    # The console tells each refusal of the server's check; nothing else may be there.
    assert all("status of 422" in complaint for complaint in browser.complaints), browser.complaints
    browser.complaints = []


def test_undo_takes_the_last_deploy_back(site, browser):
    browser.open("/zones/demo.example")
    browser.button("Add a record").click()
    browser.fill("Name", "undone")
    browser.fill("Data", "192.0.2.7")
    browser.button("Create and deploy").click()
    wait_for("the record is answered", lambda: site.instance.dig("undone.demo.example", "A") == ["192.0.2.7"], 3)
    browser.wait_text("create zones/demo.example/records/undone", ".undo")
    browser.button("Undo", ".undo").click()
    wait_for("the record is gone", lambda: site.instance.dig("undone.demo.example", "A") == [], 3)
    browser.wait("the table follows", lambda: "192.0.2.7" not in browser.text(".records"))


def test_a_zone_file_is_imported_after_its_changes_were_seen(site, browser):
    lines = ["$ORIGIN demo.example.", "@ 300 IN SOA ns1 hostmaster 1 2 3 4 5", "@ IN NS ns1", "ns1 IN A 127.0.0.1", "imported IN A 192.0.2.9"]
    before = site.instance.export()
    browser.open("/zones/demo.example")
    browser.button("Import").click()
    browser.fill("Text", "\n".join([*lines, "wrong IN A 192.0.2"]))
    browser.button("Show what changes").click()
    browser.wait_text("line 6", "main form [role=alert]")
    browser.fill("Text", "\n".join(lines))
    browser.button("Show what changes").click()
    browser.wait_text("192.0.2.9", "main form .changes")
    assert site.instance.dig("imported.demo.example", "A") == []
    browser.button("Deploy").click()
    browser.wait_text("192.0.2.9", ".records")
    wait_for("the imported record is answered", lambda: site.instance.dig("imported.demo.example", "A") == ["192.0.2.9"], 3)
    site.instance.apply(before, "--prune")
    browser.collect()
    assert len(browser.complaints) == 1 and "status of 422" in browser.complaints[0], browser.complaints
    browser.complaints = []


def test_an_override_tells_what_moves_and_wants_a_reason(site, browser):
    browser.open("/pools/us")
    browser.button("Override the pool").click()
    browser.wait_text("demo.example/www", "dialog .radius")
    assert not browser.button("Override", "dialog").is_enabled()
    browser.one("#override-reason").send_keys("maintenance " + HOSTILE)
    browser.button("Override", "dialog").click()
    browser.wait_text("forced drain", "main")
    assert HOSTILE in browser.text("main") and "broken in" not in browser.driver.title
    browser.button("End override").click()
    browser.wait("the override is over", lambda: "forced drain" not in browser.text("main"))


def test_hostile_text_of_a_record_is_shown_as_text(browser):
    browser.open("/zones/demo.example")
    browser.wait_text("<script>", ".records")
    assert "<img src=x onerror=" in browser.text(".records")
    assert browser.all(".records img") == [] and browser.all(".records script") == []
    assert "broken in" not in browser.driver.title


def test_a_viewer_is_offered_no_change(site, guest):
    guest.log_in("eve", site.add_user("eve", "viewer"))
    for path in ("/zones/demo.example", "/pools/eu", "/services/demo.example/www", "/monitors?name=web"):
        guest.open(path)
        guest.wait(f"{path} has loaded", lambda: guest.all("h1") and not guest.all("[aria-busy]"))
        offered = {button.text.split(" ")[0] for button in guest.all("main button")} & {"Add", "Edit", "Override", "Delete", "Deploy", "Test"}
        assert not offered, f"{path}: {offered}"


def test_a_lost_stream_is_told_and_the_page_finds_back(site, browser):
    browser.wait_text("live", ".nav-foot")
    site.instance.stop("web")
    try:
        browser.wait_text("The live stream is lost", "main", 6)
    finally:
        site.instance.start("web")
    browser.wait("the banner is gone", lambda: "The live stream is lost" not in browser.text("main"), 10)
    browser.collect()
    # That the server was away is told by the browser; nothing else may be.
    assert all("ERR_" in complaint or "Failed to load resource" in complaint for complaint in browser.complaints), browser.complaints
    browser.complaints = []


def test_tabs_share_one_stream_and_another_takes_it_over(site, browser):
    count = "const Real = EventSource; window.__streams = 0; EventSource = class extends Real { constructor(...all) { super(...all); window.__streams++; } };"
    browser.wait_text("live", ".nav-foot")
    first = browser.driver.current_window_handle
    browser.driver.switch_to.new_window("tab")
    browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": count})
    browser.open("/pools")
    browser.wait_text("live", ".nav-foot")
    assert browser.driver.execute_script("return window.__streams") == 0
    second = browser.driver.current_window_handle
    browser.driver.switch_to.window(first)
    browser.driver.close()
    browser.driver.switch_to.window(second)
    browser.wait("the other tab reads the stream", lambda: browser.driver.execute_script("return window.__streams") == 1)
    site.eu.stop()
    try:
        browser.wait_text("connection refused to " + EU, "table", 3)
    finally:
        site.eu.start()
    browser.wait("pool eu is healthy again", lambda: "down" not in browser.text("table"))


def test_an_empty_configuration_leads_to_a_start_and_an_example():
    with Instance(geo=False) as instance:
        instance.start("web")
        said = instance.meridian("user", "add", "root", "--role", "admin").stdout
        with Browser(f"http://127.0.0.1:{instance.http_port}") as browser:
            browser.log_in("root", re.search(r"password\s+(\S+)", said).group(1))
            browser.wait_text("Nothing is configured yet.", "main")
            browser.one("main a.button").click()
            browser.wait_text("1. A pool", "main")
            browser.button("Load the example").click()
            browser.wait_text("Pools healthy", "main")
        assert [pool["name"] for pool in instance.export()["pools"]] == ["eu", "us"]


def served_files():
    ui = os.path.join(ROOT, "web", "ui")
    for folder, _, names in os.walk(ui):
        if "node_modules" not in folder:
            yield from (os.path.relpath(os.path.join(folder, name), ui) for name in names
                        if name.endswith((".html", ".js", ".mjs", ".css", ".svg")))


def test_all_files_of_the_page_together_keep_the_budget(site):
    sizes = {}
    for name in served_files():
        asked = urllib.request.Request(f"{site.base}/{name}", headers={"Accept-Encoding": "gzip"})
        with urllib.request.urlopen(asked, timeout=5) as answer:
            body = answer.read()
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        sizes[name] = min(len(body), len(gzip.compress(body)))
    assert len(sizes) > 30
    assert sum(sizes.values()) <= BUDGET, f"{sum(sizes.values())} octets: {sorted(sizes.items(), key=lambda item: -item[1])[:5]}"


def test_no_file_of_the_page_makes_markup_or_styles_of_strings():
    for name in served_files():
        if name.startswith("vendor"):
            continue
        with open(os.path.join(ROOT, "web", "ui", name)) as file:
            text = file.read()
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", " style=", "<style", "eval(", "new Function"):
            assert word not in text, f"{name} holds {word}"


def test_the_first_paint_takes_less_than_a_second(site, browser):
    browser.open("/")
    browser.wait_text("healthy", "#pools")
    paint = browser.driver.execute_script("return performance.getEntriesByName('first-contentful-paint')[0]?.startTime")
    assert paint is not None and paint < 1000, paint


def test_monitors_tell_what_each_type_checks_and_an_override_keeps_its_table_in_its_panel(site, browser):
    more = [{"name": "ask", "type": "dns", "host": "example.com.", "query_type": "SOA", "expect_rcode": "NOERROR"}, {"name": "ping", "type": "icmp"},
            {"name": "greet", "type": "tcp", "port": 25, "send": "EHLO x\r\n", "expect": "250"}]
    site.instance.apply({"meridian": 1, "monitors": more})
    browser.open("/monitors")
    for words in ("asks for example.com. SOA, expects NOERROR", "answers a ping", "connects, sends, expects “250”", "GET /, expects 200-299"):
        browser.wait_text(words, "main table")
    site.instance.meridian("override", "endpoint/eu/eu1", "drain", "--reason", "the disk is changed and the fans are, too", "--for", "1h")
    try:
        browser.open("/pools/eu")
        browser.wait_text("forced drain", "main table")
        right = "return document.querySelector(arguments[0]).getBoundingClientRect().right"
        end = browser.button("End override").rect
        assert end["x"] + end["width"] <= browser.driver.execute_script(right, ".panel")
        assert browser.driver.execute_script("return document.querySelector('main table .name .dim').getBoundingClientRect().height") < 30, "the address is broken"
    finally:
        site.instance.meridian("override", "end", "endpoint/eu/eu1")
