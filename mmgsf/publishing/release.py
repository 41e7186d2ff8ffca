"""Publishes a checkpoint: makes all files of a release, then puts them in place, all or none."""

import json
import tempfile
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from mmgsf.apis import load_model
from mmgsf.checkpoints import load_from_local, save_weights
from mmgsf.checkpoints.whole import sha256
from mmgsf.files import replacing

from .card import model_card
from .facts import describe_published
from .request import Request
from .results import measure_results
from .training import Training, published_config, read_training
from .weights import SUFFIXES, half, parameters_of, published_weights, weights_file


@dataclass(frozen=True)
class Release:
    """The files of a release, by their names, and what the log says.

    Attributes:
        files: contents by name.
        record: the log.
        training: that the weights come from.
    """

    files: Mapping[str, bytes]
    record: Mapping[str, Any]
    training: Training

    @property
    def name(self) -> str:
        """Of the model."""
        return self.training.name

    def weights(self, suffix: str) -> str:
        """Name of the file of weights of that suffix."""
        return next(name for name in self.record['files'] if name.endswith(suffix))


def make_release(request: Request) -> Release:
    """Strips, describes and, where it is asked for, tests; writes nothing but temporary files.

    Raises:
        FileNotFoundError: a file is not there.
        ValueError: the checkpoint is refused or belongs to another config, or a fact is missing.
    """
    source = str(request.checkpoint)
    checkpoint = load_from_local(source, map_location='cpu')
    weights = published_weights(checkpoint, source)
    trained = checkpoint.get('meta') or {}
    training = read_training(request.checkpoint, trained, request.config, request.seed)
    if request.is_half:
        weights = half(weights)
    with tempfile.TemporaryDirectory() as folder:
        kept = {key: trained[key] for key in ('num_segments', 'dataset_meta') if key in trained}
        # Its name is what a refusal calls the file.
        plain = Path(folder, f'{request.checkpoint.stem}.safetensors')
        save_weights(plain, weights, kept)
        model = load_model(training.config, plain, device='cpu')
        model.name = training.name
        meta = describe_published(model, training.name, training.seed, request.licence)
        meta['commands'] = list(request.commands)
        files = {
            file.name: file
            for file in (
                weights_file(Path(folder), training.name, suffix, weights, meta)
                for suffix in SUFFIXES
            )
        }
        tested = next(file for name, file in files.items() if name.endswith('.pth'))
        results, accuracy = measure_results(request, training, model, tested)
        record = {
            **meta,
            **_described(files),
            'precision': 'half' if request.is_half else 'single',
            'network': _network(training, model),
            'results': results,
            **({'accuracy': accuracy} if accuracy else {}),
            **_log(request, training),
        }
        contents = {name: file.read_bytes() for name, file in files.items()}
    config = f'{training.name}.py'
    contents[config] = published_config(training.config).encode()
    contents[f'{training.name}.json'] = as_json(record)
    contents['README.md'] = model_card(record, config).encode()
    return Release(contents, record, training)


def put(contents: Mapping[Path, bytes], replaceable: Collection[Path] = ()) -> None:
    """Writes files, all of them or none.

    Args:
        contents: by path; a file that has its content already is left alone.
        replaceable: those of them that may take the place of another file.

    Raises:
        FileExistsError: another one is there with another content.
    """
    new = {p: c for p, c in contents.items() if not (p.is_file() and p.read_bytes() == c)}
    there = [path for path in new if path.exists() and path not in replaceable]
    if there:
        raise FileExistsError(
            f'{there[0]} is there already and is another; --replace takes its place'
        )
    with ExitStack() as stack:
        # They take their places when all are written.
        for path, content in new.items():
            stack.enter_context(replacing(path)).write_bytes(content)


def as_json(record: Mapping[str, Any]) -> bytes:
    """The log as a file."""
    return (json.dumps(record, indent=1, ensure_ascii=False) + '\n').encode()


def _described(files: Mapping[str, Path]) -> dict[str, Any]:
    """Of the log: `weights` is the file that the index names."""
    described = {
        name: {'sha256': sha256(file), 'bytes': file.stat().st_size} for name, file in files.items()
    }
    weights = next(name for name in files if name.endswith('.safetensors'))
    return {'weights': weights, **described[weights], 'files': described}


def _network(training: Training, model: nn.Module) -> dict[str, Any]:
    config = training.config.model
    return {
        'type': config.type,
        'backbone': config.backbone.type,
        'parameters': parameters_of(model),
    }


def _log(request: Request, training: Training) -> dict[str, Any]:
    import mmgsf
    from mmgsf.evaluation.training_record import environment, read_run

    begun = {'begun': read_run(request.begun_in)} if request.begun_in else {}
    return {
        'batch': training.batch,
        'checkpoint_epoch': training.epoch,
        'mmgsf_version': mmgsf.__version__,
        'environment': environment(),
        **training.log,
        **begun,
    }
