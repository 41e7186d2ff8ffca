"""Writes the tables of backbones and models into the pages; --check only compares them.

All but that of backbones come from the zoo index: run tools/metafile.py first where a config has
changed.
"""

import argparse
import sys
import warnings
from collections.abc import Iterable
from pathlib import Path

from mmgsf import compat
from mmgsf.files import replaced, replacing

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / 'README.md'
CONFIGS = ROOT / 'configs' / 'README.md'
ZOO = ROOT / 'docs' / 'zoo.md'
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
    stale = [path for path, tables in pages().items() if not update(path, tables, args.check)]
    if args.check and stale:
        names = ', '.join(path.relative_to(ROOT).as_posix() for path in stale)
        sys.exit(f'error: stale tables in {names}; run: python tools/model_table.py')


def pages() -> dict[Path, dict[str, Iterable[str]]]:
    """Rows of the tables by the names of their marks, for each page."""
    from mmgsf.apis import index_tables
    from mmgsf.apis.index import read_index

    entries = list(read_index(METAFILE).values())
    return {
        README: {'backbones': backbone_rows(), 'zoo': index_tables.zoo_rows(entries)},
        CONFIGS: {'configs': index_tables.config_rows(entries)},
        ZOO: {
            'measured': index_tables.measured_rows(entries),
            'rebuilding': index_tables.rebuilding_rows(entries),
            'published by others': index_tables.published_rows(entries),
            'recipes': index_tables.recipe_rows(entries),
        },
    }


def update(path: Path, tables: dict[str, Iterable[str]], check: bool) -> bool:
    """Writes the tables of a page unless `check`; whether they stood there already."""
    old = new = path.read_text(encoding='utf-8')
    for name, rows in tables.items():
        new = replaced(new, name, rows)
    if new != old and not check:
        with replacing(path) as beside:
            beside.write_text(new, encoding='utf-8')
    return new == old


def backbone_rows() -> Iterable[str]:
    yield '| backbone | layer | touched | parameters | GMAC a frame | 8 frames | 16 frames |'
    yield '|---|---|---|---|---|---|---|'
    for backbone, name, size, channels, layers in BACKBONES:
        for layer, ratio in layers:
            yield backbone_row(backbone, name, size, channels, layer, ratio)


def backbone_row(
    backbone: dict, name: str, size: int, channels: int, layer: str | None, ratio: float | None
) -> str:
    from mmgsf.models.complexity import measure_once

    head = {'type': 'GSFHead', 'num_classes': NUM_CLASSES, 'in_channels': channels}
    model = {
        'type': 'RecognizerGSF',
        'num_segments': 8,
        'backbone': {**backbone, 'layer': layer, 'channel_ratio': ratio},
        'cls_head': {**head, 'average_clips': 'score'},
    }
    short = measure_once(model, 8, size)
    long = measure_once({**model, 'num_segments': 16}, 16, size)
    touched = f'{ratio:.0%}' if layer else ''
    return (
        f'| {name} | {LAYERS[layer]} | {touched} | {short.parameters / 1e6:.2f} M | '
        f'{short.macs / 8e9:.2f} | {short.macs / 1e9:.1f} | {long.macs / 1e9:.1f} |'
    )


if __name__ == '__main__':
    main()
