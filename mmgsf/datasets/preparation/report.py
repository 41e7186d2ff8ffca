"""What a preparation found, as JSON and as text."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

NAMES_SHOWN = 5
SIZES_SHOWN = 5


@dataclass
class SplitReport:
    """One list.

    Args:
        list: file below the root.
        sha256: of that file.
        annotated: clips that the provider names.
        written: clips in the list.
        missing: names of clips without a file.
        unreadable: names of clips whose file cannot be used, each with the reason.
        frames: number of clips by number of frames, in bins such as '16-31'.
        sizes: number of clips by frame size in pixels, '320x240', most frequent first.
    """

    list: str
    sha256: str
    annotated: int
    written: int
    missing: list[str]
    unreadable: dict[str, str]
    frames: dict[str, int]
    sizes: dict[str, int]

    @property
    def share_left_out(self) -> float:
        """In [0, 1]."""
        return 1 - self.written / self.annotated


@dataclass
class Report:
    """All lists of a dataset by split, and notes on how the provider's files were read."""

    dataset: str
    splits: dict[str, SplitReport] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict:
        return asdict(self)

    def text(self) -> str:
        """For a terminal; long enumerations are cut."""
        lines = []
        for name, split in self.splits.items():
            lines += [
                f'{name}: {split.written} clips in {split.list}, {len(split.missing)} missing, '
                f'{len(split.unreadable)} unreadable',
                f'  frames: {_counts(split.frames)}',
                f'  sizes: {_counts(split.sizes, SIZES_SHOWN)}',
                f'  sha256: {split.sha256}',
            ]
            reasons = [f'{clip} ({reason})' for clip, reason in split.unreadable.items()]
            for title, clips in (('missing', split.missing), ('unreadable', reasons)):
                if clips:
                    lines.append(f'  {title}: {_shortened(clips, NAMES_SHOWN)}')
        return '\n'.join([*lines, *(f'note: {note}' for note in self.notes)])


def frame_histogram(frames: Iterable[int]) -> dict[str, int]:
    """Number of clips by number of frames; each bin is twice as wide as the one before."""
    bins = Counter(number.bit_length() for number in frames)
    return {f'{2 ** (b - 1)}-{2**b - 1}': bins[b] for b in sorted(bins)}


def size_histogram(sizes: Iterable[tuple[int, int]]) -> dict[str, int]:
    """Number of clips by (width, height) in pixels, most frequent first."""
    counts = Counter(sizes)
    ordered = sorted(counts, key=lambda size: (-counts[size], size))
    return {f'{width}x{height}': counts[width, height] for width, height in ordered}


def _counts(histogram: dict[str, int], shown: int | None = None) -> str:
    return _shortened([f'{key}: {number}' for key, number in histogram.items()], shown)


def _shortened(texts: list[str], shown: int | None) -> str:
    rest = 0 if shown is None else len(texts) - shown
    return ', '.join(texts[:shown]) + (f' and {rest} more' if rest > 0 else '')
