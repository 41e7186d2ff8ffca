"""Writes the tables of backbones (README) and of configs; --check only compares them.

That of configs comes from the zoo index: run tools/metafile.py first where a config has changed.
"""

import argparse
import sys
import warnings
from collections.abc import Iterable
from pathlib import Path

from mmgsf import compat
from mmgsf.files import replaced

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / 'README.md'
CONFIGS = ROOT / 'configs' / 'README.md'
METAFILE = ROOT / 'configs' / 'metafile.yml'
NUM_CLASSES = 174
LAYERS = {None: 'none', 'gsf': 'GSF', 'gsm': 'GSM'}
# Backbone, its name, height and width of a frame, channels out, and the layers with their ratios.
RESNET_LAYERS = ((None, None), ('gsf', 0.25), ('gsf', 1.0))
INCEPTION_LAYERS = ((None, None), ('gsm', 1.0), ('gsf', 1.0))
BACKBONES = (
    ({'type': 'ResNetGSF', 'depth': 18}, 'ResNet-18', 224, 512, RESNET_LAYERS),
    ({'type': 'ResNetGSF', 'depth': 50}, 'ResNet-50', 224, 2048, RESNET_LAYERS),
    ({'type': 'ResNetGSF', 'depth': 101}, 'ResNet-101', 224, 2048, RESNET_LAYERS),
    ({'type': 'BNInceptionGSF'}, 'BNInception', 224, 1024, INCEPTION_LAYERS),
    ({'type': 'InceptionV3GSF'}, 'InceptionV3', 229, 2048, INCEPTION_LAYERS),
    (
        {'type': 'Any2DGSF', 'model': 'MobileNetV2'},
        'MobileNetV2',
        224,
        1280,
        ((None, None), ('gsf', 0.5)),
    ),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--check', action='store_true', help='exit with 1 if a table is stale')
    args = parser.parse_args()
    compat.apply()
    compat.prepare_configs()
    import mmgsf.register  # noqa: F401

    warnings.simplefilter('ignore')
    stale = []
    for path, name, rows in (
        (README, 'backbones', backbone_rows),
        (CONFIGS, 'configs', config_rows),
    ):
        old = path.read_text(encoding='utf-8')
        new = replaced(old, name, rows())
        if new != old:
            stale.append(path.relative_to(ROOT).as_posix())
            if not args.check:
                path.write_text(new, encoding='utf-8')
    if args.check and stale:
        sys.exit(f'error: stale tables in {", ".join(stale)}; run: python tools/model_table.py')


def backbone_rows() -> Iterable[str]:
    yield '| backbone | layer | touched | parameters | GMAC a frame | 8 frames | 16 frames |'
    yield '|---|---|---|---|---|---|---|'
    for backbone, name, size, channels, layers in BACKBONES:
        for layer, ratio in layers:
            yield backbone_row(backbone, name, size, channels, layer, ratio)


def backbone_row(
    backbone: dict, name: str, size: int, channels: int, layer: str | None, ratio: float | None
) -> str:
    head = {'type': 'GSFHead', 'num_classes': NUM_CLASSES, 'in_channels': channels}
    model = {
        'type': 'RecognizerGSF',
        'num_segments': 8,
        'backbone': {**backbone, 'layer': layer, 'channel_ratio': ratio},
        'cls_head': {**head, 'average_clips': 'score'},
    }
    short, long = measured(model, 8, size), measured({**model, 'num_segments': 16}, 16, size)
    touched = f'{ratio:.0%}' if layer else ''
    return (
        f'| {name} | {LAYERS[layer]} | {touched} | {short.parameters / 1e6:.2f} M | '
        f'{short.macs / 8e9:.2f} | {short.macs / 1e9:.1f} | {long.macs / 1e9:.1f} |'
    )


def config_rows() -> Iterable[str]:
    """From the zoo index, which tools/metafile.py measures."""
    from mmgsf.apis.index import read_index

    yield '| config | frames | parameters | GMAC a clip | data |'
    yield '|---|---|---|---|---|'
    for name, entry in read_index(METAFILE).items():
        yield (
            f'| `{name}.py` | {entry.num_segments} | {entry.parameters / 1e6:.2f} M | '
            f'{entry.macs / 1e9:.{1 if entry.macs > 1e9 else 2}f} | {entry.dataset} |'
        )


_MEASURED: dict[str, tuple] = {}


def measured(model: dict, num_segments: int, size: int) -> tuple:
    """Complexity of a model; that of one that several rows share is counted once."""
    from mmgsf.models.complexity import measure_complexity

    key = repr((model, num_segments, size))
    if key not in _MEASURED:
        _MEASURED[key] = measure_complexity(model, num_segments, size)
    return _MEASURED[key]


if __name__ == '__main__':
    main()
