"""Rules of the zoo index's fields; `docs/zoo.md` tells what they mean.

Every rule that is broken raises ValueError with 'FIELD: RULE'.
"""

import math
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlparse

IN_PACKAGE = 'package://'
# Of a measured result.
TEXTS = ('Dataset', 'Task', 'Protocol', 'Test', 'Log', 'Licence')
COUNTS = ('Clips', 'Epochs', 'Batch')
_SCHEMES = ('http', 'https', 'file')
_SUFFIXES = ('.pth', '.safetensors')
_SHA256 = re.compile(r'[0-9a-f]{64}')
_PROTOCOL = re.compile(r'[1-9]\d*x[1-9]\d*')
_LOG = re.compile(r'docs/logs/[\w-]+\.json')
_ADDRESS = re.compile(r'https?://\w')


def require(condition: bool, field: str, rule: str) -> None:
    """Raises ValueError with field and rule if the condition does not hold."""
    if not condition:
        raise ValueError(f'{field}: {rule}')


def text(mapping: Mapping[str, Any], field: str) -> str:
    """A text that is not empty."""
    value = mapping.get(field)
    require(isinstance(value, str) and value != '', field, 'a text is needed')
    return value


def count(mapping: Mapping[str, Any], field: str) -> int:
    """A whole number above 0."""
    value = mapping.get(field)
    require(
        _is_whole(value) and value > 0, field, f'a whole number above 0 is needed, not {value!r}'
    )
    return value


def items(mapping: Mapping[str, Any], field: str) -> tuple[Mapping[str, Any], ...]:
    """A list of mappings; none if the field is missing."""
    value = mapping.get(field)
    require(
        value is None or isinstance(value, list) and all(isinstance(item, dict) for item in value),
        field,
        'a list of mappings is needed',
    )
    return tuple(value or ())


def check_weights(weights: Any, digest: Any) -> None:
    """Place and SHA256 of a model's weights; both or neither."""
    if weights is None:
        require(digest is None, 'SHA256', 'there are no Weights that it could be of')
        return
    text({'Weights': weights}, 'Weights')
    require(_is_sha256(digest), 'SHA256', 'Weights need it, 64 hexadecimal digits in lower case')
    address = urlparse(weights.removeprefix(IN_PACKAGE))
    require(address.scheme in ('', *_SCHEMES), 'Weights', f'the scheme is one of {_SCHEMES}')
    parts = address.path.split('/')
    require('..' not in parts, 'Weights', "the path holds no '..'")
    require(parts[-1].endswith(_SUFFIXES), 'Weights', f'the file ends in one of {_SUFFIXES}')
    if weights.startswith(IN_PACKAGE):
        require(parts[0] == 'mmgsf', 'Weights', f'{IN_PACKAGE} is followed by mmgsf/')
        return
    require(
        address.scheme != '' or len(parts) == 1, 'Weights', 'an address or the name of a file alone'
    )
    from mmgsf.checkpoints.whole import stated_checksum

    stated = stated_checksum(parts[-1])
    require(
        stated is not None and digest.startswith(stated),
        'Weights',
        f'the name of the file ends in -{digest[:8]}, the first digits of its SHA256',
    )


def check_result(result: Mapping[str, Any]) -> None:
    """A result that was measured here: all that it takes to measure it again."""
    for field in TEXTS:
        text(result, field)
    for field in COUNTS:
        count(result, field)
    check_metrics(result)
    _check_seeds(result)
    _check_data(result.get('Data'))
    _check_commands(result, 'Training')
    protocol, log = result['Protocol'], result['Log']
    require(
        _PROTOCOL.fullmatch(protocol) is not None,
        'Protocol',
        f'clips x crops, for example 1x1, not {protocol!r}',
    )
    require(_LOG.fullmatch(log) is not None, 'Log', f'a file docs/logs/NAME.json, not {log!r}')


def check_published(figure: Mapping[str, Any]) -> None:
    """A figure of others: whose it is and where it stands, nothing that ours have."""
    text(figure, 'Dataset')
    check_metrics(figure)
    text(figure, 'By')
    _check_source(figure)
    for field in ('Protocol', 'Remark'):
        require(field not in figure or text(figure, field) != '', field, 'a text is needed')
    for field in ('Log', 'Seeds', 'Training'):
        require(field not in figure, field, 'only what was measured here has it; see Results')


def check_recipe(recipe: Mapping[str, Any]) -> None:
    """How a file of others becomes a model here."""
    _check_source(recipe)
    _check_commands(recipe, 'Commands')
    text(recipe, 'Status')
    require('Remark' not in recipe or text(recipe, 'Remark') != '', 'Remark', 'a text is needed')


def check_metrics(result: Mapping[str, Any]) -> None:
    """Percentages by name."""
    metrics = result.get('Metrics')
    require(isinstance(metrics, dict) and metrics != {}, 'Metrics', 'names with numbers are needed')
    for name, value in metrics.items():
        require(
            _is_number(value) and 0 <= value <= 100,
            'Metrics',
            f'{name} is a percentage, from 0 to 100, and {value!r} is none',
        )


def _check_seeds(result: Mapping[str, Any]) -> None:
    seeds, spread = result.get('Seeds'), result.get('Spread')
    require(
        isinstance(seeds, list) and seeds != [] and all(map(_is_whole, seeds)) and min(seeds) >= 0,
        'Seeds',
        f'a list of whole numbers from 0 is needed, not {seeds!r}',
    )
    require(len(set(seeds)) == len(seeds), 'Seeds', f'each stands once, unlike in {seeds}')
    if len(seeds) == 1:
        require(spread is None, 'Spread', 'one seed has none')
        return
    require(
        isinstance(spread, dict) and spread.keys() == result['Metrics'].keys(),
        'Spread',
        'with several seeds, the standard deviation of each of the Metrics is needed',
    )
    for name, value in spread.items():
        require(
            _is_number(value) and value >= 0,
            'Spread',
            f'{name} is a number from 0, and {value!r} is none',
        )


def _check_data(data: Any) -> None:
    require(
        isinstance(data, dict) and ('List' in data) != ('Rendered' in data),
        'Data',
        'List, SHA256 and Prepared By are needed, or Rendered of clips that are made in memory',
    )
    if 'Rendered' in data:
        text(data, 'Rendered')
        return
    name = text(data, 'List')
    require('/' not in name, 'List', f'the name of the file alone, not {name!r}')
    text(data, 'Prepared By')
    require(_is_sha256(data.get('SHA256')), 'Data: SHA256', '64 hexadecimal digits in lower case')


def _check_commands(mapping: Mapping[str, Any], field: str) -> None:
    commands = mapping.get(field)
    require(
        isinstance(commands, list)
        and commands != []
        and all(isinstance(command, str) and command != '' for command in commands),
        field,
        'a list of commands is needed',
    )


def _check_source(mapping: Mapping[str, Any]) -> None:
    source = text(mapping, 'Source')
    require(
        _ADDRESS.search(source) is not None, 'Source', f'it holds an address, unlike {source!r}'
    )


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return (_is_whole(value) or isinstance(value, float)) and math.isfinite(value)


def _is_sha256(value: Any) -> bool:
    return isinstance(value, str) and _SHA256.fullmatch(value) is not None
