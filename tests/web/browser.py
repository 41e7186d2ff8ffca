"""Debian's Chromium without a window, driven by its chromedriver."""

import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

ARGUMENTS = (
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--disable-dev-shm-usage',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--window-size=1280,900',
)


def open_browser(folder: Path) -> webdriver.Chrome:
    """A browser of its own, with an empty profile and its downloads below `folder`."""
    options = Options()
    options.binary_location = _program('CHROMIUM', 'chromium')
    for argument in (*ARGUMENTS, f'--user-data-dir={folder / "profile"}'):
        options.add_argument(argument)
    (folder / 'downloads').mkdir()
    options.add_experimental_option(
        'prefs', {'download.default_directory': str(folder / 'downloads')}
    )
    options.set_capability('goog:loggingPrefs', {'performance': 'ALL', 'browser': 'ALL'})
    # Given its path, Selenium looks for no other driver.
    service = Service(_program('CHROMEDRIVER', 'chromedriver'))
    return webdriver.Chrome(options=options, service=service)


def resize(browser: webdriver.Chrome, width: int) -> None:
    """The width of the page; a window could not be as narrow as a phone."""
    metrics = {'width': width, 'height': 900, 'deviceScaleFactor': 1, 'mobile': width < 600}
    browser.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', metrics)


def hosts_asked(requests: list[str]) -> set[str]:
    """Host and port of every request that left the browser."""
    return {urlsplit(url).netloc for url in requests if not url.startswith(('data:', 'blob:'))}


def _program(variable: str, name: str) -> str:
    found = os.environ.get(variable) or shutil.which(name)
    # A skip would hide that the page was not seen.
    assert found, f'no {name}: tools/run_tests.sh --all installs it, or set {variable}'
    return found
