"""What the zoo index gets of the comparison: mean and spread of each config that is trained as it stands."""

from collections.abc import Iterable, Mapping
from typing import Any

from mmengine.config import Config

from mmgsf.publishing.entry import TASK
from mmgsf.publishing.measuring import TOP_1

from . import RECORD
from .results import PARTS, accuracies, mean_and_spread
from .runs import ROOT

PROTOCOL = '1x1'
# Of the photographs that all networks learn from, so of the weights.
LICENCE = 'CC0-1.0'
DIGITS = 4


def index_results(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Results in the index's form, of the rows that change nothing in a config and have several seeds.

    Args:
        record: of the comparison, with its `rows` and `lists`.

    Returns:
        A result of each such row, with all fields that `docs/zoo.md` lists and, before them, `Model`.
    """
    return [
        _result(row, record['lists']['test'])
        for row in record['rows']
        if not row['options'] and len(row['runs']) > 1
    ]


def by_model(results: Iterable[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The results of each model, as the index has them."""
    found: dict[str, list] = {}
    for result in results:
        fields = {key: value for key, value in result.items() if key != 'Model'}
        found.setdefault(result['Model'], []).append(fields)
    return found


def _result(row: Mapping[str, Any], tested: Mapping[str, str]) -> dict[str, Any]:
    runs = row['runs']
    figures = {TOP_1: mean_and_spread(accuracies(runs, *PARTS))}
    for part in PARTS:
        figures[f'{TOP_1} {part.capitalize()}'] = mean_and_spread(accuracies(runs, part))
    config = Config.fromfile(ROOT / row['config'])
    return {
        'Model': row['config'].removeprefix('configs/').removesuffix('.py'),
        'Dataset': f'CameraMotion (mixed, validation, {len(runs)} seeds)',
        'Task': TASK,
        'Metrics': {name: round(mean, DIGITS) for name, (mean, _) in figures.items()},
        'Spread': {name: round(spread, DIGITS) for name, (_, spread) in figures.items()},
        'Clips': sum(runs[0][part]['clips'] for part in PARTS),
        'Protocol': PROTOCOL,
        'Data': {
            'List': tested['name'],
            'SHA256': tested['sha256'],
            'Prepared By': config.prepare_command,
        },
        'Seeds': [run['seed'] for run in runs],
        'Epochs': row['epochs'],
        'Batch': row['batch'],
        'Training': [run['commands'][0] for run in runs],
        # The scores tell photographs from footage, by the names of the videos.
        'Test': f'python tools/test.py {row["config"]} CHECKPOINT --dump test.npz',
        'Log': RECORD,
        'Licence': LICENCE,
    }
