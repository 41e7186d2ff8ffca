"""Every generator follows from the place, and no two places share their numbers."""

import random

import numpy as np
import torch

from mmgsf.engine.exact.seeds import seed_iteration, seed_sample


def draw() -> tuple[float, float, float]:
    return random.random(), np.random.random(), torch.rand(1).item()


def test_places_repeat_and_differ():
    drawn = set()
    places = [(seed, a, b) for seed in (0, 1, 2**31) for a in (0, 1) for b in (0, 1, 2)]
    for function in (seed_sample, seed_iteration):
        for place in places:
            function(*place)
            first = draw()
            draw()
            function(*place)
            assert draw() == first
            drawn.add(first)
    assert len(drawn) == 2 * len(places)
    # Nor in any one of the generators.
    assert [len(set(column)) for column in zip(*drawn, strict=True)] == [len(drawn)] * 3
