"""The authors' networks, as numbers and in plain operations, to compare ours with.

The weights follow from the key names (tests/data/reference/README.md). They let activations grow
until gates flip at the last bit of fp32: a rounding error of the input moves some features by more
than their standard deviation. So our networks are held against the plain one below in double
precision, and against the reference in fp32 as far as its own rounding allows. In the order of
operations written here the plain one gives resnet50_t8_r25 bit for bit (torch 2.13, x86-64).
"""

import json
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

REFERENCE = Path(__file__).parents[1] / 'data' / 'reference'
DEPTHS = {'resnet50_t8_r25': 50, 'resnet50_t8_r100': 50, 'resnet101_t4_r25': 101}
BLOCKS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3)}
GSF = Callable[[Tensor, dict[str, Tensor], str, int], Tensor]


def load_case(name: str) -> tuple[dict, dict[str, Tensor], Tensor, dict[str, Tensor]]:
    """Description, state dict in the authors' names, input (N*T, 3, H, W) and outputs of a case."""
    case = json.loads((REFERENCE / f'{name}.json').read_text())
    state_dict = {key: fill(key, shape) for key, shape in case['state_dict']}
    frames = case['clips'] * case['num_segments']
    values = np.random.RandomState(case['input_seed'])
    inputs = values.standard_normal((frames, 3, case['size'], case['size'])).astype(np.float32)
    with np.load(REFERENCE / f'{name}.npz') as arrays:
        outputs = {key: torch.from_numpy(arrays[key]) for key in arrays.files}
    return case, state_dict, torch.from_numpy(inputs), outputs


def fill(key: str, shape: list[int]) -> Tensor:
    """The reference's weights: they follow from the key."""
    if key.endswith('num_batches_tracked'):
        return torch.zeros(shape, dtype=torch.int64)
    values = np.random.RandomState(zlib.crc32(key.encode())).standard_normal(size=shape)
    if key.endswith('running_var'):
        values = 0.5 + np.abs(values)
    elif key.endswith(('running_mean', '.bias')):
        values = 0.1 * values
    elif len(shape) == 1:
        values = 1 + 0.1 * values
    else:
        values = values * np.sqrt(2 / np.prod(shape[1:]))
    return torch.from_numpy(np.asarray(values, dtype=np.float32))


def batch_norm(x: Tensor, weights: dict[str, Tensor], name: str) -> Tensor:
    names = ('running_mean', 'running_var', 'weight', 'bias')
    return F.batch_norm(x, *(weights[f'{name}.{part}'] for part in names))


def gsf(x: Tensor, weights: dict[str, Tensor], name: str, frames: int) -> Tensor:
    """GSF by its definition: (N*T, C, H, W) to the same shape."""
    touched = weights[f'{name}.bn.weight'].numel()
    half = touched // 2
    volume = x.unflatten(0, (-1, frames)).transpose(1, 2).contiguous()  # (N, C, T, H, W)
    part = volume[:, :touched].contiguous()
    active = batch_norm(part, weights, f'{name}.bn').relu()
    kernel, bias = weights[f'{name}.conv3D.weight'], weights[f'{name}.conv3D.bias']
    gates = F.conv3d(active, kernel, bias, padding=1, groups=2).tanh()
    halves = []
    for i in (0, 1):
        own = part[:, i * half : (i + 1) * half]
        gated = gates[:, i : i + 1] * own
        rest = own - gated
        zeros = torch.zeros_like(gated[:, :, :1])
        pieces = (gated[:, :, 1:], zeros) if i == 0 else (zeros, gated[:, :, :-1])
        shifted = torch.cat(pieces, dim=2)
        means = torch.stack([moved.mean(4).mean(3) for moved in (shifted, rest)], dim=1)
        fuse = f'{name}.channel_conv{i + 1}'
        fusion = F.conv2d(means, weights[f'{fuse}.weight'], weights[f'{fuse}.bias'], padding=1)
        weight = fusion.sigmoid().squeeze(1)[..., None, None]
        out = weight * shifted + (1 - weight) * rest
        halves.append(out.unflatten(1, (2, -1)).transpose(1, 2).flatten(1, 2))
    return torch.cat((*halves, volume[:, touched:]), dim=1).transpose(1, 2).flatten(0, 1)


def resnet(x: Tensor, weights: dict[str, Tensor], depth: int, frames: int, layer: GSF) -> Tensor:
    """Last feature maps of a bottleneck ResNet with `layer` behind each block's third convolution."""
    x = batch_norm(F.conv2d(x, weights['conv1.weight'], stride=2, padding=3), weights, 'bn1').relu()
    x = F.max_pool2d(x, 3, stride=2, padding=1)
    for stage, blocks in enumerate(BLOCKS[depth], start=1):
        for block in range(blocks):
            name = f'layer{stage}.{block}'
            stride = 2 if block == 0 and stage > 1 else 1
            out = F.conv2d(x, weights[f'{name}.conv1.weight'])
            out = batch_norm(out, weights, f'{name}.bn1').relu()
            out = F.conv2d(out, weights[f'{name}.conv2.weight'], stride=stride, padding=1)
            out = batch_norm(out, weights, f'{name}.bn2').relu()
            out = layer(
                F.conv2d(out, weights[f'{name}.conv3.weight']), weights, f'{name}.gsf', frames
            )
            out = batch_norm(out, weights, f'{name}.bn3')
            if f'{name}.downsample.0.weight' in weights:
                x = F.conv2d(x, weights[f'{name}.downsample.0.weight'], stride=stride)
                x = batch_norm(x, weights, f'{name}.downsample.1')
            x = (x + out).relu()
    return x
