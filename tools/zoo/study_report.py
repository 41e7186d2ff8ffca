"""Tables, index entries and pictures of CameraMotion's comparison, from what tools/zoo/train_all.py left.

The tables go into docs/comparison.md, the first also into README.md, the layers' means into
configs/metafile.yml, from docs/logs/camera_motion_study.json alone. --pictures also draws
docs/comparison_*.png, for which the runs must still be there. --check only compares all of these.
"""

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path

from mmgsf import study
from mmgsf.engine.command_line import run
from mmgsf.files import locked, replaced, replacing

# Which groups of the plan each page shows.
PAGES = {
    Path('docs/comparison.md'): ('layers', 'ablations', 'backbones'),
    Path('README.md'): ('layers',),
}
RECORD = Path(study.RECORD)
INDEX = Path('configs/metafile.yml')


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--check', action='store_true', help='exit with 1 if anything is stale')
    parser.add_argument('--pictures', action='store_true', help='draw the pictures as well')
    parser.add_argument(
        '--work-dir', type=Path, default=Path('work_dirs/study'), help='of the runs (%(default)s)'
    )
    parser.add_argument('--out', type=Path, default=Path('docs'), help='folder of the pictures')
    parser.add_argument('--debug', action='store_true', help='show the traceback of an error')
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    record = json.loads(RECORD.read_text(encoding='utf-8'))
    if args.check:
        stale = [path for path, _ in (*stale_pages(record), *stale_index(record))]
        if stale:
            raise ValueError(f'{stale[0]} is stale; run: python tools/zoo/study_report.py')
        for path in stale_pictures(args.out):
            raise ValueError(
                f'{path} is missing or of another record; run: python tools/zoo/study_report.py --pictures'
            )
        return
    write(stale_pages(record))
    # Others enter models too.
    with locked(INDEX.parent):
        if write(stale_index(record)):
            print(f'{INDEX} has new results; run: python tools/model_table.py')
    if args.pictures:
        draw(record, args.work_dir, args.out)


def stale_pages(record: dict) -> Iterator[tuple[Path, str]]:
    """Pages whose tables are not those of the record, and their texts with these."""
    from mmgsf.study.table import table_rows

    for page, groups in PAGES.items():
        old = page.read_text(encoding='utf-8')
        new = replaced(old, 'comparison', table_rows(record, groups))
        if new != old:
            yield page, new


def stale_index(record: dict) -> Iterator[tuple[Path, str]]:
    """The zoo index, if its results of the record are others than the record's own, and its text with these."""
    from mmgsf.publishing.entry import with_results_of
    from mmgsf.study.entries import by_model

    old = INDEX.read_text(encoding='utf-8')
    new = with_results_of(old, RECORD.as_posix(), by_model(record['results']))
    if new != old:
        yield INDEX, new


def stale_pictures(folder: Path) -> Iterator[Path]:
    """Pictures of the page that are not there, or do not say that they are of this record."""
    from mmgsf.visualization.figures import comment_of

    page = next(iter(PAGES)).read_text(encoding='utf-8')
    for name in sorted(set(re.findall(r'comparison_\w+\.png', page))):
        path = folder / name
        if not path.is_file() or comment_of(path) != record_comment():
            yield path


def record_comment() -> str:
    """What pictures of this record have in them."""
    from mmgsf.checkpoints.whole import sha256

    return f'{RECORD.name}, sha256 {sha256(RECORD)}'


def write(stale: Iterator[tuple[Path, str]]) -> int:
    """Returns how many there were."""
    count = 0
    for path, text in stale:
        with replacing(path) as beside:
            beside.write_text(text, encoding='utf-8')
        count += 1
    return count


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
    comment = record_comment()
    draw_accuracy(record['rows'], out / 'comparison_accuracy.png', comment)
    layers = [row for row in record['rows'] if row['group'] == 'layers']
    draw_study_curves(layers, out / 'comparison_curves.png', comment)
    draw_pair(tsm, gsf, 'footage', out, comment)


if __name__ == '__main__':
    arguments = parse_args()
    run(main, arguments)
