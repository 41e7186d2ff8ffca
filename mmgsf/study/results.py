"""What the runs of the comparison say: accuracies of each, means and spreads of rows."""

from collections.abc import Iterable, Sequence
from statistics import fmean, stdev

import numpy as np

from mmgsf.evaluation.score_dump import ScoreDump, read_dump
from mmgsf.evaluation.training_record import read_run

from .plan import Row
from .runs import Run

# Endings of the videos' names in CameraMotion's setting 'mixed'.
PARTS = ('photograph', 'footage')


def run_result(run: Run) -> dict:
    """What one run came to.

    Returns:
        `seed`; of each part the number of `clips` and of `correct` ones; `epochs`, loss and accuracy
        of each; `commands`; `seconds` of training and test.
    """
    dump = read_dump(run.dump)
    hits = dump.scores.argmax(axis=1) == dump.labels
    return {
        'seed': run.seed,
        **{
            part: {'clips': int(rows.sum()), 'correct': int(hits[rows].sum())}
            for part, rows in parts(dump).items()
        },
        'commands': run.shown_commands(),
        'epochs': read_run(run.folder)['epochs'],
        'seconds': round(run.seconds(), 1),
    }


def parts(dump: ScoreDump) -> dict[str, np.ndarray]:
    """Which rows of a dump are of which part, (V,) of bool each."""
    return {
        part: np.array([name.endswith(f'_{part}.mp4') for name in dump.names]) for part in PARTS
    }


def accuracies(results: Iterable[dict], *some: str) -> list[float]:
    """Top-1 of each run on the clips of one part or several, in percent."""
    return [
        100 * sum(one[part]['correct'] for part in some) / sum(one[part]['clips'] for part in some)
        for one in results
    ]


def mean_and_spread(values: Sequence[float]) -> tuple[float, float | None]:
    """The mean and the sample standard deviation, which one value has not."""
    return fmean(values), stdev(values) if len(values) > 1 else None


def row_result(row: Row, runs: Sequence[Run], cost: dict) -> dict:
    """A row of the table: what it is, what it costs, what each of its runs came to."""
    return {
        'name': row.name,
        'group': row.group,
        'title': row.title,
        'config': f'configs/{row.config}.py',
        'options': list(row.options),
        **cost,
        'runs': [run_result(run) for run in runs],
    }


def joined(runs: Sequence[Run], part: str | None = None) -> ScoreDump:
    """The scores of several seeds as of one test, in which each video stands once a seed."""
    names, labels, scores, classes = [], [], [], ()
    for run in runs:
        dump = read_dump(run.dump)
        rows = np.ones(len(dump.names), bool) if part is None else parts(dump)[part]
        names += [
            f'{run.seed}/{name}' for name, taken in zip(dump.names, rows, strict=True) if taken
        ]
        labels.append(dump.labels[rows])
        scores.append(dump.scores[rows])
        classes = dump.classes
    return ScoreDump(names, np.concatenate(labels), np.concatenate(scores), classes)
