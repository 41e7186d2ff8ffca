"""TensorBoard and Weights & Biases by one line: the config's `also_log_to`."""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec

# MMEngine's class, what it imports, and the extra that brings it.
TRACKERS = {
    'tensorboard': ('TensorboardVisBackend', 'tensorboard'),
    'wandb': ('WandbVisBackend', 'wandb'),
}
LOCAL = {'type': 'LocalVisBackend'}


def with_trackers(visualizer: Mapping | None, names: str | Sequence[str]) -> dict:
    """A visualizer's config that writes to these as well as to the files of the run.

    MMEngine's command line cannot state a list of dicts, which its own `vis_backends` is.

    Args:
        visualizer: of the config; None for MMEngine's own.
        names: 'tensorboard', 'wandb', or both.

    Raises:
        ValueError: an unknown name.
        ImportError: the package is missing.
    """
    names = [names] if isinstance(names, str) else list(names)
    visualizer = {'type': 'Visualizer'} if visualizer is None else dict(visualizer)
    backends = list(visualizer.get('vis_backends') or [LOCAL])
    for name in names:
        if name not in TRACKERS:
            raise ValueError(f'also_log_to={name!r}: take some of {", ".join(TRACKERS)}')
        kind, package = TRACKERS[name]
        if find_spec(package) is None:
            raise ImportError(f'also_log_to={name} needs the package: pip install "mmgsf[{name}]"')
        if not any(backend['type'] == kind for backend in backends):
            backends.append({'type': kind})
    return {**visualizer, 'vis_backends': backends}
