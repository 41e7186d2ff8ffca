"""Footage: time reversal is exact, what a seed decides is no class, and the camera moves as named."""

import decord
import numpy as np
import pytest

from mmgsf.datasets import CameraMotion, camera_motion
from mmgsf.datasets.footage import FootageClip, film, render_footage
from mmgsf.datasets.footage.layers import COVER
from mmgsf.datasets.footage.motion import DISPLACEMENT, TO_COORDINATES, draw_camera
from mmgsf.datasets.motions import MOTIONS

OPPOSITES = (1, 0, 3, 2, 7, 6, 5, 4)
SMALL = {'num_train': 56, 'num_val': 24, 'size': 32, 'num_frames': 4}


@pytest.fixture
def uncompressed(monkeypatch):
    monkeypatch.setattr(film, 'compress', lambda frames, *args: frames)


@pytest.mark.parametrize('number', range(8))
def test_reversed_clip_is_the_same_frames_backwards(uncompressed, number):
    clip = FootageClip('val', (5, number), number)
    backwards = clip.reversed()
    assert backwards.label == OPPOSITES[clip.label]
    assert backwards.reversed() == clip
    first, second = (render_footage(one, 32, 6) for one in (clip, backwards))
    np.testing.assert_array_equal(second, first[::-1])
    assert not np.array_equal(second, first)


def test_a_seed_gives_one_shot_for_all_classes(uncompressed):
    shots = [render_footage(FootageClip('train', (9,), label), 32, 4) for label in range(8)]
    assert len({shot.shape for shot in shots}) == 1
    assert len({shot.tobytes() for shot in shots}) == 8


def test_same_clip_gives_the_same_pixels():
    clip = FootageClip('train', (3, 1), 6)
    np.testing.assert_array_equal(render_footage(clip, 32, 5), render_footage(clip, 32, 5))


@pytest.mark.parametrize('label', range(8))
def test_background_moves_as_the_class_says_and_most_in_it(label):
    """The window's own motion: a shift of its centre, its size, its turn."""
    axis, sign = MOTIONS[label]
    for seed in range(20):
        camera = draw_camera(np.random.default_rng(seed))
        path = camera.path(axis, sign, np.array([-1.0, 1.0]))
        displacement = (path[1] - path[0]) / TO_COORDINATES
        assert sign * displacement[axis] > 0.5 * DISPLACEMENT[0]
        others = np.linalg.norm(np.delete(displacement, axis))
        assert others < 0.75 * abs(displacement[axis])


def test_a_run_backwards_in_time_is_a_run_of_the_mirrored_camera():
    times = np.linspace(-1, 1, 9)
    camera = draw_camera(np.random.default_rng(0))
    mirrored = film.Camera(**{**vars(camera), 'acceleration': -camera.acceleration})
    np.testing.assert_allclose(-camera.run(times)[::-1], mirrored.run(times))


def test_subjects_leave_most_of_the_background_open():
    hidden = []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        subjects = film.draw_subjects('val', rng, np.linspace(-1, 1, 3), 1.0)
        areas = [np.pi * (s.images[0].shape[0] / 2 / s.placement[0, 0]) ** 2 for s in subjects]
        hidden.append(sum(areas))
    assert max(hidden) <= COVER
    assert max(hidden) > COVER / 2
    assert min(hidden) == 0


def test_frames_come_in_many_sizes_and_not_too_small():
    shapes = {render_footage(FootageClip('val', (i,), 0), 32, 2).shape[1:3] for i in range(40)}
    assert len({(height > width) - (height < width) for height, width in shapes}) == 3
    assert all(32 <= min(shape) <= 56 and not any(side % 2 for side in shape) for shape in shapes)


def test_footage_is_written_and_told_apart_from_photographs(tmp_path):
    footage = CameraMotion(setting='footage', **SMALL)
    footage.write(tmp_path)
    lines = (tmp_path / 'camera_motion_val_list_videos.txt').read_text().splitlines()
    labels = [int(line.split(' ')[1]) for line in lines]
    assert sorted(labels) == sorted(3 * list(range(8)))
    clips = zip(footage.clips('val'), lines, strict=True)
    for clip, line in clips:
        name, label = line.split(' ')
        assert int(label) == clip.label
        reader = decord.VideoReader(str(tmp_path / 'videos' / name))
        decoded = reader.get_batch(range(4)).asnumpy().astype(float)
        assert np.abs(decoded - footage.render(clip)).mean() < 12
    with pytest.raises(ValueError, match='setting footage there, None wanted'):
        CameraMotion(**SMALL).write(tmp_path)


@pytest.mark.parametrize(('width', 'written'), [(46, 46), (48, 46), (72, 70), (74, 74)])
def test_widths_that_decord_fails_on_are_not_written(monkeypatch, width, written):
    frames = np.zeros((4, 40, width, 3), np.uint8)
    monkeypatch.setattr(camera_motion, 'render_footage', lambda *args: frames)
    benchmark = CameraMotion(setting='footage', **SMALL)
    assert benchmark.render(next(benchmark.clips('val'))).shape == (4, 40, written, 3)


def test_training_and_validation_share_no_photograph():
    from mmgsf.datasets.footage.textures import photographs

    assert set(photographs('train')).isdisjoint(photographs('val'))
    assert 'setting' not in CameraMotion(**SMALL).describe()


def test_unknown_setting_is_refused():
    with pytest.raises(ValueError, match="setting='film'"):
        CameraMotion(setting='film')
