"""A small record of the comparison, and dumps of its runs."""

from pathlib import Path

import numpy as np

from mmgsf.evaluation.score_dump import ScoreDump, write_dump

CLASSES = [f'class {label}' for label in range(8)]


def run_row(seed: int, photograph: int, footage: int) -> dict:
    """Of a run with so many correct ones of 40 clips of each part."""
    return {
        'seed': seed,
        'seconds': 80.0,
        'photograph': {'clips': 40, 'correct': photograph},
        'footage': {'clips': 40, 'correct': footage},
        'epochs': [
            {'epoch': 1, 'loss': 2.0, 'lr': 0.1},
            {'epoch': 2, 'loss': 1.5, 'lr': 0.1, 'accuracy': 0.5},
        ],
    }


def row(name: str, group: str, *runs: dict) -> dict:
    return {
        'name': name,
        'group': group,
        'title': name.upper(),
        'num_segments': 8,
        'parameters': 717_368,
        'macs': 91_868_672,
        'milliseconds': [5.25, 5.0, 5.5],
        'runs': list(runs),
    }


def write_run_dump(path: Path, wrong: int = 0) -> ScoreDump:
    """Scores of 16 clips, photographs and footage in turn, of which the last ones are wrong."""
    labels = np.arange(16) % 8
    predicted = labels.copy()
    predicted[16 - wrong :] = (labels[16 - wrong :] + 1) % 8
    endings = ('photograph', 'footage')
    names = [f'val/{number:05}_{endings[number % 2]}.mp4' for number in range(16)]
    dump = ScoreDump(names, labels, np.eye(8)[predicted], CLASSES)
    write_dump(path, dump)
    return dump
