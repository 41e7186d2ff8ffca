"""Checks of a config, its data and a checkpoint, before the first iteration.

`GSFRunner` makes them first of all. A hook of MMEngine would come too late: its first call, before
the run, follows the building of the datasets and the scaling of the learning rate.
"""

from collections.abc import Callable, Iterable, Iterator

from .checkpoint import (
    check_checkpoint,
    compare_classes,
    compare_num_segments,
    compare_weights,
    difference_remedy,
)
from .config import (
    check_batch,
    check_classes,
    check_frozen_stages,
    check_num_segments,
    dataset_of,
    num_segments_of,
    type_name,
)
from .content import check_labels, check_length
from .files import check_decoding, check_presence
from .findings import Finding, PreflightError
from .folders import check_numbering
from .lists import read_list
from .paths import check_paths
from .ssv1 import check_label_order

__all__ = [
    'Finding',
    'PreflightError',
    'check_config',
    'compare_classes',
    'compare_num_segments',
    'compare_weights',
    'difference_remedy',
    'inspect_config',
]


def check_config(
    cfg: dict,
    splits: tuple[str, ...],
    processes: int = 1,
    report: Callable[[Finding], None] = lambda finding: None,
) -> None:
    """Makes the checks of `inspect_config` up to the first error.

    A few damaged clips are no reason not to start, where the run itself goes on without them.

    Args:
        cfg: as for `inspect_config`.
        splits: likewise.
        processes: likewise.
        report: gets what is found.

    Raises:
        PreflightError: the run cannot go well; the message says why, and the cure.
    """
    for finding in inspect_config(cfg, splits, processes, tolerant=True):
        if finding.level == 'error':
            raise PreflightError(finding.text)
        report(finding)


def inspect_config(
    cfg: dict,
    splits: tuple[str, ...],
    processes: int = 1,
    checkpoint: str | None = None,
    tolerant: bool = False,
) -> Iterator[Finding]:
    """Checks T, the classes, the learning rate's batch, the data and a checkpoint.

    An error ends the checks that build on what failed, not the others. Of the data every row of
    the lists is read, and a few files.

    Args:
        cfg: the whole config.
        splits: of 'train', 'val' and 'test', those that the run uses.
        processes: of the training.
        checkpoint: file that is to be tested or resumed.
        tolerant: a few damaged clips are a warning, in training or where they count as wrong.
    """
    wrong = (cfg.get('bad_videos') or {}).get('evaluation') == 'wrong'
    yield from _caught(check_num_segments(cfg, splits))
    yield from _caught(check_classes(cfg, splits))
    if 'train' in splits:
        yield from _caught(check_batch(cfg, processes))
        yield from _caught(check_frozen_stages(cfg))
    checked: dict[str, dict] = {}
    for split in splits:
        dataset = dataset_of(cfg, split)
        if dataset is None:
            yield Finding('info', f'{split}: no dataset with an annotation list; nothing to check')
            continue
        same = next((other for other, known in checked.items() if known == dataset), None)
        if same is None:
            checked[split] = dataset
            skips = tolerant and (split == 'train' or wrong)
            yield from _caught(_check_data(cfg, split, dataset, skips))
        else:
            yield Finding('ok', f'{split}: the data of {same}')
    if checkpoint is not None:
        yield from _caught(check_checkpoint(cfg, checkpoint))


def _check_data(cfg: dict, split: str, dataset: dict, tolerant: bool) -> Iterator[Finding]:
    command = cfg.get('prepare_command')
    remedy = f'make it by: {command}' if command else "set the config's data paths"
    clips = read_list(split, dataset, remedy)
    if clips is None:
        yield Finding('info', f'{split}: lists of {type_name(dataset)} are not known here')
        return
    yield Finding('ok', f'{split}: {len(clips.entries)} rows of {clips.ann_file}')
    frames = num_segments_of(cfg)
    yield from check_labels(cfg, clips)
    yield from check_label_order(clips, (dataset.get('metainfo') or {}).get('classes'))
    yield from check_paths(cfg, clips)
    yield from check_presence(clips, remedy, tolerant)
    yield from check_length(clips, frames)
    yield from check_numbering(clips, remedy, tolerant)
    pipeline = dataset.get('pipeline') or ()
    yield from check_decoding(clips, pipeline, frames, remedy, tolerant)


def _caught(findings: Iterable[Finding]) -> Iterator[Finding]:
    try:
        yield from findings
    except (PreflightError, OSError) as error:
        yield Finding('error', str(error))
