"""What is to be published, and how it is to be tested."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Attributes:
        checkpoint: of a training, in its work_dir.
        commands: those of the training, in order.
        licence: of the weights, by its SPDX identifier.
        config: None takes the one in the work_dir.
        seed: None takes that of the checkpoint.
        dataset: what results are entered under, with the split; for the test on a list.
        is_half: store half precision.
        tests: run the config's test on the published file.
        protocol: of that test; None tests as the config has it.
        judged_clips: judge a model of CameraMotion's classes on as many clips of each setting; 0 not.
        videos: of standing cameras, to judge it on as well.
        clips_per_video: of these.
        begun_in: work_dir of the training that this one went on from.
    """

    checkpoint: Path
    commands: Sequence[str]
    licence: str
    config: Path | None = None
    seed: int | None = None
    dataset: str | None = None
    is_half: bool = False
    tests: bool = False
    protocol: str | None = None
    judged_clips: int = 0
    videos: Sequence[Path] = ()
    clips_per_video: int = 16
    begun_in: Path | None = None
