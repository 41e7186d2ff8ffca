"""Says on paper what a training takes: GPU-hours, decoding cores, disk, network.

python tools/scaling.py [CONFIGS...] [--gpus 64] [--gpu-tflops 989] [--utilisation 0.15] ...
python tools/scaling.py --write | --check

Without configs all of the five sets are taken. Formula, assumptions and their ranges:
docs/scaling.md, whose tables --write writes from the defaults.
"""

import argparse
import warnings
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from mmgsf.benchmark.scaling import Job, Site
from mmgsf.engine.command_line import run

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / 'docs' / 'scaling.md'
HELP = {
    'gpu_tflops': "of one GPU, its maker's figure",
    'utilisation': 'share of it that is sustained',
    'efficiency': 'share of their speed that GPUs keep together',
    'gpus': 'in all',
    'gpus_per_node': 'in one machine',
    'cores_per_gpu': 'that decode',
    'storage_mb_s': 'MB a second of the storage, for all',
    'batch': "clips a GPU and step (the config's)",
    'decode_ms': "of one core for a clip (from the set's figures)",
    'transform_ms': 'of one core for a frame, without decoding',
    'frame_kb': 'of a re-encoded frame',
}
WHOLE = ('gpus', 'gpus_per_node', 'batch')


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('configs', nargs='*', type=Path, metavar='CONFIG')
    for field in fields(Site):
        default = '' if field.default is None else f' ({field.default:g})'
        parser.add_argument(
            f'--{field.name.replace("_", "-")}',
            type=int if field.name in WHOLE else float,
            default=field.default,
            help=f'{HELP[field.name]}{default}',
        )
    parser.add_argument('--write', action='store_true', help='write the tables of docs/scaling.md')
    parser.add_argument('--check', action='store_true', help='exit with 1 if they are stale')
    parser.add_argument('--debug', action='store_true', help='show the traceback of an error')
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    site = Site(**{field.name: getattr(args, field.name) for field in fields(Site)})
    if (args.write or args.check) and (site != Site() or args.configs):
        raise ValueError(
            '--write and --check are of all configs by the defaults; give no other option'
        )
    jobs = read_jobs(args.configs)
    if args.write or args.check:
        write_page(jobs, args.check)
        return
    from mmgsf.benchmark.scaling_table import text_lines

    for job in jobs:
        print('\n'.join(text_lines(job, site)))


def read_jobs(paths: Sequence[Path]) -> list[Job]:
    """The jobs of these configs, or of all that are of the five sets; by set, then name."""
    from mmgsf import compat

    compat.apply()
    compat.prepare_configs()
    import mmgsf.register  # noqa: F401, I001
    from mmgsf.benchmark.scaling_facts import DATASETS, read_job

    warnings.simplefilter('ignore')
    if paths:
        return [read_job(path) for path in paths]
    return [
        read_job(path)
        for slug in DATASETS
        for path in sorted((ROOT / 'configs').glob(f'*_{slug}.py'))
    ]


def write_page(jobs: Sequence[Job], only_check: bool) -> None:
    """Brings the tables up to date, or says that they are not."""
    from mmgsf.benchmark.scaling_table import dataset_lines, job_lines
    from mmgsf.files import replaced, replacing

    old = PAGE.read_text(encoding='utf-8')
    new = replaced(old, 'sets', dataset_lines(Site()))
    new = replaced(new, 'trainings', job_lines(jobs, Site()))
    if only_check:
        if new != old:
            raise ValueError(f'docs/{PAGE.name} is stale; run: python tools/scaling.py --write')
        return
    with replacing(PAGE) as beside:
        beside.write_text(new, encoding='utf-8')


if __name__ == '__main__':
    run(main, parse_args())
