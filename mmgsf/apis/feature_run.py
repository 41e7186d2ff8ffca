"""Features of many videos: decoded by several processes, computed by one model."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from mmgsf.datasets.damaged import BadVideos
from mmgsf.datasets.damaged.records import Settings
from mmgsf.datasets.decoding.process import DamagedClip
from mmgsf.files import remove_leftovers

from .feature_files import Source, describe, is_done, write_features
from .features import FeatureExtractor, FeatureSettings, Part, build_steps, read_parts

SPLIT = 'features'  # under which bad_videos.txt lists them


@dataclass
class Tally:
    """What became of the videos: written now, there before, damaged."""

    written: int = 0
    known: int = 0
    bad: int = 0


class _Videos(IterableDataset):
    """Windows of the videos in turn: (number of the video, a part, None at its end, or a fault)."""

    def __init__(
        self,
        paths: Sequence[str],
        steps: Sequence,
        num_segments: int,
        settings: FeatureSettings,
    ) -> None:
        self.paths, self.steps = paths, steps
        self.num_segments, self.settings = num_segments, settings

    def __iter__(self) -> Iterator[tuple[int, Part | str | None]]:
        worker = get_worker_info()
        first, step = (0, 1) if worker is None else (worker.id, worker.num_workers)
        for index in range(first, len(self.paths), step):
            path = self.paths[index]
            if not Path(path).is_file():
                yield index, 'it is not there'
                continue
            try:
                for part in read_parts(self.steps, path, self.num_segments, self.settings):
                    yield index, part
            except DamagedClip as error:
                yield index, error.reason
                continue
            yield index, None


def extract_features(
    extractor: FeatureExtractor,
    checkpoint: str | Path,
    sources: Sequence[Source],
    out: str | Path,
    workers: int = 2,
    force: bool = False,
    report: Callable[[int, int, str], None] = lambda done, total, name: None,
) -> Tally:
    """Writes a file of features for each video; those that are there whole stay.

    Damaged videos are listed in `out`/bad_videos.txt by path and reason, and the others done.

    Args:
        extractor: model and settings.
        checkpoint: file that the model was loaded from, for its checksum.
        sources: videos and the places of their features below `out`.
        out: folder.
        workers: processes that decode; 0 decodes in this one.
        force: replace what is there.
        report: gets the number of videos that are done, that of all, and the last one's path.

    Raises:
        ValueError: a file is there that was made otherwise; nothing is computed then.
    """
    out = Path(out)
    recipe = describe(extractor.model, checkpoint, extractor.settings)
    todo = [
        source
        for source in sources
        if force or not is_done(out / source.place, source.path, recipe)
    ]
    for folder in {out / source.place.parent for source in sources}:
        remove_leftovers(folder)
    records = BadVideos(out, Settings())
    records.begin()
    tally = Tally(known=len(sources) - len(todo))
    videos = _Videos(
        [str(source.path) for source in todo],
        build_steps(extractor.model),
        extractor.num_segments,
        extractor.settings,
    )
    loader = DataLoader(videos, batch_size=None, num_workers=min(workers, len(todo)))
    kept: dict[int, list[tuple[Tensor, Part]]] = {}
    for index, part in loader:
        source = todo[index]
        if isinstance(part, Part):
            part_features = extractor(part.inputs)
            part.inputs = None
            kept.setdefault(index, []).append((part_features, part))
            continue
        parts = kept.pop(index, [])
        if part is None:
            _write(out / source.place, source.path, parts, recipe)
            tally.written += 1
        else:
            records.note(SPLIT, str(source.path), part)
            tally.bad += 1
        report(tally.known + tally.written + tally.bad, len(sources), str(source.path))
    return tally


def _write(path: Path, source: Path, parts: list[tuple[Tensor, Part]], recipe: dict) -> None:
    last = parts[-1][1]
    meta = {
        **recipe,
        'video': source.name,
        'video_bytes': source.stat().st_size,
        'total_frames': last.total_frames,
    }
    write_features(
        path,
        np.concatenate([features.numpy() for features, _ in parts]),
        np.concatenate([part.frame_indices for _, part in parts]),
        last.fps,
        meta,
    )
