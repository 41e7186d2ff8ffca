"""Decoding in another process: the same frames, and what a bad file does to it."""

import io
import os
import signal
import struct
import time
from multiprocessing import get_context

import av
import cv2
import decord
import numpy as np
import pytest

from mmgsf.datasets.damaged import fuzz
from mmgsf.datasets.decoding import DamagedClip, DecodingProcess, decoding_process

from ...videos import noise_clip, write_video


@pytest.fixture(scope='module')
def process():
    process = DecodingProcess()
    yield process
    process.stop()


@pytest.fixture(scope='module')
def sources(tmp_path_factory):
    return {path.name: path for path in fuzz.make_sources(tmp_path_factory.mktemp('sources'))}


def upstream(path, indices):
    """Frames as MMAction2's DecordInit and DecordDecode get them."""
    reader = decord.VideoReader(io.BytesIO(path.read_bytes()), num_threads=1)
    return reader.get_batch(indices).asnumpy()


@pytest.mark.parametrize('name', fuzz.FORMATS)
def test_frames_are_decords_own(process, sources, name):
    video = process.open(str(sources[name]), known=0)
    assert len(video) == fuzz.NUM_FRAMES
    indices = [40, 3, 3, 47, 0]
    frames = video.frames(indices)
    assert np.array_equal(frames, upstream(sources[name], indices))
    # The caller's own: the next request leaves them alone.
    kept = frames[0].copy()
    video.frames([1])
    assert np.array_equal(frames[0], kept)


def test_a_video_is_opened_again_after_another(process, sources):
    first = process.open(str(sources['h264.mp4']))
    process.open(str(sources['vp9.webm']))
    assert np.array_equal(first.frames([7]), upstream(sources['h264.mp4'], [7]))


def ordinary(folder):
    """Files that are unusual and whole: path and frames as they were written."""
    for name, shape in (
        ('one.mp4', (1, 48, 64)),
        ('odd.webm', (12, 47, 65)),
        ('two.mkv', (2, 48, 64)),
    ):
        clip = noise_clip(3, *shape)
        codec = 'libvpx-vp9' if name == 'odd.webm' else 'libx264'
        yield write_video(folder / name, clip, codec=codec), len(clip), clip.shape[1:3]


def test_one_frame_and_odd_sizes_decode_right(process, tmp_path):
    for path, count, size in ordinary(tmp_path):
        video = process.open(str(path), known=0)
        assert len(video) == count
        frames = video.frames(range(count))
        assert frames[0].shape[:2] == size
        assert np.array_equal(frames, upstream(path, range(count)))


def test_unequal_times_and_rotation_decode_right(process, tmp_path):
    clip = noise_clip(4, 12, 96, 128)
    path = tmp_path / 'vfr.mp4'
    with av.open(str(path), 'w') as container:
        stream = container.add_stream('libx264', rate=12)
        stream.height, stream.width, stream.pix_fmt = 96, 128, 'yuv420p'
        for number, image in enumerate(clip):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format='rgb24')
            frame.pts = number * (number + 1)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert np.array_equal(
        process.open(str(path), known=0).frames(range(12)), upstream(path, range(12))
    )
    data = bytearray(path.read_bytes())
    # The matrix in the track's header says: turn by a quarter.
    place = data.index(b'tkhd') + 4 + 40
    struct.pack_into('>9i', data, place, 0, 1 << 16, 0, -1 << 16, 0, 0, 96 << 16, 0, 1 << 30)
    turned = tmp_path / 'turned.mp4'
    turned.write_bytes(data)
    frames = process.open(str(turned), known=0).frames(range(12))
    assert frames[0].shape == (128, 96, 3)
    assert np.array_equal(frames, np.rot90(upstream(path, range(12)), -1, (1, 2)))


def audio_only(path):
    with av.open(str(path), 'w') as container:
        stream = container.add_stream('aac', rate=16000, layout='mono')
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.float32), 'fltp', 'mono')
        frame.sample_rate = 16000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())


