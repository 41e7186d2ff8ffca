"""Makes the weights that ship inside the package from a training's checkpoint.

They are stored in half precision and judged as they are stored: on rendered clips of photographs
that were not trained on and, with --videos, on real footage. The figures and how to get them go into
the file, and into docs/logs/NAME.json with the training's log.
"""

import argparse
import hashlib
import json
import tempfile
from pathlib import Path

import torch

from mmgsf.engine.command_line import run

WEIGHTS = Path('mmgsf/apis/weights')
LOGS = Path('docs/logs')
MOST_BYTES = 8_000_000
NUM_CLIPS = 240  # rendered clips of each setting


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help='config file that was trained')
    parser.add_argument('checkpoint', help='checkpoint of the training')
    parser.add_argument('--seed', type=int, required=True, help='the seed of the training')
    parser.add_argument(
        '--commands', nargs='+', required=True, help='the commands of the training, in order'
    )
    parser.add_argument('--begun-in', help='work_dir of the training that it went on from')
    parser.add_argument('--videos', nargs='+', type=Path, help='footage of standing cameras')
    parser.add_argument('--debug', action='store_true', help='show the traceback of an error')
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    from mmgsf.apis import load_model, model_classes
    from mmgsf.checkpoints import load_from_local, save_weights
    from mmgsf.evaluation.training_record import environment, read_run
    from mmgsf.files import replacing

    name = Path(args.config).stem
    weights = half(load_from_local(args.checkpoint, map_location='cpu')['state_dict'])
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder, f'{name}.safetensors')
        save_weights(plain, weights, {})
        model = load_model(args.config, plain, device='cpu')
    meta = {
        # Not 'config', which the loader drops: MMEngine carries out what stands there.
        'name': name,
        'num_segments': model.num_segments,
        'dataset_meta': {'classes': model_classes(model)},
        'seed': args.seed,
        'commands': args.commands,
        'accuracy': judged(model, args.videos),
        'licence': 'Apache-2.0',
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, f'{name}.safetensors')
        save_weights(file, weights, meta)
        content = file.read_bytes()
    if len(content) > MOST_BYTES:
        raise ValueError(
            f'{len(content)} bytes: the package takes {MOST_BYTES}; train a smaller one'
        )
    digest = hashlib.sha256(content).hexdigest()
    for old in WEIGHTS.glob(f'{name}-*.safetensors'):
        old.unlink()
    target = WEIGHTS / f'{name}-{digest[:8]}.safetensors'
    with replacing(target) as beside:
        beside.write_bytes(content)
    record = {
        **meta,
        'weights': target.name,
        'sha256': digest,
        'bytes': len(content),
        'environment': environment(),
        **read_run(Path(args.checkpoint).parent),
    }
    if args.begun_in:
        record['begun'] = read_run(args.begun_in)
    with replacing(LOGS / f'{name}.json') as beside:
        beside.write_text(json.dumps(record, indent=1) + '\n', encoding='utf-8')
    print(f'{target} ({len(content)} bytes), {LOGS / name}.json')


def half(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The same weights in half precision; counters stay whole numbers.

    Raises:
        ValueError: a weight is beyond what half precision holds.
    """
    halved = {
        key: value.half() if value.is_floating_point() else value for key, value in weights.items()
    }
    for key, value in halved.items():
        if value.is_floating_point() and not value.isfinite().all():
            raise ValueError(f'{key} is beyond the range of half precision; train again')
    return halved


def judged(model: torch.nn.Module, videos: list[Path] | None) -> dict:
    """Correct answers and clips, of each kind of clip."""
    from mmgsf.evaluation.judge_footage import judge, judge_rendered, judge_unmoved

    found = {
        setting: judge_rendered(model, setting, NUM_CLIPS, seed=1)
        for setting in ('photograph', 'footage')
    }
    if videos:
        from judge_footage import files_of

        files = files_of(videos)
        found['gliding windows'] = {
            'videos': sorted(path.name for path in files),
            'clips_per_video': 16,
            **judge(model, files).describe(),
        }
        found['unmoved'] = judge_unmoved(model, files)
    return found


if __name__ == '__main__':
    arguments = parse_args()
    run(main, arguments)
