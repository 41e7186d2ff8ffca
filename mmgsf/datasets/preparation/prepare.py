"""From a provider's files to lists and a report: read, look at every clip, write all or nothing."""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ..lists import REENCODED, REPORT, text_of, write_files
from . import diving48, epic100, folder, k400, ssv1, ssv2
from .clips import Clip, Entry, Source, Split, Unusable
from .encoder import Encoding
from .journal import run_jobs
from .media import Outcome, require_av, scan_frames, scan_video
from .reencode import TIMEOUT, reencode_job
from .report import Report, SplitReport, frame_histogram, size_histogram

PROVIDERS: dict[str, Callable[..., Source]] = {
    'ssv1': ssv1.read,
    'ssv2': ssv2.read,
    'k400': k400.read,
    'diving48': diving48.read,
    'epic100': epic100.read,
    'folder': folder.read,
}
JOURNAL = '{dataset}_preparation.jsonl'


@dataclass
class Preparation:
    """Lists that are ready to be written, and the report on them."""

    root: Path
    lists: dict[str, list[str]]  # lines by file name below the root
    report: Report

    def write(self, max_missing: float = 0.05) -> None:
        """Writes the lists and the report (JSON) below the root.

        Args:
            max_missing: share of a split's clips, in [0, 1], that may be missing or unreadable.

        Raises:
            ValueError: more are; what lay there is as it was.
        """
        if not 0 <= max_missing <= 1:
            raise ValueError(f'max_missing={max_missing}: it is a share; take one from 0 to 1')
        for name, split in self.report.splits.items():
            if split.share_left_out > max_missing or not split.written:
                first = next(iter([*split.missing, *split.unreadable]))
                raise ValueError(
                    f'{name}: {len(split.missing)} clips are missing and {len(split.unreadable)} '
                    f'unreadable of {split.annotated}, {split.share_left_out:.3f} against '
                    f'--max-missing {max_missing:g}, first {first}; no list was written: '
                    'complete the files, or allow more'
                )
        report = json.dumps(self.report.as_json(), indent=1, ensure_ascii=False)
        files = {**self.lists, REPORT.format(dataset=self.report.dataset): report.splitlines()}
        write_files({self.root / name: lines for name, lines in files.items()})

    def keep(self, name: str, remedy: str) -> None:
        """Refuses to replace what a user has edited: the file `name`, or any before the first run.

        Raises:
            ValueError: a file lies there with another content than it would get.
        """
        is_first = not (self.root / REPORT.format(dataset=self.report.dataset)).exists()
        for each in self.lists if is_first else [name]:
            path = self.root / each
            if path.is_file() and path.read_bytes() != text_of(self.lists[each]).encode():
                raise ValueError(f'{path} is there and not what would be written; {remedy}')


def scan_dataset(
    dataset: str,
    root: str | os.PathLike,
    workers: int | None = None,
    encoding: Encoding | None = None,
    **options: object,
) -> Preparation:
    """Reads a provider's annotations and looks at every clip, in parallel.

    What was found is kept in a journal below the root: an interrupted scan goes on where it stopped,
    and a later one looks only at files whose size or time of change is another. The workers import
    the calling script, whose work must stand below `if __name__ == '__main__':`.

    Args:
        dataset: 'ssv1', 'ssv2', 'k400', 'diving48', 'epic100', or 'folder' for a user's own videos.
        root: folder with the provider's files.
        workers: number of processes; None takes one for each CPU.
        encoding: if given, every video is re-encoded into its place below `root`/reencoded, and the
            preparation is of that folder, with lists of its own; nothing else is changed.
        **options: of the dataset's reader; see `folder.read`, the only one that has some.

    Raises:
        FileNotFoundError: a file or folder of the provider is missing.
        ValueError: an annotation file is not as its provider made it; file and line are named. Or
            there is no video to re-encode.
        ImportError: PyAV is missing, and there are videos to read.
    """
    if dataset not in PROVIDERS:
        raise ValueError(f'dataset={dataset!r}: known are {", ".join(PROVIDERS)}')
    workers = (os.cpu_count() or 1) if workers is None else workers
    if workers < 1:
        raise ValueError(f'workers={workers}: the scan needs 1 or more')
    root = Path(root)
    if not root.is_dir():
        files = 'videos' if dataset == 'folder' else "provider's files"
        raise FileNotFoundError(f'{root} is no folder; give the one with the {files}')
    source = PROVIDERS[dataset](root, **options)
    splits, notes = _unique(source)
    timeout = source.timeout
    if encoding is not None:
        root, timeout = root / REENCODED, TIMEOUT
        splits = [_reencoded(split, root, encoding) for split in splits]
        root.mkdir(exist_ok=True)
    jobs = [clip.job for split in splits for clip in split.clips if clip.job is not None]
    if any(job.function is not scan_frames for job in jobs):
        require_av()
    journal = root / JOURNAL.format(dataset=dataset)
    outcomes = run_jobs(jobs, journal, workers, timeout, dataset)
    notes = [*source.notes, *notes, *source.remarks(outcomes)]
    report = Report(dataset, notes=notes)
    lists = {}
    for split in splits:
        lists[split.list_name], report.splits[split.name] = _list(split, outcomes)
    return Preparation(root, {**lists, **source.files}, report)


