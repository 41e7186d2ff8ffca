"""Tests a file of weights as a result of the zoo index has it: on a list, or on clips made in memory."""

import ast
import copy
import logging
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import nn

if TYPE_CHECKING:
    from mmengine.config import Config

TOP_1, TOP_5 = 'Top 1 Accuracy', 'Top 5 Accuracy'
TOP_1_BACKWARDS = 'Top 1 Accuracy Backwards'
# Of MMAction2's AccMetric, from 0 to 1, and of EpicMetric, in percent.
_SHARES = {'acc/top1': TOP_1, 'acc/top5': TOP_5}
_PERCENT = {
    f'epic/all_{task}_accuracy_at_{k}': f'{task.capitalize()} Top {k} Accuracy'
    for task in ('verb', 'noun', 'action')
    for k in (1, 5)
}
RENDERED, VIDEOS = 'CameraMotion', 'GlidingWindows'
_ARGUMENTS = {
    RENDERED: {'seed', 'num_val', 'setting'},
    VIDEOS: {'seed', 'clips_per_video', 'videos'},
}


@dataclass(frozen=True)
class Measured:
    """What a test found.

    Attributes:
        metrics: percentages by the index's names, each of a whole number of `clips`.
        clips: number of test clips.
        details: what else the judges of CameraMotion count.
    """

    metrics: dict[str, float]
    clips: int
    details: dict[str, Any] = field(default_factory=dict)


def percent(correct: int, clips: int) -> float:
    """A share in percent, to four digits, from which `correct_of` comes back to the count."""
    return round(100 * correct / clips, 4)


def correct_of(percentage: float, clips: int) -> int:
    """How many of the clips a percentage is."""
    return round(percentage * clips / 100)


def list_path(config: 'Config') -> Path:
    """Annotation list of a config's test.

    Raises:
        ValueError: its test reads no list.
    """
    dataset = config.test_dataloader.dataset
    if not dataset.get('ann_file'):
        raise ValueError(f'the test data {dataset.get("type")} of the config has no ann_file')
    return Path(dataset.get('data_root') or '', dataset.ann_file)


def require_list(config: 'Config') -> Path:
    """The same, of data that is there.

    Raises:
        FileNotFoundError: it is not; the command that prepares it is named.
    """
    path = list_path(config)
    if not path.is_file():
        command = config.get('prepare_command')
        remedy = f'; prepare the data: {command}' if command else ''
        raise FileNotFoundError(f'the test list {path} is not there{remedy}')
    return path


def measure_on_list(config: 'Config', weights: Path, protocol: str | None = None) -> Measured:
    """Runs a config's test on a file of weights.

    Args:
        config: as of `read_config`; it is not changed.
        weights: the file.
        protocol: '1x1', '2x1' or '2x3'; None tests as the config has it.

    Raises:
        FileNotFoundError: the data is not there.
        ValueError: the file does not belong to the config, or the test has no metric of the index's.
    """
    require_list(config)
    from mmgsf.engine.command_line import build_runner

    config = copy.deepcopy(config)
    if protocol is not None:
        from mmgsf.engine.protocol import apply_protocol

        apply_protocol(config, protocol)
    with tempfile.TemporaryDirectory() as folder:
        config.work_dir = folder
        # MMEngine shares loggers between runners of one name.
        config.experiment_name = Path(folder).name
        config.log_level = 'WARNING'
        config.load_from, config.resume = str(weights), False
        runner = build_runner(config)
        found = runner.test()
        clips = len(runner.test_dataloader.dataset)
        _leave_log_files(runner.logger)
    return Measured(_metrics(found), clips)


def _leave_log_files(logger: logging.Logger) -> None:
    """MMEngine goes on logging to the newest runner's file, whose folder goes."""
    for handler in list(logger.handlers):
        if isinstance(handler, logging.FileHandler):
            logger.removeHandler(handler)
            handler.close()


def _metrics(found: dict[str, float]) -> dict[str, float]:
    metrics = {_SHARES[key]: round(100 * float(found[key]), 4) for key in _SHARES if key in found}
    metrics |= {_PERCENT[key]: round(float(found[key]), 4) for key in _PERCENT if key in found}
    if not metrics:
        raise ValueError(
            f'the test measures {", ".join(found) or "nothing"}; the index takes {", ".join(_SHARES)} '
            'of AccMetric and the accuracies of EpicMetric'
        )
    return metrics


def parse_rendered(text: str) -> tuple[str, dict[str, Any]]:
    """Kind and arguments of clips that are made in memory.

    Args:
        text: `CameraMotion(seed=1, num_val=240, setting='footage')`, or `GlidingWindows(seed=0,
            clips_per_video=16, videos=20)` of windows that glide over videos of standing cameras.

    Raises:
        ValueError: it is neither.
    """
    try:
        call = ast.parse(text, mode='eval').body
        kind = call.func.id
        arguments = {item.arg: ast.literal_eval(item.value) for item in call.keywords}
        known = not call.args and arguments.keys() == _ARGUMENTS[kind]
    except (SyntaxError, AttributeError, KeyError, ValueError):
        known = False
    if not known:
        forms = ' or '.join(f'{name}({", ".join(sorted(_ARGUMENTS[name]))})' for name in _ARGUMENTS)
        raise ValueError(f'Rendered is {forms}, each with its value, not {text!r}')
    return kind, arguments


def measure_rendered(
    model: nn.Module, rendered: str, videos: Sequence[Path] | None = None
) -> Measured:
    """Judges a model of CameraMotion's classes on clips that are made in memory.

    Args:
        model: as `load_model` gives it.
        rendered: as for `parse_rendered`.
        videos: of standing cameras, for GlidingWindows.

    Raises:
        ValueError: `rendered` is of another form, the videos are not as many, or the classes are
            others.
    """
    from mmgsf.apis import model_classes
    from mmgsf.datasets import class_names
    from mmgsf.evaluation.judge_footage import judge, judge_rendered

    kind, arguments = parse_rendered(rendered)
    if model_classes(model) != list(class_names('camera_motion')):
        raise ValueError(f'{model.name} does not have the classes of CameraMotion')
    if kind == RENDERED:
        found = judge_rendered(model, arguments['setting'], arguments['num_val'], arguments['seed'])
        clips = found['clips']
        metrics = {
            TOP_1: percent(found['correct'], clips),
            TOP_1_BACKWARDS: percent(found['correct_backwards'], clips),
        }
        return Measured(metrics, clips, found)
    if videos is None or len(videos) != arguments['videos']:
        raise ValueError(
            f'{rendered} is of {arguments["videos"]} videos, not {len(videos or ())}; give those by '
            '--videos'
        )
    found = judge(model, videos, arguments['clips_per_video'], arguments['seed']).describe()
    counted = found['accuracy']['all']
    metrics = {TOP_1: percent(counted['correct'], counted['clips'])}
    details = {
        'videos': sorted(path.name for path in videos),
        'clips_per_video': arguments['clips_per_video'],
        **found,
    }
    return Measured(metrics, counted['clips'], details)
