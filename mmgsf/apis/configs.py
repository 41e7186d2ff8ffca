"""The configs by name, from a checkout or from an installed wheel."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mmengine.config import Config


def config_folder() -> Path:
    """Folder of the configs: `.mim/configs` of a wheel, `configs` of a checkout.

    Raises:
        FileNotFoundError: this installation has neither.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / '.mim' / 'configs', package.parent / 'configs'):
        if (folder / '_base_').is_dir():
            return folder
    raise FileNotFoundError(
        f'no configs beside {package}; install the wheel of mmgsf, or a checkout with pip install -e .'
    )


def config_names() -> list[str]:
    """Names of all configs, sorted; a config's name is that of its file without `.py`."""
    return sorted(path.stem for path in config_folder().glob('*.py'))


def config_path(name: str) -> Path:
    """File of the config of that name.

    Raises:
        ValueError: there is none; the nearest names are named.
    """
    names = config_names()
    if name not in names:
        from difflib import get_close_matches

        near = get_close_matches(name, names, n=3, cutoff=0.5)
        hint = f'; did you mean {" or ".join(near)}?' if near else ''
        raise ValueError(f'no model {name!r}{hint} `mmgsf models` lists all {len(names)}')
    return config_folder() / f'{name}.py'


def get_config(name: str) -> 'Config':
    """The config of a model.

    Args:
        name: as `list_models` gives it, for example 'gsf_r50_ssv2'.

    Raises:
        ValueError: there is none of that name.
    """
    return read_config(config_path(name))


def read_config(path: str | Path) -> 'Config':
    """A config file, with MMAction2 ready to build what it describes.

    Raises:
        FileNotFoundError: there is no such file.
    """
    from mmgsf import compat

    compat.prepare_configs()
    import mmgsf.register  # noqa: F401, I001
    from mmengine.config import Config

    if not Path(path).is_file():
        raise FileNotFoundError(f'config {path} is not there; check the path')
    return Config.fromfile(str(path))
