"""Entries of the zoo index: a measured result, and the index with an entry changed."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mmgsf.checkpoints.whole import sha256
from mmgsf.datasets.protocols import describe_views

from .measuring import Measured, require_list

if TYPE_CHECKING:
    from mmengine.config import Config

    from .training import Training

TASK = 'Action Recognition'


def result_of(
    measured: Measured,
    training: 'Training',
    dataset: str,
    data: Mapping[str, str],
    protocol: str,
    commands: Sequence[str],
    test: str,
    licence: str,
) -> dict[str, Any]:
    """A result with all the fields that `docs/zoo.md` lists, in their order.

    Args:
        measured: of the published file.
        training: that it comes from.
        dataset: what it was tested on, with the split.
        data: as `list_data` gives it, or `Rendered` of clips that are made in memory.
        protocol: clips x crops.
        commands: those of the training, in order.
        test: the command that repeats the test.
        licence: of the weights.
    """
    return {
        'Dataset': dataset,
        'Task': TASK,
        'Metrics': dict(measured.metrics),
        'Clips': measured.clips,
        'Protocol': protocol,
        'Data': dict(data),
        'Seeds': [training.seed],
        'Epochs': training.epochs,
        'Batch': training.batch,
        'Training': list(commands),
        'Test': test,
        'Log': log_place(training.name),
        'Licence': licence,
    }


def log_place(name: str) -> str:
    """Where the log of a model lies in the repository."""
    return f'docs/logs/{name}.json'


def list_data(config: 'Config') -> dict[str, str]:
    """`Data` of a test on a list: its name, its checksum and the command that makes it.

    Raises:
        FileNotFoundError: the list is not there.
        ValueError: the config does not say what makes it.
    """
    path = require_list(config)
    command = config.get('prepare_command')
    if not command:
        raise ValueError(
            f'the config has no prepare_command, the command that makes {path}; a result needs it: '
            "put prepare_command = '...' into the config"
        )
    return {'List': path.name, 'SHA256': sha256(path), 'Prepared By': command}


def list_protocol(config: 'Config', protocol: str | None) -> str:
    """Clips x crops of a test: the protocol that is asked for, or what the config gives."""
    return protocol or describe_views(config.test_dataloader.dataset.pipeline)


def merged(text: str, name: str, fields: Mapping[str, Any]) -> str:
    """The zoo index with fields of one model changed, all else as it was.

    A result takes the place of an older one on the same data set by the same protocol; the others
    stay, as long as they are of the same file of weights, or of several seeds and so of no file.

    Args:
        text: the index.
        name: of the model.
        fields: `Weights`, `SHA256` and, where it was measured, `Results`.

    Raises:
        ValueError: the index does not have the model once.
    """
    import yaml

    content = yaml.safe_load(text)
    found = [model for model in content['Models'] if model['Name'] == name]
    if len(found) != 1:
        raise ValueError(
            f'the zoo index has {len(found)} models of the name {name}; put the config into configs/ '
            'and run: python tools/metafile.py'
        )
    model = found[0]
    results = list(fields.get('Results') or ())
    new = {_identity(result) for result in results}
    old = model.pop('Results', ())
    is_same = model.get('SHA256') == fields['SHA256']
    stay = [result for result in old if is_same or len(result['Seeds']) > 1]
    results = [result for result in stay if _identity(result) not in new] + results
    if results:
        model['Results'] = results
    # Last, where tools/metafile.py puts those in the package.
    for key in ('Weights', 'SHA256'):
        model.pop(key, None)
        model[key] = fields[key]
    return f'{_head(text)}{yaml.safe_dump(content, sort_keys=False, width=100)}'


def with_results_of(text: str, log: str, results: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """The zoo index with what one log says of several models, in the place of what it said before.

    Args:
        text: the index.
        log: as `Log` names it.
        results: by model.

    Raises:
        ValueError: the index lacks one of the models.
    """
    import yaml

    content = yaml.safe_load(text)
    missing = results.keys() - {model['Name'] for model in content['Models']}
    if missing:
        raise ValueError(f'the zoo index lacks {min(missing)}; run: python tools/metafile.py')
    for model in content['Models']:
        old = model.pop('Results', [])
        new = [result for result in old if result['Log'] != log]
        new += results.get(model['Name'], ())
        weights = {key: model.pop(key) for key in ('Weights', 'SHA256') if key in model}
        model |= ({'Results': new} if new else {}) | weights
    return f'{_head(text)}{yaml.safe_dump(content, sort_keys=False, width=100)}'


def _identity(result: Mapping[str, Any]) -> tuple:
    return result.get('Dataset'), result.get('Protocol')


def _head(text: str) -> str:
    """The comment before the first key."""
    lines = text.splitlines(keepends=True)
    count = next((n for n, line in enumerate(lines) if not line.startswith('#')), len(lines))
    return ''.join(lines[:count])
