"""Configs as the command line reads them, and errors of one line."""

import mmgsf.register  # noqa: F401, I001

from pathlib import Path

import pytest

from mmgsf.engine.command_line import argument_parser, read_config, run
from mmgsf.engine.protocol import apply_protocol

CONFIG = Path(__file__).parents[2] / 'configs' / 'gsf_r50_ssv2.py'


def test_chunks_of_a_test_can_be_set_where_the_config_has_none():
    option = 'model.test_cfg.max_testing_views=16'
    args = argument_parser('').parse_args([str(CONFIG), '--cfg-options', option])
    config = read_config(args)
    apply_protocol(config, '2x3')
    assert config.model.test_cfg.max_testing_views == 16


@pytest.mark.parametrize(
    ('arguments', 'expected'),
    [
        ([], None),
        (['--compile'], True),
        (['--compile', '--cfg-options', 'compile.backend=eager'], {'backend': 'eager'}),
    ],
)
def test_compile_is_asked_for_and_keeps_its_arguments(arguments, expected):
    args = argument_parser('').parse_args([str(CONFIG), *arguments])
    assert read_config(args).get('compile') == expected


@pytest.mark.parametrize(
    ('message', 'expected'),
    [
        ('first line\nsecond', 'first line second'),
        (
            'Caught ValueError in DataLoader worker process 0.\nOriginal Traceback (most recent '
            'call last):\n  File "a.py", line 1\nValueError: frames: too small\n',
            'frames: too small',
        ),
        ('', 'ValueError'),
    ],
)
def test_errors_are_one_line(capsys, message, expected):
    def fail(args) -> None:
        raise ValueError(message)

    with pytest.raises(SystemExit) as stopped:
        run(fail, argument_parser('').parse_args(['config.py']))
    assert stopped.value.code == 1
    assert capsys.readouterr().err == f'error: {expected} (--debug shows where)\n'
