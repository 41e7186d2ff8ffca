"""What is said of a clip's file is so, and damage is seen."""

import av
import numpy as np
import pytest

from mmgsf.datasets.preparation.media import Outcome, scan_frames, scan_video

from ...trees import write_frames
from ...videos import noise_clip, write_video


@pytest.fixture(scope='module')
def video(tmp_path_factory):
    """An mp4 with its header first, so that it can be opened when its end is gone."""
    folder = tmp_path_factory.mktemp('video')
    plain = write_video(folder / 'plain.mp4', noise_clip(0, num_frames=30))
    path = folder / 'a.mp4'
    with (
        av.open(str(plain)) as reader,
        av.open(str(path), 'w', options={'movflags': 'faststart'}) as writer,
    ):
        stream = writer.add_stream_from_template(reader.streams.video[0])
        for packet in reader.demux():
            if packet.dts is not None:
                packet.stream = stream
                writer.mux(packet)
    return path


def test_frames_and_size_of_a_video(video):
    assert scan_video(str(video)) == Outcome(30, 64, 48)


def test_cut_off_video_is_damaged(video, tmp_path):
    data = video.read_bytes()
    for share, problem in ((0.8, 'damaged after'), (0.0, 'InvalidDataError: Invalid data')):
        path = tmp_path / 'cut.mp4'
        path.write_bytes(data[: int(share * len(data))])
        assert scan_video(str(path)).error.startswith(problem)


def test_missing_video_is_an_error_without_its_folder(tmp_path):
    assert scan_video(str(tmp_path / 'a.mp4')).error == (
        'FileNotFoundError: No such file or directory'
    )


def test_sound_without_video_is_named(tmp_path):
    path = str(tmp_path / 'sound.mp4')
    with av.open(path, 'w') as writer:
        stream = writer.add_stream('aac', rate=8000, layout='mono')
        sound = np.zeros((1, 8000), dtype=np.float32)
        frame = av.AudioFrame.from_ndarray(sound, format='fltp', layout='mono')
        frame.rate = 8000
        writer.mux(stream.encode(frame))
        writer.mux(stream.encode())
    assert scan_video(path).error == 'no video stream'


def test_frame_folder_is_counted(tmp_path):
    write_frames(tmp_path / 'a', 7)
    (tmp_path / 'a' / 'flow_x_00001.jpg').write_bytes(b'')
    assert scan_frames(str(tmp_path / 'a'), '', 5) == Outcome(7, 32, 24)


def damage_gap(folder):
    (folder / '00003.jpg').unlink()


def damage_start(folder):
    (folder / '00007.jpg').rename(folder / '00000.jpg')


def damage_empty(folder):
    (folder / '00002.jpg').write_bytes(b'')


def damage_first(folder):
    (folder / '00001.jpg').write_bytes(b'no image')


def damage_names(folder):
    for path in list(folder.iterdir()):
        path.rename(folder / f'img_{path.name}')


@pytest.mark.parametrize(
    ('damage', 'problem'),
    [
        (damage_gap, '00003.jpg is missing, of 7'),
        (damage_start, 'numbering starts with 00000.jpg, not with 1'),
        (damage_empty, '00002.jpg is empty'),
        (damage_first, 'cannot identify image file'),
        (damage_names, 'no file 00001.jpg or the like'),
    ],
)
def test_damaged_frame_folder_is_named(tmp_path, damage, problem):
    write_frames(tmp_path / 'a', 7)
    damage(tmp_path / 'a')
    assert problem in scan_frames(str(tmp_path / 'a'), '', 5).error
