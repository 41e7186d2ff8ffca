"""Examples on the page: CameraMotion's clips, one of each class, filmed when the page starts."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

SIZE = 192
NUM_FRAMES = 32
SCENES = ('chelsea', 'camera', 'gravel')


@dataclass(frozen=True)
class Example:
    """A video that the page offers.

    Attributes:
        title: what it shows.
        path: of the file.
        content: of the file.
    """

    title: str
    path: Path
    content: bytes


def make_examples(folder: Path) -> list[Example]:
    """Writes the examples below `folder`; none without scikit-image or PyAV."""
    if find_spec('skimage') is None or find_spec('av') is None:
        return []
    from mmgsf.datasets.camera_motion import PHOTOGRAPHS, CameraMotion
    from mmgsf.datasets.camera_motion_video import write_clip

    count = len(CameraMotion.CLASSES) * len(PHOTOGRAPHS['val'])
    motion = CameraMotion(num_val=count, size=SIZE, num_frames=NUM_FRAMES)
    clips = {(clip.photograph, clip.label): clip for clip in motion.clips('val')}
    examples = []
    for label, title in enumerate(CameraMotion.CLASSES):
        path = folder / f'example-{label}.mp4'
        write_clip(motion, clips[SCENES[label % len(SCENES)], label], path)
        examples.append(Example(title, path, path.read_bytes()))
    return examples
