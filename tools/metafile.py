"""Writes configs/metafile.yml, the zoo index, from the configs; --check only compares it.

Weights that lie in the package are entered with their checksum. Results, figures published by others,
recipes, other weights and further fields that do not follow from a config are kept as they stand.
"""

import argparse
import sys
import warnings
from pathlib import Path

import yaml

from mmgsf import compat
from mmgsf.apis.index import IN_PACKAGE
from mmgsf.checkpoints.whole import sha256
from mmgsf.files import replacing

ROOT = Path(__file__).resolve().parents[1]
WEIGHTS = ROOT / 'mmgsf' / 'apis' / 'weights'
METAFILE = ROOT / 'configs' / 'metafile.yml'
HEADER = (
    '# The zoo index. tools/metafile.py writes it from the configs and the weights in the package;\n'
    '# the rest is entered by hand and kept. docs/zoo.md has the fields. Results were measured here;\n'
    '# Published are figures of others, which were not.\n'
)
COLLECTIONS = {
    'GSF': 'https://arxiv.org/abs/2203.08897',
    'GSM': 'https://arxiv.org/abs/1912.00381',
    'TSM': 'https://arxiv.org/abs/1811.08383',
    'TSN': 'https://arxiv.org/abs/1608.00859',
}
ARCHITECTURES = {
    'r18': 'ResNet-18',
    'r50': 'ResNet-50',
    'r101': 'ResNet-101',
    'bninception': 'BNInception',
    'inceptionv3': 'InceptionV3',
    'mobilenetv2': 'MobileNetV2',
}
# The longer of two slugs that both fit comes first.
DATASETS = {
    'ssv1': 'Something-Something V1',
    'ssv2': 'Something-Something V2',
    'epic100': 'EPIC-Kitchens-100',
    'k400': 'Kinetics-400',
    'diving48': 'Diving48',
    'footage_camera_motion': 'CameraMotion and footage',
    'camera_motion': 'CameraMotion',
    'finetune': 'your own, here of two classes',
}
# Metadata that follows from a config.
GENERATED = ('Architecture', 'Frames', 'Resolution', 'Parameters', 'MACs', 'Training Data')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--check', action='store_true', help='exit with 1 if the index is stale')
    args = parser.parse_args()
    compat.apply()
    compat.prepare_configs()
    import mmgsf.register  # noqa: F401

    warnings.simplefilter('ignore')
    old = METAFILE.read_text(encoding='utf-8') if METAFILE.exists() else ''
    new = written(old, sorted((ROOT / 'configs').glob('*.py'), key=order))
    if args.check and new != old:
        sys.exit(f'error: {METAFILE.name} is stale; run: python tools/metafile.py')
    if new != old:
        with replacing(METAFILE) as beside:
            beside.write_text(new, encoding='utf-8')


def order(path: Path) -> tuple:
    """By data set, then by name, 8 frames before 16."""
    return list(DATASETS).index(dataset_slug(path.stem)), path.stem.replace('_16f_', '_~')


def dataset_slug(name: str) -> str:
    slug = next((slug for slug in DATASETS if name.endswith(f'_{slug}')), None)
    if slug is None:
        sys.exit(f'error: the name {name} ends in no known data set; add it to DATASETS')
    return slug


def written(old: str, paths: list[Path]) -> str:
    """The index of these configs, with what the old one had entered by hand."""
    known = {model['Name']: model for model in (yaml.safe_load(old) or {}).get('Models', ())}
    content = {
        'Collections': [{'Name': name, 'Paper': paper} for name, paper in COLLECTIONS.items()],
        'Models': [model_entry(path, known.get(path.stem, {})) for path in paths],
    }
    return HEADER + yaml.safe_dump(content, sort_keys=False, width=100)


def model_entry(path: Path, old: dict) -> dict:
    from mmengine.config import Config

    from mmgsf.models.complexity import measure_once

    config = Config.fromfile(path)
    size = frame_size(config.test_pipeline)
    found = measure_once(config.model.to_dict(), config.num_segments, size)
    layer, architecture, *_ = path.stem.split('_')
    metadata = {
        'Architecture': ARCHITECTURES[architecture],
        'Frames': config.num_segments,
        'Resolution': size,
        'Parameters': found.parameters,
        'MACs': found.macs,
        'Training Data': DATASETS[dataset_slug(path.stem)],
    }
    by_hand = {key: value for key, value in old.get('Metadata', {}).items() if key not in GENERATED}
    entry = {
        'Name': path.stem,
        'Config': f'configs/{path.name}',
        'In Collection': layer.upper(),
        'Metadata': metadata | by_hand,
    }
    kept = {key: value for key, value in old.items() if key not in entry}
    if str(kept.get('Weights', '')).startswith(IN_PACKAGE):
        del kept['Weights'], kept['SHA256']
    return entry | kept | packaged_weights(path.stem)


def frame_size(pipeline: list) -> int:
    """Height and width of the frames that a test pipeline gives, in pixels."""
    for step in reversed(pipeline):
        if step.type == 'CenterCrop':
            return step.crop_size
        if step.type == 'Resize' and not step.get('keep_ratio', True):
            return step.scale[0]
    sys.exit('error: a test pipeline has no centre crop and no resizing to a square')


def packaged_weights(name: str) -> dict:
    """Place and checksum of a model's weights in the package, if they are there."""
    found = sorted(WEIGHTS.glob(f'{name}-*.safetensors'))
    if len(found) > 1:
        sys.exit(f'error: {len(found)} files of weights of {name}; leave one in {WEIGHTS}')
    if not found:
        return {}
    place = found[0].relative_to(ROOT).as_posix()
    return {'Weights': f'{IN_PACKAGE}{place}', 'SHA256': sha256(found[0])}


if __name__ == '__main__':
    main()