def _reencoded(split: Split, root: Path, encoding: Encoding) -> Split:
    """The split of the videos that are made of its own, below `root`."""
    clips = []
    for clip in split.clips:
        if clip.job is None:
            clips.append(clip)
            continue
        if clip.job.function is not scan_video:
            raise ValueError(
                'nothing to re-encode: clips are frame folders, or cut from long videos, which '
                're-encodes them; leave --reencode away'
            )
        target = (root / clip.job.key).with_suffix('.mp4')
        job = reencode_job(clip.job.key, clip.job.reads, target, encoding)
        path = Path(clip.path).with_suffix('.mp4').as_posix()
        clips.append(replace(clip, path=path, job=job))
    return replace(split, clips=clips)


def _unique(source: Source) -> tuple[list[Split], list[str]]:
    """The splits to prepare, every clip once, and notes on rows that were said twice."""
    seen: dict[str, tuple[str, Clip]] = {}
    splits, notes = [], []
    for split in source.splits:
        if not split.clips:
            raise ValueError(f'{split.list_name} would be empty: the annotations name no clip')
        clips = []
        for clip in split.clips:
            name, first = seen.setdefault(clip.name, (split.name, clip))
            if first is clip:
                clips.append(clip)
            elif name != split.name or first.label != clip.label:
                raise ValueError(
                    f'{clip.where}: {clip.name} stands at {first.where} too, in split {name} with '
                    f'label {first.label}; a clip has one split and one label'
                )
        if len(clips) < len(split.clips):
            notes.append(f'{split.name}: {len(split.clips) - len(clips)} repeated rows left out')
        if split.name != 'test' or any(clip.job for clip in clips):
            split.clips = clips
            splits.append(split)
        else:
            notes.append(f'test: none of {len(clips)} clips is there, no list')
    return splits, notes


def _list(split: Split, outcomes: dict[str, Outcome]) -> tuple[list[str], SplitReport]:
    missing, unreadable = [], {}
    entries: list[Entry] = []
    sizes = []
    for clip in split.clips:
        if clip.job is None:
            missing.append(clip.name)
            continue
        outcome = outcomes[clip.job.key]
        if outcome.error:
            unreadable[clip.name] = outcome.error
            continue
        try:
            entries.append(split.entry(clip, outcome))
        except Unusable as error:
            unreadable[clip.name] = str(error)
            continue
        sizes.append((outcome.width, outcome.height))
    header = [] if split.header is None else [split.header]
    lines = [*header, *(entry.line for entry in entries)]
    report = SplitReport(
        list=split.list_name,
        sha256=hashlib.sha256(text_of(lines).encode()).hexdigest(),
        annotated=len(split.clips),
        written=len(entries),
        missing=missing,
        unreadable=unreadable,
        frames=frame_histogram(entry.frames for entry in entries),
        sizes=size_histogram(sizes),
    )
    return lines, report
