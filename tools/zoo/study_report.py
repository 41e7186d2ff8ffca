"""Tables and pictures of CameraMotion's comparison, from what tools/zoo/train_all.py left.

The tables go into docs/comparison.md, from docs/logs/camera_motion_study.json alone; --check only
compares them. --pictures also draws docs/comparison_*.png, for which the runs must still be there.
"""

import argparse
import json
from pathlib import Path

from mmgsf.engine.command_line import run
from mmgsf.files import replaced, replacing

PAGE = Path('docs/comparison.md')
RECORD = Path('docs/logs/camera_motion_study.json')


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--check', action='store_true', help='exit with 1 if the tables are stale')
    parser.add_argument('--pictures', action='store_true', help='draw the pictures as well')
    parser.add_argument(
        '--work-dir', type=Path, default=Path('work_dirs/study'), help='of the runs (%(default)s)'
    )
    parser.add_argument('--out', type=Path, default=Path('docs'), help='folder of the pictures')
    parser.add_argument('--debug', action='store_true', help='show the traceback of an error')
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    from mmgsf.study.table import table_rows

    record = json.loads(RECORD.read_text(encoding='utf-8'))
    old = PAGE.read_text(encoding='utf-8')
    new = replaced(old, 'comparison', table_rows(record))
    if args.check:
        if new != old:
            raise ValueError(f'{PAGE} is stale; run: python tools/zoo/study_report.py')
        return
    with replacing(PAGE) as beside:
        beside.write_text(new, encoding='utf-8')
    if args.pictures:
        draw(record, args.work_dir, args.out)


def draw(record: dict, work_dir: Path, out: Path) -> None:
    """The pictures of the comparison; confusion, gains and t-SNE are of the footage."""
    from mmgsf import compat

    compat.prepare_configs()
    import mmgsf.register  # noqa: F401
    from mmgsf.study.pictures import draw_accuracy, draw_embeddings, draw_study_curves
    from mmgsf.study.plan import chosen
    from mmgsf.study.results import joined
    from mmgsf.study.runs import Run
    from mmgsf.visualization import class_gains, draw_confusion, draw_gain

    draw_accuracy(record['rows'], out / 'comparison_accuracy.png')
    layers = [row for row in record['rows'] if row['group'] == 'layers']
    draw_study_curves(layers, out / 'comparison_curves.png')
    runs = {
        row.name: [Run(row, seed, work_dir) for seed in row.seeds] for row in chosen(['gsf', 'tsm'])
    }
    tsm, gsf = (joined(runs[name], 'footage') for name in ('tsm', 'gsf'))
    draw_gain(class_gains(tsm, gsf), out / 'comparison_gain.png', ('TSM', 'GSF'))
    for name, dump in (('tsm', tsm), ('gsf', gsf)):
        title = f'{name.upper()}, footage, {len(runs[name])} seeds'
        path = out / f'comparison_confusion_{name}.png'
        draw_confusion(dump.labels, dump.scores.argmax(1), dump.classes, path, title)
    first = {name: of[0] for name, of in runs.items()}
    draw_embeddings(first, 'footage', out / 'comparison_embedding.png')


if __name__ == '__main__':
    arguments = parse_args()
    run(main, arguments)
