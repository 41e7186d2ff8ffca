"""The file that all tables and pictures of the comparison are made from."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from mmengine.config import Config

from mmgsf.apis import load_model
from mmgsf.benchmark.machine import describe_machine
from mmgsf.benchmark.timing import Contestant, interleave, spread
from mmgsf.checkpoints.whole import sha256
from mmgsf.evaluation.training_record import environment
from mmgsf.files import replacing
from mmgsf.models.complexity import measure_complexity

from .entries import index_results
from .plan import Row
from .results import row_result
from .runs import ROOT, THREADS, Run, read_row

ROUNDS = 15
SIZE = 64  # pixels of a frame's sides


def lost(path: Path, runs: Sequence[Run]) -> list[str]:
    """The runs of the record that may be at `path` which are not among `runs`."""
    if not path.is_file():
        return []
    kept = {(run.row.name, run.seed) for run in runs}
    return [
        f'{row["name"]}, seed {run["seed"]}'
        for row in json.loads(path.read_text(encoding='utf-8'))['rows']
        for run in row['runs']
        if (row['name'], run['seed']) not in kept
    ]


def check_keeps(path: Path, runs: Sequence[Run]) -> None:
    """A record is not replaced by one that lacks some of its runs.

    Args:
        path: of the record that may be there.
        runs: of the one that is to take its place.

    Raises:
        FileExistsError: it lacks some.
    """
    if missing := lost(path, runs):
        raise FileExistsError(
            f'{path} has {len(missing)} runs that would be lost, first {missing[0]}; give another file '
            'by --out'
        )


def write_record(path: Path, rows: Sequence[Row], runs: Sequence[Run]) -> None:
    """Writes all rows with the runs that are done, whole or not at all.

    Rows get their parameters, multiply-adds, and the median time of one clip in inference, which is
    measured here, all rows in turn. `results` is what the zoo index gets of them.
    """
    done = {row: [run for run in runs if run.row == row and run.is_done] for row in rows}
    configs = {row: read_row(row) for row in rows if done[row]}
    with threads_of_runs():
        costs = measured_costs(configs)
        about = {'environment': environment(), 'machine': describe_machine()}
    lists = {
        split: Path(next(iter(configs.values()))[f'{split}_dataloader'].dataset.ann_file)
        for split in ('train', 'test')
    }
    record = {
        **about,
        'lists': {
            split: {'name': file.name, 'sha256': sha256(ROOT / file)}
            for split, file in lists.items()
        },
        'rows': [row_result(row, done[row], costs[row]) for row in configs],
    }
    record['results'] = index_results(record)
    with replacing(path) as beside:
        beside.write_text(json.dumps(record, indent=1) + '\n', encoding='utf-8')


@contextmanager
def threads_of_runs() -> Iterator[None]:
    """This process computes, and describes itself, as the runs do."""
    threads = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def measured_costs(configs: dict[Row, Config]) -> dict[Row, dict]:
    """Parameters, multiply-adds and seconds a clip of each row."""
    contestants = {row.name: _contestant(config) for row, config in configs.items()}
    times = interleave(contestants, ROUNDS, warmup=2)
    costs = {}
    for row, config in configs.items():
        segments = config.model.num_segments
        found = measure_complexity(config.model.to_dict(), segments, SIZE)
        median, low, high = spread(times[row.name])
        costs[row] = {
            'num_segments': segments,
            'epochs': config.train_cfg.max_epochs,
            'batch': config.auto_scale_lr.base_batch_size,
            'parameters': found.parameters,
            'macs': found.macs,
            'milliseconds': [round(1000 * value, 3) for value in (median, low, high)],
        }
    return costs


def _contestant(config: Config) -> Contestant:
    """Inference of one clip."""
    model = load_model(config, device='cpu')
    clip = torch.rand(1, config.model.num_segments, 3, SIZE, SIZE)

    def infer() -> None:
        with torch.no_grad():
            model(clip, stage='head')

    return Contestant(infer)
