"""Stands around a dataset's pipeline and decides what a damaged video leads to."""

import hashlib
import random
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..decoding.process import DamagedClip
from ..place import sample_place
from ..transforms.decoding import Decoding
from .checked import CheckedFiles
from .records import BadVideos, BadVideosError

BLANK_FRAMES = 64
BLANK_SIZE = (256, 340)


class Guard:
    """A pipeline that takes note of damaged clips.

    In training it returns None for one, for which MMEngine's datasets draw another sample from
    NumPy's random numbers. These stand then as before the clip, wherever in it the damage was, so
    the replacement follows from what the random numbers were seeded with. In val and test it
    raises, or hands out a blank clip that is marked `damaged`.

    Args:
        pipeline: transforms of MMAction2's form.
        split: 'train', 'val' or 'test'.
        replaces: take another sample.
        records: of the run.
    """

    def __init__(self, pipeline: Any, split: str, replaces: bool, records: BadVideos) -> None:
        self.pipeline = pipeline
        self.split = split
        self.replaces = replaces
        self.records = records
        self.size = BLANK_SIZE

    def __getattr__(self, name: str) -> Any:
        if name == 'pipeline':
            raise AttributeError(name)
        return getattr(self.pipeline, name)

    def __call__(self, data: dict) -> dict | None:
        """The sample that comes out, or None where another is to be drawn.

        Raises:
            BadVideosError: the clip is damaged, in val or test, or there are too many.
        """
        path = str(data.get('filename', data.get('frame_dir', '')))
        epoch, index = sample_place() or (0, data.get('sample_idx'))
        before = _random_states()
        draw = _fingerprint(before, path)
        reason = self._taken_out(draw, path, epoch) if self.replaces else None
        transient = False
        if reason is None:
            try:
                return self._run(dict(data))
            except DamagedClip as error:
                reason, transient = error.reason, error.transient
        _restore(before)
        if self.replaces and transient:
            self.records.take_out(draw, path, epoch, index, reason)
        self.records.note(self.split, path, reason)
        if self.replaces:
            return None
        if self.records.settings.evaluation == 'wrong':
            return self._blank(dict(data), reason)
        raise BadVideosError(
            f'{self.split}: {path} cannot be decoded: {reason}; replace the file, or take it out of '
            'the list of clips, or set bad_videos.evaluation=wrong to count it as a wrong prediction'
        )

    def _taken_out(self, draw: str, path: str, epoch: int) -> str | None:
        return self.records.replayed.get(draw) or self.records.known_slow(path, epoch)

    def _run(self, data: dict) -> dict | None:
        for transform in self.pipeline.transforms:
            if _reads(transform):
                data = _read(transform, data)
                if data is not None and 'original_shape' in data:
                    self.size = data['original_shape']
            else:
                data = transform(data)
            if data is None:
                return None
        return data

    def _blank(self, data: dict, reason: str) -> dict | None:
        """What the pipeline makes of black frames in place of the clip."""
        data.setdefault('total_frames', BLANK_FRAMES)
        data.setdefault('avg_fps', 30.0)
        for transform in self.pipeline.transforms:
            if not _reads(transform):
                data = transform(data)
            elif 'frame_inds' in data:
                count = np.size(data['frame_inds'])
                data['imgs'] = [np.zeros((*self.size, 3), np.uint8) for _ in range(count)]
                data['original_shape'] = data['img_shape'] = self.size
        data['data_samples'].set_metainfo({'damaged': reason})
        return data


def guard_dataset(dataset: Any, split: str, records: BadVideos) -> int:
    """Puts a guard around the pipeline of a dataset, or of those that it wraps.

    Args:
        dataset: of MMEngine's form; others are left alone.
        split: 'train', 'val' or 'test'.
        records: of the run.

    Returns:
        Number of clips that are guarded.
    """
    parts = getattr(dataset, 'datasets', None)
    if parts is None and hasattr(dataset, 'dataset'):
        parts = [dataset.dataset]
    if parts is not None:
        return sum(guard_dataset(part, split, records) for part in parts)
    pipeline = getattr(dataset, 'pipeline', None)
    if not hasattr(pipeline, 'transforms') or isinstance(pipeline, Guard):
        return 0
    settings = records.settings
    marks = _marks(dataset, records) if settings.check == 'whole' else None
    for transform in pipeline.transforms:
        if hasattr(transform, 'decoding'):
            transform.decoding = Decoding(settings.timeout, settings.ignore, marks)
    replaces = split == 'train' and not getattr(dataset, 'test_mode', False)
    dataset.pipeline = Guard(pipeline, split, replaces, records)
    return len(dataset)


def _marks(dataset: Any, records: BadVideos) -> CheckedFiles | None:
    path = Path(getattr(dataset, 'ann_file', None) or '')
    if not path.is_file() or not any(_opens(each) for each in dataset.pipeline.transforms):
        return None
    prefix = str(getattr(dataset, 'data_prefix', ''))
    return CheckedFiles(
        records.list.parent, path.stem, path.read_bytes() + prefix.encode(), len(dataset)
    )


def _opens(transform: Any) -> bool:
    return type(transform).__name__.endswith('Init')


def _reads(transform: Any) -> bool:
    """MMAction2's names for transforms that open or decode a clip."""
    return _opens(transform) or type(transform).__name__.endswith('Decode')


def _read(transform: Any, data: dict) -> dict | None:
    try:
        return transform(data)
    except (DamagedClip, MemoryError, ImportError, BadVideosError):
        raise
    # Ours raise DamagedClip; others raise what they like over a file that they cannot read.
    except Exception as error:
        reason = ' '.join(f'{type(error).__name__}: {error}'.split())[:200]
        raise DamagedClip(reason, reason, isinstance(error, OSError)) from error


def _random_states() -> tuple:
    return random.getstate(), np.random.get_state(), torch.get_rng_state()


def _restore(states: tuple) -> None:
    random.setstate(states[0])
    np.random.set_state(states[1])
    torch.set_rng_state(states[2])


def _fingerprint(states: tuple, path: str) -> str:
    """Tells this draw of a clip from others: seeds follow from epoch and index."""
    _, keys, position, *_ = states[1]
    content = keys.tobytes() + str(position).encode() + path.encode(errors='surrogateescape')
    return hashlib.sha256(content).hexdigest()[:24]
