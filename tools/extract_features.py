"""Writes features of videos, one .npz a video: arrays features, frame_indices, fps, and meta as JSON.

Features are the average over height and width of a layer's output, for each window of T frames (V, C)
or for each frame (V, T, C). An interrupted run goes on where it stopped. Damaged videos are listed in
DIR/bad_videos.txt; the others are done, and the exit code is 1.
"""

import argparse

from mmgsf.programs import add_debug, run
from mmgsf.stopping import leave_on_sigterm


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config file, or name of a config of mmgsf')
    parser.add_argument(
        'checkpoint',
        nargs='?',
        help='checkpoint file (default: the published weights of the model of that name)',
    )
    parser.add_argument('--videos', nargs='+', default=[], help='videos, and folders of videos')
    parser.add_argument('--list', help='list of videos, one a line; labels are passed over')
    parser.add_argument(
        '--data-prefix', help='folder of the paths in the list (default: that of the list)'
    )
    parser.add_argument('--out', metavar='DIR', required=True, help='folder to write to')
    parser.add_argument(
        '--mode',
        choices=['pooled', 'frames'],
        default='pooled',
        help='a vector a window, or one for each of its frames (default: pooled)',
    )
    parser.add_argument(
        '--layer', default='backbone', help='module of the model (default: backbone)'
    )
    parser.add_argument(
        '--stride',
        type=int,
        help='windows of T frames, one every STRIDE frames over the whole video (default: the '
        'views of the test pipeline)',
    )
    parser.add_argument(
        '--frame-interval',
        type=int,
        default=1,
        help='from one frame of a window to the next (default: 1)',
    )
    parser.add_argument('--half', action='store_true', help='write float16 in place of float32')
    parser.add_argument('--workers', type=int, default=2, help='processes that decode (default: 2)')
    parser.add_argument('--device', help='default: a GPU if there is one')
    parser.add_argument(
        '--force', action='store_true', help='replace what is there, of whatever settings'
    )
    add_debug(parser)
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    # What is half written goes; the imports take seconds.
    leave_on_sigterm()
    from mmgsf.apis.feature_files import find_sources, read_sources
    from mmgsf.apis.feature_run import extract_features
    from mmgsf.apis.features import FeatureExtractor, FeatureSettings
    from mmgsf.apis.models import load_model

    if bool(args.videos) == bool(args.list):
        raise ValueError(
            'give videos or folders of videos by --videos, or a list of them by --list'
        )
    if args.workers < 0:
        raise ValueError(f'--workers {args.workers}: give 0 or more')
    settings = FeatureSettings(
        args.mode,
        args.layer,
        args.stride,
        args.frame_interval,
        'float16' if args.half else 'float32',
    )
    sources = read_sources(args.list, args.data_prefix) if args.list else find_sources(args.videos)
    checkpoint = args.checkpoint or published(args.config)
    model = load_model(named_or_file(args.config), checkpoint, args.device)
    extractor = FeatureExtractor(model, settings)
    tally = extract_features(
        extractor, checkpoint, sources, args.out, args.workers, args.force, show
    )
    print(
        f'{len(sources)} videos: {tally.written} written to {args.out}, {tally.known} there already, '
        f'{tally.bad} cannot be read'
    )
    if tally.bad:
        raise ValueError(
            f'{tally.bad} of {len(sources)} videos cannot be read; {args.out}/bad_videos.txt lists '
            'them: mend them and run this again'
        )


def named_or_file(config: str) -> str:
    from mmgsf.apis.configs import config_names, config_path

    return str(config_path(config)) if config in config_names() else config


def published(config: str) -> str:
    from mmgsf.apis.configs import config_names
    from mmgsf.apis.hub import weights_file

    if config not in config_names():
        raise ValueError(f'give a checkpoint behind the config {config}')
    return str(weights_file(config))


def show(done: int, total: int, name: str) -> None:
    if done == total or done % max(1, total // 20) == 0:
        print(f'{done} of {total}: {name}', flush=True)


if __name__ == '__main__':
    arguments = parse_args()
    run(main, arguments)
