"""Every command of the pages is run by a test, and has the options that the pages give it."""

import json
import re
import shlex
import subprocess
import sys
from functools import cache

import pytest

from ..tools.running import environment, run
from .commands import PASSES_ON, RUN_BY, RUN_FROM_THE_PAGE, RUN_HERE, WITHOUT_REAL_FILES
from .pages import NAMES, NOT_RUN, PAGES, REASONS, ROOT, Command, commands, parse

COMMANDS = [command for page in PAGES for command in commands(page)]
# A benchmark's config, or its folder of data.
OF_A_BENCHMARK = re.compile(
    r'\bconfigs/\w+_(ssv1|ssv2|k400|diving48|epic100)\.py\b'
    r'|\bdata/(sthv1|sthv2|kinetics400|diving48|epic100)\b'
)
# Collects the options of each program as its own parser has them, without running it.
COLLECT = """
import argparse, contextlib, io, json, runpy, sys, warnings

warnings.simplefilter('ignore')

def options(parser):
    for action in parser._actions:
        yield from action.option_strings
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                yield from options(command)

class Parsed(Exception):
    pass

def collect(self, *args, **kwargs):
    found.extend(options(self))
    raise Parsed

for name in ('parse_args', 'parse_known_args', 'parse_intermixed_args'):
    setattr(argparse.ArgumentParser, name, collect)
result = {}
for program in sys.argv[1:]:
    found = []
    runs = runpy.run_path if program.endswith('.py') else runpy.run_module
    with contextlib.suppress(Parsed), contextlib.redirect_stdout(io.StringIO()):
        runs(program, run_name='__main__')
    result[program] = found
print(json.dumps(result))
"""


@pytest.fixture(scope='module')
def known_options() -> dict[str, list[str]]:
    """The options of each program that a page names."""
    named = {PASSES_ON.get(command.program, command.program) for command in COMMANDS}
    programs = sorted(name for name in named if name.startswith('tools/') and name.endswith('.py'))
    if (ROOT / 'mmgsf/__main__.py').exists():
        programs.append('mmgsf')
    done = subprocess.run(
        [sys.executable, '-c', COLLECT, *programs],
        cwd=ROOT,
        env=environment(PYTHONPATH=str(ROOT)),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])


@cache
def runners(page: str, program: str) -> list[str]:
    """Files that run a program, and the one that runs the page itself."""
    if program.startswith('mmgsf '):
        usual = f'tests/cli/test_{program.split()[1]}.py'
    else:
        usual = f'tests/tools/test_{program.removeprefix("tools/").partition(".")[0]}.py'
    files = [*RUN_BY.get(program, ()), *([usual] if (ROOT / usual).exists() else [])]
    if page in RUN_FROM_THE_PAGE:
        files.append(RUN_FROM_THE_PAGE[page])
    return list(dict.fromkeys(files))


def text_of(files: list[str]) -> str:
    return '\n'.join((ROOT / file).read_text(encoding='utf-8') for file in files)


def identify(command: Command) -> str:
    return f'{command.page}: {command.text}'


@pytest.mark.parametrize(
    'command',
    [c for c in COMMANDS if c.is_whole and (not c.excuse or c.program in WITHOUT_REAL_FILES)],
    ids=identify,
)
def test_a_test_runs_it(command):
    if command.text.partition(' #')[0] in RUN_HERE:
        return
    files = runners(command.page, command.program)
    assert files, (
        f'{command.page}: no test is known to run {command.program}; name one in RUN_BY of '
        f'tests/docs/commands.py, or say in the paragraph above that it is {NOT_RUN!r} and why'
    )
    text = text_of(files)
    name = re.split('[ /]', command.program)[-1].partition('.')[0]
    assert name in text, f'{files} do not run {command.program}'
    for word in (*command.flags, *command.variables):
        assert re.search(rf'(?<![\w-]){word}(?![\w-])', text), (
            f'{command.page}: {word} of {command.text!r} stands in none of {files}, so no test '
            'runs it'
        )


@pytest.mark.parametrize('command', [c for c in COMMANDS if c.flags], ids=identify)
def test_it_has_the_options(command, known_options):
    program = PASSES_ON.get(command.program, command.program).partition(' ')[0]
    if program in known_options:
        known = known_options[program]
        assert [flag for flag in command.flags if flag not in (*known, '--help')] == []
    elif program.startswith('tools/'):
        # A shell program has them in its text.
        text = text_of([program])
        assert [flag for flag in command.flags if flag not in text] == []


def test_tests_that_are_named_to_run_something_are_there():
    files = {file for files in RUN_BY.values() for file in files}
    assert [file for file in sorted(files) if not (ROOT / file).is_file()] == []
    texts = {command.text.partition(' #')[0] for command in COMMANDS}
    assert set(RUN_HERE) <= texts


@pytest.mark.parametrize('text', RUN_HERE)
def test_it_runs_word_for_word(text):
    output = run(*shlex.split(text), cwd=ROOT, PYTHONPATH=str(ROOT))
    assert 'GPU-hours' in output


def test_exempt_commands_say_why():
    """Only a benchmark's real files, or what this machine lacks, may keep a test from a command."""
    exempt = [command for command in COMMANDS if command.excuse]
    assert 'docker' in {command.program for command in exempt}
    for command in exempt:
        assert any(reason in command.excuse for reason in REASONS), identify(command)


@pytest.mark.parametrize(
    'command',
    [c for c in COMMANDS if c.is_whole and OF_A_BENCHMARK.search(c.text.partition(' #')[0])],
    ids=identify,
)
def test_on_a_benchmark_it_says_that_no_test_runs_it(command):
    assert 'real files' in command.excuse or command.program in WITHOUT_REAL_FILES, (
        f'{command.page}: no test has the files that {command.text!r} takes; say in the paragraph '
        f"above that with a benchmark's real files it is {NOT_RUN}"
    )


def test_every_benchmark_is_told_by_its_config_and_its_folder():
    texts = {path: path.read_text(encoding='utf-8') for path in (ROOT / 'configs').rglob('*.py')}
    named = {path.relative_to(ROOT).as_posix() for path in texts if path.parent.name == 'configs'}
    for text in texts.values():
        named |= set(re.findall(r"'(data/\w+)'", text))
    ours = re.compile('camera_motion|finetune|data/own')
    benchmarks = [name for name in named if not ours.search(name)]
    assert len(benchmarks) > 40
    assert {name for name in benchmarks if name.startswith('data/')} >= {
        'data/sthv1',
        'data/epic100',
    }
    assert [name for name in benchmarks if not OF_A_BENCHMARK.search(name)] == []


def test_commands_are_found():
    """That the pages are read at all: a few that must be among them."""
    found = {(command.page, command.program) for command in COMMANDS}
    assert ('README.md', 'tools/dist_train.sh') in found
    assert ('docs/training.md', 'tools/slurm_train.sh') in found
    assert ('docs/install.md', 'pip') in found
    assert NAMES.keys() == set(PAGES)
    command = parse('a.md', 'PORT=1 NNODES=2 python tools/train.py c.py [--amp] --seed 0  # more')
    assert (command.program, command.flags) == ('tools/train.py', ['--amp', '--seed'])
    assert command.variables == ['PORT', 'NNODES']
    assert parse('a.md', 'clips a second, one GPU') is None
