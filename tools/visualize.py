"""Pictures of what a model does with a video, of its features, and of its scores.

    python tools/visualize.py gates CONFIG CHECKPOINT VIDEO      film strip and video of the gates
    python tools/visualize.py fusion CONFIG CHECKPOINT VIDEO     fusion weights, channels x frames
    python tools/visualize.py energy CONFIG CHECKPOINT VIDEO     share of energy that layers shift
    python tools/visualize.py saliency CONFIG CHECKPOINT VIDEO   Grad-CAM over the frames
    python tools/visualize.py gates VIDEO [--model NAME]         of a model of the zoo
    python tools/visualize.py embedding CONFIG CHECKPOINT        t-SNE or UMAP of the test set
    python tools/visualize.py embedding FEATURES.npz             the same of features written before
    python tools/visualize.py gain BEFORE.npz AFTER.npz          gain of each class over a model
    python tools/visualize.py confusion SCORES.npz               which class is taken for which

Scores come from tools/test.py --dump. The numbers of each picture are written beside it as CSV. See
docs/visualization.md.
"""

import argparse
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mmgsf.engine.command_line import run

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from torch import nn

    from mmgsf.apis import Clip

FILES = {
    'gates': 'CONFIG CHECKPOINT VIDEO, or VIDEO',
    'fusion': 'CONFIG CHECKPOINT VIDEO, or VIDEO',
    'energy': 'CONFIG CHECKPOINT VIDEO, or VIDEO',
    'saliency': 'CONFIG CHECKPOINT VIDEO, or VIDEO',
    'embedding': 'CONFIG CHECKPOINT, or FEATURES.npz',
    'gain': 'BEFORE.npz AFTER.npz',
    'confusion': 'SCORES.npz',
}


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest='command', required=True)
    for name, files in FILES.items():
        command = commands.add_parser(name, help=files)
        command.add_argument('files', nargs='+', metavar='FILE', help=files)
        command.add_argument(
            '--out', type=Path, default=Path('work_dirs/visualize'), help='folder (%(default)s)'
        )
        command.add_argument('--debug', action='store_true', help='show the traceback of an error')
        if 'CONFIG' in files:
            add_model(command)
        if 'VIDEO' in files:
            command.add_argument(
                '--view', type=int, default=1, help='view to draw, where the test takes several (1)'
            )
        if name in ('gates', 'fusion', 'energy'):
            command.add_argument(
                '--layers',
                nargs='+',
                metavar='GLOB',
                help='by the names of their convolutions (gates: the last one of each size, '
                'else all)',
            )
        add_own(name, command)
    return parser.parse_args()


def add_model(command: argparse.ArgumentParser) -> None:
    from mmengine.config import DictAction

    command.add_argument(
        '--model',
        metavar='NAME',
        help='of `mmgsf models`, in place of CONFIG and CHECKPOINT (the one in the package)',
    )
    command.add_argument('--device', help='where the model runs; a GPU if there is one')
    command.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        metavar='KEY=VALUE',
        help='override values of the config',
    )


def add_own(name: str, command: argparse.ArgumentParser) -> None:
    """Options that one command has."""
    if name == 'gates':
        command.add_argument('--limit', type=float, default=1.0, help='end of the colours (1)')
        command.add_argument('--fps', type=int, default=2, help='frames a second of the video (2)')
    elif name == 'saliency':
        command.add_argument(
            '--target', help='label or name of the class; the best one if not given'
        )
        command.add_argument('--layer', help="module to look at; else the backbone's last map")
    elif name == 'embedding':
        command.add_argument('--method', choices=('tsne', 'umap'), default='tsne')
        command.add_argument('--seed', type=int, default=0)
        command.add_argument('--most', type=int, default=12, help='classes to mark, 12 at most')
    elif name == 'gain':
        command.add_argument('--names', nargs=2, help='of the two models; else of their files')
        command.add_argument('--most', type=int, default=30, help='classes to draw (30)')
    elif name == 'confusion':
        command.add_argument('--most', type=int, default=25, help='classes to draw (25)')


def main(args: argparse.Namespace) -> None:
    warnings.filterwarnings('ignore')
    counts = [len(way.split()) for way in FILES[args.command].split(', or ')]
    if len(args.files) not in counts:
        raise ValueError(f'{args.command} takes {FILES[args.command]}, not {" ".join(args.files)}')
    COMMANDS[args.command](args)


def gates(args: argparse.Namespace) -> None:
    from mmgsf.visualization import gate_table, gates_figure, last_of_each_size
    from mmgsf.visualization import write_gate_overlay as write

    model, clip, frames = load(args)
    found = explained(args, model, clip, last_of_each_size)
    title = titled(model, clip)
    figure = gates_figure(frames, found, title, args.view - 1, args.limit)
    save(args, Path(clip.name).stem, figure, gate_table(found))
    path = args.out / f'gates_{Path(clip.name).stem}.mp4'
    write(frames, found, path, title, args.view - 1, args.limit, args.fps)
    print(f'wrote {path}')


def fusion(args: argparse.Namespace) -> None:
    from mmgsf.visualization import fusion_figure, fusion_table

    model, clip, _ = load(args)
    found = explained(args, model, clip)
    figure = fusion_figure(found, titled(model, clip), args.view - 1)
    save(args, Path(clip.name).stem, figure, fusion_table(found))


def energy(args: argparse.Namespace) -> None:
    from mmgsf.visualization import energy_figure, energy_table

    model, clip, _ = load(args)
    found = explained(args, model, clip)
    save(args, Path(clip.name).stem, energy_figure(found, titled(model, clip)), energy_table(found))


