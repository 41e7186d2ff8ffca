"""Which places and frames speak for a class: Grad-CAM over time, by captum.

Paper: Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based
Localization", ICCV 2017, arXiv 1610.02391.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from torch import Tensor, nn

from .clips import evaluating, prepared_clips
from .figures import DARK, SHARES, bare, grey_middle, require_frames, save_figure, show_frames

DEFAULT_LAYER = 'backbone'


@dataclass(frozen=True)
class Saliency:
    """Grad-CAM of N clips of T frames.

    Attributes:
        maps: (N, T, h, w), signed: what speaks for the class is above zero. Grad-CAM's own map is
            its positive part. All frames of a clip have one scale.
        target: (N,) the label of the class.
        layer: name of the module whose output was weighed.
    """

    maps: Tensor
    target: Tensor
    layer: str

    @property
    def frame_shares(self) -> Tensor:
        """The share of each frame in what speaks for the class, (N, T); zeros if nothing does."""
        frames = self.maps.clamp(min=0).sum((2, 3))
        whole = frames.sum(1, keepdim=True)
        return frames / whole.where(whole > 0, 1)


def saliency(
    model: nn.Module,
    inputs: Tensor | Sequence[Tensor],
    target: int | None = None,
    layer: str | None = None,
) -> Saliency:
    """Grad-CAM for the raw score of a class.

    Args:
        model: a RecognizerGSF; it runs in eval mode and is left in the mode that it was in.
        inputs: (views*T, 3, H, W) uint8 as a test pipeline packs a video, or several of one shape.
        target: label of the class; None for the best of each clip (of its verbs with VerbNounHead,
            whose nouns are counted from the number of verbs).
        layer: name of a module whose output is (N*T, C, h, w); None for the backbone's last feature
            map, whatever the backbone.

    Raises:
        ImportError: captum is missing.
        ValueError: a label or layer that there is not, a layer without feature maps, or one that
            the score does not depend on.
    """
    try:
        from captum.attr import LayerGradCam
    except ImportError as error:
        raise ImportError(
            f'saliency is computed by captum, which does not import ({error}): '
            'pip install "mmgsf[visualize]"'
        ) from error
    name = DEFAULT_LAYER if layer is None else layer
    module = _module(model, name)
    clips = prepared_clips(model, inputs)
    with evaluating(model):
        targets = _targets(model, clips, target)
        try:
            maps = LayerGradCam(lambda x: _scores(model, x), module).attribute(
                clips, targets.tolist()
            )
        except (RuntimeError, AssertionError, AttributeError) as error:
            raise ValueError(
                f'layer {name!r} gives no Grad-CAM ({error}); name one that gives a feature map '
                'which the scores depend on'
            ) from error
    if not isinstance(maps, Tensor) or maps.dim() != 4 or len(maps) != clips[:, :, 0, 0, 0].numel():
        raise ValueError(f'layer {name!r} gives no one feature map a frame; name one that does')
    maps = maps.detach().squeeze(1).unflatten(0, clips.shape[:2]).float().cpu()
    return Saliency(maps, targets.cpu(), name)


def saliency_figure(
    frames: Sequence[np.ndarray],
    found: Saliency,
    class_name: str,
    title: str = '',
    clip: int = 0,
) -> Figure:
    """The frames of a clip, Grad-CAM's map over each in grey, and each frame's share.

    Args:
        frames: the T frames that the network saw, RGB (H, W, 3) uint8.
        found: of `saliency`.
        class_name: of the target.
        title: of the picture.
        clip: which of the N clips of `found`.

    Raises:
        ValueError: another number of frames than `found` has.
    """
    maps = found.maps[clip].clamp(min=0)
    require_frames(frames, len(maps))
    large = F.interpolate(maps[:, None], frames[0].shape[:2], mode='bilinear')[:, 0].numpy()
    large = large / (large.max() or 1)
    count = len(frames)
    figure = Figure(figsize=(1.02 * count + 1.5, 4.5), layout='constrained')
    figure.suptitle(f'{title}\nevidence for: {class_name}'.strip())
    grid = figure.add_gridspec(3, count)
    strip = np.array([[figure.add_subplot(grid[row, t]) for t in range(count)] for row in (0, 1)])
    show_frames(strip[0], frames)
    for axes, frame, values in zip(strip[1], frames, large, strict=True):
        cover = 0.25 + 0.55 * values[..., None]
        colours = colormaps[SHARES](values)[..., :3]
        axes.imshow((1 - cover) * grey_middle(frame) + cover * colours)
    bare(strip.flat)
    below = figure.add_subplot(grid[2, :])
    _draw_shares(below, 100 * found.frame_shares[clip].numpy())
    bar = figure.colorbar(
        ScalarMappable(Normalize(0, 1), SHARES),
        ax=[*strip.flat, below],
        label='Grad-CAM, share of its largest value',
        aspect=40,
        pad=0.01,
    )
    bar.set_ticks((0, 0.5, 1))
    return figure


def draw_saliency(
    frames: Sequence[np.ndarray],
    found: Saliency,
    class_name: str,
    path: str | Path,
    title: str = '',
    clip: int = 0,
) -> None:
    """Writes `saliency_figure` to `path`."""
    save_figure(saliency_figure(frames, found, class_name, title, clip), path)


def saliency_table(found: Saliency) -> list[dict]:
    """For each clip and frame, each counted from 1, its share of what speaks for the class."""
    return [
        {
            'clip': clip + 1,
            'target': int(found.target[clip]),
            'frame': frame + 1,
            'share': round(float(share), 6),
        }
        for (clip, frame), share in np.ndenumerate(found.frame_shares.numpy())
    ]


def _module(model: nn.Module, name: str) -> nn.Module:
    modules = dict(model.named_modules())
    if name not in modules or not name:
        near = difflib.get_close_matches(name, modules, n=4, cutoff=0.0)
        raise ValueError(f'layer {name!r} is not in the network; near it: {", ".join(near)}')
    return modules[name]


def _scores(model: nn.Module, clips: Tensor) -> Tensor:
    """Raw scores of the N clips (N, classes)."""
    return model.extract_feat(clips, stage='head')[0]


def _targets(model: nn.Module, clips: Tensor, target: int | None) -> Tensor:
    """One label for each clip, (N,)."""
    with torch.no_grad():
        scores = _scores(model, clips)
    classes = scores.shape[1]
    if target is None:
        return scores[:, : getattr(model.cls_head, 'num_verbs', classes)].argmax(1)
    if not 0 <= target < classes:
        raise ValueError(f'target={target} is no label of {classes} classes; give 0..{classes - 1}')
    return scores.new_full((len(scores),), target, dtype=torch.long)


def _draw_shares(axes: Axes, shares: np.ndarray) -> None:
    """Bars below the frames, in percent."""
    numbers = range(1, len(shares) + 1)
    equal = 100 / len(shares)
    drawn = axes.bar(numbers, shares, 0.6, color=DARK)
    axes.bar_label(drawn, [f'{share:.0f}' for share in shares], padding=2, fontsize=8)
    axes.axhline(equal, color='black', linestyle='--', linewidth=1, label='equal shares')
    axes.set(xlabel='frame', ylabel='share of the\nevidence (%)', xticks=numbers)
    axes.set(xlim=(0.5, len(shares) + 0.5), ylim=(0, 1.4 * max(shares.max(), equal)))
    axes.legend(loc='upper right', fontsize=8)
