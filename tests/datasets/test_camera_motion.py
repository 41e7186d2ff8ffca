"""CameraMotion: real files, one distribution of frames for all classes, motion of the named sign."""

import json
from collections import Counter

import cv2
import decord
import numpy as np
import pytest

from mmgsf.datasets import CameraMotion
from mmgsf.datasets.camera_motion import PHOTOGRAPHS, Clip

SMALL = {'num_train': 56, 'num_val': 24}
OPPOSITES = (1, 0, 3, 2, 7, 6, 5, 4)


@pytest.fixture(scope='module')
def written(tmp_path_factory):
    root = tmp_path_factory.mktemp('camera_motion')
    CameraMotion(**SMALL).write(root)
    return root


def rows(root, split: str) -> list[tuple[str, int]]:
    lines = (root / f'camera_motion_{split}_list_videos.txt').read_text().splitlines()
    return [(name, int(label)) for name, label in (line.split(' ') for line in lines)]


def decode(path) -> np.ndarray:
    reader = decord.VideoReader(str(path))
    return reader.get_batch(range(len(reader))).asnumpy()


def motion(frames: np.ndarray) -> np.ndarray:
    """How the content moves from frame to frame: mean (right, down, log scale, radians clockwise)."""
    steps = []
    for first, second in zip(frames[:-1], frames[1:], strict=True):
        grey = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in (first, second)]
        matrix = np.eye(2, 3, dtype=np.float32)
        criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 100, 1e-5)
        try:
            _, matrix = cv2.findTransformECC(*grey, matrix, cv2.MOTION_AFFINE, criteria, None, 5)
        except cv2.error:
            continue
        centre = np.array([frames.shape[2] - 1, frames.shape[1] - 1]) / 2
        right, down = matrix[:, :2] @ centre + matrix[:, 2] - centre
        scale = 0.5 * np.log(abs(np.linalg.det(matrix[:, :2])))
        angle = np.arctan2(matrix[1, 0] - matrix[0, 1], matrix[0, 0] + matrix[1, 1])
        steps.append((right, down, scale, angle))
    return np.mean(steps, axis=0)


def test_same_seed_gives_the_same_clips_and_pixels():
    first, second = CameraMotion(seed=3, **SMALL), CameraMotion(seed=3, **SMALL)
    clips = list(first.clips('val'))
    assert clips == list(second.clips('val'))
    assert np.array_equal(first.render(clips[5]), second.render(clips[5]))
    assert clips != list(CameraMotion(seed=4, **SMALL).clips('val'))


def test_classes_are_balanced_in_each_photograph():
    for split, photographs in PHOTOGRAPHS.items():
        clips = list(CameraMotion(**SMALL).clips(split))
        count = Counter((clip.photograph, clip.label) for clip in clips)
        assert len(count) == 8 * len(photographs)
        assert len(set(count.values())) == 1


def test_photographs_are_not_shared():
    assert set(PHOTOGRAPHS['train']).isdisjoint(PHOTOGRAPHS['val'])


def test_reversed_clip_is_a_clip_of_the_opposite_class():
    for clip in CameraMotion(**SMALL).clips('val'):
        backwards = clip.reversed()
        assert backwards.label == OPPOSITES[clip.label]
        np.testing.assert_allclose(backwards.poses(16), clip.poses(16)[::-1])


def standardized(clips: list[Clip]) -> np.ndarray:
    """Coordinates of single frames (clips*T, 4), relative to the clip's base window."""
    poses = np.stack([clip.poses(16) for clip in clips])
    base = np.array([(c.x, c.y, c.scale, c.angle) for c in clips])[:, None]
    offsets = (poses[..., :2] - base[..., :2]) / base[..., 2:3]
    zoom = np.log(poses[..., 2:3] / base[..., 2:3])
    return np.concatenate((offsets, zoom, poses[..., 3:] - base[..., 3:]), axis=-1)


def test_single_frames_have_one_distribution_in_all_classes():
    clips = list(CameraMotion(num_train=56 * 60, num_val=24).clips('train'))
    values = [standardized([c for c in clips if c.label == label]) for label in range(8)]
    spread = np.concatenate(values).std(axis=(0, 1))
    means = np.stack([value.mean(axis=(0, 1)) for value in values]) / spread
    deviations = np.stack([value.std(axis=(0, 1)) for value in values]) / spread
    assert np.abs(means).max() < 0.15
    assert np.abs(deviations - 1).max() < 0.15


def test_no_window_leaves_its_photograph():
    benchmark = CameraMotion(num_train=560, num_val=24)
    for clip in benchmark.clips('train'):
        # The colour of the border is black, and so are pixels of a few photographs.
        if clip.photograph not in ('brick', 'grass', 'coffee'):
            continue
        assert (benchmark.render(clip).max(axis=-1) > 0).mean() > 0.999


def test_files_are_h264_of_the_stated_length_and_rate(written):
    for split in ('train', 'val'):
        listed = rows(written, split)
        assert len(listed) == SMALL[f'num_{split}']
        for name, _ in listed:
            reader = decord.VideoReader(str(written / 'videos' / name))
            assert (len(reader), reader.get_avg_fps()) == (16, 30)
    assert b'avc1' in (written / 'videos' / listed[0][0]).read_bytes()


