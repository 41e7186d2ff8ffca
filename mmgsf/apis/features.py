"""Features of videos: what a layer of a trained network says of a clip, or of each of its frames.

Shapes: V windows (or views) of a video, T frames each, C channels, H, W.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

MODES = ('pooled', 'frames')
DTYPES = ('float32', 'float16')
# Windows that are decoded and computed at once.
WINDOWS = 8


@dataclass(frozen=True)
class FeatureSettings:
    """What is extracted of a video.

    Args:
        mode: 'pooled' gives a vector a window, 'frames' one for each of its T frames.
        layer: module whose output is averaged over height and width, by its name in the model.
        stride: windows of T frames begin every `stride` frames, over the whole video; None takes
            the views of the model's test pipeline.
        frame_interval: from one frame of such a window to the next.
        dtype: 'float32' or 'float16'.

    Raises:
        ValueError: a value is outside its range.
    """

    mode: str = 'pooled'
    layer: str = 'backbone'
    stride: int | None = None
    frame_interval: int = 1
    dtype: str = 'float32'

    def __post_init__(self) -> None:
        for name, known in (('mode', MODES), ('dtype', DTYPES)):
            if getattr(self, name) not in known:
                raise ValueError(f'{name}={getattr(self, name)!r}: take one of {known}')
        for name in ('stride', 'frame_interval'):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f'{name}={value}: it counts frames; take 1 or more')
        if self.stride is None and self.frame_interval != 1:
            raise ValueError(
                f'frame_interval={self.frame_interval} is of windows; give a stride as well'
            )


@dataclass
class Part:
    """Some windows of a video: `inputs` (V*T, 3, H, W) uint8, and their frames (V, T) from 0."""

    inputs: Tensor
    frame_indices: np.ndarray
    total_frames: int
    fps: float


def num_segments_of(model: nn.Module) -> int:
    """T of a model with `cfg`."""
    from mmgsf.datasets.protocols import find_sampler

    return (
        getattr(model, 'num_segments', None) or find_sampler(model.cfg.test_pipeline)['num_clips']
    )


def frame_windows(
    total_frames: int, num_segments: int, stride: int, frame_interval: int = 1
) -> np.ndarray:
    """Frames of the windows that cover a video.

    The last window ends with the last frame; of a video shorter than a window the last frame is
    repeated.

    Returns:
        (V, T), from 0.
    """
    span = (num_segments - 1) * frame_interval + 1
    last = max(total_frames - span, 0)
    starts = np.arange(0, last + 1, stride)
    if starts[-1] != last:
        starts = np.append(starts, last)
    frames = starts[:, None] + np.arange(num_segments) * frame_interval
    return np.minimum(frames, total_frames - 1)


def build_steps(model: nn.Module) -> list:
    """The transforms of a model's test pipeline for a video file, built."""
    from mmaction.registry import TRANSFORMS
    from mmengine.registry import init_default_scope

    init_default_scope(model.cfg.get('default_scope', 'mmaction'))
    described = [dict(step) for step in model.cfg.test_pipeline]
    # A network of frame folders sees the frames of a video as well.
    if any(step['type'] == 'RawFrameDecode' for step in described):
        described = [
            {'type': 'DecordDecode'} if step['type'] == 'RawFrameDecode' else step
            for step in described
        ]
        described.insert(0, {'type': 'DecordInit'})
    return [TRANSFORMS.build(step) for step in described]


def read_parts(
    steps: Sequence, path: str, num_segments: int, settings: FeatureSettings
) -> Iterator[Part]:
    """The windows of a video, a few at a time.

    Args:
        steps: of `build_steps`.
        path: of the video.
        num_segments: T.
        settings: with the stride.

    Raises:
        DamagedClip: it cannot be decoded.
        ValueError: the pipeline gives something else than clips of T frames.
    """
    sample = {'filename': path, 'label': -1, 'start_index': 0, 'modality': 'RGB'}
    sample = steps[0](sample)
    if settings.stride is None:
        yield _part(steps[1:], sample, num_segments)
        return
    sampler = next(
        (place for place, step in enumerate(steps) if type(step).__name__.endswith('SampleFrames')),
        None,
    )
    if sampler is None:
        raise ValueError('the test pipeline has no sampler whose place windows could take')
    windows = frame_windows(
        sample['total_frames'], num_segments, settings.stride, settings.frame_interval
    )
    for start in range(0, len(windows), WINDOWS):
        frames = windows[start : start + WINDOWS]
        given = {
            'frame_inds': frames.reshape(-1),
            'clip_len': 1,
            'frame_interval': settings.frame_interval,
            'num_clips': frames.size,
        }
        part = _part(steps[sampler + 1 :], {**sample, **given}, num_segments)
        if len(part.frame_indices) != len(frames):
            raise ValueError(
                f'the test pipeline gives {len(part.frame_indices) // len(frames)} crops of a '
                'window; features of windows take a pipeline with one, such as CenterCrop'
            )
        yield part


