"""The 15 image operations of RandAugment, and how a magnitude becomes the argument of each.

Paper: Cubuk, Zoph, Shlens, Le, "RandAugment: Practical automated data augmentation with a reduced
search space", 2020, arXiv 1909.13719. The paper leaves the ranges open; those here are the ones of
the policy `rand-m9-mstd0.5` in timm, including that Posterize and Solarize weaken as the magnitude
grows. This file needs Pillow only.
"""

from collections.abc import Callable
from typing import NamedTuple

from PIL import Image, ImageEnhance, ImageOps

MAX_MAGNITUDE = 10.0
BILINEAR = Image.Resampling.BILINEAR
BICUBIC = Image.Resampling.BICUBIC


class Operation(NamedTuple):
    """One operation on one frame.

    Attributes:
        function: takes an RGB image and, if the operation has one, its level; a geometric one takes
            the interpolation and the fill colour too.
        span: how far the level moves as the magnitude goes from 0 to 10; None: there is no level.
        start: level at magnitude 0.
        whole: the level is cut to an integer.
        geometric: moves pixels. Such a level may also be negative, and what comes in from beyond
            the frame has the fill colour.
    """

    function: Callable[..., Image.Image]
    span: float | None = None
    start: float = 0.0
    whole: bool = False
    geometric: bool = False

    def level(self, magnitude: float) -> float | None:
        """The argument at a magnitude in [0, 10], without a sign; None if there is none."""
        if self.span is None:
            return None
        level = self.start + magnitude / MAX_MAGNITUDE * self.span
        return int(level) if self.whole else level

    def __call__(
        self,
        image: Image.Image,
        level: float | None,
        resample: Image.Resampling | None,
        fill: tuple[int, int, int],
    ) -> Image.Image:
        """The changed RGB image, of the same size; only geometric operations use the last two."""
        if self.geometric:
            return self.function(image, level, resample, fill)
        return self.function(image) if level is None else self.function(image, level)


def _rotate(
    image: Image.Image, degrees: float, resample: Image.Resampling, fill: tuple[int, int, int]
) -> Image.Image:
    return image.rotate(degrees, resample=resample, fillcolor=fill)


def _affine(place: int, relative_to: int | None = None) -> Callable[..., Image.Image]:
    """An operation that sets one entry of the 2x3 matrix from output to input positions.

    Args:
        place: which of the six entries the level goes to.
        relative_to: the level is a share of the width (0) or of the height (1).
    """

    def transform(
        image: Image.Image, level: float, resample: Image.Resampling, fill: tuple[int, int, int]
    ) -> Image.Image:
        matrix = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
        matrix[place] = level if relative_to is None else level * image.size[relative_to]
        return image.transform(
            image.size, Image.Transform.AFFINE, matrix, resample=resample, fillcolor=fill
        )

    return transform


def _posterize(image: Image.Image, bits: int) -> Image.Image:
    # Magnitudes below 2.5 keep 0 bits, a black frame; Pillow 13's own posterize refuses that.
    return image.point([value & (0xFF00 >> bits) for value in range(256)] * 3)


def _solarize_add(image: Image.Image, addend: int) -> Image.Image:
    table = [min(255, value + addend) if value < 128 else value for value in range(256)]
    return image.point(table * 3)


def _enhance(enhancer: type) -> Operation:
    return Operation(lambda image, factor: enhancer(image).enhance(factor), span=1.8, start=0.1)


OPERATIONS = {
    'AutoContrast': Operation(ImageOps.autocontrast),
    'Equalize': Operation(ImageOps.equalize),
    'Invert': Operation(ImageOps.invert),
    'Rotate': Operation(_rotate, span=30.0, geometric=True),
    'Posterize': Operation(_posterize, span=4, whole=True),
    'Solarize': Operation(ImageOps.solarize, span=256, whole=True),
    'SolarizeAdd': Operation(_solarize_add, span=110, whole=True),
    'Color': _enhance(ImageEnhance.Color),
    'Contrast': _enhance(ImageEnhance.Contrast),
    'Brightness': _enhance(ImageEnhance.Brightness),
    'Sharpness': _enhance(ImageEnhance.Sharpness),
    'ShearX': Operation(_affine(1), span=0.3, geometric=True),
    'ShearY': Operation(_affine(3), span=0.3, geometric=True),
    'TranslateX': Operation(_affine(2, relative_to=0), span=0.45, geometric=True),
    'TranslateY': Operation(_affine(5, relative_to=1), span=0.45, geometric=True),
}
