"""A few files of a list: are they there, and does the pipeline's own decoder read them?"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from .config import type_name
from .content import length_findings
from .findings import Finding, PreflightError
from .lists import ClipList, Entry

SAMPLED_FILES = 16
DECODED_FILES = 6


def sample(entries: Sequence[Entry], count: int) -> list[Entry]:
    """Up to `count` entries, spread over all, the first and the last among them."""
    last = len(entries) - 1
    return [entries[i] for i in sorted({round(k * last / (count - 1)) for k in range(count)})]


def found_damaged(
    clips: ClipList, faults: Sequence[str], sampled: int, remedy: str, tolerant: bool
) -> Finding:
    """What to say of clips that are damaged or missing.

    Args:
        clips: their list.
        faults: what is wrong, first how many and then the first of them.
        sampled: number of clips that were looked at, of which `faults[1:]` are at fault.
        remedy: what to do.
        tolerant: the run goes on without a few damaged clips.

    Raises:
        PreflightError: it does not, or there are more than a few.
    """
    text = f'{faults[0]}; {remedy}'
    if not tolerant or 2 * (len(faults) - 1) > sampled:
        raise PreflightError(text)
    return Finding('warning', f'{clips.split}: {text}; the run will list all such clips')


def check_presence(clips: ClipList, remedy: str, tolerant: bool = False) -> Iterator[Finding]:
    """A sample of the files must be there, or most if the run is tolerant."""
    sampled = sample(clips.entries, SAMPLED_FILES)
    missing = [entry.path for entry in sampled if not _is_there(clips, clips.folder / entry.path)]
    if missing:
        text = (
            f'{len(missing)} of {len(sampled)} files sampled from {clips.ann_file} are not in '
            f'{clips.folder}, first {missing[0]}'
        )
        yield found_damaged(clips, [text, *missing], len(sampled), remedy, tolerant)
        return
    yield Finding('ok', f'{clips.split}: {len(sampled)} sampled files are in {clips.folder}')


def check_decoding(
    clips: ClipList,
    pipeline: Sequence[dict],
    num_segments: int | None,
    remedy: str,
    tolerant: bool = False,
) -> Iterator[Finding]:
    """The first frame of a few clips must come out of the pipeline's decoder, or of most."""
    steps = _decoder(pipeline)
    # Frames of flow are pairs of files.
    if not steps or (clips.template is None and clips.entries[0].num_frames is not None):
        yield Finding('info', f'{clips.split}: the pipeline has no decoder known here, none tried')
        return
    sampled = sample(clips.entries, DECODED_FILES)
    lengths, faults = [], []
    for entry in sampled:
        try:
            lengths.append(_first_frame(clips, entry, steps))
        # Decoders raise what they like; whatever it is, training would end of it.
        except Exception as error:
            reason = ' '.join(f'{type(error).__name__}: {error}'.split())[:200]
            faults.append(f'{entry.path} ({reason})')
    if faults:
        text = (
            f'{len(faults)} of {len(sampled)} clips sampled from {clips.ann_file} cannot be '
            f'decoded by {type_name(steps[-1])}, first {faults[0]}'
        )
        yield found_damaged(clips, [text, *faults], len(sampled), remedy, tolerant)
        return
    yield Finding('ok', f'{clips.split}: {len(sampled)} sampled clips are decoded')
    if clips.entries[0].num_frames is None:
        yield from length_findings(clips.split, lengths, num_segments, 'sampled clips')


def _is_there(clips: ClipList, path: Path) -> bool:
    if clips.entries[0].num_frames is not None:
        return path.is_dir()
    # MMAction2's DecordInit adds .mp4 where a name has no suffix.
    return path.is_file() or (not path.suffix and path.with_suffix('.mp4').is_file())


def _decoder(pipeline: Sequence[dict]) -> list[dict]:
    """The transforms that open and decode a clip; none if the pipeline does it otherwise."""
    types = [type_name(step) for step in pipeline]
    end = next((i for i, name in enumerate(types) if name.endswith('Decode')), None)
    if end is None:
        return []
    opening = [pipeline[i] for i in range(end) if types[i].endswith('Init')]
    return [*opening, pipeline[end]]


def _first_frame(clips: ClipList, entry: Entry, steps: Sequence[dict]) -> int:
    """Number of frames of a clip whose first frame has been decoded."""
    from mmaction.registry import TRANSFORMS

    path = str(clips.folder / entry.path)
    results = {
        'filename': path,
        'frame_dir': path,
        'filename_tmpl': clips.template,
        'modality': 'RGB',
        'total_frames': entry.num_frames,
        'frame_inds': np.array([entry.first_frame]),
        'clip_len': 1,
        'num_clips': 1,
    }
    for step in steps:
        results = TRANSFORMS.build(dict(step))(results)
    return results['total_frames']
