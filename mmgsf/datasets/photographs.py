"""The photographs that scikit-image's wheel carries and CameraMotion films."""

import numpy as np

SPLITS = ('train', 'val')

# Inside scikit-image's wheel; licences as stated by the functions of skimage.data.
TRAIN_PHOTOGRAPHS: dict[str, str] = {
    'astronaut': 'public domain, NASA Great Images',
    'brick': 'CC0, CC0Textures Bricks25',
    'coffee': 'CC0, Rachel Michetti',
    'grass': 'CC0, linolafett on DeviantArt',
    'hubble_deep_field': 'public domain, NASA HubbleSite',
    'retina': 'CC0, Mikael Haeggstroem, WikiJournal of Medicine',
    'rocket': 'public domain, SpaceX',
}
VAL_PHOTOGRAPHS: dict[str, str] = {
    'camera': 'CC0, Lav Varshney',
    'chelsea': 'CC0, Stefan van der Walt',
    'gravel': 'CC0, CC0Textures Gravel04',
}
PHOTOGRAPHS = {'train': tuple(TRAIN_PHOTOGRAPHS), 'val': tuple(VAL_PHOTOGRAPHS)}


def read_photograph(name: str) -> np.ndarray:
    """The photograph as scikit-image ships it, RGB, (H, W, 3) uint8.

    Raises:
        ImportError: scikit-image is missing.
    """
    try:
        from skimage import data
    except ImportError as error:
        raise ImportError(
            'CameraMotion takes its photographs from scikit-image: '
            'pip install "mmgsf[camera-motion]"'
        ) from error
    image = getattr(data, name)()
    if image.ndim == 2:
        image = np.repeat(image[..., None], 3, axis=2)
    if name == 'retina':  # a disc on black: its inner square
        inset = image.shape[0] // 6
        image = image[inset:-inset, inset:-inset]
    return image
