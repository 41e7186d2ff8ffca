"""What the explanations share: clips as a network takes them, and a model in eval mode for a while."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from torch import Tensor, nn


def prepared_clips(model: nn.Module, inputs: Tensor | Sequence[Tensor]) -> Tensor:
    """The clips of one or several videos, normalised as the network takes them.

    Args:
        model: a RecognizerGSF.
        inputs: (views*T, 3, H, W) uint8 as a test pipeline packs a video, or several of one shape.

    Returns:
        (N, T, 3, H, W) on the model's device; N counts the views of all videos, in order.

    Raises:
        TypeError: the model is no recognizer of this project.
        ValueError: the frames of a video are no whole number of clips.
    """
    segments = getattr(model, 'num_segments', None)
    if segments is None or not hasattr(model, 'data_preprocessor'):
        raise TypeError(f'{type(model).__name__} is no RecognizerGSF; build one from a config')
    videos = [inputs] if isinstance(inputs, Tensor) and inputs.dim() == 4 else list(inputs)
    for video in videos:
        if video.dim() != 4 or video.shape[1] != 3 or not len(video) or len(video) % segments:
            raise ValueError(
                f'inputs of shape {tuple(video.shape)}: a video is (views*T, 3, H, W) with '
                f'T={segments} frames a view, as the test pipeline packs it'
            )
    batch = model.data_preprocessor({'inputs': videos, 'data_samples': None})['inputs']
    return batch.flatten(0, 1).unflatten(0, (-1, segments))


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """The model in eval mode; afterwards each of its modules is in the mode that it had."""
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode
