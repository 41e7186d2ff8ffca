"""Writes a model as a file for ONNX Runtime, OpenVINO or torch.export, and compares the two.

python tools/export.py CONFIG CHECKPOINT model.onnx
python tools/export.py CONFIG CHECKPOINT model.xml --int8 --calibration FOLDER_OF_VIDEOS

docs/deployment.md says what the file takes and gives. Without CHECKPOINT the weights are random.
"""

import argparse
from pathlib import Path

from mmgsf.engine.command_line import run


def parse_args() -> argparse.Namespace:
    from mmgsf.deployment.targets import SUFFIXES

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', metavar='CONFIG', help='config file')
    parser.add_argument('checkpoint', metavar='CHECKPOINT', nargs='?', help='weights to export')
    parser.add_argument('out', metavar='OUT', help='file to write: .onnx, .pt2 or .xml')
    parser.add_argument('--to', choices=SUFFIXES, help='form of the file (default: by its suffix)')
    parser.add_argument(
        '--no-preprocessing',
        dest='preprocessing',
        action='store_false',
        help='leave cast, channel order, mean, std and layout outside',
    )
    parser.add_argument(
        '--int8', action='store_true', help='quantise; pip install "mmgsf[int8]" (onnx, openvino)'
    )
    parser.add_argument(
        '--calibration',
        metavar='FOLDER_OR_LIST',
        help='videos for --int8: a folder, or a list such as the config trains on (default: that)',
    )
    parser.add_argument(
        '--calibration-clips', type=int, default=300, metavar='N', help='of them (300)'
    )
    parser.add_argument('--debug', action='store_true', help='show the traceback of an error')
    args = parser.parse_intermixed_args()
    if args.calibration and not args.int8:
        parser.error('--calibration is for --int8')
    if args.to is None:
        suffixes = {suffix: target for target, suffix in SUFFIXES.items()}
        if Path(args.out).suffix not in suffixes:
            parser.error(f'OUT {args.out} ends in none of {", ".join(suffixes)}; or give --to')
        args.to = suffixes[Path(args.out).suffix]
    return args


def main(args: argparse.Namespace) -> None:
    from mmgsf.apis import load_model
    from mmgsf.deployment import export_model
    from mmgsf.deployment.calibration import calibration_clips
    from mmgsf.deployment.export import check_target
    from mmgsf.deployment.exported import files_of
    from mmgsf.deployment.parity import check_parity, largest_difference

    out = check_target(args.to, args.out, args.int8)
    model = load_model(args.config, args.checkpoint, device='cpu')
    if args.checkpoint is None:
        print('no CHECKPOINT: the weights are random')
    clips = None
    if args.int8:
        clips = calibration_clips(model, args.calibration_clips, args.calibration)
        print(f'calibrating with {len(clips)} clips')
    description = export_model(model, out, args.to, args.preprocessing, clips)
    try:
        difference = (largest_difference if args.int8 else check_parity)(model, out)
    except Exception:
        for path in files_of(out):
            path.unlink(missing_ok=True)
        raise
    megabytes = sum(path.stat().st_size for path in files_of(out)) / 1e6
    shape = ', '.join(map(str, description.clip_shape))
    takes = f'uint8 RGB (N, {shape})' if args.preprocessing else 'float32 (N, T, 3, H, W)'
    names = ' and '.join(f'{name} ({len(of)})' for name, of in description.classes.items())
    print(f'wrote {out}: {megabytes:.1f} MB, {description.precision}, takes {takes}, gives {names}')
    print(f'largest difference to PyTorch {difference:.1e}, noise in batches of 1, 2 and 3 clips')


if __name__ == '__main__':
    run(main, parse_args())
