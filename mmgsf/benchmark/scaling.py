"""What a training takes, on paper: GPU-hours, decoding cores, disk, network.

With M multiply-adds for a clip, a training step costs 6 M floating-point operations a clip (two for
each multiply-add; backward twice what forward costs) and validation 2 M. A GPU does

    rate = peak * utilisation / (6 M)                 clips a second

and the whole training

    GPU-seconds = epochs * (6 M train + 2 M validation) / (peak * utilisation)

where train and validation are clips. G GPUs share that work and lose a little to each other
(`efficiency`). Each needs rate * (decode + transform) cores and reads rate * bytes of a clip. What is
slowest of GPUs, cores and storage sets the time. After each step the gradients of P parameters, 4
bytes each, go around: a ring of N nodes carries 2 (N - 1) / N * 4 P bytes out of each node.
"""

from dataclasses import dataclass, fields
from typing import NamedTuple

BYTES_A_PARAMETER = 4
TRAIN_OPERATIONS = 6
VALIDATION_OPERATIONS = 2


@dataclass(frozen=True)
class Site:
    """The machines and what they are assumed to do. All are numbers above 0 that a user may set.

    Attributes:
        gpu_tflops: peak of one GPU as its maker states it, in the precision of the training.
        utilisation: share of the peak that is sustained, up to 1.
        efficiency: share of their speed that GPUs keep when they work together, up to 1.
        gpus: their number.
        gpus_per_node: in one machine.
        cores_per_gpu: for decoding.
        storage_mb_s: MB a second that the storage gives to all of them.
        batch: clips a GPU and step; None for the config's.
        decode_ms: milliseconds of a core to decode the frames of a clip; None for the set's.
        transform_ms: milliseconds of a core for the other transforms, a frame.
        frame_kb: kB of a re-encoded frame.
    """

    gpu_tflops: float = 312.0
    utilisation: float = 0.2
    efficiency: float = 0.9
    gpus: int = 8
    gpus_per_node: int = 8
    cores_per_gpu: float = 8.0
    storage_mb_s: float = 1000.0
    batch: int | None = None
    decode_ms: float | None = None
    transform_ms: float = 1.5
    frame_kb: float = 7.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None and not 0 < value < float('inf'):
                raise ValueError(f'{field.name}={value}: take a number above 0')
        for name in ('utilisation', 'efficiency'):
            if getattr(self, name) > 1:
                raise ValueError(f'{name}={getattr(self, name)} is a share; take at most 1')


class Footage(NamedTuple):
    """Clips of a set in one form.

    Attributes:
        decode_ms: milliseconds of a core for one clip of T frames.
        clip_mb: MB that are read for it.
        stored_mb: MB that it takes on disk.
    """

    decode_ms: float
    clip_mb: float
    stored_mb: float


class Job(NamedTuple):
    """A training as a config states it.

    Attributes:
        name: of the config.
        dataset: a key of `DATASETS`.
        epochs: of the training.
        validations: how often validation runs.
        frames: T.
        batch: clips a GPU and step.
        macs: multiply-adds of one clip.
        parameters: their number.
        frame_folders: whether it reads frames that lie there as pictures.
    """

    name: str
    dataset: str
    epochs: int
    validations: int
    frames: int
    batch: int
    macs: int
    parameters: int
    frame_folders: bool


class Estimate(NamedTuple):
    """What a job takes at a site.

    Attributes:
        gpu_hours: if nothing but the GPUs limits it.
        clips_per_second: trained by one GPU alone, likewise.
        cores_per_gpu: that decode and transform for it.
        read_mb_s: that one GPU reads.
        hours: of the whole, under all limits.
        limit: 'GPUs', 'cores' or 'storage'.
        gradient_mb_s: out of each machine, where there are several.
        step_clips: clips of one step of all GPUs.
    """

    gpu_hours: float
    clips_per_second: float
    cores_per_gpu: float
    read_mb_s: float
    hours: float
    limit: str
    gradient_mb_s: float
    step_clips: int


def estimate(job: Job, train: int, validation: int, footage: Footage, site: Site) -> Estimate:
    """The formula above.

    Args:
        job: the training.
        train: clips of its training split.
        validation: clips of its validation split.
        footage: what its clips are.
        site: where it runs.
    """
    sustained = site.gpu_tflops * 1e12 * site.utilisation
    rate = sustained / (TRAIN_OPERATIONS * job.macs)
    core_ms = footage.decode_ms + site.transform_ms * job.frames
    # Clips of validation count as much as they cost each of the three.
    share = VALIDATION_OPERATIONS / TRAIN_OPERATIONS
    trained, tested = job.epochs * train, job.validations * validation
    together = site.efficiency if site.gpus > 1 else 1.0
    seconds = {
        'GPUs': (trained + share * tested) / (rate * site.gpus * together),
        'cores': (trained + tested) * core_ms / 1e3 / (site.cores_per_gpu * site.gpus),
        'storage': (trained + tested) * footage.clip_mb / site.storage_mb_s,
    }
    limit = max(seconds, key=seconds.get)
    batch = job.batch if site.batch is None else site.batch
    step_seconds = seconds[limit] / (trained + share * tested) * batch * site.gpus
    return Estimate(
        gpu_hours=(trained + share * tested) / rate / 3600,
        clips_per_second=rate,
        cores_per_gpu=rate * core_ms / 1e3,
        read_mb_s=rate * footage.clip_mb,
        hours=seconds[limit] / 3600,
        limit=limit,
        gradient_mb_s=ring_mb(job.parameters, nodes(site)) / step_seconds,
        step_clips=batch * site.gpus,
    )


def nodes(site: Site) -> int:
    """Machines that hold the GPUs."""
    return -(-site.gpus // site.gpus_per_node)


def ring_mb(parameters: int, machines: int) -> float:
    """MB that leave each machine after a step; 0 within one."""
    return 2 * (machines - 1) / machines * BYTES_A_PARAMETER * parameters / 1e6
