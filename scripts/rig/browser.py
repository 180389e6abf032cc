"""Headless Chromium with a profile of its own, which trusts one authority and reaches this machine only."""

import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

LOCAL = re.compile(r"https?://localhost:\d+/$")
AXE = "axe_playwright_python/axe.min.js"


class Browser:
    """One browser; `findings` gathers what must not be there."""

    def __init__(self, folder, authorities):
        self.folder = folder
        home = folder / "home"
        database = home / ".pki/nssdb"
        database.mkdir(parents=True)
        _certutil("-N", "-d", f"sql:{database}", "--empty-password")
        for number, authority in enumerate(authorities):
            _certutil("-A", "-d", f"sql:{database}", "-n", f"authority-{number}", "-t", "C,,", "-i", authority)
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for argument in [
            "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-default-apps",
            "--disable-sync", "--force-color-profile=srgb", f"--user-data-dir={folder}/profile",
            # Nobody but this machine has an address.
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
        ]:
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        environment = os.environ | {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config")}
        service = Service(shutil.which("chromedriver"), env=environment, log_output=str(folder / "chromedriver.log"))
        self.driver = webdriver.Chrome(options=options, service=service)
        self.driver.set_page_load_timeout(120)
        self.driver.set_script_timeout(120)
        self.axe = next(path for path in _packages() if path.exists()).read_text()
        self.findings = []
        self.pages = 0

    def close(self):
        self.driver.quit()

    def resize(self, width, height):
        self.driver.set_window_size(width, height)

    def scheme(self, name):
        """Light or dark, as the browser tells pages."""
        features = [{"name": "prefers-color-scheme", "value": name}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def open(self, url):
        self.driver.get(url)
        return self

    def click(self, place):
        """Clicks on what a selector finds first, as soon as it is there: live pages exchange their elements."""
        self.wait(lambda: self._click(place), f"{place} to click on", 30)

    def _click(self, place):
        found = self.elements(place)
        if found:
            found[0].click()
        return bool(found)

    def text(self, css="main"):
        return self.driver.find_element(By.CSS_SELECTOR, css).text

    def count(self, css):
        return len(self.driver.find_elements(By.CSS_SELECTOR, css))

    def elements(self, place):
        """All elements of a CSS selector, or of an XPath that begins with two slashes."""
        by = By.XPATH if place.startswith("//") else By.CSS_SELECTOR
        return self.driver.find_elements(by, place)

    def fill(self, css, text):
        self.driver.find_element(By.CSS_SELECTOR, css).send_keys(text)

    def wait(self, condition, what, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if condition():
                    return
            except (NoSuchElementException, StaleElementReferenceException):
                # The page that was looked at is on its way out.
                pass
            time.sleep(0.2)
        raise RuntimeError(f"{what} did not come within {seconds} s on {self.driver.current_url}:\n{self._body()}")

    def _body(self):
        try:
            return self.text("body")[:2000]
        except (NoSuchElementException, StaleElementReferenceException):
            return "(the page is being loaded)"

    def examine(self, name, base):
        """Console, requests and axe-core on the page as it stands."""
        self.pages += 1
        for entry in self.driver.get_log("browser"):
            self.findings.append(f"{name}: console {entry['level']}: {entry['message']}")
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url, page = message["params"]["request"]["url"], message["params"]["documentURL"]
                # The last page of another dashboard may still be in the log; it too asks nobody but its own server.
                origin = "/".join(page.split("/")[:3]) + "/"
                if not url.startswith((origin if LOCAL.match(origin) else base + "/", "data:", "about:", "chrome:")):
                    self.findings.append(f"{name}: request to {url}")
        self.driver.execute_script(self.axe)
        result = self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "axe.run(document, {resultTypes: ['violations']}).then(done, error => done({failed: String(error)}));"
        )
        if "failed" in result:
            self.findings.append(f"{name}: axe-core failed: {result['failed']}")
        for violation in result.get("violations", []):
            places = "; ".join(" ".join(map(str, node["target"])) for node in violation["nodes"][:3])
            self.findings.append(f"{name}: axe {violation['id']}: {violation['help']} ({places})")
        # What axe itself did is nobody's error.
        self.driver.get_log("browser")
        wide = self.driver.execute_script(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if wide > 1:
            self.findings.append(f"{name}: {wide} pixels wider than the window")

    def picture(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        self.driver.save_screenshot(str(path))


def _packages():
    import selenium

    yield Path(selenium.__file__).resolve().parents[1] / AXE


def _certutil(*words):
    subprocess.run(["certutil", *map(str, words)], check=True, capture_output=True, text=True)
