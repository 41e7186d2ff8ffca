"""The tables of docs/scaling.md, and what tools/scaling.py prints."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from .scaling import Estimate, Job, Site, estimate, ring_mb
from .scaling_facts import DATASETS, Dataset, footage, original, reencoded

# Shares of the peak that the range of GPU-hours is given for.
UTILISATIONS = (0.3, 0.1)
CLUSTERS = (1, 8, 64)


def of_job(job: Job, site: Site) -> Estimate:
    """A job on re-encoded videos, or the pictures that it reads."""
    dataset = DATASETS[job.dataset]
    return estimate(job, dataset.train, dataset.validation, footage(job, site), site)


def from_originals(job: Job, site: Site) -> Estimate | None:
    """The same on what the provider ships, where that is videos that training can read."""
    dataset = DATASETS[job.dataset]
    some = original(dataset, job.frames, site)
    if some is None or dataset.folders or job.frame_folders:
        return None
    return estimate(job, dataset.train, dataset.validation, some, site)


def dataset_lines(site: Site) -> Iterator[str]:
    """Disk of each set."""
    yield '| set | clips, train and validation | frames a clip | as it comes | re-encoded |'
    yield '|---|---|---|---|---|'
    for dataset in DATASETS.values():
        copies = reencoded(dataset, 8, site)
        here = _size(dataset, dataset.clip_mb) if dataset.clip_mb else 'cut from the videos'
        there = _size(dataset, copies.stored_mb) if copies else 'not needed: pictures'
        yield (
            f'| {dataset.title} | {dataset.train:,} + {dataset.validation:,} | {dataset.frames} | '
            f'{here} | {there} |'
        )


def _size(dataset: Dataset, clip_mb: float) -> str:
    return f'{(dataset.train + dataset.validation) * clip_mb / 1e3:.0f} GB'


def job_lines(jobs: Sequence[Job], site: Site) -> Iterator[str]:
    """GPU-hours and what goes with them, one row a config."""
    hours = ' | '.join(f'{gpus} GPU{"s" * (gpus > 1)}, h' for gpus in CLUSTERS)
    yield (
        f'| config | epochs | GPU-hours (range) | {hours} | clips/s a GPU | cores a GPU '
        '(from originals) | reads, MB/s a GPU | gradients, MB a step; Gbit/s a machine |'
    )
    yield '|---' * (7 + len(CLUSTERS)) + '|'
    for job in jobs:
        yield _job_line(job, site)


def _job_line(job: Job, site: Site) -> str:
    found, raw = of_job(job, site), from_originals(job, site)
    low, high = (of_job(job, replace(site, utilisation=u)).gpu_hours for u in UTILISATIONS)
    sizes = [of_job(job, replace(site, gpus=gpus)) for gpus in CLUSTERS]
    hours = ' | '.join(_hours(some) for some in sizes)
    cores = f'{found.cores_per_gpu:.1f}' + (f' ({raw.cores_per_gpu:.1f})' if raw else '')
    largest = replace(site, gpus=CLUSTERS[-1])
    around = ring_mb(job.parameters, -(-largest.gpus // largest.gpus_per_node))
    return (
        f'| `{job.name}` | {job.epochs} | {found.gpu_hours:.1f} ({low:.1f}-{high:.1f}) | {hours} | '
        f'{found.clips_per_second:.0f} | {cores} | {found.read_mb_s:.0f} | '
        f'{around:.0f}; {sizes[-1].gradient_mb_s * 8 / 1e3:.1f} |'
    )


def _hours(some: Estimate) -> str:
    mark = '' if some.limit == 'GPUs' else f' ({some.limit})'
    return f'{some.hours:.{1 if some.hours >= 1 else 2}f}{mark}'


def text_lines(job: Job, site: Site) -> Iterator[str]:
    """One job at one site, for a terminal."""
    found = of_job(job, site)
    yield (
        f'{job.name}: {job.epochs} epochs of {DATASETS[job.dataset].train:,} clips of {job.frames} '
        f'frames, {job.macs / 1e9:.1f} GMAC a clip'
    )
    yield (
        f'  {found.gpu_hours:.1f} GPU-hours; {found.hours:.1f} h on {site.gpus} GPUs, limited by '
        f'{found.limit}; {found.step_clips} clips a step'
    )
    yield (
        f'  a GPU: {found.clips_per_second:.0f} clips/s, {found.cores_per_gpu:.1f} cores that decode, '
        f'{found.read_mb_s:.0f} MB/s read'
    )
    yield (
        f'  all: {found.cores_per_gpu * site.gpus:.0f} cores, {found.read_mb_s * site.gpus:.0f} MB/s; '
        f'gradients {found.gradient_mb_s * 8 / 1e3:.1f} Gbit/s out of each machine'
    )
    raw = from_originals(job, site)
    if raw is not None:
        yield (
            f'  from originals: {raw.cores_per_gpu:.1f} cores a GPU, {raw.hours:.1f} h, limited by '
            f'{raw.limit}'
        )
