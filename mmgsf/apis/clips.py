"""From a video to what a recognizer takes: the model's own test pipeline, and its scores.

Shapes: N clips, T segments, C channels, H, W; V views of a video (clips under crops), T frames each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from .models import VERBS_AND_NOUNS

# Decoders of videos and what stands in for them where the frames are given.
OPENING = ('DecordInit', 'OpenCVInit', 'PyAVInit')
DECODING = ('DecordDecode', 'OpenCVDecode', 'PyAVDecode', 'RawFrameDecode')
SAMPLING = ('SampleFrames', 'SegmentSampleFrames', 'DenseSampleFrames', 'StretchSampleFrames')


@dataclass
class Clip:
    """What a model sees of one video.

    Attributes:
        name: of the video.
        inputs: (V*T, 3, H, W) uint8 RGB, as the test pipeline packs it.
        frame_indices: (V*T,), frames of the video from 0.
        total_frames: of the video.
        fps: frames a second; None where frames were given.
    """

    name: str
    inputs: Tensor
    frame_indices: np.ndarray
    total_frames: int
    fps: float | None

    @property
    def frames(self) -> list[np.ndarray]:
        """The V*T images (H, W, 3) uint8 RGB."""
        return [frame.permute(1, 2, 0).numpy() for frame in self.inputs]


def read_clip(
    model: nn.Module,
    source: str | Path | np.ndarray | Tensor | Sequence[np.ndarray],
    timeout: float | None = None,
    frame_indices: Sequence[int] | None = None,
) -> Clip:
    """Runs a model's test pipeline on one video.

    Args:
        model: of `load_model` or `get_model`.
        source: a video file, or its frames (frames, H, W, 3), uint8 RGB.
        timeout: seconds for opening the file, and again for its frames; None takes the usual ones.
        frame_indices: the frames to take, from 0, T of them; None leaves the choice to the
            pipeline's sampler.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it cannot be decoded, the frames have another form, or a frame is not in it.
    """
    is_file = isinstance(source, str | Path)
    sample = read_details()
    if is_file:
        if not Path(source).is_file():
            raise FileNotFoundError(f'{source} is no file; check the path of the video')
        sample['filename'] = str(source)
    else:
        sample['array'] = frames_of(source)
        sample['total_frames'] = len(sample['array'])
    steps = pipeline_steps(model, is_file, timeout)
    for step in steps[:-1]:
        if frame_indices is not None and type(step).__name__ in SAMPLING:
            sample.update(chosen_frames(model, frame_indices, sample['total_frames']))
        else:
            sample = step(sample)
    return Clip(
        name=str(source) if is_file else 'frames',
        inputs=views_of(steps[-1](sample)),
        frame_indices=np.reshape(sample['frame_inds'], -1),
        total_frames=int(sample['total_frames']),
        fps=float(sample['avg_fps']) if sample.get('avg_fps') else None,
    )


def read_details() -> dict[str, object]:
    """What a dataset states of each video, where there is none."""
    return {'label': -1, 'start_index': 0, 'modality': 'RGB'}


def views_of(packed: dict[str, Tensor]) -> Tensor:
    """The inputs (V*T, 3, H, W) of a packed sample, whose form may be (V, T, 3, H, W)."""
    inputs = packed['inputs']
    return inputs.flatten(0, 1) if inputs.dim() == 5 else inputs


def frames_of(source: np.ndarray | Tensor | Sequence[np.ndarray]) -> np.ndarray:
    """Frames as one array (frames, H, W, 3), uint8 RGB.

    Raises:
        TypeError: they are no arrays.
        ValueError: another shape or type of numbers.
    """
    if isinstance(source, Tensor):
        source = source.cpu().numpy()
    elif isinstance(source, Sequence) and all(isinstance(one, np.ndarray) for one in source):
        if len({one.shape for one in source}) > 1:
            raise ValueError('the frames have different shapes; give frames of one video')
        source = np.stack(source) if len(source) else np.empty((0,))
    if not isinstance(source, np.ndarray):
        raise TypeError(
            f'{type(source).__name__} is neither the path of a video nor frames; give a path, or '
            'uint8 RGB frames (frames, H, W, 3)'
        )
    if source.ndim != 4 or source.shape[3] != 3 or not len(source) or source.dtype != np.uint8:
        raise ValueError(
            f'frames of shape {source.shape} and type {source.dtype}: give uint8 RGB frames '
            '(frames, H, W, 3), one or more'
        )
    return source


def num_frames(model: nn.Module) -> int:
    """T: frames of one view, as the sampler of the model's test pipeline has it.

    Raises:
        ValueError: its views are not T single frames.
    """
    found = [step for step in model.cfg.test_pipeline if step['type'] in SAMPLING]
    if len(found) != 1 or found[0].get('clip_len', 1) != 1:
        raise ValueError(
            f'the test pipeline of {model.name} does not sample T single frames ({found}); take a '
            'model whose one sampler has clip_len=1 and num_clips=T'
        )
    return found[0]['num_clips']


def chosen_frames(model: nn.Module, indices: Sequence[int], total_frames: int) -> dict[str, object]:
    """What a sampler adds to a sample, for frames that are chosen beforehand: one view of T.

    Raises:
        ValueError: they are not T, or one is not in the video.
    """
    indices, wanted = np.asarray(indices, dtype=np.int64), num_frames(model)
    if indices.shape != (wanted,):
        raise ValueError(f'frame_indices of shape {indices.shape}; {model.name} takes {wanted}')
    if indices.min() < 0 or indices.max() >= total_frames:
        raise ValueError(
            f'frames {indices.tolist()} are not all in the video; it has frames 0 to '
            f'{total_frames - 1}'
        )
    return {'frame_inds': indices, 'clip_len': 1, 'frame_interval': 1, 'num_clips': wanted}


def pipeline_steps(model: nn.Module, is_file: bool, timeout: float | None = None) -> list:
    """The transforms, built; for given frames, ones that take them replace the decoders."""
    from dataclasses import replace

    from mmaction.registry import TRANSFORMS
    from mmengine.registry import init_default_scope

    init_default_scope(model.cfg.get('default_scope', 'mmaction'))
    described = [dict(step) for step in model.cfg.test_pipeline]
    if not is_file:
        described = [
            {'type': 'ArrayDecode'} if step['type'] in DECODING else step
            for step in described
            if step['type'] not in OPENING
        ]
    elif not any(step['type'] in OPENING for step in described):
        # Such a model was tested on folders of frames; a video is read as other models do.
        described = [
            {'type': 'DecordInit'},
            *({'type': 'DecordDecode'} if step['type'] in DECODING else step for step in described),
        ]
    steps = [TRANSFORMS.build(step) for step in described]
    for step in steps:
        if timeout is not None and hasattr(step, 'decoding'):
            step.decoding = replace(step.decoding, timeout=timeout)
    return steps


@torch.no_grad()
def score_clips(model: nn.Module, clips: Sequence[Clip]) -> Tensor:
    """Probabilities (N, classes) of N clips, on the CPU, in fp32.

    Views of a video are averaged as the model's head does it, before the softmax where it averages
    scores.

    Raises:
        ValueError: no clips, or a model of verbs and nouns.
    """
    from mmaction.structures import ActionDataSample

    if not clips:
        raise ValueError('no clips to score; give one or more')
    samples = [ActionDataSample() for _ in clips]
    with torch.inference_mode():
        data = {'inputs': [clip.inputs for clip in clips], 'data_samples': samples}
        scored = model(**model.data_preprocessor(data, training=False), mode='predict')
    scores = [sample.pred_score for sample in scored]
    if isinstance(scores[0], dict):
        raise ValueError(VERBS_AND_NOUNS.format(model.name))
    scores = torch.stack(scores).float().cpu()
    if model.cls_head.average_clips == 'prob':
        return scores
    return (scores.mean(1) if scores.dim() == 3 else scores).softmax(-1)


def refuse_two_labels(model: nn.Module) -> None:
    """Refuses a model of verbs and nouns before its first clip, as `score_clips` does after it.

    Raises:
        ValueError: it is one.
    """
    from mmgsf.models.verb_noun_head import VerbNounHead

    if isinstance(model.cls_head, VerbNounHead):
        raise ValueError(VERBS_AND_NOUNS.format(model.name))
