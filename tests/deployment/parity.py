"""Prints the table of differences of docs/deployment.md: `python -m tests.deployment.parity`."""

import logging
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np

from mmgsf.deployment import open_exported
from mmgsf.deployment.parity import eager_probabilities
from mmgsf.deployment.targets import SUFFIXES

from .networks import NETWORKS, export_all, make_model, steady_batches


def differences(config: str, size: int) -> list[float]:
    """Largest difference of a probability to the model, for each target."""
    model = make_model(config, size)
    batches = steady_batches(model, size)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for path in export_all(model, Path(folder)).values():
            exported, worst = open_exported(path), 0.0
            for given in batches:
                pairs = zip(
                    exported(given).values(), eager_probabilities(model, given), strict=True
                )
                worst = max(worst, *(float(np.abs(output - part).max()) for output, part in pairs))
            found.append(worst)
    return found


if __name__ == '__main__':
    logging.disable(logging.WARNING)
    warnings.filterwarnings('ignore')
    print(f'| network | pixels | {" | ".join(SUFFIXES)} |')
    print('|---|---|---|---|---|')
    for name in sys.argv[1:] or NETWORKS:
        config, size = NETWORKS[name]
        row = ' | '.join(f'{value:.0e}' for value in differences(config, size))
        print(f'| {name} | {size} | {row} |', flush=True)
