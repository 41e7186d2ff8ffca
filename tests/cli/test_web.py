"""`mmgsf web` as a command: options, one-line errors, and nothing left behind."""

import http.client
import os
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest

from mmgsf.apis import get_config, hub, index, load_model
from mmgsf.apis.configs import config_path
from mmgsf.cli import build_parser
from mmgsf.web import serving
from mmgsf.web.limits import Limits

from ..web.fitted import NAME, save


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory):
    model = load_model(get_config(NAME), device='cpu')
    return save(model, tmp_path_factory.mktemp('weights') / 'a.pth')


def command(*arguments, **options):
    words = [sys.executable, '-m', 'mmgsf', 'web', *map(str, arguments)]
    return subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


def test_the_usual_is_loopback_and_the_usual_limits():
    args = build_parser().parse_args(['web'])
    usual = Limits()
    assert (args.host, args.port, args.model) == ('127.0.0.1', None, None)
    assert (args.megabytes, args.seconds, args.pixels) == (
        usual.megabytes,
        usual.seconds,
        usual.pixels,
    )
    given = ['web', '--model', 'a', '--model', 'b.py', 'c.pth', '--max-mb', '0.5']
    args = build_parser().parse_args(given)
    assert args.model == [['a'], ['b.py', 'c.pth']]
    assert args.megabytes == 0.5


@pytest.mark.parametrize(
    'stop', [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)]
)
def test_it_says_where_it_is_and_leaves_nothing(tmp_path, checkpoint, stop):
    options = ['--model', config_path(NAME), checkpoint, '--port', 0, '--no-examples']
    if stop is signal.SIGTERM:
        options += ['--host', '0.0.0.0']
    env = {**os.environ, 'TMPDIR': str(tmp_path)}
    with command(*options, env=env) as process:
        try:
            address = process.stdout.readline().split()[0]
            port = int(address.rstrip('/').rpartition(':')[2])
            connection = http.client.HTTPConnection('127.0.0.1', port, timeout=20)
            connection.request('GET', '/choices')
            assert NAME.encode() in connection.getresponse().read()
            connection.close()
            assert len(list(tmp_path.glob('mmgsf-web-*'))) == 1
            process.send_signal(stop)
            _, errors = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == (130 if stop is signal.SIGINT else 0)
    assert not list(tmp_path.iterdir())
    assert 'Traceback' not in errors
    warned = 'everyone who reaches this machine' in errors
    assert warned == (stop is signal.SIGTERM)


@pytest.mark.parametrize(
    ('arguments', 'code', 'words'),
    [
        (['--model', config_path(NAME), 'nowhere.pth'], 1, 'nowhere.pth'),
        (['--model', 'gsf_r50_ssv3'], 1, 'did you mean'),
        (['--model', config_path(NAME)], 2, 'a config (.py) and a checkpoint'),
        (['--max-mb', '0'], 2, 'megabytes=0'),
        (['--port', '65536'], 2, '0 (a free one) to 65535'),
        (['--share'], 2, 'unrecognized arguments: --share'),
    ],
)
def test_faults_are_told_in_one_line(run, arguments, code, words):
    found, output, errors = run('web', *arguments)
    assert (found, output) == (code, '')
    lines = [line for line in errors.splitlines() if 'error: ' in line]
    assert len(lines) == 1
    assert words in lines[0]
    assert 'Traceback' not in errors


def test_the_models_inside_the_package_are_offered(monkeypatch):
    weights = {'inside': 'package://a.safetensors', 'elsewhere': 'https://example.org/a.pth'}
    monkeypatch.setattr(hub, 'list_models', lambda pretrained: list(weights))
    monkeypatch.setattr(index, 'find_entry', lambda name: SimpleNamespace(weights=weights[name]))
    served = []
    monkeypatch.setattr(serving, 'serve', lambda models, *args, **options: served.append(models))
    args = build_parser().parse_args(['web'])
    args.main(args)
    assert served[0].names == ['inside']
