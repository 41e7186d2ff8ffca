"""The page by an HTTP client: what it answers, what it refuses, and that it keeps nothing."""

import json
import logging
import socket
import threading
import time
from contextlib import nullcontext

import pytest

import mmgsf
from mmgsf.datasets.decoding import decoding_process
from mmgsf.web import looking, runs
from mmgsf.web.app import make_app
from mmgsf.web.examples import Example
from mmgsf.web.limits import Limits
from mmgsf.web.models import Models
from mmgsf.web.reading import limit_decoding
from mmgsf.web.uploads import Uploads

from ..videos import noise_clip, write_video
from .containers import KINDS, REFUSED, write_kinds
from .fitted import NAME, fitted_model
from .running import TYPE, running

LIMITS = Limits(megabytes=0.2, seconds=5, decode_seconds=20, waiting=3)


@pytest.fixture(scope='module')
def videos(tmp_path_factory):
    folder = tmp_path_factory.mktemp('videos')
    return [write_video(folder / f'{seed}.mp4', noise_clip(seed, 24)) for seed in range(8)]


@pytest.fixture(scope='module')
def model(videos):
    return fitted_model(videos)


@pytest.fixture(scope='module')
def uploads(tmp_path_factory):
    return Uploads(LIMITS, tmp_path_factory.mktemp('root'))


@pytest.fixture(scope='module')
def page(model, videos, uploads):
    models = Models()
    models.add(NAME, lambda: model)
    limit_decoding(LIMITS)
    examples = [Example('the third', videos[2], videos[2].read_bytes())]
    app = make_app(models, examples, uploads, LIMITS)
    with running(app) as page:
        page.runs = app.state.runs
        yield page
    assert not uploads.folder.exists()
    decoding_process().memory_limit = 0


@pytest.fixture
def undrawn(monkeypatch):
    """Leaves out what takes seconds."""
    for part in ('gates_picture', 'saliency_picture'):
        monkeypatch.setattr(looking, part, lambda *args: 'data:,')


def test_a_video_is_recognised_and_deleted(page, model, videos, uploads):
    status, lines = page.run(f'model={NAME}&name=my%20clip.mp4', videos[5].read_bytes())
    assert status == 200
    assert [line['state'] for line in lines] == ['working'] * 4 + ['done']
    result = lines[-1]['result']
    expected = mmgsf.recognize(videos[5], model).to_dict()
    assert result['recognition'] == expected | {'source': 'my clip.mp4'}
    assert expected['top'][0]['label'] == 5
    assert len(result['frames']) == len(result['times']) == 8
    assert result['times'][:2] == [1 / 12, 4 / 12]
    for picture in (*result['frames'], result['gates'], result['saliency']):
        assert picture.startswith('data:image/')
    assert not any(uploads.incoming.iterdir())


@pytest.mark.usefixtures('undrawn')
def test_a_video_is_gone_before_its_answer_comes(page, videos, uploads, monkeypatch):
    """Not only when the connection ends, which a visitor may keep."""
    path = uploads.incoming / 'kept.video'
    monkeypatch.setattr(uploads, 'file', lambda: nullcontext(path))
    for content in (videos[5].read_bytes(), REFUSED['a text file']):
        page.run(f'model={NAME}&name=a.mp4', content)
        assert not path.exists()


@pytest.mark.usefixtures('undrawn')
def test_an_example_is_recognised(page):
    status, lines = page.run(f'model={NAME}&example=0')
    assert status == 200
    top = lines[-1]['result']['recognition']['top']
    assert top[0]['label'] == 2
    assert (
        page.ask('GET', '/choices')[2]
        == json.dumps(
            {
                'models': [NAME],
                'examples': ['the third'],
                'megabytes': 0.2,
                'seconds': 5,
                'pixels': 4096 * 2304,
            },
            separators=(',', ':'),
        ).encode()
    )


