"""Converts a GSF or GSM checkpoint of the authors, as it lies on disk, to one of this project.

The network is found from the file. DST ends in .pth (loads with weights_only=True) or .safetensors.
"""

import argparse
import hashlib
from pathlib import Path

from mmgsf import compat
from mmgsf.checkpoints import (
    convert_official,
    describe_official,
    ordered_class_names,
    read_official,
    reorder_classes,
    save_weights,
)
from mmgsf.checkpoints.class_order import CLASS_ORDERS, DATASETS
from mmgsf.checkpoints.save import SUFFIXES
from mmgsf.programs import add_debug, run


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('source', metavar='SRC', help="the authors' file, .pth.tar")
    parser.add_argument('target', metavar='DST', help=f'file to write, {" or ".join(SUFFIXES)}')
    parser.add_argument(
        '--dataset',
        choices=DATASETS,
        help='what it was trained on: stores the class names, and allows --class-order',
    )
    parser.add_argument(
        '--class-order',
        choices=CLASS_ORDERS,
        help="order of the classes in DST (default with --dataset: mmaction2, the configs' order); "
        'the authors have them sorted',
    )
    add_debug(parser)
    args = parser.parse_args()
    if args.class_order and not args.dataset:
        parser.error('--class-order needs --dataset, whose class names are put in order')
    if Path(args.target).suffix not in SUFFIXES:
        parser.error(f'DST {args.target} ends in none of {", ".join(SUFFIXES)}')
    return args


def main(args: argparse.Namespace) -> None:
    official = read_official(args.source)
    network = describe_official(official)
    weights = convert_official(official)
    check_whole(network.backbone, weights)
    classes = None
    if args.dataset:
        classes = ordered_class_names(args.dataset, args.class_order or 'mmaction2')
        weights = reorder_classes(weights, ordered_class_names(args.dataset, 'sorted'), classes)
    meta = {
        'backbone': network.backbone,
        'num_classes': network.num_classes,
        'converted_from': Path(args.source).name,
        'converted_from_sha256': sha256(args.source),
    }
    if classes:
        meta['dataset_meta'] = {'classes': classes}
    save_weights(args.target, weights, meta)
    options = ', '.join(f'{key}={value!r}' for key, value in network.backbone.items())
    print(f'found {options}; {network.num_classes} classes; fits any num_segments')
    print(f'wrote {args.target}: {len(weights)} tensors, sha256 {sha256(args.target)}')


def check_whole(backbone: dict, weights: dict) -> None:
    """Builds the network and loads the weights strictly: none is missing, none is left over."""
    compat.apply()
    import mmgsf.register  # noqa: F401, I001
    from mmaction.registry import MODELS

    prefix = 'backbone.'
    ours = {k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)}
    try:
        MODELS.build({**backbone, '_scope_': 'mmaction'}).load_state_dict(ours, strict=True)
    except RuntimeError as error:
        raise ValueError(f'the network is not whole: {" ".join(str(error).split())}') from error


def sha256(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


if __name__ == '__main__':
    run(main, parse_args())
