"""CameraMotion's footage as a data set without files: every clip is filmed when it is asked for."""

import numpy as np
from mmaction.registry import DATASETS
from mmengine.dataset import BaseDataset

from .footage import FootageClip, render_footage
from .motions import CLASSES
from .photographs import SPLITS


@DATASETS.register_module()
class RenderedFootage(BaseDataset):
    """Clips of the setting 'footage', all classes alike, for pipelines with `ArrayDecode`.

    Training sees other clips in every epoch; they follow from NumPy's random numbers, which
    `GSFRunner` sets from seed, epoch and index. In validation they follow from `seed`.

    Args:
        split: 'train' or 'val': whose photographs.
        num_samples: clips of an epoch, a multiple of the 8 classes.
        size: pixels of the short side, at least; at most 1.75 times as many.
        num_frames: frames of a clip, from 2 up.
        seed: of the clips of validation.
        standing: share of training's clips, 0 to 1, whose camera stands. Their label is a random
            one, so that the network is not sure of any where nothing moves.
        **kwargs: as for MMEngine's BaseDataset: pipeline, metainfo, test_mode.

    Raises:
        ValueError: there is no such split, the classes would not get as many clips each, or
            `standing` is no share.
    """

    def __init__(
        self,
        split: str,
        num_samples: int,
        size: int = 64,
        num_frames: int = 8,
        seed: int = 0,
        standing: float = 0.0,
        **kwargs,
    ) -> None:
        if split not in SPLITS:
            raise ValueError(f'split={split!r}: CameraMotion has {SPLITS}; take one of them')
        if num_samples <= 0 or num_samples % len(CLASSES):
            raise ValueError(
                f'num_samples={num_samples}: each of {len(CLASSES)} classes needs as many clips; '
                f'take a multiple of {len(CLASSES)}'
            )
        if not 0 <= standing <= 1:
            raise ValueError(f'standing={standing}: it is a share of the clips; give 0 to 1')
        self.split = split
        self.num_samples = num_samples
        self.size = size
        self.num_frames = num_frames
        self.seed = seed
        self.standing = standing
        super().__init__(**kwargs)

    def load_data_list(self) -> list[dict]:
        """One row a clip; MMEngine asks for them once."""
        return [{'label': index % len(CLASSES)} for index in range(self.num_samples)]

    def get_data_info(self, idx: int) -> dict:
        """The clip of that number as `ArrayDecode` and the samplers take it."""
        info = super().get_data_info(idx)
        seed = (self.seed, idx)
        stands = False
        if not self.test_mode:
            seed = tuple(np.random.randint(2**31, size=2).tolist())
            stands = np.random.random() < self.standing
        seed = (SPLITS.index(self.split), *seed)
        clip = FootageClip(self.split, seed, info['label'], standing=stands)
        array = render_footage(clip, self.size, self.num_frames)
        return {
            **info,
            'array': array,
            'total_frames': len(array),
            'start_index': 0,
            'modality': 'RGB',
        }
