"""What an exported file says of itself, so that it can be used without this package and its configs."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

# Name of the section that OpenVINO keeps it in, and of torch.export's extra file.
SECTION = 'mmgsf'
EXTRA_FILE = f'{SECTION}.json'
SEGMENT_CENTRES, DENSE_STRETCHES = 'segment_centres', 'dense_stretches'
INSIDE, OUTSIDE = 'inside', 'outside'
RGB, BGR = 'RGB', 'BGR'


@dataclass(frozen=True)
class Description:
    """The metadata of an exported file.

    Attributes:
        config: name of the config.
        mmgsf_version: of the package that wrote the file.
        classes: output name to its class names in label order.
        num_segments: T, frames of a clip.
        sampling: 'segment_centres', the centre frame of each of T equal parts of a video, or
            'dense_stretches', T frames of one stretch of it.
        short_side: pixels that the short side of a frame is resized to before the centre crop.
        size: (H, W) of the frames that the program takes, cut from the centre.
        preprocessing: 'inside': the program takes uint8 RGB (N, T, H, W, 3); 'outside': it takes
            float32 (N, T, 3, H, W) in `channel_order`, less `mean`, divided by `std`.
        channel_order: 'RGB' or 'BGR', that of the network; `mean` and `std` are in it.
        mean: of each channel, of values from 0 to 255.
        std: of each channel.
        average_clips: how several clips of a video are averaged: 'prob' means their probabilities,
            'score' their logits, which are the logarithms of the probabilities up to a constant.
        precision: 'fp32' or 'int8'.
    """

    config: str
    mmgsf_version: str
    classes: dict[str, list[str]]
    num_segments: int
    sampling: str
    short_side: int
    size: tuple[int, int]
    preprocessing: str
    channel_order: str
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    average_clips: str
    precision: str = 'fp32'

    def to_strings(self) -> dict[str, str]:
        """Attribute to its value as JSON, for files whose metadata are strings."""
        return {key: json.dumps(value, ensure_ascii=False) for key, value in asdict(self).items()}

    @classmethod
    def from_strings(cls, strings: Mapping[str, str], source: str) -> 'Description':
        """The description that a file's metadata hold; other entries are passed over.

        Args:
            strings: as of `to_strings`.
            source: of the file, for errors.

        Raises:
            ValueError: an entry is missing or no JSON.
        """
        try:
            values = {key: json.loads(strings[key]) for key in cls.__dataclass_fields__}
        except (KeyError, ValueError) as error:
            raise ValueError(
                f'{source} does not describe itself as tools/export.py has it ({error!r}); export it '
                'again'
            ) from error
        lists = {key: tuple(values[key]) for key in ('size', 'mean', 'std')}
        return cls(**{**values, **lists})

    @property
    def clip_shape(self) -> tuple[int, int, int, int]:
        """(T, H, W, 3) of one clip as decoders give it, before any preprocessing."""
        return (self.num_segments, *self.size, 3)
