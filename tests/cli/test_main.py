"""The command itself: quick, one line for an error, right exit codes."""

import argparse
import subprocess
import sys
import types

import pytest

import mmgsf
from mmgsf import cli

HEAVY = ('torch', 'mmengine', 'mmcv', 'mmaction', 'cv2', 'av')


@pytest.mark.parametrize('arguments', [['--help'], ['recognize', '--help'], ['models']])
def test_help_and_models_bring_in_nothing_heavy(arguments):
    program = (
        'import sys\nfrom mmgsf.cli import main\n'
        f'try: main({arguments})\nexcept SystemExit as end: code = end.code\n'
        f'assert code == 0, code\nassert not set({HEAVY}) & set(sys.modules)'
    )
    done = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, '')


def test_python_m_is_the_same_command():
    done = subprocess.run(
        [sys.executable, '-m', 'mmgsf', '--version'], capture_output=True, text=True
    )
    assert done.stdout == f'mmgsf {mmgsf.__version__}\n'


def test_every_module_is_a_subcommand():
    parser = cli.build_parser()
    (subparsers,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    assert {'models', 'recognize'} <= set(subparsers.choices)
    assert not any(name.startswith('_') for name in subparsers.choices)


@pytest.mark.parametrize(
    'arguments',
    [
        [],
        ['nothing'],
        ['recognize'],
        ['models', '--nothing'],
        ['recognize', 'a.mp4', '--topk', '0'],
        ['recognize', 'a.mp4', '--batch-size', 'many'],
        ['recognize', 'a.mp4', '--timeout', '-1'],
    ],
)
def test_wrong_usage_exits_with_2(run, arguments):
    code, out, err = run(*arguments)
    assert (code, out) == (2, '')
    assert err.startswith('usage: mmgsf')


@pytest.fixture
def command(monkeypatch):
    """Puts a main into the place of `mmgsf models`."""

    def put(main):
        from mmgsf.cli import models

        fake = types.SimpleNamespace(add_parser=models.add_parser, main=main)
        original = cli.import_module
        monkeypatch.setattr(
            cli,
            'import_module',
            lambda name: fake if name.endswith('.models') else original(name),
        )

    return put


def raising(error: BaseException):
    def main(args: argparse.Namespace) -> None:
        raise error

    return main


def test_errors_are_one_line(run, command):
    command(raising(ValueError('a fault\n  of two lines')))
    assert run('models') == (1, '', 'error: a fault of two lines (--debug shows where)\n')


def test_debug_shows_the_traceback(command):
    command(raising(ValueError('a fault')))
    with pytest.raises(ValueError, match='a fault'):
        cli.main(['models', '--debug'])


def test_stopping_is_quiet(run, command):
    command(raising(KeyboardInterrupt()))
    assert run('models') == (130, '', 'stopped\n')


def test_code_of_main_is_the_exit_code(run, command):
    command(lambda args: 1)
    assert run('models')[0] == 1
    command(lambda args: None)
    assert run('models')[0] == 0


def test_a_reader_that_has_gone_is_no_error():
    shell = f'{sys.executable} -m mmgsf models --json | head -c 1'
    done = subprocess.run(shell, shell=True, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ('[', '')
