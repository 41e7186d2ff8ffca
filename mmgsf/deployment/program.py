"""The program that is exported: a clip's frames in, its probabilities out.

Shapes: N clips, T segments, C channels, H, W.
"""

import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram

from .description import BGR, INSIDE, Description

INPUT = 'frames'
# Traced with 2 clips: a batch of 1 would be taken for a constant.
TRACED_CLIPS = 2


class ClipProgram(nn.Module):
    """A recognizer as a function of tensors.

    Args:
        model: a RecognizerGSF.
        description: of the file to be.

    Raises:
        ValueError: the model has a neck, or no head.
    """

    def __init__(self, model: nn.Module, description: Description) -> None:
        super().__init__()
        if model.with_neck or not model.with_cls_head:
            raise ValueError(
                'a model with a neck or without a head is not exported; give a RecognizerGSF with '
                'backbone and head alone'
            )
        self.backbone, self.cls_head = model.backbone, model.cls_head
        self.num_segments = model.num_segments
        self.preprocessing = description.preprocessing == INSIDE
        self.turn_channels = description.channel_order == BGR
        self.sizes = [len(names) for names in description.classes.values()]
        for name in ('mean', 'std'):
            values = torch.tensor(getattr(description, name), dtype=torch.float32)
            self.register_buffer(name, values.view(-1, 1, 1))

    def forward(self, frames: Tensor) -> tuple[Tensor, ...]:
        """Maps N clips to probabilities (N, classes), one tensor for each kind of class.

        Args:
            frames: uint8 RGB (N, T, H, W, 3) with preprocessing inside, else float (N, T, 3, H, W),
                normalised.
        """
        if self.preprocessing:
            frames = frames.permute(0, 1, 4, 2, 3).float()
            if self.turn_channels:
                frames = frames.flip(2)
            frames = (frames - self.mean) / self.std
        features = self.backbone(frames.flatten(0, 1))  # (N*T, C, H, W)
        logits = self.cls_head(features, num_segs=self.num_segments)  # (N, classes)
        return tuple(part.softmax(-1) for part in logits.split(self.sizes, dim=-1))


def example_frames(description: Description, clips: int) -> Tensor:
    """Zeros of the program's input for N clips."""
    segments, height, width, channels = description.clip_shape
    if description.preprocessing == INSIDE:
        return torch.zeros(clips, segments, height, width, channels, dtype=torch.uint8)
    return torch.zeros(clips, segments, channels, height, width)


@torch.no_grad()
def capture(model: nn.Module, description: Description) -> ExportedProgram:
    """The graph of a model in evaluation mode, for any N and fixed T, H, W.

    Args:
        model: a RecognizerGSF; it stays as it is.
        description: of the file to be.

    Raises:
        ValueError: the model is in training mode, or not of a form that is exported.
    """
    if model.training:
        raise ValueError('the model is in training mode; call model.eval() before the export')
    program = ClipProgram(model, description).eval()
    captured = torch.export.export(
        program,
        (example_frames(description, TRACED_CLIPS),),
        dynamic_shapes={INPUT: {0: Dim('clips', min=1)}},
    )
    # Paths of this machine; they would be written into the file.
    for node in captured.graph.nodes:
        node.meta.pop('stack_trace', None)
    return captured
