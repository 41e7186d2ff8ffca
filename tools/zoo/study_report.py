"""Tables and pictures of CameraMotion's comparison, from what tools/zoo/train_all.py left.

The tables go into docs/comparison.md, the first also into README.md, from
docs/logs/camera_motion_study.json alone; --check only compares them. --pictures also draws
docs/comparison_*.png, for which the runs must still be there.
"""

import argparse
import json
from pathlib import Path

from mmgsf.engine.command_line import run
from mmgsf.files import replaced, replacing

# Which groups of the plan each page shows.
PAGES = {
    Path('docs/comparison.md'): ('layers', 'ablations', 'backbones'),
    Path('README.md'): ('layers',),
}
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
    stale = {}
    for page, groups in PAGES.items():
        old = page.read_text(encoding='utf-8')
        new = replaced(old, 'comparison', table_rows(record, groups))
        if new != old:
            stale[page] = new
    if args.check:
        if stale:
            raise ValueError(f'{next(iter(stale))} is stale; run: python tools/zoo/study_report.py')
        return
    for page, new in stale.items():
        with replacing(page) as beside:
            beside.write_text(new, encoding='utf-8')
    if args.pictures:
        draw(record, args.work_dir, args.out)


def draw(record: dict, work_dir: Path, out: Path) -> None:
    """The pictures of the comparison; gains, confusion and t-SNE are of TSM and GSF on the footage."""
    from mmgsf import compat

    compat.prepare_configs()
    import mmgsf.register  # noqa: F401
    from mmgsf.study.pictures import draw_accuracy, draw_pair, draw_study_curves
    from mmgsf.study.plan import chosen
    from mmgsf.study.runs import Run

    gsf, tsm = ([Run(row, seed, work_dir) for seed in row.seeds] for row in chosen(['gsf', 'tsm']))
    for one in (*gsf, *tsm):
        if not one.is_done:
            raise FileNotFoundError(
                f'{one.name} is not done in {work_dir}; run: python tools/zoo/train_all.py'
            )
    draw_accuracy(record['rows'], out / 'comparison_accuracy.png')
    layers = [row for row in record['rows'] if row['group'] == 'layers']
    draw_study_curves(layers, out / 'comparison_curves.png')
    draw_pair(tsm, gsf, 'footage', out)


if __name__ == '__main__':
    arguments = parse_args()
    run(main, arguments)
