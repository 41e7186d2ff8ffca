"""`mmgsf stream`: class names of what happens in a long video, before a camera, at an address."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ._model import add_model_arguments, load, split_model

if TYPE_CHECKING:
    from torch import nn

    from mmgsf.apis.frame_sources import FileWindows, Source
    from mmgsf.apis.live import LiveWindows
    from mmgsf.apis.streaming import Scorer, WindowResult

PICTURES = ('.png', '.jpg', '.pdf', '.svg')


def add_parser(subparsers: 'argparse._SubParsersAction') -> argparse.ArgumentParser:
    """Adds the sub-command."""
    parser = subparsers.add_parser(
        'stream',
        help='recognise what happens when in a long video, a camera or a network stream',
        description='Prints the most probable classes of the last frames, every few frames. Exit '
        'code 0: the file is at its end, or --max-frames were taken; 1: it cannot be read, or a '
        'live source broke off; 2: wrong usage; 130: stopped with Ctrl-C.',
    )
    parser.add_argument(
        'source',
        nargs='?',
        metavar='SOURCE',
        help='a video file, a camera (0 or /dev/video0), or an address (rtsp://, http://, ...)',
    )
    add_model_arguments(parser)
    parser.add_argument(
        '--stride',
        type=int,
        default=2,
        help='frames from one of the T frames that are looked at to the next (default: 2)',
    )
    parser.add_argument(
        '--every', type=int, default=8, help='frames from one result to the next (default: 8)'
    )
    parser.add_argument('--topk', type=int, default=3, help='classes to print (default: 3)')
    parser.add_argument('--json', action='store_true', help='print one JSON object a line')
    parser.add_argument(
        '--timeline', metavar='OUT.json', help='write all windows, and stretches of one class'
    )
    parser.add_argument('--picture', metavar='OUT.png', help='draw the timeline')
    parser.add_argument(
        '--probabilities', action='store_true', help='all classes in the timeline, not the top ones'
    )
    parser.add_argument('--max-frames', type=int, help='end after so many frames')
    parser.add_argument(
        '--timeout',
        type=float,
        help='seconds to open the source, and again for each read (default: 10, of a file 60)',
    )
    parser.add_argument(
        '--reconnect',
        type=int,
        default=0,
        metavar='N',
        help='open a camera or an address again when it breaks off, N times in a row (default: 0)',
    )
    return parser


def main(args: argparse.Namespace) -> None:
    """Scores the windows of the source as they come."""
    from mmgsf.apis.frame_sources import FILE, find_source

    args.model, rest = split_model(args.model)
    sources = [one for one in (args.source, *rest) if one is not None]
    if len(sources) != 1:
        args.parser.error(f'{len(sources)} sources; name one SOURCE')
    _check_numbers(args)
    source = find_source(sources[0])
    keeps = bool(args.timeline or args.picture)
    if keeps and source.kind != FILE and args.max_frames is None:
        args.parser.error(
            '--timeline and --picture of a live source need --max-frames: it has no end'
        )
    model = load(args)
    from mmgsf.apis.streaming import Scorer

    scorer = Scorer(model)
    windows = _windows(args, model, source)
    results: list[WindowResult] = []
    try:
        with _progress(windows) as advance, closing(iter(windows)) as stream:
            for window in stream:
                result = scorer(window)
                _print(result, args)
                advance(windows.frames)
                if keeps:
                    results.append(result)
    finally:
        if windows.frames:
            _summary(args, source, model, windows, scorer)
    if keeps:
        _write(args, source, model, windows, scorer, results)


def _check_numbers(args: argparse.Namespace) -> None:
    least = {'stride': 1, 'every': 1, 'topk': 1, 'max_frames': 1, 'reconnect': 0}
    for name, value in least.items():
        given = getattr(args, name)
        if given is not None and given < value:
            args.parser.error(f'--{name.replace("_", "-")} {given}: give {value} or more')
    if args.timeout is not None and not args.timeout > 0:
        args.parser.error(f'--timeout {args.timeout:g}: give seconds above 0')
    if args.picture and Path(args.picture).suffix.lower() not in PICTURES:
        args.parser.error(f'--picture {args.picture}: give a name in {", ".join(PICTURES)}')


def _windows(
    args: argparse.Namespace, model: 'nn.Module', source: 'Source'
) -> 'FileWindows | LiveWindows':
    from mmgsf.apis.frame_sources import FILE, FileFrames, FileWindows
    from mmgsf.apis.window_buffer import WindowBuffer

    buffer = WindowBuffer(model, args.stride, args.every)
    if source.kind == FILE:
        return FileWindows(buffer, FileFrames(model, source.place, args.timeout), args.max_frames)
    from mmgsf.apis.capture import TIMEOUT, Capture, require_pyav
    from mmgsf.apis.live import LiveWindows

    require_pyav()
    timeout = TIMEOUT if args.timeout is None else args.timeout
    return LiveWindows(
        source.name,
        buffer,
        lambda: Capture(source, timeout),
        timeout,
        args.reconnect,
        lambda text: sys.stderr.write(f'warning: {text}\n'),
        args.max_frames,
    )


def _print(result: 'WindowResult', args: argparse.Namespace) -> None:
    if args.json:
        line = json.dumps({'type': 'window', **result.to_dict(args.topk)}, ensure_ascii=False)
    else:
        classes = '; '.join(f'{one.probability:6.1%} {one.name}' for one in result.top(args.topk))
        if result.start is None:
            place = f'frames {result.first_frame} to {result.last_frame}'
        else:
            place = f'{result.start:8.2f} to {result.end:.2f} s'
        line = f'{place}  {classes}'
    # A pipe gets it now, not when a buffer is full.
    sys.stdout.write(f'{line}\n')
    sys.stdout.flush()


def _summary(
    args: argparse.Namespace,
    source: 'Source',
    model: 'nn.Module',
    windows: 'FileWindows | LiveWindows',
    scorer: 'Scorer',
) -> None:
    """How long results took, and what was lost: as the last line of JSON, or on stderr."""
    latency = scorer.latency()
    if args.json:
        counts = {
            name: getattr(windows, name) for name in ('frames', 'dropped', 'damaged', 'reconnected')
        }
        line = {'type': 'summary', 'source': source.name, 'model': model.name, **counts}
        sys.stdout.write(f'{json.dumps({**line, "latency": latency.to_dict()})}\n')
        return
    lines = [f'{windows.frames} frames; {latency}']
    if windows.dropped:
        lines.append(
            f'{windows.dropped} windows dropped: the model was still busy; a larger --every asks '
            'for fewer'
        )
    if windows.damaged:
        lines.append(f'{windows.damaged} packets or frames came damaged')
    sys.stderr.write(''.join(f'{line}\n' for line in lines))


def _write(
    args: argparse.Namespace,
    source: 'Source',
    model: 'nn.Module',
    windows: 'FileWindows | LiveWindows',
    scorer: 'Scorer',
    results: list['WindowResult'],
) -> None:
    from mmgsf.apis.timeline import Timeline

    timeline = Timeline(
        source.name, model.name, windows.buffer.plan, windows.fps, results, scorer.latency()
    )
    if args.timeline:
        timeline.write_json(args.timeline, args.topk, args.probabilities)
    if args.picture:
        from mmgsf.visualization.timeline import draw_timeline

        draw_timeline(timeline, args.picture)


@contextmanager
def _progress(windows: 'FileWindows | LiveWindows') -> Iterator[Callable[[int], None]]:
    """A callable that takes the number of frames so far."""
    if not sys.stderr.isatty():
        yield lambda frames: None
        return
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    # rich would carry what goes to stdout over to stderr.
    bar = Progress(
        *Progress.get_default_columns(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn('{task.fields[lost]}'),
        console=Console(stderr=True),
        redirect_stdout=sys.stdout.isatty(),
        transient=True,
    )
    with bar:
        task = bar.add_task('frames', total=windows.total, lost='')

        def advance(frames: int) -> None:
            lost = f'{windows.dropped} windows dropped' if windows.dropped else ''
            bar.update(task, completed=frames, lost=lost)

        yield advance
