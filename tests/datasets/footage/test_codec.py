"""Frames come back from every codec, in order, the better the quality the nearer."""

import subprocess
import sys

import numpy as np
import pytest

from mmgsf.datasets.footage.codec import CODECS, compress
from tests.videos import noise_clip


@pytest.mark.parametrize('codec', CODECS)
def test_quality_decides_how_near_the_frames_are(codec):
    frames = noise_clip(0, num_frames=6)
    losses = []
    for quality in (0.0, 1.0):
        again = compress(frames, codec, quality)
        assert again.shape == frames.shape
        errors = [np.abs(again.astype(float) - np.roll(frames, by, 0)).mean() for by in (0, 1)]
        assert errors[0] < errors[1]  # each frame in its place
        losses.append(errors[0])
    assert losses[1] < losses[0]
    assert losses[1] < 12


@pytest.mark.parametrize(
    ('first', 'ending'), [('import av, decord', ''), ('import decord', 'put `import av` before')]
)
def test_decord_before_pyav_is_named_as_the_cause(first, ending):
    program = (
        f'{first}\nimport numpy\nfrom mmgsf.datasets.footage.codec import compress\n'
        "compress(numpy.zeros((2, 32, 32, 3), numpy.uint8), 'libvpx', 0.5)"
    )
    command = [sys.executable, '-W', 'ignore', '-c', program]
    stderr = subprocess.run(command, capture_output=True, text=True).stderr
    assert ending in stderr
    assert bool(stderr) == bool(ending)
