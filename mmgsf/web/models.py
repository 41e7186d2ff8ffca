"""The models that the page offers, each loaded when it is first chosen."""

from collections.abc import Callable

from torch import nn

from mmgsf.apis import model_classes

from .limits import Refused


class Models:
    """Models by the names that the page shows, in the order of `add`."""

    def __init__(self) -> None:
        self._loaders: dict[str, Callable[[], nn.Module]] = {}
        self._loaded: dict[str, nn.Module] = {}

    @property
    def names(self) -> list[str]:
        return list(self._loaders)

    def add(self, name: str, load: Callable[[], nn.Module]) -> str:
        """Offers a model; returns its name, with a number if another one has it."""
        free, number = name, 1
        while free in self._loaders:
            number += 1
            free = f'{name} ({number})'
        self._loaders[free] = load
        return free

    def check(self, name: str) -> None:
        """Raises Refused if no model of that name is offered."""
        if name not in self._loaders:
            raise Refused(f'cannot be looked at by {name!r}: no such model is offered', status=404)

    def get(self, name: str) -> nn.Module:
        """The model, loaded.

        Raises:
            Refused: it is not offered.
            ValueError: it takes no videos, or has no classes of its own.
        """
        self.check(name)
        if name not in self._loaded:
            model = self._loaders[name]()
            _check_usable(model)
            self._loaded[name] = model
        return self._loaded[name]


def _check_usable(model: nn.Module) -> None:
    model_classes(model)
    if getattr(model.cls_head, 'num_verbs', None) is not None:
        raise ValueError(
            f'{model.name} scores verbs and nouns apart, and the page shows one list of classes; '
            'test it with tools/test.py'
        )
    if not any('Init' in step['type'] for step in model.cfg.test_pipeline):
        raise ValueError(
            f'{model.name} reads folders of frames, and the page takes videos; give its config '
            'for videos'
        )
