"""Debian's Chromium without a window, driven by its chromedriver."""

import json
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


def resize(browser: webdriver.Chrome, width: int, height: int = 900) -> None:
    """The size of the page; a window could not be as narrow as a phone."""
    metrics = {'width': width, 'height': height, 'deviceScaleFactor': 1, 'mobile': width < 600}
    browser.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', metrics)


def hosts_asked(browser: webdriver.Chrome) -> set[str]:
    """Host and port of every request since this was last asked, the browser's own pages aside."""
    messages = [json.loads(one['message'])['message'] for one in browser.get_log('performance')]
    urls = [
        urlsplit(message['params']['request']['url'])
        for message in messages
        if message['method'] == 'Network.requestWillBeSent'
    ]
    own = ('data', 'blob', 'chrome', 'chrome-untrusted')
    return {url.netloc for url in urls if url.scheme not in own}


def complaints(browser: webdriver.Chrome) -> list[str]:
    """What the page's scripts and its policy met, since this was last asked.

    Chromium also tells of every answer that is an error, and of files that it cannot play.
    """
    messages = [one['message'] for one in browser.get_log('browser') if one['level'] == 'SEVERE']
    return [text for text in messages if '/runs?' not in text and not text.startswith('blob:')]


def _program(variable: str, name: str) -> str:
    found = os.environ.get(variable) or shutil.which(name)
    # A skip would hide that the page was not seen.
    assert found, f'no {name}: tools/run_tests.sh --all installs it, or set {variable}'
    return found
