"""The learning rate over the epochs, as the authors' code steps it."""


def warmup_cosine(max_epochs: int, warmup_epochs: int) -> list[dict]:
    """Linear warm-up from a tenth of the rate, then half a cosine to about 0, both by epoch.

    Args:
        max_epochs: epochs of the whole training.
        warmup_epochs: the first epoch at the full rate, counted from 0.

    Returns:
        `param_scheduler` of a config.

    Raises:
        ValueError: the warm-up leaves no epoch for the cosine.
    """
    if not 0 < warmup_epochs < max_epochs:
        raise ValueError(
            f'warmup_epochs={warmup_epochs} must be from 1 to max_epochs - 1 = {max_epochs - 1}'
        )
    warmup = {'type': 'LinearLR', 'start_factor': 0.1, 'by_epoch': True, 'begin': 0}
    cosine = {'type': 'CosineAnnealingLR', 'eta_min_ratio': 1e-7, 'by_epoch': True}
    return [
        # The last warm-up step falls on the epoch of that number, so the scheduler ends one later.
        {**warmup, 'end': warmup_epochs + 1},
        {
            **cosine,
            'T_max': max_epochs - warmup_epochs,
            'begin': warmup_epochs,
            'end': max_epochs,
        },
    ]