def saliency(args: argparse.Namespace) -> None:
    from mmgsf.apis import model_classes
    from mmgsf.visualization import saliency as find
    from mmgsf.visualization import saliency_figure, saliency_table

    model, clip, frames = load(args)
    classes = model_classes(model)
    found = find(model, clip.inputs, label_of(args.target, classes), args.layer)
    view = args.view - 1
    name = classes[found.target[view]]
    figure = saliency_figure(frames, found, name, titled(model, clip), view)
    save(args, Path(clip.name).stem, figure, saliency_table(found))


def embedding(args: argparse.Namespace) -> None:
    from mmgsf.visualization import embed, embedding_figure, embedding_table, read_features

    if len(args.files) == 1:
        found, name = read_features(args.files[0]), Path(args.files[0]).stem
    else:
        found, name = features_of_test_set(args)
    points = embed(found.features, args.method, args.seed)
    method = {'tsne': 't-SNE', 'umap': 'UMAP'}[args.method]
    title = f'{method} of the features of {len(points)} videos, {name}'
    figure = embedding_figure(points, found.labels, found.classes, title, args.most)
    save(
        args, f'{name}_{args.method}', figure, embedding_table(points, found.labels, found.classes)
    )


def gain(args: argparse.Namespace) -> None:
    from mmgsf.evaluation.score_dump import read_dump
    from mmgsf.visualization import class_gains, gain_figure, gain_table

    found = class_gains(*map(read_dump, args.files), args.files)
    names = args.names or [Path(file).stem for file in args.files]
    figure = gain_figure(found, tuple(names), args.most)
    save(args, '_over_'.join(names[::-1]).replace('/', '_'), figure, gain_table(found))


def confusion(args: argparse.Namespace) -> None:
    from mmgsf.evaluation.ensemble import accuracies
    from mmgsf.evaluation.score_dump import read_dump
    from mmgsf.visualization import confusion_figure, confusion_table

    dump = read_dump(args.files[0])
    top1 = accuracies(dump.scores, dump.labels)['top1']
    classes = dump.classes or [f'class {label}' for label in range(dump.scores.shape[1])]
    tested = dump.labels, dump.scores.argmax(1), classes
    name = Path(args.files[0]).stem
    title = f'{name}: {len(dump.labels)} videos, top-1 {top1:.1f} %'
    save(args, name, confusion_figure(*tested, title, args.most), confusion_table(*tested))


def load(args: argparse.Namespace) -> tuple['nn.Module', 'Clip', list]:
    """The model, the clip, and the T frames of the chosen view."""
    from mmgsf.apis import read_clip

    model = load_recognizer(args)
    clip = read_clip(model, args.files[-1])
    frames, segments = clip.frames, model.num_segments
    views = len(frames) // segments
    if not 1 <= args.view <= views:
        raise ValueError(f'--view {args.view}: the test takes {views} views of a video')
    return model, clip, frames[(args.view - 1) * segments : args.view * segments]


def load_recognizer(args: argparse.Namespace) -> 'nn.Module':
    from mmgsf.apis import load_model, weights_file
    from mmgsf.apis.configs import config_path, read_config
    from mmgsf.apis.index import DEFAULT_MODEL

    if len(args.files) == 1:
        name = args.model or DEFAULT_MODEL
        path, checkpoint = config_path(name), weights_file(name)
    elif args.model:
        raise ValueError(
            f'--model {args.model} comes in place of CONFIG and CHECKPOINT; leave out one'
        )
    else:
        path, checkpoint = args.files[:2]
    config = read_config(path)
    if args.cfg_options:
        config.merge_from_dict(args.cfg_options)
    return load_model(config, checkpoint, args.device)


def explained(
    args: argparse.Namespace,
    model: 'nn.Module',
    clip: 'Clip',
    default: Callable[[dict], Sequence[str]] = list,
) -> dict:
    """Explanations of the chosen layers."""
    from mmgsf.visualization import choose_layers, explain_layers, temporal_layers

    wanted = args.layers and choose_layers(list(temporal_layers(model)), args.layers)
    found = explain_layers(model, clip.inputs)
    return {name: found[name] for name in wanted or default(found)}


def features_of_test_set(args: argparse.Namespace) -> tuple:
    """Features of the videos of the config's test set, which are written too, and their name."""
    from mmengine.runner import Runner

    from mmgsf.apis import model_classes
    from mmgsf.visualization import dataset_features, write_features

    model = load_recognizer(args)
    loader = Runner.build_dataloader(model.cfg.test_dataloader)
    found = dataset_features(model, loader, model_classes(model))
    path = args.out / f'features_{model.name}.npz'
    write_features(path, found)
    print(f'wrote {path}')
    return found, model.name


def label_of(target: str | None, classes: Sequence[str]) -> int | None:
    """The label that --target names."""
    if target is None or target in classes:
        return None if target is None else classes.index(target)
    if target.isdecimal():
        return int(target)
    from difflib import get_close_matches

    near = get_close_matches(target, classes, n=3, cutoff=0.0)
    raise ValueError(f'--target {target!r} is no class; near it: {", ".join(near)}')


def titled(model: 'nn.Module', clip: 'Clip') -> str:
    return f'{model.name}, {Path(clip.name).name}'


def save(args: argparse.Namespace, name: str, figure: 'Figure', rows: list[dict]) -> None:
    from mmgsf.visualization.figures import save_figure, write_table

    path = args.out / f'{args.command}_{name}.png'
    save_figure(figure, path)
    write_table(rows, path.with_suffix('.csv'))
    print(f'wrote {path} and {path.with_suffix(".csv").name}')


COMMANDS = {
    'gates': gates,
    'fusion': fusion,
    'energy': energy,
    'saliency': saliency,
    'embedding': embedding,
    'gain': gain,
    'confusion': confusion,
}

if __name__ == '__main__':
    arguments = parse_args()
    run(main, arguments)
