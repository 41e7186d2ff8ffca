"""Random numbers that follow from a place in the training, not from what was drawn before."""

import random

import numpy as np
import torch

# Keep the numbers of samples and of iterations apart.
SAMPLE, ITERATION = 1, 2
WORDS = 4  # of 32 bits, for each generator


def seed_sample(seed: int, epoch: int, index: int) -> None:
    """Sets the generators that data pipelines draw from: Python's, NumPy's and PyTorch's on the CPU.

    Args:
        seed: of the run, from 0 up.
        epoch: from 0.
        index: of the sample in the dataset.
    """
    words = _set_python_and_numpy(SAMPLE, seed, epoch, index)
    # torch.manual_seed would look for GPUs, for every sample.
    torch.default_generator.manual_seed(words)


def seed_iteration(seed: int, rank: int, iteration: int) -> None:
    """Sets every generator that a network or a hook may draw from, those of GPUs included.

    Args:
        seed: of the run, from 0 up.
        rank: of this process.
        iteration: from 0, counted over all epochs.
    """
    torch.manual_seed(_set_python_and_numpy(ITERATION, seed, rank, iteration))


def _set_python_and_numpy(*place: int) -> int:
    """Returns a seed for PyTorch."""
    words = np.random.SeedSequence(place).generate_state(3 * WORDS)
    random.seed(words[:WORDS].tobytes())
    np.random.seed(words[WORDS : 2 * WORDS])
    low, high = words[2 * WORDS : 2 * WORDS + 2].tolist()
    return high << 32 | low
