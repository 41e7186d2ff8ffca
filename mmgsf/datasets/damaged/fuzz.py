"""Damages videos from a seed, and tells what the training pipeline makes of each."""

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

NUM_FRAMES = 48
SIZE = (96, 128)  # height, width
NUM_SEGMENTS = 8
# Name, codec, its options, options of the container.
FORMATS = {
    'h264.mp4': ('libx264', {}, {}),
    'intra.mp4': ('libx264', {'g': '1', 'tune': 'fastdecode'}, {}),
    'stream.mp4': ('libx264', {}, {'movflags': 'faststart'}),
    'h264.mkv': ('libx264', {}, {}),
    'vp9.webm': ('libvpx-vp9', {'b': '300k'}, {}),
    'vp8.webm': ('libvpx', {'b': '300k'}, {}),
    'mpeg4.avi': ('mpeg4', {}, {}),
}


def make_sources(folder: Path) -> list[Path]:
    """Writes a clip of each format."""
    return [
        _write_clip(folder / name, seed, codec, options, container)
        for seed, (name, (codec, options, container)) in enumerate(FORMATS.items())
    ]


def _write_clip(path: Path, seed: int, codec: str, options: dict, container: dict) -> Path:
    """A pattern that drifts, under a bar of blocks that tell the frame's number in binary."""
    import av

    height, width = SIZE
    rng = np.random.default_rng(seed)
    shape = (height // 8, width // 8 + NUM_FRAMES // 4, 3)
    pattern = rng.integers(60, 190, shape, np.uint8).repeat(8, 0).repeat(8, 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), 'w', options=container) as output:
        stream = output.add_stream(codec, rate=12, options=options)
        stream.height, stream.width, stream.pix_fmt = height, width, 'yuv420p'
        for number in range(NUM_FRAMES):
            image = pattern[:, 2 * number : 2 * number + width].copy()
            for bit in range(8):
                block = slice(bit * width // 8, (bit + 1) * width // 8)
                image[: height // 4, block] = 235 if number >> bit & 1 else 16
            frame = av.VideoFrame.from_ndarray(image, format='rgb24')
            output.mux(stream.encode(frame))
        output.mux(stream.encode())
    return path


def cut_off(data: bytearray, rng: np.random.Generator) -> bytearray:
    return data[: int(rng.integers(1, len(data)))]


def flip_bits(share: float) -> Callable:
    def flip(data: bytearray, rng: np.random.Generator) -> bytearray:
        for place in rng.integers(0, len(data), max(1, round(share * len(data)))):
            data[place] ^= 1 << int(rng.integers(8))
        return data

    return flip


def flip_header(data: bytearray, rng: np.random.Generator) -> bytearray:
    """The index of an mp4 lies at one of the ends, other headers at the beginning."""
    moov = data.find(b'moov')
    start = moov if moov > 0 else 0
    end = min(len(data), start + 700)
    for place in rng.integers(start, end, int(rng.integers(1, 5))):
        data[place] = int(rng.integers(256))
    return data


def erase(data: bytearray, rng: np.random.Generator) -> bytearray:
    start = int(rng.integers(len(data)))
    length = min(len(data) - start, int(rng.integers(16, 2000)))
    data[start : start + length] = bytes(length)
    return data


def overwrite(data: bytearray, rng: np.random.Generator) -> bytearray:
    start = int(rng.integers(len(data)))
    length = min(len(data) - start, int(rng.integers(16, 2000)))
    data[start : start + length] = rng.bytes(length)
    return data


def cut_out(data: bytearray, rng: np.random.Generator) -> bytearray:
    start = int(rng.integers(len(data) - 2))
    del data[start : start + int(rng.integers(1, 2000))]
    return data


def state_frames(data: bytearray, rng: np.random.Generator) -> bytearray:
    """Writes no frames, or another number, where the header states how many there are."""
    number = int(rng.choice([0, 1, NUM_FRAMES // 2, NUM_FRAMES - 1, 2 * NUM_FRAMES]))
    for name, offset, layout in ((b'stsz', 12, '>I'), (b'stts', 12, '>I'), (b'avih', 24, '<I')):
        place = data.find(name)
        if place > 0 and (name != b'stts' or rng.integers(2)):
            struct.pack_into(layout, data, place + offset, number)
    return data


def empty(data: bytearray, rng: np.random.Generator) -> bytearray:
    return bytearray()


def text(data: bytearray, rng: np.random.Generator) -> bytearray:
    return bytearray(b'<html><body>404 Not Found</body></html>\n' * int(rng.integers(1, 50)))


DAMAGES = {
    'cut off': cut_off,
    'one bit': flip_bits(0),
    'bits, 0.1 %': flip_bits(0.001),
    'bits, 1 %': flip_bits(0.01),
    'header': flip_header,
    'erased': erase,
    'overwritten': overwrite,
    'cut out': cut_out,
    'frame count': state_frames,
    'zero bytes': empty,
    'text': text,
}
# What no reading can be right of.
CERTAIN = ('zero bytes', 'text')


def damage(source: Path, target: Path, kind: str, seed: int) -> bool:
    """Writes a damaged copy; False if it is the same as the original."""
    original = source.read_bytes()
    data = DAMAGES[kind](bytearray(original), np.random.default_rng(seed))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    return bytes(data) != original


@dataclass(frozen=True)
class Trial:
    """What became of a file.

    `outcome` is 'reported', 'equal' (as the original), 'altered' (other pixels, and nothing said),
    'shorter' (another number of frames, and nothing said) or 'another frame'.
    """

    outcome: str
    reason: str = ''
    frames: list[int] = field(default_factory=list)


def try_file(path: str, source: str, folder: str, seed: int, timeout: float) -> Trial:
    """Puts a file through the training pipeline's guard. Runs inside workers.

    Args:
        path: the damaged file.
        source: the original.
        folder: where the list of damaged videos is kept.
        seed: of the sampling.
        timeout: seconds for opening, and again for decoding.
    """
    guard = _guard(folder, timeout)
    np.random.seed(seed)
    label = {'label': 0, 'start_index': 0, 'modality': 'RGB', 'sample_idx': 0}
    found = guard({'filename': path, **label})
    if found is None:
        reasons = [reason for listed, _, reason in guard.records.entries() if listed == path]
        return Trial('reported' if reasons else 'dropped', (reasons or [''])[0])
    numbers = found['frame_inds'].tolist()
    return Trial(_compare(found, _frames(source)), '', numbers)


def _compare(found: dict, original: np.ndarray) -> str:
    if found['total_frames'] != len(original):
        return 'shorter'
    outcome = 'equal'
    for number, image in zip(found['frame_inds'], found['imgs'], strict=True):
        if np.array_equal(image, original[number]):
            continue
        outcome = 'altered'
        if image.shape == original.shape[1:]:
            distance = np.abs(original.astype(np.int16) - image).mean((1, 2, 3))
            nearest = int(distance.argmin())
            if nearest != number and distance[nearest] < 1 < distance[number]:
                return 'another frame'
    return outcome


@cache
def _guard(folder: str, timeout: float):
    import mmgsf.register  # noqa: F401, I001
    from mmengine.dataset import Compose
    from mmengine.registry import init_default_scope

    from ..transforms.decoding import Decoding
    from . import BadVideos, Guard, Settings

    init_default_scope('mmaction')
    steps = [
        {'type': 'DecordInit'},
        {'type': 'SegmentSampleFrames', 'num_clips': NUM_SEGMENTS},
        {'type': 'DecordDecode'},
    ]
    pipeline = Compose(steps)
    pipeline.transforms[0].decoding = Decoding(timeout, marks=_NoMarks())
    return Guard(pipeline, 'train', True, BadVideos(folder, Settings(share=1.0, timeout=timeout)))


class _NoMarks(dict):
    """Every file is decoded whole, each time."""

    def __missing__(self, key: object) -> int:
        return 0

    def __setitem__(self, key: object, mark: int) -> None:
        """Remembers nothing."""


@cache
def _frames(path: str) -> np.ndarray:
    from ..decoding import decoding_process

    video = decoding_process().open(path)
    return np.stack(video.frames(range(len(video))))


def resident_bytes(pid: int | str = 'self') -> int:
    """Memory of a process that is its own: not shared, not of files."""
    for line in Path(f'/proc/{pid}/status').read_text().splitlines():
        if line.startswith('RssAnon:'):
            return int(line.split()[1]) * 1024
    raise OSError(f'/proc/{pid}/status has no RssAnon')


def measure_memory(files: list[tuple[str, str]], folder: str, decodes: int) -> list[list[int]]:
    """Decodes clips over and over in this process.

    Args:
        files: damaged file and its original, or a whole file twice.
        folder: as for `try_file`.
        decodes: how many, at least 10.

    Returns:
        Bytes of this process and of its decoding process, after each tenth of the decodes.
    """
    from ..decoding import decoding_process

    table = []
    for number in range(decodes):
        try_file(*files[number % len(files)], folder, number, 60.0)
        if (number + 1) % (decodes // 10) == 0:
            server = decoding_process().process
            table.append([resident_bytes(), resident_bytes(server.pid) if server else 0])
    return table
