"""Gate-Shift-Fuse for MMAction2."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .apis import get_config, get_model, list_models, recognize

__version__ = '0.1.0'
__all__ = ['get_config', 'get_model', 'list_models', 'recognize']


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    from . import apis

    return getattr(apis, name)
