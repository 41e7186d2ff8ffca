"""The pages, and what stands in them: commands, programs in Python, links and names of files."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        *(ROOT / 'docs').glob('*.md'),
        *(ROOT / name for name in ('README.md', 'CONTRIBUTING.md', 'configs/README.md')),
    ]
)
NAMES = {page: page.relative_to(ROOT).as_posix() for page in PAGES}

SHELLS = ('bash', 'sh', 'shell', 'console')
PROGRAMS = ('python', 'pip', 'mim', 'ruff', 'mkdocs', 'docker', 'git', 'source', 'mmgsf', 'pytest')
NOT_RUN = 'not run by a test'
# One of these must stand beside it.
REASONS = ('real files', 'docker', 'gpu', 'cluster', 'camera', 'several machines')
ASSIGNMENT = re.compile(r'([A-Z_]+)=')


@dataclass
class Command:
    """A line of a shell, as a page has it.

    Attributes:
        page: where it stands.
        text: the line.
        program: what is run: `tools/X.py` where Python runs it; `mmgsf X` with its sub-command.
        flags: its `--options`.
        variables: what it sets before the program.
        excuse: the paragraph above, if it says that no test runs it.
        is_whole: it stands in a block of code, not inside a sentence.
    """

    page: str
    text: str
    program: str
    flags: list[str]
    variables: list[str] = field(default_factory=list)
    excuse: str = ''
    is_whole: bool = True


def tokens(page: Path) -> list:
    return MarkdownIt('commonmark').enable('table').parse(page.read_text(encoding='utf-8'))


def commands(page: Path) -> Iterator[Command]:
    """All commands of a page, in their order."""
    above = ''
    for token in tokens(page):
        if token.type == 'inline':
            above = ' '.join(token.content.casefold().split())
            for part in token.children:
                if part.type == 'code_inline':
                    command = parse(NAMES[page], part.content)
                    if command is not None:
                        command.is_whole = False
                        yield command
        if token.type == 'code_block' or token.type == 'fence' and token.info in ('', *SHELLS):
            for line in token.content.replace('\\\n', ' ').splitlines():
                command = parse(NAMES[page], line)
                if command is not None:
                    command.excuse = above if NOT_RUN in above else ''
                    yield command
                assert command or token.info not in SHELLS or not line.split('#')[0].strip(), (
                    f'{NAMES[page]}: {line!r} is no command that is known; add its program to '
                    'PROGRAMS in tests/docs/pages.py, or give the block no language'
                )


def parse(page: str, line: str) -> Command | None:
    """The command of a line, None if it is none."""
    line = ' '.join(line.removeprefix('$ ').split())
    try:
        words = shlex.split(line, comments=True)
    except ValueError:
        return None
    variables = []
    while words and ASSIGNMENT.match(words[0]):
        variables.append(ASSIGNMENT.match(words.pop(0))[1])
    if not words:
        return None
    program, *rest = words
    if program == 'python' and rest and rest[0].startswith(('tools/', 'docs/examples/')):
        program, *rest = rest
    if program == 'mmgsf' and rest and re.fullmatch('[a-z]+', rest[0]):
        program = f'mmgsf {rest.pop(0)}'
    if program.partition(' ')[0] not in PROGRAMS and not re.fullmatch(
        r'(tools/(zoo/)?|docs/examples/)\w+\.(sh|py)', program
    ):
        return None
    flags = re.findall(r'(?<!\S)--[a-z][\w-]*', re.sub(r'[\[\]]', ' ', ' '.join(rest)))
    return Command(page, line, program, flags, variables)


def python_blocks(page: Path) -> list[str]:
    return [
        token.content for token in tokens(page) if token.type == 'fence' and token.info == 'python'
    ]


def named_files(page: Path) -> set[str]:
    """Names of files of this repository that stand in the text, in code or not."""
    text = page.read_text(encoding='utf-8')
    folders = 'tools|configs|docs|requirements|tests|mmgsf'
    return set(re.findall(rf'(?<![\w/.-])((?:{folders})/[\w./-]+\.\w+)', text))


def named_tests(page: Path) -> set[str]:
    """Ids of tests, as `tests/x/test_y.py::test_z`."""
    return set(re.findall(r'tests/[\w/]+\.py::\w+', page.read_text(encoding='utf-8')))
