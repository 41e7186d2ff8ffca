"""2D networks by name, as MMAction2's recognizers take them: timm, torchvision, MMPretrain, MODELS.

Each library is imported when one of its networks is asked for.
"""

import difflib
import importlib
from collections.abc import Callable, Iterable
from types import ModuleType

from mmaction.registry import MODELS
from torch import Tensor, nn

from mmgsf.checkpoints.remote import load_from_http

# Networks of torchvision that apply their children in order up to the pooling.
TORCHVISION_CLASSES = (
    'AlexNet',
    'ConvNeXt',
    'EfficientNet',
    'MNASNet',
    'MobileNetV2',
    'MobileNetV3',
    'RegNet',
    'ResNet',
    'ShuffleNetV2',
    'SqueezeNet',
    'VGG',
)
TORCHVISION_HEADS = ('avgpool', 'fc', 'classifier')

Features = Callable[[nn.Module, Tensor], object]


def build_2d_network(config: dict, pretrained: bool) -> tuple[nn.Module, Features, list[str]]:
    """Builds a 2D network.

    Args:
        config: `type` and the network's own options. `type` is 'timm.NAME', 'torchvision.NAME',
            'mmpretrain.NAME', a name in MODELS, or the class or function that one of these means.
        pretrained: load the weights that timm or torchvision has for it.

    Returns:
        The network, the function that maps it and frames (N*T, 3, H, W) to its feature maps, and
        the names of the classifier's modules that were taken out.

    Raises:
        ValueError: an unknown name, or `pretrained` for a network that comes without weights.
        ImportError: the library does not import.
    """
    options = {**config}
    kind = options.pop('type')
    name = kind if isinstance(kind, str) else f'{kind.__module__}.{kind.__name__}'
    library = name.split('.')[0]
    if library == 'timm':
        return _build_timm(kind, options, pretrained)
    if library == 'torchvision':
        return _build_torchvision(kind, options, pretrained)
    if pretrained:
        raise ValueError(
            f'pretrained=True: {name} comes without weights; give the path of a state dict'
        )
    if library == 'mmpretrain':
        _import('mmpretrain.models', name)
    if isinstance(kind, str) and MODELS.get(kind) is None:
        raise ValueError(_unknown(name, _registered(library)))
    return MODELS.build({**config}), _call, []


def _build_timm(
    kind: str | Callable, options: dict, pretrained: bool
) -> tuple[nn.Module, Features, list[str]]:
    timm = _import('timm', kind)
    if not isinstance(kind, str):
        return kind(pretrained=pretrained, **options), _timm_features, []
    name = kind.removeprefix('timm.')
    # Names with a colon, such as 'hf-hub:...', are for timm to look up.
    if ':' not in name and not timm.is_model(name):
        raise ValueError(_unknown(kind, (f'timm.{known}' for known in timm.list_models())))
    return timm.create_model(name, pretrained=pretrained, **options), _timm_features, []


def _build_torchvision(
    kind: str | Callable, options: dict, pretrained: bool
) -> tuple[nn.Module, Features, list[str]]:
    models = _import('torchvision.models', kind)
    if isinstance(kind, str):
        known = models.list_models(module=models)
        name = kind.removeprefix('torchvision.')
        if name not in known:
            raise ValueError(_unknown(kind, (f'torchvision.{other}' for other in known)))
        kind = models.get_model_builder(name)
    model = kind(**options)
    family = type(model).__name__
    if family not in TORCHVISION_CLASSES:
        raise ValueError(
            f'torchvision.{kind.__name__} is a {family}, whose last feature map is not known here; '
            f'known are {", ".join(TORCHVISION_CLASSES)}; timm has further networks'
        )
    if pretrained:
        # torchvision would let the file run code.
        address = models.get_model_weights(kind).DEFAULT.url
        model.load_state_dict(load_from_http(address, map_location='cpu'))
    heads = [name for name, _ in model.named_children() if name in TORCHVISION_HEADS]
    for name in heads:
        delattr(model, name)
    return model, _in_order, heads


def _timm_features(model: nn.Module, x: Tensor) -> Tensor:
    return model.forward_features(x)


def _in_order(model: nn.Module, x: Tensor) -> Tensor:
    for child in model.children():
        x = child(x)
    return x


def _call(model: nn.Module, x: Tensor) -> object:
    return model(x)


def _import(library: str, wanted: object) -> ModuleType:
    package = library.split('.')[0]
    try:
        return importlib.import_module(library)
    # torchvision raises RuntimeError beside a torch that it was not built for.
    except (ImportError, RuntimeError, OSError) as error:
        raise ImportError(
            f'model={wanted!r} needs {package}, which does not import here ({error}); '
            f'pip install {package}'
        ) from error


def _registered(library: str) -> list[str]:
    if library == 'mmpretrain':
        from mmpretrain.registry import MODELS as THEIRS

        return [f'mmpretrain.{name}' for name in THEIRS.module_dict]
    return list(MODELS.module_dict)


def _unknown(name: str, known: Iterable[str]) -> str:
    near = ', '.join(difflib.get_close_matches(name, list(known), n=5, cutoff=0.0))
    return f'model={name!r} is not known; names near it: {near}'
