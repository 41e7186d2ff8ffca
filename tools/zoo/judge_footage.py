"""Judges a CameraMotion model on real footage, yours for example.

Give videos of standing cameras: people, streets, animals may move. Windows glide over them in all
eight ways, each clip is written as H.264 and read back through the model's test pipeline, and the
table says how many were recognised. Videos whose own camera moves make the answers wrong.
"""

import argparse
import json
from pathlib import Path

from mmgsf.engine.command_line import run


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('videos', nargs='+', type=Path, help='video files, or folders of them')
    parser.add_argument('--config', required=True, help='config file of the model')
    parser.add_argument('--checkpoint', required=True, help='its weights')
    parser.add_argument('--clips-per-video', type=int, default=16, help='a multiple of 8')
    parser.add_argument('--seed', type=int, default=0, help='of windows and speeds')
    parser.add_argument('--json', type=Path, help='also write the figures to this file')
    parser.add_argument('--debug', action='store_true', help='show the traceback of an error')
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    import torch

    from mmgsf.apis import load_model
    from mmgsf.datasets.motions import CLASSES
    from mmgsf.evaluation.judge_footage import find_videos, judge, judge_unmoved
    from mmgsf.files import replacing

    torch.manual_seed(args.seed)
    videos = find_videos(args.videos)
    model = load_model(args.config, args.checkpoint)
    result = judge(model, videos, args.clips_per_video, args.seed).describe()
    result['unmoved'] = unmoved = judge_unmoved(model, videos)
    print(f'{"gliding windows":34} correct of clips')
    for name, row in result['accuracy'].items():
        share = 100 * row['correct'] / max(row['clips'], 1)
        print(f'{name:34} {row["correct"]:7} of {row["clips"]:5}  {share:5.1f} %')
    low, middle, high = (100 * value for value in result['displacement'])
    print(f'a frame moves by {low:.2f} to {high:.2f} % of its side, median {middle:.2f} %')
    print(f'\n{"the videos as they are":34} most likely in   mean probability')
    for name, first, mean in zip(
        CLASSES, unmoved['first'], unmoved['mean_probability'], strict=True
    ):
        print(f'{name:34} {first:7} of {len(videos):5}  {mean:.2f}')
    print(f'highest probability: mean {unmoved["mean_highest_probability"]:.2f}')
    if args.json:
        with replacing(args.json) as beside:
            beside.write_text(json.dumps(result, indent=1) + '\n', encoding='utf-8')


if __name__ == '__main__':
    arguments = parse_args()
    run(main, arguments)
