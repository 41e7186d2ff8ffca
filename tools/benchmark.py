"""Measures what GSF costs on this machine, against the plain networks and TSM.

python tools/benchmark.py {model,train,layer,data} [--quick] [--compile] [--json FILE]
python tools/benchmark.py all --compile --json docs/benchmark.json
python tools/benchmark.py report docs/benchmark.json [--check]

model: inference; train: training steps, norms in train mode; layer: the layer alone at the places of
ResNet-50, by channel ratio, frames and clips; data: clips a second through a pipeline, as they are and
re-encoded. All contestants are run in turn in one process; figures are medians and quartiles, ratios are
those of the same rounds. `report` writes the README's table and picture and the tables of docs/speed.md
from a file of results.
"""

import argparse
import shlex
import sys
import tempfile
import warnings
from pathlib import Path

from mmgsf.engine.command_line import run

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / 'README.md'
SPEED = ROOT / 'docs' / 'speed.md'
PICTURE = ROOT / 'docs' / 'benchmark.png'
DATA_CONFIG = ROOT / 'configs' / 'gsf_r50_ssv2.py'
# Before the compiler, which `model` may start, what runs without.
TASKS = ('train', 'layer', 'data', 'model')
REPEATS, QUICK_REPEATS = 11, 2
QUICK_SIZE = 64


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest='task', required=True)
    measuring = argparse.ArgumentParser(add_help=False)
    add = measuring.add_argument
    add('--contestants', nargs='+', metavar='GLOB', help='for example r50/gsf25/* */eager')
    add('--repeats', type=int, help=f'rounds ({REPEATS})')
    add('--frames', type=int, default=8, help='T (8)')
    add('--clips', type=int, default=1, help='N (1)')
    add('--size', type=int, help="side of a frame (224); InceptionV3's has 5 pixels more")
    add('--threads', type=int, help="of PyTorch (PyTorch's own choice)")
    add('--compile', action='store_true', help='also run networks and layers compiled')
    add(
        '--quick',
        action='store_true',
        help='small frames, few rounds: each of the four takes under a minute',
    )
    add('--videos', type=Path, metavar='DIR', help='for data; without it videos are made')
    add('--max-videos', type=int, default=8, help='for data (8)')
    add('--config', default=str(DATA_CONFIG), help='whose train_pipeline data takes')
    add('--json', type=Path, metavar='FILE', help='file for all figures')
    for name in (*TASKS, 'all'):
        commands.add_parser(name, parents=[measuring])
    report = commands.add_parser('report', help='write tables and picture of the pages')
    report.add_argument('results', type=Path, metavar='FILE')
    report.add_argument('--check', action='store_true', help='exit with 1 if any is stale')
    for command in commands.choices.values():
        command.add_argument('--debug', action='store_true', help='show the traceback of an error')
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    if args.task == 'report':
        write_report(args.results, args.check)
        return
    check(args)
    results = measure(args)
    from mmgsf.benchmark.results import write_results
    from mmgsf.benchmark.text import text_lines

    print('\n'.join(text_lines(results)))
    if args.json is not None:
        write_results(args.json, results)


def check(args: argparse.Namespace) -> None:
    """Fills in what `--quick` sets, and refuses what cannot be measured."""
    if args.repeats is None:
        args.repeats = QUICK_REPEATS if args.quick else REPEATS
    if args.size is None and args.quick:
        args.size = QUICK_SIZE
    for name, least in (('repeats', 1), ('frames', 1), ('clips', 1), ('threads', 1)):
        value = getattr(args, name)
        if value is not None and value < least:
            raise ValueError(f'--{name} {value}: take {least} or more')
    if args.max_videos < 1:
        raise ValueError(f'--max-videos {args.max_videos}: take 1 or more')
    if args.size is not None and (args.size < 64 or args.size % 32):
        raise ValueError(
            f'--size {args.size}: take a multiple of 32 from 64, which all networks can halve'
        )
    if args.json is not None and args.json.is_dir():
        raise IsADirectoryError(f'--json {args.json} is a folder; name a file')


