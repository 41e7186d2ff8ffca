"""Prints the table of differences of docs/deployment.md: `python -m tests.deployment.parity`."""

import tempfile
from pathlib import Path

import numpy as np

from mmgsf.deployment import export_model, open_exported
from mmgsf.deployment.parity import eager_probabilities
from mmgsf.deployment.targets import SUFFIXES

from .networks import NETWORKS, clips, make_model


def differences(model, size: int) -> list[float]:
    """Largest difference of a probability to the model, for each target."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for target, suffix in SUFFIXES.items():
            path = Path(folder) / f'model{suffix}'
            export_model(model, path, target)
            exported = open_exported(path)
            for batch in (1, 2, 3):
                given = clips(batch, size, seed=10 * batch)
                pairs = zip(exported(given).values(), eager_probabilities(model, given), strict=True)
                found.append(max(np.abs(output - part).max() for output, part in pairs))
    return [float(max(found[i : i + 3])) for i in range(0, len(found), 3)]


if __name__ == '__main__':
    print(f'| network | pixels | {" | ".join(SUFFIXES)} |')
    print('|---|---|---|---|---|')
    for name, (config, size) in NETWORKS.items():
        row = differences(make_model(config, size), size)
        print(f'| {name} | {size} | {" | ".join(f"{value:.0e}" for value in row)} |')