def test_decoded_frames_are_the_rendered_ones(written):
    benchmark = CameraMotion(**SMALL)
    for clip, (name, label) in zip(benchmark.clips('val'), rows(written, 'val'), strict=True):
        assert clip.label == label
        difference = decode(written / 'videos' / name).astype(float) - benchmark.render(clip)
        assert np.abs(difference).mean() < 6


@pytest.mark.parametrize(
    ('label', 'axis', 'sign'),
    # The content moves against the camera; what comes closer grows.
    [(0, 2, 1), (1, 2, -1), (2, 3, 1), (3, 3, -1), (4, 1, -1), (5, 0, 1), (6, 0, -1), (7, 1, 1)],
)
def test_content_moves_as_the_class_says(written, label, axis, sign):
    videos = [name for name, other in rows(written, 'val') if other == label]
    moved = np.stack([motion(decode(written / 'videos' / name)) for name in videos])
    typical = np.array([2.0, 2.0, 0.03, 0.04])  # a step of its own axis
    relative = moved / typical
    assert (sign * relative[:, axis] > 0.3).all()
    assert (np.abs(np.delete(relative, axis, axis=1)).mean(axis=0) < 0.3).all()


def test_second_write_leaves_the_files_alone(written):
    video = written / 'videos' / 'val' / '00000.mp4'
    before = video.stat().st_mtime_ns
    CameraMotion(**SMALL).write(written)
    assert video.stat().st_mtime_ns == before


def test_other_parameters_are_refused_and_force_replaces(tmp_path):
    CameraMotion(num_train=56, num_val=24, size=16, num_frames=2).write(tmp_path)
    other = CameraMotion(num_train=56, num_val=24, size=16, num_frames=3)
    with pytest.raises(ValueError, match='num_frames 2 there, 3 wanted.*--force'):
        other.write(tmp_path)
    other.write(tmp_path, force=True)
    assert json.loads((tmp_path / 'camera_motion.json').read_text())['num_frames'] == 3
    assert len(decord.VideoReader(str(tmp_path / 'videos' / 'val' / '00000.mp4'))) == 3


def test_interrupted_write_is_not_taken_for_a_whole_one(tmp_path, monkeypatch):
    from mmgsf.datasets import camera_motion_video

    benchmark = CameraMotion(num_train=56, num_val=24, size=16, num_frames=2)
    with monkeypatch.context() as patch:
        patch.setattr(camera_motion_video, '_write_videos', lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            benchmark.write(tmp_path)
    assert not list(tmp_path.glob('*.txt'))
    benchmark.write(tmp_path)
    assert len(rows(tmp_path, 'val')) == 24


@pytest.mark.parametrize('lost', ['videos/train/00007.mp4', 'camera_motion_val_list_videos.txt'])
def test_what_is_lost_is_made_again(tmp_path, lost):
    benchmark = CameraMotion(num_train=56, num_val=24, size=16, num_frames=2)
    benchmark.write(tmp_path)
    before = (tmp_path / lost).read_bytes()
    (tmp_path / lost).unlink()
    benchmark.write(tmp_path)
    assert (tmp_path / lost).read_bytes() == before


def test_interrupted_replacement_leaves_no_list_of_the_old_videos(tmp_path, monkeypatch):
    from mmgsf.datasets import camera_motion_video

    CameraMotion(num_train=56, num_val=24, size=16, num_frames=2).write(tmp_path)
    monkeypatch.setattr(camera_motion_video, '_write_videos', lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        CameraMotion(num_train=56, num_val=24, size=16, num_frames=3).write(tmp_path, force=True)
    assert not list(tmp_path.glob('*.txt'))


@pytest.mark.parametrize(
    'options', [{'num_train': 50}, {'num_val': 0}, {'size': 63}, {'size': 8}, {'num_frames': 1}]
)
def test_arguments_that_cannot_be_are_refused(options):
    with pytest.raises(ValueError, match=f'{next(iter(options))}={next(iter(options.values()))}'):
        CameraMotion(**options)


def test_mixed_is_photographs_and_footage_in_turn(tmp_path):
    options = {'size': 16, 'num_frames': 2}
    mixed = CameraMotion(num_train=112, num_val=48, setting='mixed', **options)
    alone = [
        CameraMotion(num_train=56, num_val=24, setting=setting, **options)
        for setting in ('photograph', 'footage')
    ]
    clips = list(mixed.clips('val'))
    assert [clips[0::2], clips[1::2]] == [list(one.clips('val')) for one in alone]
    mixed.write(tmp_path)
    found = rows(tmp_path, 'val')
    assert [name for name, _ in found[:2]] == ['val/00000_photograph.mp4', 'val/00001_footage.mp4']
    assert [label for _, label in found] == [clip.label for clip in clips]
    assert all((tmp_path / 'videos' / name).is_file() for name, _ in found)


def test_mixed_takes_as_many_of_both():
    assert CameraMotion(setting='mixed').num_clips == {'train': 2240, 'val': 960}
    with pytest.raises(ValueError, match='num_train=56.*multiple of 112'):
        CameraMotion(num_train=56, setting='mixed')
