"""What the rows of a list say: labels inside the class count, and clips long enough."""

from collections.abc import Iterator, Sequence

from .findings import Finding, PreflightError
from .lists import ClipList

# GSF looks one frame back and one ahead.
FEWEST_FRAMES = 3


def check_labels(cfg: dict, clips: ClipList) -> Iterator[Finding]:
    """Labels must lie inside the head's class counts; classes without a clip are told."""
    head = (cfg.get('model') or {}).get('cls_head') or {}
    if clips.kind == 'EpicKitchens100':
        rows = {
            argument: [entry.labels[i : i + 1] for entry in clips.entries]
            for i, argument in enumerate(('num_verbs', 'num_nouns'))
        }
    else:
        rows = {'num_classes': [entry.labels for entry in clips.entries]}
    for argument, labels in rows.items():
        if head.get(argument) is not None:
            yield _check_range(clips, labels, argument, head[argument])


def _check_range(
    clips: ClipList, rows: Sequence[tuple[int, ...]], argument: str, count: int
) -> Finding:
    found = {label for labels in rows for label in labels if label >= 0}
    if not found:
        return Finding('info', f'{clips.split}: no labels, so there will be scores and no accuracy')
    if max(found) >= count:
        index = next(i for i, labels in enumerate(rows) if labels and max(labels) >= count)
        from_one = 0 not in found and max(found) == count
        hint = '; labels count from 0, these seem to count from 1' if from_one else ''
        raise PreflightError(
            f'{clips.ann_file} line {index + clips.first_line}: label {max(rows[index])} is outside '
            f'0..{count - 1}, the range of model.cls_head.{argument}={count}; use the list that '
            f'belongs to this config, or set {argument}{hint}'
        )
    if clips.split == 'train' and len(found) < count:
        none = next(label for label in range(count) if label not in found)
        text = f'train: {count - len(found)} of {argument}={count} have no clip, first label {none}'
        # Some nouns of EPIC-Kitchens-100 occur in no training segment.
        if clips.kind == 'EpicKitchens100':
            return Finding('info', text)
        return Finding(
            'warning', f'{text}; if the list is whole, {argument} or the labels are wrong'
        )
    return Finding(
        'ok', f'{clips.split}: labels {min(found)} to {max(found)} of {argument}={count}'
    )


def check_length(clips: ClipList, num_segments: int | None) -> Iterator[Finding]:
    """Folders of a list that states their frames must not be too short."""
    lengths = [e.num_frames for e in clips.entries if e.num_frames is not None]
    if lengths:
        yield from length_findings(clips.split, lengths, num_segments, 'clips of the list')


def length_findings(
    split: str, lengths: list[int], num_segments: int | None, kind: str
) -> Iterator[Finding]:
    """What there is to say about clips of these numbers of frames."""
    short = sum(length < FEWEST_FRAMES for length in lengths)
    if short:
        yield Finding(
            'warning',
            f'{split}: {short} of {len(lengths)} {kind} have fewer than {FEWEST_FRAMES} frames, '
            'which show no motion both ways; leave them out, or look how they were cut',
        )
    repeating = sum(length < (num_segments or 0) for length in lengths)
    if repeating:
        yield Finding(
            'info',
            f'{split}: {repeating} of {len(lengths)} {kind} have fewer than {num_segments} frames; '
            'their frames are repeated',
        )
    if not short and not repeating:
        yield Finding('ok', f'{split}: {kind} have {min(lengths)} frames or more')
