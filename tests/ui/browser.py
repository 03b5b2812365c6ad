"""A headless Chromium that keeps what the page asked for and what it complained of."""
import json
import shutil
import tempfile
import time
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

ARGUMENTS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--window-size=1280,800")
LOAD_TIMEOUT_S = 20


class Browser:
    """Use it with `with`. BASE is the address of the page, without a final slash."""

    def __init__(self, base):
        self.base, self.profile = base, tempfile.mkdtemp(prefix="mdn-chromium-")
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for argument in (*ARGUMENTS, f"--user-data-dir={self.profile}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.driver.set_page_load_timeout(LOAD_TIMEOUT_S)
        self.driver.set_script_timeout(LOAD_TIMEOUT_S)
        # Violations are kept by the page itself, too: the console leaves some out.
        self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {
            "source": "window.__violations = []; addEventListener('securitypolicyviolation', (e) => window.__violations.push("
                      "e.violatedDirective + ' ' + e.blockedURI));"})
        self.complaints, self.requested = [], []

    def __enter__(self):
        return self

    def __exit__(self, *what):
        if what[0] is not None:
            self.collect()
            print("address:", self.driver.current_url, "\nconsole:", self.complaints, "\npage:", self.text()[:2000])
        self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)

    def open(self, path):
        self.driver.get(self.base + path)

    def text(self, selector="body"):
        """The text that is seen in the first element of SELECTOR; "" where there is none."""
        try:
            found = self.driver.find_elements(By.CSS_SELECTOR, selector)
            return found[0].text if found else ""
        except StaleElementReferenceException:
            return ""

    def one(self, selector, timeout_s=5.0):
        return self.wait(f"an element {selector}", lambda: next(iter(self.driver.find_elements(By.CSS_SELECTOR, selector)), None), timeout_s)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def button(self, words, within="body"):
        """The button in WITHIN whose text is WORDS."""
        def find():
            return next((each for each in self.driver.find_elements(By.CSS_SELECTOR, f"{within} button") if each.text.strip() == words), None)
        return self.wait(f"a button “{words}”", find)

    def fill(self, label, text, within="body"):
        """Types TEXT into the control of WITHIN that has LABEL."""
        def find():
            for each in self.driver.find_elements(By.CSS_SELECTOR, f"{within} label"):
                if each.text.strip() == label and each.get_attribute("for"):
                    return self.driver.find_element(By.ID, each.get_attribute("for"))
            return None
        control = self.wait(f"a field “{label}”", find)
        if control.tag_name != "select":
            # As a person does: clear() would tell the page nothing.
            control.send_keys(Keys.CONTROL, "a", Keys.NULL, Keys.BACKSPACE)
        control.send_keys(text)
        return control

    def press(self, *keys):
        for key in keys:
            self.driver.switch_to.active_element.send_keys(key)

    def wait(self, what, condition, timeout_s=5.0):
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                value = condition()
            except StaleElementReferenceException:
                value = None
            if value:
                return value
            assert time.monotonic() < deadline, f"not within {timeout_s} s: {what}"
            time.sleep(0.02)

    def wait_text(self, words, selector="body", timeout_s=5.0):
        return self.wait(f"“{words}” in {selector}", lambda: words in self.text(selector), timeout_s)

    def log_in(self, user, password):
        self.open("/")
        self.one("#user").send_keys(user)
        self.one("#password").send_keys(password, Keys.ENTER)
        self.one("nav")

    def collect(self):
        """Takes the console's and the network's logs over into `complaints` and `requested`."""
        self.complaints += [f"{entry['level']} {entry['message']}" for entry in self.driver.get_log("browser")
                            if entry["level"] in ("SEVERE", "WARNING")]
        self.complaints += [f"CSP {each}" for each in self.driver.execute_script("return window.__violations || []")]
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                self.requested.append(message["params"]["request"]["url"])

    def foreign(self):
        """Addresses outside this host that were asked for."""
        own = urlsplit(self.base).netloc
        return [url for url in self.requested if urlsplit(url).scheme in ("http", "https", "ws", "wss") and urlsplit(url).netloc != own]