def _part(steps: Sequence, sample: dict, num_segments: int) -> Part:
    for step in steps[:-1]:
        sample = step(sample)
    inputs = steps[-1](sample)['inputs']
    if inputs.dim() != 4 or len(inputs) % num_segments:
        raise ValueError(
            f'the test pipeline gives frames of shape {tuple(inputs.shape)}; features are of clips '
            f'of {num_segments} frames (V*T, 3, H, W)'
        )
    frames = np.reshape(sample['frame_inds'], (-1, num_segments)).astype(np.int64)
    crops = len(inputs) // frames.size
    fps = float(sample.get('avg_fps') or 0)
    # Crops come first in MMAction2's order of views.
    return Part(inputs, np.tile(frames, (crops, 1)), int(sample['total_frames']), fps)


class FeatureExtractor:
    """Runs a model and keeps what one of its layers gives.

    Args:
        model: of `load_model`, or of MMAction2's `init_recognizer`.
        settings: of the features.

    Raises:
        ValueError: the model has no such layer.
    """

    def __init__(self, model: nn.Module, settings: FeatureSettings | None = None) -> None:
        self.model = model
        self.settings = settings or FeatureSettings()
        self.num_segments = num_segments_of(model)
        modules = dict(model.named_modules())
        if self.settings.layer not in modules or not self.settings.layer:
            from difflib import get_close_matches

            near = get_close_matches(self.settings.layer, modules, n=3) or ['backbone']
            raise ValueError(
                f'the model has no layer {self.settings.layer!r}; take a name of its modules, such '
                f'as {", ".join(near)}'
            )
        self._layer = modules[self.settings.layer]

    def __call__(self, inputs: Tensor) -> Tensor:
        """Features of V windows.

        Args:
            inputs: (V*T, 3, H, W) uint8, as the test pipeline packs it.

        Returns:
            (V, C), or (V, T, C) of single frames, on the CPU in the settings' type.

        Raises:
            ValueError: the layer's output is no feature map or vector of each frame.
        """
        kept: list[Tensor] = []
        # Pooled at once: what follows may overwrite the map.
        hook = self._layer.register_forward_hook(
            lambda module, given, output: kept.append(self._pooled(output))
        )
        try:
            with torch.inference_mode():
                data = {'inputs': [inputs], 'data_samples': None}
                batch = self.model.data_preprocessor(data, training=False)['inputs']
                self.model(batch, stage='head')
        finally:
            hook.remove()
        features = torch.cat(kept) if kept else torch.empty(0)
        if len(features) != len(inputs):
            raise ValueError(
                f'layer {self.settings.layer!r} gives {len(features)} vectors for {len(inputs)} '
                'frames; take one that runs once for each frame, such as backbone'
            )
        features = features.unflatten(0, (-1, self.num_segments))  # (V, T, C)
        if self.settings.mode == 'pooled':
            features = features.mean(1)
        return features.to(getattr(torch, self.settings.dtype)).cpu()

    def _pooled(self, output: object) -> Tensor:
        if not isinstance(output, Tensor) or output.dim() not in (2, 4):
            shape = tuple(output.shape) if isinstance(output, Tensor) else type(output).__name__
            raise ValueError(
                f'layer {self.settings.layer!r} gives {shape}; features are made of maps (frames, C, '
                'H, W) or vectors (frames, C)'
            )
        return (output.mean((2, 3)) if output.dim() == 4 else output).float()
