"""Compares a published file with its entry in the zoo index: checksum, facts, and results anew."""

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from mmgsf.apis import index as zoo_index
from mmgsf.apis.hub import weights_file
from mmgsf.apis.index import Entry, find_entry
from mmgsf.apis.models import load_model
from mmgsf.checkpoints import load_from_local
from mmgsf.checkpoints.whole import sha256
from mmgsf.deployment.describe import class_names_of
from mmgsf.evaluation.training_record import environment

from .entry import list_protocol
from .measuring import (
    VIDEOS,
    Measured,
    correct_of,
    measure_on_list,
    measure_rendered,
    parse_rendered,
    require_list,
)
from .weights import parameters_of

TESTERS = ('tools/test.py', 'tools/dist_test.sh')
# Clips that may be judged otherwise where hardware or libraries are others.
TOLERANCE = 1


@dataclass(frozen=True)
class Row:
    """One comparison.

    Attributes:
        what: is compared.
        entry: what the index has.
        found: what the file has, or gave now.
        is_equal: None where nothing was compared.
        remark: what else there is to say.
    """

    what: str
    entry: str
    found: str
    is_equal: bool | None
    remark: str = ''


@dataclass(frozen=True)
class Options:
    """How to verify.

    Attributes:
        weights: a file in the place of the published one.
        videos: of standing cameras, for results on them.
        tolerance: clips that may be judged otherwise; None allows none where the result's log was
            written in this environment, and one elsewhere.
    """

    weights: Path | None = None
    videos: Sequence[Path] = ()
    tolerance: int | None = None


def verify(name: str, options: Options) -> Iterator[Row]:
    """Compares one model, row by row as they are known.

    Args:
        name: of the zoo index.
        options: how.

    Raises:
        OSError: weights or data cannot be had; what to do is said.
        ValueError: there is no such model, its file is refused, or a result's test is of another form
            than what can be repeated here.
    """
    entry = find_entry(name)
    if entry.weights is None and options.weights is None:
        weights_file(name)  # says that there are none, and what to do
    path = options.weights or weights_file(name)
    yield _row('sha256', (entry.sha256 or 'none')[:16], sha256(path)[:16])
    model = load_model(_root() / entry.config, path, device='cpu')
    yield from _facts(entry, model, load_from_local(str(path), map_location='cpu'))
    if not entry.results:
        yield Row('results', 'none', '', None, 'the entry has none: nothing to test again')
    for result in entry.results:
        yield from _result(entry, result, model, path, options)


def _facts(entry: Entry, model: nn.Module, checkpoint: Mapping[str, Any]) -> Iterator[Row]:
    yield _row('parameters', entry.parameters, parameters_of(model))
    yield _row('T of the config', entry.num_segments, model.num_segments)
    meta = checkpoint.get('meta') or {}
    yield _row('T of the file', entry.num_segments, meta.get('num_segments', 'not stated'))
    stated = meta.get('dataset_meta') or {}
    for key, names in class_names_of(model).items():
        # Other names, or another order, are refused when the file is loaded.
        there = 'not stated' if not stated.get(key) else f'{len(stated[key])} names'
        equal = list(stated.get(key) or ()) == names
        yield Row(key.replace('_', ' '), f'{len(names)} names', there, equal, 'those of the config')


def _result(
    entry: Entry, result: Mapping[str, Any], model: nn.Module, weights: Path, options: Options
) -> Iterator[Row]:
    """Tests again what a result says."""
    rendered = result['Data'].get('Rendered')
    if rendered is None:
        yield from _checked_list(entry, result)
        config, protocol = _test_of(entry, result)
        measured = measure_on_list(config, weights, protocol)
    else:
        kind, _ = parse_rendered(rendered)
        if kind == VIDEOS and not options.videos:
            yield Row(result['Dataset'], '', '', None, f'not tested: needs --videos ({rendered})')
            return
        measured = measure_rendered(model, rendered, options.videos)
    yield _row(f'{result["Dataset"]}: clips', result['Clips'], measured.clips)
    if measured.clips == result['Clips']:
        yield from _metrics(result, measured, options.tolerance)


def _checked_list(entry: Entry, result: Mapping[str, Any]) -> Iterator[Row]:
    path, data = require_list(_test_of(entry, result)[0]), result['Data']
    found = sha256(path)
    yield _row(f'{data["List"]}: sha256', data['SHA256'][:16], found[:16])
    if found != data['SHA256']:
        raise ValueError(
            f'{path} is another list than the one of the result: its SHA-256 is {found}, not '
            f'{data["SHA256"]}; prepare the data by: {data["Prepared By"]}'
        )


def _test_of(entry: Entry, result: Mapping[str, Any]) -> tuple[Any, str | None]:
    """Config, with a test command's options, and protocol."""
    from mmgsf.engine.command_line import argument_parser, read_config

    words = shlex.split(result['Test'].removeprefix('python '))
    parser = argument_parser('')
    parser.add_argument('checkpoint')
    parser.add_argument('processes', nargs='?')
    parser.add_argument('--protocol')
    parser.add_argument('--dump')
    if words[0] not in TESTERS:
        raise ValueError(f'Test {result["Test"]!r} runs none of {", ".join(TESTERS)}')
    args, unknown = parser.parse_known_args(words[1:])
    if unknown or Path(args.config).stem != entry.name:
        raise ValueError(
            f'Test {result["Test"]!r} cannot be repeated here: it has {" ".join(unknown) or args.config}'
            '; run it by hand'
        )
    args.config = str(_root() / entry.config)
    config = read_config(args)
    given = list_protocol(config, args.protocol)
    if given != result['Protocol']:
        raise ValueError(f'Test {result["Test"]!r} gives {given}, Protocol is {result["Protocol"]}')
    return config, args.protocol


def _metrics(result: Mapping[str, Any], measured: Measured, tolerance: int | None) -> Iterator[Row]:
    clips = result['Clips']
    if tolerance is None:
        tolerance = 0 if _is_measured_here(result) else TOLERANCE
    for name, value in result['Metrics'].items():
        what, now = f'{result["Dataset"]}: {name}', measured.metrics.get(name)
        found = (
            'not measured' if now is None else f'{now:.2f} ({correct_of(now, clips)} of {clips})'
        )
        if len(result['Seeds']) > 1:
            mean = f'{value:.2f} +- {result["Spread"][name]:.2f}'
            yield Row(
                what, mean, found, None, 'a mean over seeds, the file is of one: not compared'
            )
            continue
        if now is None:
            yield Row(what, f'{value:.2f}', found, False)
            continue
        apart = abs(correct_of(now, clips) - correct_of(value, clips))
        entered = f'{value:.2f} ({correct_of(value, clips)} of {clips})'
        yield Row(what, entered, found, apart <= tolerance, f'{tolerance} clips may differ')


def _is_measured_here(result: Mapping[str, Any]) -> bool:
    log = _root() / result['Log']
    if not log.is_file():
        return False
    return json.loads(log.read_text(encoding='utf-8')).get('environment') == environment()


def _root() -> Path:
    """Folder that the paths of the index begin at."""
    return zoo_index.index_path().parents[1]


def _row(what: str, entry: object, found: object) -> Row:
    return Row(what, str(entry), str(found), entry == found)