def damaged_files(folder, sources):
    """Path and a word of the reason."""
    mp4, webm, avi = (
        sources[name].read_bytes() for name in ('stream.mp4', 'vp9.webm', 'mpeg4.avi')
    )
    half = len(mp4) // 2
    contents = {
        'empty.mp4': (b'', 'empty'),
        'text.mp4': (b'not a video\n' * 20, 'no video can be opened'),
        'cut.mp4': (mp4[:half], 'cut off'),
        'cut.webm': (webm[: len(webm) // 2], 'cut off'),
        'cut.avi': (avi[: len(avi) // 2], 'cut off'),
        'flipped.mp4': (
            mp4[:half] + bytes(255 - b for b in mp4[half : half + 20]) + mp4[half + 20 :],
            '',
        ),
        'no_frames.mp4': (with_count(mp4, 0), 'sample count|states'),
        'fewer.mp4': (with_count(mp4, 20), 'states'),
        'more.mp4': (with_count(mp4, 900), 'sample count|states|larger|frames'),
    }
    for name, (content, reason) in contents.items():
        (folder / name).write_bytes(content)
        yield folder / name, reason
    audio_only(folder / 'sound.mp4')
    yield folder / 'sound.mp4', 'no video|video stream'
    (folder / 'folder.mp4').mkdir()
    yield folder / 'folder.mp4', 'a folder'
    yield folder / 'missing.mp4', 'no such file'


def with_count(data, number):
    """The header's table of sizes speaks of another number of frames."""
    data = bytearray(data)
    struct.pack_into('>I', data, data.index(b'stsz') + 12, number)
    return bytes(data)


def test_damaged_files_are_refused_by_name_and_reason(process, sources, tmp_path):
    for path, reason in damaged_files(tmp_path, sources):
        with pytest.raises(DamagedClip, match=reason) as caught:
            process.open(str(path), known=0).frames([0])
        assert str(path) in str(caught.value)
        assert not caught.value.transient


def test_what_a_codec_conceals_is_refused(process, sources, tmp_path):
    """Upstream hands out frames for these that the codec made up of others."""
    found = 0
    for seed in range(8):
        path = tmp_path / f'{seed}.mp4'
        fuzz.damage(sources['intra.mp4'], path, 'bits, 0.1 %', seed)
        try:
            frames = upstream(path, range(fuzz.NUM_FRAMES))
        except Exception:
            continue
        if np.array_equal(frames, upstream(sources['intra.mp4'], range(fuzz.NUM_FRAMES))):
            continue
        found += 1
        with pytest.raises(DamagedClip):
            process.open(str(path), known=0)
    assert found


def test_whether_a_file_is_damaged_does_not_depend_on_the_frames_drawn(process, sources, tmp_path):
    path = tmp_path / 'late.mp4'
    data = bytearray(sources['intra.mp4'].read_bytes())
    moov = data.index(b'moov')
    data[moov - 400 : moov - 300] = bytes(100)
    path.write_bytes(data)
    for _ in range(5):
        with pytest.raises(DamagedClip):
            process.open(str(path), known=0)


def test_marks_of_checked_files_change_with_the_file(process, sources, tmp_path):
    path = tmp_path / 'clip.mp4'
    path.write_bytes(sources['h264.mp4'].read_bytes())
    mark = process.open(str(path), known=0).mark
    assert process.open(str(path), known=mark).mark == mark != 0
    path.write_bytes(sources['intra.mp4'].read_bytes())
    assert process.open(str(path), known=mark).mark != mark


def test_crash_ends_the_decoding_process_only(process, sources):
    video = process.open(str(sources['h264.mp4']))
    os.kill(process.process.pid, signal.SIGSEGV)
    with pytest.raises(DamagedClip, match='crashes on it .SIGSEGV.') as caught:
        video.frames([0])
    assert caught.value.transient
    assert np.array_equal(video.frames([5]), upstream(sources['h264.mp4'], [5]))


def test_hang_is_ended_by_the_time_out(process, sources):
    video = process.open(str(sources['h264.mp4']))
    video.timeout = 0.3
    hung = process.process.pid
    os.kill(hung, signal.SIGSTOP)
    with pytest.raises(DamagedClip, match='longer than 0.3 s') as caught:
        video.frames([0])
    assert caught.value.transient
    with pytest.raises(ProcessLookupError):
        os.kill(hung, 0)
    video.timeout = 60
    assert np.array_equal(video.frames([5]), upstream(sources['h264.mp4'], [5]))


def _open_in_child(path, connection):
    process = decoding_process()
    frames = process.open(path).frames([2])
    connection.send((process.process.pid, frames[0].sum()))


def test_a_forked_process_gets_its_own_and_takes_it_along(sources):
    path = sources['h264.mp4']
    ours = decoding_process()
    video = ours.open(str(path))
    context = get_context('fork')
    here, there = context.Pipe()
    child = context.Process(target=_open_in_child, args=(str(path), there))
    child.start()
    theirs, total = here.recv()
    child.join()
    assert theirs != ours.process.pid
    assert video.frames([2])[0].sum() == total
    deadline = time.monotonic() + 60
    while os.path.exists(f'/proc/{theirs}') and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not os.path.exists(f'/proc/{theirs}')


def test_images_are_opencvs_own_after_a_video_too(process, sources, tmp_path):
    process.open(str(sources['h264.mp4']))
    for suffix in ('.jpg', '.png'):
        path = tmp_path / f'1{suffix}'
        cv2.imwrite(str(path), noise_clip(0)[0])
        (image,) = process.images(str(tmp_path), [str(path)])
        assert np.array_equal(image, cv2.imread(str(path))[..., ::-1])


def test_damaged_images_are_refused(process, tmp_path):
    path = tmp_path / '00001.jpg'
    cv2.imwrite(str(path), noise_clip(0)[0])
    whole = path.read_bytes()
    cases = {
        b'': 'empty',
        whole[: len(whole) // 2]: 'JPEG|no image',
        b'text': 'no image',
        whole[:-60] + bytes(58) + b'\xff\xd9': 'JPEG|no image',
    }
    for content, reason in cases.items():
        path.write_bytes(content)
        with pytest.raises(DamagedClip, match=f'00001.jpg: .*{reason}'):
            process.images(str(tmp_path), [str(path)])
    path.unlink()
    with pytest.raises(DamagedClip, match='00001.jpg: there is no such file'):
        process.images(str(tmp_path), [str(path)])


def test_images_of_two_sizes_are_refused(process, tmp_path):
    for name, width in (('1.png', 64), ('2.png', 32)):
        cv2.imwrite(str(tmp_path / name), np.zeros((48, width, 3), np.uint8))
    with pytest.raises(DamagedClip, match='2.png: 32x48, unlike'):
        process.images(str(tmp_path), [str(tmp_path / '1.png'), str(tmp_path / '2.png')])
