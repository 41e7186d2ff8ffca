"""What the zoo index says of a model, compared with its config, its commands and its log.

Each check yields sentences on what is wrong, so that a test can show both that the index has none and
that a wrong one is found.
"""

import argparse
import ast
import json
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config, utils
from mmengine.fileio import load

from mmgsf.apis.configs import read_config
from mmgsf.apis.index import Entry
from mmgsf.engine.command_line import argument_parser

from ..tools.running import ROOT

TRAINERS = {'tools/train.py': False, 'tools/dist_train.sh': True}
TESTERS = {'tools/test.py': False, 'tools/dist_test.sh': True}


def config_problems(entry: Entry, frame_size: Callable[[list], int]) -> Iterator[str]:
    """Name, path, T, size of a frame and parameters, against the config."""
    if not (ROOT / entry.config).is_file():
        yield f'{entry.config} is not there'
        return
    config = read(entry.config)
    found = {
        'config': f'configs/{entry.name}.py',
        'num_segments': config.num_segments,
        'resolution': frame_size(config.test_pipeline),
        'parameters': parameters_of(config),
    }
    for field, value in found.items():
        if getattr(entry, field) != value:
            yield f'{field} is {value}, not {getattr(entry, field)}'


def result_problems(entry: Entry, result: Mapping, root: Path = ROOT) -> Iterator[str]:
    """A measured result against the config, with its commands' options, and against its log."""
    trainings = []
    for command in result['Training']:
        parsed = parse(command, TRAINERS)
        if isinstance(parsed, str):
            yield parsed
        elif parsed.config == entry.config:
            trainings.append(parsed)
    if not trainings:
        yield f'no Training command trains {entry.config}'
    yield from training_problems(result, trainings)
    yield from testing_problems(entry, result)
    yield from log_problems(entry, result, root)


def training_problems(result: Mapping, trainings: list[argparse.Namespace]) -> Iterator[str]:
    """Epochs, batch and seeds of the commands that train the model's own config."""
    for training in trainings:
        config = with_options(training)
        batch = training.processes * config.train_dataloader.batch_size
        batch *= config.optim_wrapper.get('accumulative_counts', 1)
        for field, value in (('Epochs', config.train_cfg.max_epochs), ('Batch', batch)):
            if result[field] != value:
                yield f'{field} is {value}, not {result[field]}'
    seeds = [training.seed for training in trainings]
    if sorted(result['Seeds']) != sorted(seed for seed in seeds if seed is not None):
        yield f'the Training commands have the seeds {seeds}, not {result["Seeds"]}'


def testing_problems(entry: Entry, result: Mapping) -> Iterator[str]:
    """Config, list and protocol of the Test command."""
    config, protocol = read(entry.config), None
    if program_of(result['Test'])[0] in TESTERS:
        parsed = parse(result['Test'], TESTERS)
        if isinstance(parsed, str):
            yield parsed
            return
        if parsed.config != entry.config:
            yield f'Test takes {parsed.config}, not {entry.config}'
        config, protocol = with_options(parsed), parsed.protocol
        samplers = {step['type'] for step in config.test_dataloader.dataset.pipeline}
        if protocol is None and 'SegmentSampleFrames' in samplers:
            protocol = '1x1'
    elif not is_there(result['Test']):
        yield f'Test runs {program_of(result["Test"])[0]}, which is not there'
    if protocol not in (None, result['Protocol']):
        yield f'Protocol is {protocol}, not {result["Protocol"]}'
    data = result['Data']
    if 'List' in data:
        lists = {
            Path(config[f'{split}_dataloader'].dataset.get('ann_file', '')).name
            for split in ('val', 'test')
        }
        if data['List'] not in lists:
            yield f'Data: List is one of {sorted(lists)}, not {data["List"]}'
        if not data['Prepared By'].startswith(config.prepare_command):
            yield f'Data: Prepared By is {config.prepare_command}, not {data["Prepared By"]}'


def log_problems(entry: Entry, result: Mapping, root: Path = ROOT) -> Iterator[str]:
    """The log's own `results` hold the same figures, of this model where the log is of several."""
    log = root / result['Log']
    if not log.is_file():
        yield f'{result["Log"]} is not there'
        return
    figures = [field for field in ('Dataset', 'Metrics', 'Spread') if field in result]
    logged = json.loads(log.read_text(encoding='utf-8')).get('results', [])
    logged = [item for item in logged if item.get('Model', entry.name) == entry.name]
    if not any(all(item.get(field) == result[field] for field in figures) for item in logged):
        yield f'{result["Log"]} has no {[result[field] for field in figures]} in its results'


def recipe_problems(entry: Entry) -> Iterator[str]:
    """Its programs and config are there; the last command tests the model's own config."""
    for command in entry.recipe['Commands']:
        if not is_there(command):
            yield f'{program_of(command)[0]} is not there'
    parsed = parse(entry.recipe['Commands'][-1], TESTERS)
    if isinstance(parsed, str):
        yield parsed
    elif parsed.config != entry.config:
        yield f'it tests {parsed.config}, not {entry.config}'


def parse(command: str, programs: Mapping[str, bool]) -> argparse.Namespace | str:
    """Config, cfg_options, seed, protocol and processes of a command, or what is wrong with it.

    Args:
        command: of a shell.
        programs: those that it may run, and whether they take a number of processes.
    """
    program, words = program_of(command)
    if program not in programs:
        return f'{command!r} runs none of {", ".join(programs)}'
    parser = argument_parser('')
    parser.add_argument('--seed', type=int)
    parser.add_argument('--protocol')
    processes = int(words.pop(1)) if programs[program] and words[1].isdigit() else 1
    try:
        args, _ = parser.parse_known_args(words)
    except SystemExit:
        return f'{command!r} has options that {program} does not take'
    args.processes = processes
    if not (ROOT / args.config).is_file():
        return f'{args.config} of {command!r} is not there'
    return args


def program_of(command: str) -> tuple[str, list[str]]:
    """The program, without variables and the `python` before it, and the words behind it."""
    words = shlex.split(command)
    while re.match(r'[A-Z_]+=', words[0]):
        del words[0]
    if words[0] == 'python':
        del words[0]
    return words[0], words[1:]


def is_there(command: str) -> bool:
    program, _ = program_of(command)
    return program == 'mmgsf' or (ROOT / program).is_file()


def with_options(args: argparse.Namespace) -> Config:
    """The config with a command's --cfg-options."""
    config = read(args.config)
    if args.cfg_options:
        config = Config(config.to_dict())
        config.merge_from_dict(args.cfg_options)
    return config


@cache
def read(config: str) -> Config:
    """A config by its path from the repository's root; not to be changed."""
    with pytest.MonkeyPatch.context() as patch:
        # Each config that inherits from MMAction2 makes it read the same 36 metafiles twice.
        patch.setattr(utils, 'load', load_once)
        return read_config(ROOT / config)


load_once = cache(load)


def parameters_of(config: Config) -> int:
    """Those of backbone and head, which are all that these recognizers have."""
    return sum(
        count_parameters(repr(config.model[part].to_dict())) for part in ('backbone', 'cls_head')
    )


@cache
def count_parameters(part: str) -> int:
    part = ast.literal_eval(part)
    if 'pretrained' in part:
        part['pretrained'] = None
    with torch.device('meta'):
        network = MODELS.build({**part, '_scope_': 'mmaction'})
    return sum(parameter.numel() for parameter in network.parameters())
