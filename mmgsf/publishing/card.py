"""The model card: what a model is, how to use it, how it was measured, and where it ends."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .measuring import correct_of

_LISTED = 20


def model_card(record: Mapping[str, Any], config: str) -> str:
    """Markdown on a published model.

    Args:
        record: that of its log, `docs/logs/NAME.json`.
        config: name of the config file beside it.
    """
    return '\n'.join(
        [
            *_head(record),
            *_use(record, config),
            *_classes(record['dataset_meta']),
            *_preprocessing(record),
            *_results(record),
            *_training(record),
            *_limits(record),
        ]
    )


def _head(record: Mapping[str, Any]) -> Iterator[str]:
    network = record['network']
    yield f'# {record["name"]}'
    yield ''
    yield (
        f'{network["type"]} with the backbone {network["backbone"]}, {network["parameters"]} parameters, '
        f'T = {record["num_segments"]} frames a clip. Made with mmgsf {record["mmgsf_version"]}; licence '
        f'of the weights: {record["licence"]}.'
    )
    yield ''
    yield '| file | bytes | sha256 |'
    yield '|---|---|---|'
    for name, file in record['files'].items():
        yield f'| `{name}` | {file["bytes"]} | `{file["sha256"]}` |'
    yield ''
    yield f'Both files hold the same weights, in {record["precision"]} precision.'


def _use(record: Mapping[str, Any], config: str) -> Iterator[str]:
    name, weights = record['name'], record['weights']
    yield from ('', '## Use', '', '```bash')
    yield f'mmgsf recognize VIDEO --model {config} {weights}   # in the folder of these files'
    yield f'MMGSF_ZOO=. mmgsf recognize VIDEO --model {name}   # where the zoo index has it'
    yield from ('```', '', '```python')
    yield 'from mmgsf.apis import load_model, recognize'
    yield f"model = load_model('{config}', '{weights}')"
    yield "print(recognize('video.mp4', model))"
    yield '```'


def _classes(dataset_meta: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for key, names in dataset_meta.items():
        yield from ('', f'## {key.replace("_", " ").capitalize()}', '')
        yield f'{len(names)}, in label order:'
        yield ''
        yield from (f'{label}. {name}' for label, name in enumerate(names[:_LISTED]))
        if len(names) > _LISTED:
            yield ''
            yield f'The other {len(names) - _LISTED} stand in the files and in the log.'


def _preprocessing(record: Mapping[str, Any]) -> Iterator[str]:
    found = record['preprocessing']
    yield from ('', '## Protocol and preprocessing', '')
    yield f'Views of a video (clips x crops): {record["protocol"]}. In order:'
    yield ''
    for step in found['steps']:
        values = ', '.join(f'{k}={json.dumps(v)}' for k, v in step.items() if k != 'type')
        yield f'- `{step["type"]}({values})`'
    yield (
        f'- {found["channel_order"]}, from 0 to 255, less {_numbers(found["mean"])}, divided by '
        f'{_numbers(found["std"])}'
    )


def _results(record: Mapping[str, Any]) -> Iterator[str]:
    yield from ('', '## Results', '')
    if not record['results']:
        yield 'None: the published file was not tested.'
        return
    yield 'Of the published file, measured as the command says:'
    for result in record['results']:
        data = result['Data']
        yield ''
        yield f'**{result["Dataset"]}**, {result["Clips"]} clips, views {result["Protocol"]}'
        yield ''
        for name, value in result['Metrics'].items():
            count = correct_of(value, result['Clips'])
            yield f'- {name}: {value:.2f} % ({count} of {result["Clips"]})'
        if 'List' in data:
            yield f'- list `{data["List"]}`, sha256 `{data["SHA256"]}`'
            yield f'- made by `{data["Prepared By"]}`'
        else:
            yield f'- clips made in memory: `{data["Rendered"]}`'
        yield f'- seeds of the trainings: {_numbers(result["Seeds"])}'
        yield f'- test: `{result["Test"]}`'


def _training(record: Mapping[str, Any]) -> Iterator[str]:
    epochs = record['epochs']
    yield from ('', '## Training', '', '```bash', *record['commands'], '```', '')
    yield (
        f'Seed {record["seed"]}, batch {record["batch"]}, epochs: {len(epochs)}, in '
        f'{record["wall_seconds"]:.0f} s; the weights are those after epoch '
        f'{record["checkpoint_epoch"] or "unknown"}.'
    )
    yield ''
    yield '| epoch | loss | learning rate | validation accuracy |'
    yield '|---|---|---|---|'
    # The first, the last, and those that were validated.
    for row in epochs:
        if row in (epochs[0], epochs[-1]) or 'accuracy' in row:
            yield f'| {row["epoch"]} | {row["loss"]} | {row["lr"]} | {row.get("accuracy", "")} |'


def _limits(record: Mapping[str, Any]) -> Iterator[str]:
    yield from ('', '## Limits', '')
    yield (
        'It names one of its classes for every video, also where none is right. Its figures are of the '
        'data that they were measured on; other footage, frame rates and cameras are other data. '
        'Other hardware and library versions may change single answers.'
    )
    yield from ('', '## Licence', '')
    yield f'The weights: {record["licence"]}. The code of mmgsf: Apache-2.0.'
    yield ''


def _numbers(values: Sequence[float]) -> str:
    return ', '.join(map(str, values))
