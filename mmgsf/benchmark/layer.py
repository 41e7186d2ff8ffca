"""Times the layer alone at the places where ResNet-50 has it, and the network against its ratio."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from mmgsf.layers import GateShiftFuse

from .contestants import EAGER, NETWORKS, PLAIN, build, recognizer
from .steps import Inference, TrainingStep, random_clips
from .timing import Contestant, interleave, spread

RATIOS = (0.125, 0.25, 0.5, 0.75, 1.0)
PLACE_RATIOS = (0.25, 1.0)
FRAMES = (4, 8, 16, 32)
CLIPS = (1, 2, 4)
TSM_SHARE = 8  # it moves one part in eight forwards, one backwards
STRIDES = (4, 8, 16, 32)


class Place(NamedTuple):
    """The last convolution of the blocks of one stage: how many there are, and its channels."""

    blocks: int
    in_channels: int
    channels: int
    stride: int

    @property
    def name(self) -> str:
        return f'stage{STRIDES.index(self.stride) + 1}'


PLACES = tuple(
    Place(blocks, 64 * 2**stage, 256 * 2**stage, STRIDES[stage])
    for stage, blocks in enumerate((3, 4, 6, 3))
)


def layer_name(ratio: float) -> str:
    """For example gsf25, gsf12.5."""
    return f'gsf{100 * ratio:g}'


def place_contestants(place: Place, size: int, clips: int, frames: int) -> dict[str, Contestant]:
    """The convolution, TSM's shift of what it gives, and GSF on it; forward, and with backward.

    The layer may overwrite its input, as behind its convolution in the network.
    """
    torch.manual_seed(0)
    side = size // place.stride
    before = torch.randn(clips * frames, place.in_channels, side, side)
    maps = torch.randn(clips * frames, place.channels, side, side)
    conv = nn.Conv2d(place.in_channels, place.channels, 1, bias=False)
    found = {}
    for training in (False, True):
        task = 'train' if training else 'model'
        found[f'{task}/conv'] = _contestant(conv, before, training)
        found[f'{task}/shift'] = _contestant(_shift(frames), maps, training)
        for ratio in PLACE_RATIOS:
            # Each task its own: the mode is a layer's state.
            layer = GateShiftFuse(place.channels, frames, ratio).train(training)
            found[f'{task}/{layer_name(ratio)}'] = _contestant(_overwriting(layer), maps, training)
    return found


def _shift(frames: int) -> Callable[[Tensor], Tensor]:
    from mmaction.models.backbones.resnet_tsm import TemporalShift

    return lambda x: TemporalShift.shift(x, frames, TSM_SHARE)


def _overwriting(layer: GateShiftFuse) -> Callable[[Tensor], Tensor]:
    return lambda x: layer(x, inplace=True)


def _contestant(call: Callable[[Tensor], Tensor], x: Tensor, training: bool) -> Contestant:
    if not training:
        return Contestant(torch.no_grad()(call), x.clone)
    grad = torch.randn_like(call(x.clone()))

    def prepare() -> Tensor:
        # The layer may not overwrite a leaf.
        return x.clone().requires_grad_() + 0

    return Contestant(lambda leaf: call(leaf).backward(grad), prepare)


def measure_places(size: int, frames: int, repeats: int, say: Callable[[str], None]) -> list[dict]:
    """Seconds at each place of one clip."""
    rows = []
    for place in PLACES:
        say(f'layer: {place.name}, {place.channels} channels')
        times = interleave(place_contestants(place, size, 1, frames), repeats)
        for name, seconds in times.items():
            task, _, what = name.partition('/')
            row = {'place': place.name, 'blocks': place.blocks, 'channels': place.channels}
            rows.append({**row, 'task': task, 'contestant': what, 'seconds': _rounded(seconds)})
    return rows


def measure_growth(
    size: int, shapes: Sequence[tuple[int, int]], repeats: int, say: Callable[[str], None]
) -> list[dict]:
    """Inference of the 16 layers of a ResNet-50 by (clips, frames): seconds, summed over places."""
    contestants, weights = {}, {}
    for clips, frames in shapes:
        say(f'layer: {clips} clips of {frames} frames')
        for place in PLACES:
            found = place_contestants(place, size, clips, frames)
            for ratio in PLACE_RATIOS:
                key = (clips, frames, layer_name(ratio), place.name)
                contestants[key] = found[f'model/{layer_name(ratio)}']
                weights[key] = place.blocks
    times = interleave(contestants, repeats)
    rows: dict[tuple, list[float]] = {}
    for key, seconds in times.items():
        total = rows.setdefault(key[:3], [0.0] * repeats)
        rows[key[:3]] = [a + weights[key] * b for a, b in zip(total, seconds, strict=True)]
    return [
        {'clips': clips, 'frames': frames, 'contestant': name, 'seconds': _rounded(seconds)}
        for (clips, frames, name), seconds in rows.items()
    ]


def measure_ratios(
    ratios: Sequence[float], size: int, frames: int, repeats: int, say: Callable[[str], None]
) -> list[dict]:
    """ResNet-50 by the share of channels that its layers touch, inference and training."""
    network = NETWORKS['r50']
    backbones = {PLAIN: network.backbones[PLAIN], 'tsm': network.backbones['tsm']}
    for ratio in ratios:
        backbones[layer_name(ratio)] = {**network.backbones['gsf25'], 'channel_ratio': ratio}
    rows = []
    clips = random_clips(1, frames, size)
    for task, make in (('model', Inference), ('train', TrainingStep)):
        say(f'layer: ResNet-50 by channel ratio, {task}')
        calls = {
            name: Contestant(
                make(build(recognizer(backbone, network.channels, frames)), EAGER, clips)
            )
            for name, backbone in backbones.items()
        }
        for name, seconds in interleave(calls, repeats).items():
            ratio = next((ratio for ratio in ratios if layer_name(ratio) == name), None)
            row = {'task': task, 'contestant': name, 'channel_ratio': ratio}
            rows.append({**row, 'seconds': _rounded(seconds)})
    return rows


def measure_layer(
    frames: int, size: int | None, repeats: int, quick: bool, say: Callable[[str], None]
) -> dict:
    """The section of the results; with `quick` fewer sizes and ratios."""
    side = NETWORKS['r50'].size if size is None else size
    times, clips = (FRAMES[:2], CLIPS[:2]) if quick else (FRAMES, CLIPS)
    shapes = list(dict.fromkeys([(1, t) for t in times] + [(n, frames) for n in clips]))
    ratios = PLACE_RATIOS if quick else RATIOS
    return {
        'frames': frames,
        'size': side,
        'repeats': repeats,
        'places': measure_places(side, frames, repeats, say),
        'growth': measure_growth(side, shapes, repeats, say),
        'ratios': measure_ratios(ratios, side, frames, repeats, say),
    }


def per_frame(row: dict) -> float:
    """Median seconds of a row of growth, a frame."""
    return spread(row['seconds']).median / (row['clips'] * row['frames'])


def _rounded(seconds: Sequence[float]) -> list[float]:
    return [round(value, 7) for value in seconds]
