"""The web client in a real browser: Chromium, at the loopback address, the certificate trusted and not ignored."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait
from tests.live.helpers.running import Place
from tests.waiting import PATIENCE

pytestmark = pytest.mark.live


@pytest.fixture
def browser(standing: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[webdriver.Chrome]:
    """A Chromium whose user trusts the partnership's authority."""
    monkeypatch.setenv("HOME", str(tmp_path))
    authority = tmp_path / "authority.pem"
    assert standing.run("credentials", "durham", "erp", "--ca-file", str(authority)).code == 0
    store = tmp_path / ".pki" / "nssdb"
    store.mkdir(parents=True)
    for words in (["-N", "--empty-password"], ["-A", "-t", "C,,", "-n", "authority", "-i", str(authority)]):
        subprocess.run(["certutil", "-d", f"sql:{store}", *words], check=True)
    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for flag in ("headless=new", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run"):
        options.add_argument(f"--{flag}")
    for flag in ("disable-background-networking", "disable-component-update", "disable-sync"):
        options.add_argument(f"--{flag}")
    options.add_argument(f"--user-data-dir={tmp_path / 'profile'}")
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    yield driver
    driver.quit()


def test_login_page_opens_and_a_login_works(standing: Place, browser: webdriver.Chrome) -> None:
    """The login form knows its one database; with the credentials shown, somebody gets in."""
    said = standing.run("credentials", "durham", "erp", "--format", "json").json

    browser.get(said["localAccessUrl"])
    wait = WebDriverWait(browser, PATIENCE)
    name = wait.until(_name_asked_for)
    wait.until(lambda page: page.find_element(By.CSS_SELECTOR, "input#database").get_attribute("value") == "durham")
    name.clear()
    name.send_keys(said["user"] + "\n")
    password = wait.until(lambda page: _shown(page, By.CSS_SELECTOR, "input[type=password]"))
    password.send_keys(said["password"] + "\n")

    wait.until(lambda page: "Administrator" in page.find_element(By.ID, "user-preferences").text)


def _name_asked_for(page: webdriver.Chrome) -> WebElement | None:
    """Return the field for the name; where nobody served the page it is loaded again, as people do."""
    if page.title != "Tryton":
        page.refresh()
    return _shown(page, By.ID, "login")


def _shown(page: webdriver.Chrome, by: str, what: str) -> WebElement | None:
    """Return the element once it can be seen."""
    return next((element for element in page.find_elements(by, what) if element.is_displayed()), None)