def measure(args: argparse.Namespace) -> dict:
    """All sections that were asked for."""
    warnings.simplefilter('ignore')
    import torch

    import mmgsf.register  # noqa: F401
    from mmgsf.benchmark.machine import describe_machine

    if args.threads is not None:
        torch.set_num_threads(args.threads)
    tasks = TASKS if args.task == 'all' else (args.task,)
    results = {'machine': describe_machine(), 'command': command_line(), 'left_out': []}
    for task in tasks:
        found, left_out = section(task, args)
        results[task] = found
        results['left_out'] += [line for line in left_out if line not in results['left_out']]
    return results


def command_line() -> str:
    """What was run, without this machine's folders."""
    return shlex.join(['tools/benchmark.py', *sys.argv[1:]])


def section(task: str, args: argparse.Namespace) -> tuple[dict, list[str]]:
    """The figures of one task, and lines about what was left out."""
    if task == 'layer':
        from mmgsf.benchmark.layer import measure_layer

        return measure_layer(args.frames, args.size, args.repeats, args.quick, say), []
    if task == 'data':
        return data_section(args), []
    from mmgsf.benchmark.contestants import chosen, contenders
    from mmgsf.benchmark.networks import measure_networks

    found, left_out = contenders(args.compile)
    globs = args.contestants
    if globs is None and (args.quick or (args.task, task) == ('all', 'train')):
        globs = ['*/eager']
        left_out.append(f'{task}: other modes than eager, for time; `{task}` alone has them')
    shape = (args.clips, args.frames, args.size)
    some = chosen(found, globs)
    if args.quick and task == 'train':
        left_out.append('peak memory: with --quick, for time')
    return measure_networks(task, some, *shape, args.repeats, say, not args.quick), left_out


def data_section(args: argparse.Namespace) -> dict:
    from mmengine.config import Config

    from mmgsf import compat
    from mmgsf.benchmark.pipeline import find_videos, make_videos, measure_data

    compat.prepare_configs()
    if not Path(args.config).is_file():
        raise FileNotFoundError(f'--config {args.config} is not there; name a config file')
    pipeline = Config.fromfile(args.config).train_pipeline
    with tempfile.TemporaryDirectory() as folder:
        count = min(args.max_videos, 2) if args.quick else args.max_videos
        if args.videos is None:
            say(f'data: making {count} videos')
            videos = make_videos(Path(folder), count)
        else:
            videos = find_videos(args.videos, count)
        found = measure_data(pipeline, videos, Path(folder), args.repeats, say)
    return {**found, 'made': args.videos is None, 'config': Path(args.config).name}


def write_report(file: Path, only_check: bool) -> None:
    """Brings pages and picture up to date, or says which are not."""
    from mmgsf.benchmark.results import read_results
    from mmgsf.files import replacing
    from mmgsf.visualization.benchmark import draw_benchmark, is_drawn_from

    results = read_results(file)
    missing = [name for name in ('model', 'train', 'layer') if name not in results]
    if missing:
        raise ValueError(f'{file} lacks {", ".join(missing)}; measure with: tools/benchmark.py all')
    pages = written(results)
    if only_check:
        stale = [page.name for page, text in pages.items() if text != read(page)]
        if not is_drawn_from(PICTURE, results['layer']):
            stale.append(PICTURE.name)
        if stale:
            raise ValueError(
                f'stale: {", ".join(stale)}; run: python tools/benchmark.py report {file}'
            )
        return
    with replacing(PICTURE) as picture:
        draw_benchmark(results['layer'], picture)
    for page, text in pages.items():
        with replacing(page) as beside:
            beside.write_text(text, encoding='utf-8')


def written(results: dict) -> dict[Path, str]:
    """The text of each page with its tables as the results have them."""
    from mmgsf.benchmark.report import bfloat16_lines, goal_lines, place_lines, readme_lines
    from mmgsf.files import replaced

    tables = {
        README: {'benchmark': readme_lines},
        SPEED: {'goals': goal_lines, 'bf16': bfloat16_lines, 'places': place_lines},
    }
    pages = {}
    for page, parts in tables.items():
        pages[page] = read(page)
        for mark, lines in parts.items():
            pages[page] = replaced(pages[page], mark, lines(results))
    return pages


def read(page: Path) -> str:
    return page.read_text(encoding='utf-8')


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == '__main__':
    run(main, parse_args())
