"""Re-encodes videos so that random frames of them are cheap to read; the originals stay."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from .encoder import Encoding, encode, make_video
from .journal import Job, run_jobs
from .media import VIDEO_SUFFIXES, Outcome, require_av

if TYPE_CHECKING:
    import av

JOURNAL = 'reencoding.jsonl'
TIMEOUT = 3600.0  # seconds, for the longest video
NAMES_SHOWN = 5


@dataclass(frozen=True)
class Reencoding:
    """What a run of `reencode_folder` came to.

    Args:
        videos: number of videos found.
        failed: paths below the source, each with the reason.
        bytes_before: of the originals that were re-encoded.
        bytes_after: of what was made of them.
    """

    videos: int
    failed: dict[str, str]
    bytes_before: int
    bytes_after: int

    @property
    def share_failed(self) -> float:
        """In [0, 1]."""
        return len(self.failed) / self.videos

    def as_json(self) -> dict:
        return asdict(self)

    def text(self) -> str:
        """For a terminal; a long enumeration is cut."""
        before, after = self.bytes_before / 1e6, self.bytes_after / 1e6
        lines = [
            f'{self.videos - len(self.failed)} of {self.videos} videos re-encoded, '
            f'{before:.1f} MB before, {after:.1f} MB after'
        ]
        shown = list(self.failed.items())[:NAMES_SHOWN]
        lines += [f'failed: {name} ({reason})' for name, reason in shown]
        if len(self.failed) > len(shown):
            lines.append(f'failed: {len(self.failed) - len(shown)} more')
        return '\n'.join(lines)


def reencode_folder(
    source: str | Path, target: str | Path, encoding: Encoding, workers: int
) -> Reencoding:
    """Re-encodes all videos below a folder into the same tree of mp4 files below another.

    A journal in the target makes an interrupted run go on where it stopped; a video is made again
    only if its original, itself or the encoding changed.

    Args:
        source: folder with videos; nothing in it is changed.
        target: folder outside of it, made if missing.
        workers: number of processes, at least 1.

    Raises:
        FileNotFoundError: `source` is no folder.
        ValueError: there is no video in it, two of them would become one file, one folder lies in
            the other, or `workers` is less than 1.
        ImportError: PyAV is missing.
    """
    source, target = Path(source), Path(target)
    if workers < 1:
        raise ValueError(f'workers={workers}: re-encoding needs 1 or more')
    if not source.is_dir():
        raise FileNotFoundError(f'{source} is no folder; give the one with the videos')
    places = (source.resolve(), target.resolve())
    if places[0].is_relative_to(places[1]) or places[1].is_relative_to(places[0]):
        raise ValueError(f'{source} and {target}: one lies in the other; take a folder outside')
    require_av()
    jobs = list(_jobs(source, target, encoding))
    if not jobs:
        raise ValueError(f'{source} holds no video ({", ".join(VIDEO_SUFFIXES)})')
    target.mkdir(parents=True, exist_ok=True)
    outcomes = run_jobs(jobs, target / JOURNAL, workers, TIMEOUT, source.name)
    failed = {key: outcome.error for key, outcome in sorted(outcomes.items()) if outcome.error}
    made = [job for job in jobs if job.key not in failed]
    return Reencoding(
        videos=len(jobs),
        failed=failed,
        bytes_before=sum(job.reads.stat().st_size for job in made),
        bytes_after=sum(job.makes.stat().st_size for job in made),
    )


def reencode_job(key: str, source: Path, target: Path, encoding: Encoding) -> Job:
    """Of one video; `target` ends in .mp4."""
    arguments = (str(source), str(target), encoding)
    return Job(key, reencode_video, arguments, source, target, encoding.settings)


def reencode_video(source: str, target: str, encoding: Encoding) -> Outcome:
    """Writes a video anew, frame by frame: as many, in the same order, at its mean rate.

    Readers that go by the number of a frame, as decord does, find in the new file what they found
    in the old one, also where frames were shown for unequal times. Runs inside workers.

    Args:
        source: any video; only its first video stream is taken.
        target: mp4 to write; its folder is made.
    """
    return make_video(source, target, partial(_write, source, encoding))


def _write(source: str, encoding: Encoding, part: Path) -> int:
    """Number of frames written.

    Raises:
        ValueError: not every packet of the source gives a frame.
    """
    import av

    with av.open(source) as reader:
        if not reader.streams.video:
            raise ValueError('no video stream')
        stream = reader.streams.video[0]
        frames = _Frames(reader, stream)
        number = encode(frames, stream, part, encoding)
    if number != frames.packets:
        raise ValueError(f'{number} of {frames.packets} frames can be decoded')
    return number


class _Frames:
    """The frames of a stream, and how many packets they came from; decord counts packets."""

    def __init__(self, reader: 'av.container.InputContainer', stream: 'av.VideoStream') -> None:
        self.reader, self.stream = reader, stream
        self.packets = 0

    def __iter__(self) -> Iterator['av.VideoFrame']:
        for packet in self.reader.demux(self.stream):
            if packet.size:
                self.packets += not packet.is_discard
            yield from packet.decode()


def _jobs(source: Path, target: Path, encoding: Encoding) -> Iterator[Job]:
    owners: dict[Path, Path] = {}
    for path in sorted(source.rglob('*')):
        if path.suffix.lower() not in VIDEO_SUFFIXES or not path.is_file():
            continue
        relative = path.relative_to(source)
        product = target / relative.with_suffix('.mp4')
        owner = owners.setdefault(product, relative)
        if owner is not relative:
            raise ValueError(f'{owner} and {relative} would both become {product}; rename one')
        yield reencode_job(relative.as_posix(), path, product, encoding)
