"""What is timed of a whole network: an inference, or a step of training."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .contestants import NUM_CLASSES, runner
from .saved import saved_bytes

# So small that no weight moves far while steps are timed.
LEARNING_RATE = 1e-6


class Inference:
    """A network in eval mode without gradients."""

    def __init__(self, network: nn.Module, mode: str, clips: Tensor) -> None:
        self.network = network.eval()
        self.scores = runner(network, mode)
        self.clips = clips

    @torch.no_grad()
    def __call__(self) -> Tensor:
        return self.scores(self.clips)


class TrainingStep:
    """A network in train mode, norms included: forward, loss, backward, step of SGD."""

    def __init__(self, network: nn.Module, mode: str, clips: Tensor) -> None:
        self.network = network.train()
        self.scores = runner(network, mode)
        self.clips = clips
        self.labels = torch.arange(len(clips)) % NUM_CLASSES
        self.optimizer = torch.optim.SGD(
            network.parameters(), lr=LEARNING_RATE, momentum=0.9, weight_decay=5e-4
        )

    def loss(self) -> Tensor:
        return F.cross_entropy(self.scores(self.clips).float(), self.labels)

    def saved_bytes(self) -> int:
        """Bytes that the graph of one step holds."""
        return saved_bytes(self.loss(), self.network)

    def __call__(self) -> None:
        self.optimizer.zero_grad(set_to_none=True)
        self.loss().backward()
        self.optimizer.step()


def random_clips(clips: int, frames: int, size: int) -> Tensor:
    """(N, T, 3, size, size)."""
    return torch.randn(clips, frames, 3, size, size, generator=torch.Generator().manual_seed(0))
