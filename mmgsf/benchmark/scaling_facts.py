"""What `scaling` reckons with: the five sets, what a clip costs to decode, and the configs."""

from pathlib import Path
from typing import NamedTuple

from .scaling import Footage, Job, Site

# Milliseconds of one core; fitted to the medians of docs/decoding.md, where a busy machine was used.
OPEN_MS = 1.5
INTRA_FRAME_MS = 0.9  # of a frame that is wanted, in a re-encoded video
PICTURE_MS = 0.15  # a JPEG of 176x100, timed the same way


class Dataset(NamedTuple):
    """A benchmark. Clips are its provider's figures; what a clip is like is assumed.

    Attributes:
        title: its name.
        train: clips.
        validation: clips.
        frames: of a clip on average.
        clip_mb: MB of a clip as it comes; 0 where clips are cut out of longer videos.
        original_frame_ms: of a core for each frame up to the last one wanted, in the original; 0
            where training never reads that.
        folders: it comes as folders of pictures.
    """

    title: str
    train: int
    validation: int
    frames: int
    clip_mb: float
    original_frame_ms: float
    folders: bool = False


DATASETS = {
    'ssv1': Dataset('Something-Something V1', 86_017, 11_522, 46, 0.23, 0.0, folders=True),
    'ssv2': Dataset('Something-Something V2', 168_913, 24_777, 46, 0.14, 0.5),
    'k400': Dataset('Kinetics-400', 240_000, 20_000, 300, 1.6, 0.75),
    'diving48': Dataset('Diving48', 15_027, 1_970, 160, 0.6, 0.75),
    'epic100': Dataset('EPIC-Kitchens-100', 67_217, 9_668, 200, 0.0, 0.0),
}
# Frames as pictures of the released size, for the config that reads EPIC's folders.
EPIC_PICTURE_MS, EPIC_PICTURE_MB = 0.8, 0.025


def reencoded(dataset: Dataset, frames: int, site: Site) -> Footage | None:
    """Copies as tools/prepare_data.py writes them; None for a set of pictures, which needs none."""
    if dataset.folders:
        return None
    size = dataset.frames * site.frame_kb / 1e3
    return Footage(site.decode_ms or OPEN_MS + INTRA_FRAME_MS * frames, size, size)


def original(dataset: Dataset, frames: int, site: Site) -> Footage | None:
    """As the provider ships them; None where training never reads that."""
    if dataset.folders:
        picture = dataset.clip_mb / dataset.frames
        return Footage(site.decode_ms or PICTURE_MS * frames, picture * frames, dataset.clip_mb)
    if not dataset.original_frame_ms:
        return None
    decode = OPEN_MS + dataset.original_frame_ms * dataset.frames
    return Footage(site.decode_ms or decode, dataset.clip_mb, dataset.clip_mb)


def epic_pictures(dataset: Dataset, frames: int, site: Site) -> Footage:
    """EPIC's released frame folders."""
    read, stored = EPIC_PICTURE_MB * frames, EPIC_PICTURE_MB * dataset.frames
    return Footage(site.decode_ms or EPIC_PICTURE_MS * frames, read, stored)


def footage(job: Job, site: Site) -> Footage:
    """What a job's config reads at best: re-encoded copies, or pictures."""
    dataset = DATASETS[job.dataset]
    if job.frame_folders and not dataset.folders:
        return epic_pictures(dataset, job.frames, site)
    return reencoded(dataset, job.frames, site) or original(dataset, job.frames, site)


_COUNTED: dict[str, tuple[int, int]] = {}


def read_job(path: Path) -> Job:
    """A training as its config states it; needs `compat.prepare_configs` before.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is of none of the five sets.
    """
    from mmengine.config import Config

    if not Path(path).is_file():
        raise FileNotFoundError(f'config {path} is not there; check the path')
    dataset = next((slug for slug in DATASETS if Path(path).stem.endswith(f'_{slug}')), None)
    if dataset is None:
        raise ValueError(
            f'{path}: its name ends in none of {", ".join(DATASETS)}; those are the sets reckoned with'
        )
    config = Config.fromfile(path)
    size = next(step.crop_size for step in config.test_pipeline if step.type == 'CenterCrop')
    macs, parameters = _count(config.model.to_dict(), config.num_segments, size)
    loop = config.train_cfg
    return Job(
        name=Path(path).stem,
        dataset=dataset,
        epochs=loop.max_epochs,
        validations=len(range(loop.val_begin, loop.max_epochs + 1, loop.val_interval)),
        frames=config.num_segments,
        batch=config.train_dataloader.batch_size,
        macs=macs,
        parameters=parameters,
        frame_folders=any(step.type == 'RawFrameDecode' for step in config.train_pipeline),
    )


def _count(model: dict, frames: int, size: int) -> tuple[int, int]:
    """Multiply-adds and parameters; those of a model that several configs share are counted once."""
    from mmgsf.models.complexity import measure_complexity

    key = repr((model, frames, size))
    if key not in _COUNTED:
        found = measure_complexity(model, frames, size)
        _COUNTED[key] = found.macs, found.parameters
    return _COUNTED[key]