@pytest.mark.usefixtures('undrawn')
@pytest.mark.parametrize('kind', KINDS)
def test_every_container_is_read(page, tmp_path, kind):
    status, lines = page.run(f'model={NAME}&name=a.txt', write_kinds(tmp_path)[kind])
    assert (status, lines[-1]['state']) == (200, 'done')


@pytest.mark.parametrize('what', REFUSED)
def test_what_is_no_video_gets_the_one_error(page, uploads, what, caplog):
    with caplog.at_level(logging.INFO, 'mmgsf.web'):
        status, lines = page.run(f'model={NAME}&name=a.mp4', REFUSED[what])
    assert status == 415
    assert lines[0]['state'] == 'refused'
    assert lines[0]['message'].startswith('a.mp4 is not a video that can be read: it is ')
    assert [record.getMessage() for record in caplog.records] == [f'refused: {lines[0]["message"]}']
    assert not any(uploads.incoming.iterdir())


def test_a_damaged_video_gets_the_one_error_too(page, videos, uploads):
    whole = videos[0].read_bytes()
    status, lines = page.run(f'model={NAME}&name=a.mp4', whole[: len(whole) // 2])
    assert status == 200
    assert lines[-1]['state'] == 'refused'
    assert lines[-1]['message'].startswith('a.mp4 is not a video that can be read: ')
    assert not any(uploads.incoming.iterdir())


@pytest.mark.usefixtures('undrawn')
def test_limits_are_kept(page, tmp_path, uploads):
    large = write_kinds(tmp_path)['mp4'] + bytes(200_000)
    status, lines = page.run(f'model={NAME}&name=a.mp4', large)
    assert status == 413
    assert lines[0]['message'].startswith('a.mp4 is larger than 0.2 MB')
    # Without a stated size it is counted as it comes.
    pieces = (large[start : start + 4096] for start in range(0, len(large), 4096))
    status, *_ = page.ask(
        'POST',
        f'/runs?model={NAME}',
        pieces,
        TYPE | {'Transfer-Encoding': 'chunked'},
        encode_chunked=True,
    )
    assert status == 413
    long = write_video(tmp_path / 'long.mp4', noise_clip(0, 12), rate=2)
    _, lines = page.run(f'model={NAME}&name=a.mp4', long.read_bytes())
    assert lines[-1]['message'] == 'a.mp4 lasts 6 s, and 5 s are the most; cut it.'
    assert not any(uploads.incoming.iterdir())


def test_who_still_sends_can_read_why_it_is_refused(page):
    """Slowly, so that an answer that cuts the connection would come in the middle."""

    def pieces():
        for _ in range(60):
            yield bytes(4096)
            time.sleep(0.005)

    status, _, content = page.ask(
        'POST',
        f'/runs?model={NAME}&name=a.mp4',
        pieces(),
        TYPE | {'Transfer-Encoding': 'chunked'},
        encode_chunked=True,
    )
    assert status == 415
    assert b'is not a video' in content


@pytest.mark.parametrize(
    'target',
    [
        '/../limits.py',
        '/%2e%2e/limits.py',
        '/static/../limits.py',
        '//etc/passwd',
        '/etc/passwd',
        '/examples/../../../etc/passwd',
        '/examples/0.mp4/../../limits.py',
        '/examples/1.mp4',
        '/file=/etc/passwd',
        '/gradio_api/file=/etc/passwd',
        '/index.html%00',
        '/..%5c..%5climits.py',
        'http://127.0.0.1/etc/passwd',
        '/{uploads}',
        '/incoming/',
        '/docs',
        '/openapi.json',
    ],
)
def test_nothing_else_is_served(page, uploads, target):
    target = target.format(uploads=uploads.folder)
    assert page.ask('GET', target)[0] == 404


@pytest.mark.parametrize('target', ['/', '/page.css', '/page.js', '/choices', '/examples/0.mp4'])
def test_answers_let_browsers_ask_nobody_else(page, target):
    status, headers, content = page.ask('GET', target)
    assert status == 200
    policy = headers['Content-Security-Policy']
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy
    assert 'http' not in policy
    assert headers['X-Content-Type-Options'] == 'nosniff'
    if not target.endswith('.mp4'):
        assert b'http://' not in content
        assert b'https://' not in content


@pytest.mark.usefixtures('undrawn')
@pytest.mark.parametrize(
    ('headers', 'status'),
    [
        ({'Host': 'evil.example:80'}, 403),
        ({'Host': '127.0.0.1.evil.example'}, 403),
        ({'Host': ''}, 403),
        ({'Origin': 'http://evil.example'}, 403),
        ({'Sec-Fetch-Site': 'cross-site'}, 403),
        ({'Content-Type': 'text/plain'}, 415),
        ({'Host': 'localhost:1', 'Origin': 'http://localhost:1'}, 200),
        ({'Host': '[::1]:7860'}, 200),
    ],
)
def test_pages_of_other_sites_cannot_ask(page, headers, status):
    query = f'/runs?model={NAME}&example=0'
    found, *_ = page.ask('POST', query, b'', TYPE | headers)
    assert found == status


@pytest.mark.parametrize(
    ('query', 'status', 'words'),
    [
        ('model=nothing&name=a.mp4', 404, 'no such model'),
        ('name=a.mp4', 404, 'no such model'),
        (f'model={NAME}&example=1', 404, 'is not there'),
        (f'model={NAME}&example=-1', 404, 'is not there'),
        (f'model={NAME}&example=../0', 404, 'is not there'),
    ],
)
def test_choices_that_are_not_offered_are_refused(page, query, status, words):
    found, lines = page.run(query)
    assert found == status
    assert words in lines[0]['message']


@pytest.mark.usefixtures('undrawn')
def test_a_visitor_who_leaves_leaves_nothing(page, videos, uploads):
    content = videos[0].read_bytes()
    for sent in (content[:5000], content):
        connection = socket.create_connection(('127.0.0.1', page.port))
        head = f'POST /runs?model={NAME} HTTP/1.1\r\nHost: 127.0.0.1\r\n'
        head += f'Content-Type: {TYPE["Content-Type"]}\r\nContent-Length: {len(content)}\r\n\r\n'
        connection.sendall(head.encode() + sent)
        until(lambda: any(uploads.incoming.iterdir()))
        connection.close()
        until(lambda: not any(uploads.incoming.iterdir()))
    assert page.run(f'model={NAME}&example=0')[1][-1]['state'] == 'done'


def test_runs_come_one_after_another_and_not_too_many_wait(page, monkeypatch):
    going, most, gate = [], [], threading.Event()

    def slow(*args):
        going.append(1)
        most.append(len(going))
        gate.wait(20)
        going.pop()
        return {'recognition': {'top': [{'class': 'a', 'probability': 1.0}]}}

    monkeypatch.setattr(runs, 'look', slow)
    answers = []

    def ask():
        answers.append(page.run(f'model={NAME}&example=0'))

    threads = [threading.Thread(target=ask) for _ in range(LIMITS.waiting)]
    for number, thread in enumerate(threads, 1):
        thread.start()
        until(lambda number=number: page.runs.count == number and going)
    status, lines = page.run(f'model={NAME}&example=0')
    assert status == 503
    assert 'too many are waiting' in lines[0]['message']
    gate.set()
    for thread in threads:
        thread.join(20)
    assert most == [1, 1, 1]
    waited = [lines[0]['ahead'] for _, lines in answers if lines[0]['state'] == 'waiting']
    assert sorted(waited) == [1, 2]
    assert all(lines[-1]['state'] == 'done' for _, lines in answers)


def test_an_error_of_ours_shows_no_inside(page, monkeypatch, caplog):
    def fail(*args):
        raise RuntimeError('secret /inside/path')

    monkeypatch.setattr(runs, 'look', fail)
    status, lines = page.run(f'model={NAME}&example=0')
    assert lines[-1] == {
        'state': 'refused',
        'message': 'the third could not be looked at; the log of the page says why.',
    }
    assert 'secret /inside/path' in caplog.text


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)
