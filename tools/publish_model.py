"""Publishes a training's checkpoint: weights without the rest, card, config, log and index entry.

The checkpoint lies in the work_dir of its training, with the config and the log that MMEngine left
there. In --out come NAME-HASH.pth and NAME-HASH.safetensors, README.md (the model card), NAME.py (the
whole config), NAME.json (the log) and metafile.yml (the entry). docs/publishing.md tells more.
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mmgsf.programs import add_debug, run

if TYPE_CHECKING:
    from mmgsf.publishing.release import Release


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('checkpoint', type=Path, help='checkpoint in the work_dir of its training')
    parser.add_argument(
        '--commands', nargs='+', required=True, help='the commands of the training, in order'
    )
    parser.add_argument('--licence', required=True, help='of the weights, for example CC0-1.0')
    parser.add_argument('--config', type=Path, help='config (default: the one in the work_dir)')
    parser.add_argument('--seed', type=int, help='of the training (default: as in the checkpoint)')
    parser.add_argument('--begun-in', type=Path, help='work_dir of the training it went on from')
    parser.add_argument('--out', type=Path, help='folder of the files (default: zoo/NAME)')
    parser.add_argument('--half', action='store_true', help='store the weights in half precision')
    parser.add_argument('--replace', action='store_true', help='replace files of another release')
    test = parser.add_argument_group('tests of the published file, for its results')
    test.add_argument('--test', action='store_true', help="run the config's test")
    test.add_argument('--dataset', help="with --test: its name, as 'Diving48 (test)'")
    test.add_argument('--protocol', metavar='CLIPSxCROPS', help='with --test: 1x1, 2x1 or 2x3')
    test.add_argument(
        '--judge',
        nargs='?',
        type=int,
        const=240,
        default=0,
        metavar='CLIPS',
        help="judge a model of CameraMotion's classes on clips made in memory (default: 240)",
    )
    test.add_argument(
        '--videos', nargs='+', type=Path, help='with --judge: also on footage of standing cameras'
    )
    test.add_argument('--clips-per-video', type=int, default=16, help='of these: a multiple of 8')
    index = parser.add_argument_group('the zoo index of this checkout')
    index.add_argument('--enter', action='store_true', help='enter weights, results and the log')
    index.add_argument('--address', default='', help='of the folder that will have the weights')
    index.add_argument(
        '--package', action='store_true', help='put the weights into the package, and enter them'
    )
    add_debug(parser)
    args = parser.parse_args()
    for option, value, needs, given in (
        ('--dataset', args.dataset, '--test', args.test),
        ('--protocol', args.protocol, '--test', args.test),
        ('--videos', args.videos, '--judge', args.judge),
        ('--address', args.address, '--enter', args.enter),
    ):
        if value and not given:
            parser.error(f'{option} does nothing without {needs}')
    if args.address and args.package:
        parser.error('--address is of files outside the package; leave it or --package out')
    return args


def main(args: argparse.Namespace) -> None:
    from mmgsf import compat

    compat.hush_dependencies()
    compat.prepare_configs()
    import mmgsf.register  # noqa: F401, I001
    from mmgsf.apis.index import index_path
    from mmgsf.evaluation.judge_footage import find_videos
    from mmgsf.files import locked
    from mmgsf.publishing.placing import entry_text, weights_place
    from mmgsf.publishing.release import make_release, put
    from mmgsf.publishing.request import Request

    request = Request(
        checkpoint=args.checkpoint,
        commands=args.commands,
        licence=args.licence,
        config=args.config,
        seed=args.seed,
        dataset=args.dataset,
        is_half=args.half,
        tests=args.test,
        protocol=args.protocol,
        judged_clips=args.judge,
        videos=find_videos(args.videos) if args.videos else (),
        clips_per_video=args.clips_per_video,
        begun_in=args.begun_in,
    )
    release = make_release(request)
    place = weights_place(release, args.address, args.package)
    out = args.out or Path('zoo', release.name)
    contents = {out / name: content for name, content in release.files.items()}
    contents[out / 'metafile.yml'] = entry_text(release, place).encode()
    if args.enter or args.package:
        # From reading the index to replacing it, or what another one enters meanwhile is lost.
        with locked(index_path().parent):
            contents |= _enter(release, place, contents, args.replace)
    else:
        put(contents, contents if args.replace else ())
    for path in contents:
        print(path)


def _enter(
    release: 'Release', place: str, contents: dict[Path, bytes], replace: bool
) -> dict[Path, bytes]:
    """Writes the files, and those of the checkout, which it returns."""
    from mmgsf.publishing.placing import files_of_checkout, outdated
    from mmgsf.publishing.release import put

    entered = files_of_checkout(release, place)
    old = outdated(release, place)
    if old and not replace:
        raise FileExistsError(f'{old[0]} is there already; --replace takes its place')
    index = next(iter(entered))
    put(contents | entered, {*contents, *entered} if replace else {index})
    for path in old:
        path.unlink()
    return entered


if __name__ == '__main__':
    arguments = parse_args()
    run(main, arguments)
