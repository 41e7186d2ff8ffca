"""The comparison's tables in Markdown, from its record."""

from collections.abc import Collection, Iterable

from .plan import GROUPS
from .results import PARTS, accuracies, mean_and_spread

HEADER = (
    '| | T | parameters | MMAC a clip | ms a clip | photographs | footage | seeds |',
    '|---|---|---|---|---|---|---|---|',
)


def table_rows(record: dict, groups: Collection[str] = tuple(GROUPS)) -> Iterable[str]:
    """A table for each group; top-1 in percent as mean and sample standard deviation of the seeds.

    Under those of all groups stands what all runs took.
    """
    for group, title in GROUPS.items():
        rows = [row for row in record['rows'] if row['group'] == group and group in groups]
        if not rows:
            continue
        yield f'**{title}**'
        yield ''
        yield from HEADER
        for row in rows:
            yield _line(row)
        yield ''
    if set(groups) == set(GROUPS):
        seconds = [run['seconds'] for row in record['rows'] for run in row['runs']]
        yield f'{len(seconds)} runs, trained and tested, took {sum(seconds) / 60:.0f} minutes of one core.'


def _line(row: dict) -> str:
    cells = (
        row['title'],
        str(row['num_segments']),
        f'{row["parameters"] / 1e6:.2f} M',
        f'{row["macs"] / 1e6:.1f}',
        f'{row["milliseconds"][0]:.1f}',
        *(accuracy_text(accuracies(row['runs'], part)) for part in PARTS),
        ', '.join(str(run['seed']) for run in row['runs']),
    )
    return f'| {" | ".join(cells)} |'


def accuracy_text(values: list[float]) -> str:
    """'91.2 ± 1.3', or the value alone where there is one."""
    mean, spread = mean_and_spread(values)
    return f'{mean:.1f}' if spread is None else f'{mean:.1f} ± {spread:.1f}'
