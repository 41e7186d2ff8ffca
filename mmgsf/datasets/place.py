"""Which sample this process is preparing, for transforms that must say or remember it."""

_place: tuple[int, int] | None = None


def set_sample_place(epoch: int, index: int) -> None:
    """Called by the training's dataset before the pipeline of each sample runs."""
    global _place
    _place = (epoch, index)


def sample_place() -> tuple[int, int] | None:
    """Epoch, from 0, and index in the dataset; None outside of training."""
    return _place
