"""`mmgsf recognize`: class names and probabilities of videos."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ._model import add_model_arguments, load, split_model


def add_parser(subparsers: 'argparse._SubParsersAction') -> argparse.ArgumentParser:
    """Adds the sub-command."""
    parser = subparsers.add_parser(
        'recognize',
        help='recognise what happens in videos',
        description='Prints the most probable classes of each video. Exit code 0: all were '
        'recognised; 1: one or more failed; 2: wrong usage.',
    )
    parser.add_argument(
        'videos', nargs='*', metavar='VIDEO', help='a file, a folder (with those in it) or a glob'
    )
    add_model_arguments(parser)
    parser.add_argument('--topk', type=_count, default=5, help='classes to print (default: 5)')
    parser.add_argument(
        '--batch-size', type=_count, default=8, help='videos at once (default: %(default)s)'
    )
    parser.add_argument('--timeout', type=_seconds, help='seconds that decoding a video may take')
    parser.add_argument(
        '--save',
        metavar='OUT',
        help='write the video with its classes drawn on it: a file, for several videos a folder',
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument('--json', action='store_true', help='print JSON')
    form.add_argument('--csv', action='store_true', help='print CSV, a row for each video and rank')
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f'{text!r} is no whole number above 0')
    return int(text)


def _seconds(text: str) -> float:
    try:
        if float(text) > 0:
            return float(text)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f'{text!r} is no number of seconds above 0')


def main(args: argparse.Namespace) -> int:
    """Recognises the videos; 1 if one or more could not be."""
    args.model, videos = split_model(args.model)
    args.videos += videos
    if not args.videos:
        args.parser.error('no VIDEO; name one or more, a folder or a glob')
    from mmgsf.apis.sources import expand, is_single

    found = [video for source in args.videos for video in expand(source)]
    single = len(args.videos) == 1 and is_single(args.videos[0])
    targets = _targets(args, found, single)
    model = load(args)
    from mmgsf.apis.recognition import recognize_each
    from mmgsf.apis.result import Failure, Recognitions

    gathered, unsaved = Recognitions(), 0
    with _progress(len(found), len(targets)) as (read, saved):
        done = recognize_each(
            found, model, args.topk, args.batch_size, args.timeout, done=lambda name: read()
        )
        for result in done:
            if not isinstance(result, Failure) and targets:
                unsaved += not _save(result, targets[result.source])
                saved()
            (gathered.failed if isinstance(result, Failure) else gathered).append(result)
            _report(result, args)
    _print(gathered, args, single)
    return 1 if gathered.failed or unsaved else 0


def _targets(args: argparse.Namespace, videos: list[Path], single: bool) -> dict[str, Path]:
    """Where the video of each source goes; nothing without --save."""
    if args.save is None:
        return {}
    from mmgsf.visualization.overlay import check_target, require_av

    require_av()
    out = Path(args.save)
    if single and not out.is_dir():
        targets = {str(videos[0]): out}
    else:
        if out.suffix and not out.is_dir():
            args.parser.error(f'--save {out}: for several videos give a folder')
        targets = {str(video): out / f'{video.stem}.mp4' for video in videos}
    if len(set(targets.values())) < len(targets):
        raise ValueError(f'several videos would be written to one file of {out}; save them apart')
    for source, target in targets.items():
        check_target(source, target)
    return targets


def _save(result: Any, target: Path) -> bool:
    """Writes the video, or says why not; whether it was written."""
    from mmgsf.visualization.overlay import save_overlay

    try:
        save_overlay(result, target)
    except (ValueError, OSError) as error:
        sys.stderr.write(f'error: {target} is not written: {" ".join(str(error).split())}\n')
        return False
    return True


def _report(result: Any, args: argparse.Namespace) -> None:
    """What can be said at once: a table, and what went wrong."""
    from mmgsf.apis.result import Failure

    if isinstance(result, Failure):
        error = (
            result.error if result.source in result.error else f'{result.source}: {result.error}'
        )
        sys.stderr.write(f'error: {error}\n')
    elif not (args.json or args.csv):
        sys.stdout.write(f'{result}\n')


def _print(gathered: Any, args: argparse.Namespace, single: bool) -> None:
    whole = [*gathered, *gathered.failed][0] if single else gathered
    if args.json:
        sys.stdout.write(f'{whole.to_json()}\n')
    elif args.csv:
        sys.stdout.write(whole.to_csv())


@contextmanager
def _progress(videos: int, targets: int) -> Iterator[tuple[Any, Any]]:
    """Two callables that count a video that was read, and one that was written."""
    if videos < 2 and not targets or not sys.stderr.isatty():
        yield (lambda: None), (lambda: None)
        return
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress

    # rich would carry what goes to stdout over to stderr.
    bar = Progress(
        *Progress.get_default_columns(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        redirect_stdout=sys.stdout.isatty(),
        transient=True,
    )
    with bar:
        read = bar.add_task('read', total=videos)
        written = bar.add_task('written', total=targets) if targets else None
        yield (lambda: bar.advance(read)), (lambda: bar.advance(written))
