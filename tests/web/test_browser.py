"""The page in a real browser, the command as users start it, and a model that knows the examples."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

import mmgsf
from mmgsf.apis.configs import config_path
from mmgsf.datasets import class_names
from mmgsf.web.examples import make_examples

from .browser import complaints, hosts_asked, open_browser, resize
from .containers import REFUSED
from .fitted import NAME, fitted_model, save

pytestmark = pytest.mark.slow
CLASSES = class_names('camera_motion')
SECONDS = 120
# Where a person can look at the pages that the tests saw.
SCREENSHOTS = os.environ.get('MMGSF_SCREENSHOTS')


@pytest.fixture(scope='module')
def videos(tmp_path_factory):
    return [example.path for example in make_examples(tmp_path_factory.mktemp('examples'))]


@pytest.fixture(scope='module')
def model(videos):
    return fitted_model(videos)


@pytest.fixture(scope='module')
def root(tmp_path_factory):
    return tmp_path_factory.mktemp('root')


@pytest.fixture(scope='module')
def address(model, root, tmp_path_factory):
    checkpoint = save(model, tmp_path_factory.mktemp('weights') / 'fitted.pth')
    command = [sys.executable, '-m', 'mmgsf', 'web', '--model', config_path(NAME), checkpoint]
    command += ['--port', '0', '--max-mb', '1', '--device', 'cpu']
    env = {**os.environ, 'TMPDIR': str(root)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as process:
        yield process.stdout.readline().split()[0]
        assert any(root.iterdir())
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    assert not any(root.iterdir())


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp('browser')


@pytest.fixture(scope='module')
def browser(folder):
    browser = open_browser(folder)
    yield browser
    browser.quit()


@pytest.fixture
def page(browser, address):
    """The page, freshly loaded."""
    # A new tab has pages of the browser's own.
    hosts_asked(browser)
    complaints(browser)
    browser.get(address)
    wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, '#model option'))
    yield browser
    assert hosts_asked(browser) == {address.removeprefix('http://').rstrip('/')}
    assert complaints(browser) == []


def wait(browser, condition):
    return WebDriverWait(browser, SECONDS, 0.1).until(lambda _: condition())


def shown(browser, selector):
    return [one for one in browser.find_elements(By.CSS_SELECTOR, selector) if one.is_displayed()]


def upload(browser, path):
    browser.find_element(By.ID, 'file').send_keys(str(path))
    browser.find_element(By.ID, 'start').click()
    wait(browser, lambda: shown(browser, '#error') or shown(browser, '#result'))


def top(browser):
    rows = browser.find_elements(By.CSS_SELECTOR, '#top tbody tr')
    return [[cell.text for cell in row.find_elements(By.TAG_NAME, 'td')][::2] for row in rows]


def incoming(root):
    return list(root.glob('*/incoming/*'))


def screenshot(browser, name, width, tmp_path):
    """Saves the whole page at a width; the share of it that is not of its most frequent colour."""
    resize(browser, width)
    inside = 'return document.documentElement.scrollWidth <= window.innerWidth'
    assert browser.execute_script(inside), f'{name}: the page is wider than {width} pixels'
    resize(browser, width, browser.execute_script('return document.documentElement.scrollHeight'))
    browser.execute_async_script(
        'const done = arguments[0];'
        'Promise.all([...document.images].filter((i) => i.src).map((i) => i.decode()))'
        '.then(() => requestAnimationFrame(() => setTimeout(done, 500)));'
    )
    path = Path(SCREENSHOTS or tmp_path) / f'{name}.png'
    browser.save_screenshot(str(path))
    resize(browser, 1280)
    image = Image.open(path).convert('L')
    assert image.width == width
    return 1 - max(image.histogram()) / (image.width * image.height)


def test_an_upload_shows_classes_frames_gates_and_evidence(page, videos, root, tmp_path):
    path = tmp_path / 'My clip & <b>more.mp4'
    path.write_bytes(videos[5].read_bytes())
    upload(page, path)
    assert not shown(page, '#error')
    found = top(page)
    assert len(found) == 5
    assert found[0][0] == CLASSES[5]
    assert float(found[0][1].removesuffix(' %')) > 50
    assert page.find_element(By.ID, 'source').text == path.name
    bars = page.find_elements(By.CSS_SELECTOR, '#top .bar')
    widths = [bar.size['width'] for bar in bars]
    assert widths == sorted(widths, reverse=True)
    pictures = shown(page, '#frames img, #gates, #saliency')
    assert len(pictures) == 8 + 2
    wait(page, lambda: all(image.get_property('naturalWidth') > 0 for image in pictures))
    # Heading and status say the same to those who do not see the page.
    assert page.find_element(By.CSS_SELECTOR, '[role=status]').text == ''
    assert not incoming(root)
    assert screenshot(page, 'result-wide', 1280, tmp_path) > 0.05
    assert screenshot(page, 'result-narrow', 390, tmp_path) > 0.05


def test_the_download_is_what_recognize_gives(page, model, videos, root, folder, tmp_path):
    path = tmp_path / 'clip.mp4'
    path.write_bytes(videos[2].read_bytes())
    upload(page, path)
    page.find_element(By.ID, 'download').click()
    target = folder / 'downloads' / 'clip.json'
    wait(page, target.exists)
    expected = mmgsf.recognize(path, model).to_dict() | {'source': 'clip.mp4'}
    assert expected['top'][0]['class'] == CLASSES[2]
    found = json.loads(target.read_text())
    assert found.keys() == expected.keys()
    assert [one['class'] for one in found['top']] == [one['class'] for one in expected['top']]
    for one, other in zip(found['top'], expected['top'], strict=True):
        assert one['probability'] == pytest.approx(other['probability'], abs=1e-5)
    assert not incoming(root)


def test_an_example_shows_its_class(page, root, tmp_path):
    assert screenshot(page, 'start-wide', 1280, tmp_path) > 0.05
    assert screenshot(page, 'start-narrow', 390, tmp_path) > 0.05
    buttons = page.find_elements(By.CSS_SELECTOR, '#examples button')
    assert [button.text for button in buttons] == list(CLASSES)
    assert not page.find_element(By.ID, 'start').is_enabled()
    buttons[3].click()
    assert buttons[3].get_attribute('aria-pressed') == 'true'
    page.find_element(By.ID, 'start').click()
    wait(page, lambda: shown(page, '#result'))
    assert top(page)[0][0] == CLASSES[3]
    assert not incoming(root)


@pytest.mark.parametrize('what', ['a text file', 'a playlist', 'a playlist of concat', 'empty'])
def test_a_file_that_is_no_video_gives_one_error(page, root, tmp_path, what):
    path = tmp_path / 'movie.mp4'
    path.write_bytes(REFUSED[what])
    upload(page, path)
    (error,) = shown(page, '[role=alert]')
    kind = what.removesuffix(' of concat')
    assert error.text == (
        f'movie.mp4 is not a video that can be read: it is {kind}; take an mp4, mkv, webm or avi '
        'file.'
    )
    assert not shown(page, '#result')
    assert not shown(page, '#status')
    assert not incoming(root)
    assert screenshot(page, 'error-wide', 1280, tmp_path) > 0.05


def test_a_damaged_video_and_a_large_one_give_one_error_each(page, videos, root, tmp_path):
    path = tmp_path / 'movie.mp4'
    content = videos[0].read_bytes()
    path.write_bytes(content[: len(content) // 2])
    upload(page, path)
    assert shown(page, '#error')[0].text.startswith('movie.mp4 is not a video that can be read: ')
    path = tmp_path / 'large.mp4'
    path.write_bytes(content + bytes(1_000_000))
    upload(page, path)
    wait(page, lambda: 'larger than 1 MB' in shown(page, '#error')[0].text)
    assert not incoming(root)


def test_the_page_says_when_nobody_answers(page, videos):
    page.execute_cdp_cmd('Network.enable', {})
    lost = {'offline': True, 'latency': 0, 'downloadThroughput': -1, 'uploadThroughput': -1}
    page.execute_cdp_cmd('Network.emulateNetworkConditions', lost)
    try:
        upload(page, videos[0])
        assert 'does mmgsf web still run?' in shown(page, '#error')[0].text
    finally:
        page.execute_cdp_cmd('Network.emulateNetworkConditions', lost | {'offline': False})
    time.sleep(0.2)
