"""Tests exported files on a config's videos, side by side.

python tools/test_exported.py configs/gsf_r18_camera_motion.py fp32.onnx int8.onnx

Prints top-1 in percent, size, and the time of a batch as a ratio to the first file's. A file that
computes in another runtime may use another number of threads.
"""

import argparse

from mmgsf.engine.command_line import run


def parse_args() -> argparse.Namespace:
    from mmengine.config import DictAction

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', metavar='CONFIG', help='config file, whose test data is used')
    parser.add_argument('files', metavar='FILE', nargs='+', help='.onnx, .pt2 or .xml')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, metavar='KEY=VALUE')
    parser.add_argument('--debug', action='store_true', help='show the traceback of an error')
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    from mmengine.registry import init_default_scope
    from mmengine.runner import Runner

    from mmgsf.apis.configs import read_config
    from mmgsf.deployment import open_exported
    from mmgsf.deployment.evaluation import evaluate

    models = [open_exported(path) for path in args.files]
    config = read_config(args.config)
    config.merge_from_dict(args.cfg_options or {})
    check_same(models)
    init_default_scope(config.get('default_scope', 'mmaction'))
    scores = evaluate(models, Runner.build_dataloader(config.test_dataloader))
    outputs = list(models[0].description.classes)
    width = max(map(len, args.files))
    print(f'{scores[0].videos} videos, top-1 in percent')
    titles = ''.join(f'{"top-1" if len(outputs) == 1 else name:>8}' for name in outputs)
    print(f'{"":{width}}{titles}      MB    time')
    for model, score in zip(models, scores, strict=True):
        shares = ''.join(f'{100 * score.correct[name]:8.2f}' for name in outputs)
        ratio = score.seconds / scores[0].seconds
        print(f'{str(model.path):{width}}{shares}{model.bytes / 1e6:8.2f}{ratio:8.2f}')


def check_same(models: list) -> None:
    """All files take the same clips and know the same classes."""
    first = models[0].description
    for model in models[1:]:
        other = model.description
        if (other.clip_shape, other.classes) != (first.clip_shape, first.classes):
            raise ValueError(
                f'{model.path} takes other clips or has other classes than {models[0].path}; test '
                'them apart'
            )


if __name__ == '__main__':
    run(main, parse_args())
