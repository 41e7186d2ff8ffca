"""Trains GSF and TSN on CameraMotion, tests both, recognises clips; called by quickstart.sh."""

import argparse
import hashlib
import json
import subprocess
import sys
import time
import warnings
from pathlib import Path

import torch
from mmengine.config import Config

from mmgsf import compat
from mmgsf.evaluation.score_dump import read_dump
from mmgsf.visualization import draw_confusion, draw_curves, draw_film_strip

WORK_DIR = Path('work_dirs/quickstart')
MODELS = {'GSF-ResNet-18': 'gsf_r18_camera_motion', 'TSN-ResNet-18': 'tsn_r18_camera_motion'}
# What the two must reach: GSF sees the order of frames, TSN cannot.
GSF_AT_LEAST = 0.95
TSN_AT_MOST = 0.25
# A model that cannot see order knows the axis of a motion at best, not its direction.
ORDER_FREE_CEILING = 0.5


class Run:
    """Training and test of one config in a folder that belongs to exactly this config."""

    def __init__(self, name: str, config: str, processes: int) -> None:
        self.name = name
        self.file = f'configs/{config}.py'
        self.config = Config.fromfile(self.file)
        text = hashlib.sha256(self.config.pretty_text.encode()).hexdigest()[:8]
        self.folder = WORK_DIR / f'{config}-{text}'
        self.epochs = self.config.train_cfg.max_epochs
        self.checkpoint = self.folder / f'epoch_{self.epochs}.pth'
        self.processes = processes

    def train(self) -> None:
        if self.checkpoint.exists():
            print(f'{self.name}: trained already, {self.checkpoint}')
            return
        batch = self.config.auto_scale_lr.base_batch_size // self.processes
        arguments = ['--seed', '0', '--cfg-options', f'train_dataloader.batch_size={batch}']
        if (self.folder / 'last_checkpoint').exists():
            arguments.insert(0, '--resume')
        self._launch('train', [self.file, str(self.processes), *arguments])

    def test(self) -> tuple[list[int], list[int]]:
        """True and predicted labels of the validation clips."""
        dump = self.folder / 'test.npz'
        if not dump.exists() or dump.stat().st_mtime < self.checkpoint.stat().st_mtime:
            files = [self.file, str(self.checkpoint), str(self.processes)]
            self._launch('test', [*files, '--dump', str(dump)])
        scores = read_dump(dump)
        return scores.labels.tolist(), scores.scores.argmax(1).tolist()

    def curves(self) -> dict[str, tuple[list, list]]:
        rows = self._log()
        epoch = self.epochs / max((row['step'] for row in rows if 'loss' in row), default=1)
        return {
            'loss': pairs((row['step'] * epoch, row['loss']) for row in rows if 'loss' in row),
            'accuracy': pairs((row['step'], row['acc/top1']) for row in rows if 'acc/top1' in row),
        }

    def _launch(self, what: str, arguments: list[str]) -> None:
        """Runs tools/dist_WHAT.sh; its output goes to a file, its progress to the terminal."""
        command = [f'tools/dist_{what}.sh', *arguments, '--work-dir', str(self.folder)]
        self.folder.mkdir(parents=True, exist_ok=True)
        log = self.folder / f'{what}.log'
        print(f'{self.name}: tools/dist_{what}.sh {" ".join(arguments)}')
        start = time.monotonic()
        with log.open('w') as file:
            process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT)
            try:
                while process.poll() is None:
                    time.sleep(0.5)
                    self._show_progress(what, start)
            except KeyboardInterrupt:
                process.terminate()
                raise
        if process.returncode:
            tail = '\n'.join(log.read_text().splitlines()[-15:])
            raise RuntimeError(f'{self.name}: dist_{what}.sh failed, see {log}\n{tail}')
        self._show_progress(what, start, done=True)

    def _show_progress(self, what: str, start: float, done: bool = False) -> None:
        seconds = time.monotonic() - start
        rows = self._log() if what == 'train' else []
        epoch = max((row['epoch'] for row in rows if 'epoch' in row), default=0)
        share = 1.0 if done else (epoch / self.epochs if what == 'train' else 0.0)
        accuracy = [row['acc/top1'] for row in rows if 'acc/top1' in row]
        bar = '#' * round(30 * share) + '.' * (30 - round(30 * share))
        text = f'  [{bar}] {what} {seconds:4.0f} s'
        if what == 'train':
            text += f', epoch {epoch} of {self.epochs}'
        if accuracy:
            text += f', validation top-1 {100 * accuracy[-1]:.1f} %'
        if sys.stdout.isatty():
            print(f'\r{text}', end='\n' if done else '', flush=True)
        elif done or (epoch, what) != getattr(self, '_shown', None):
            print(text, flush=True)
        self._shown = epoch, what

    def _log(self) -> list[dict]:
        """All rows that the run has logged, oldest first."""
        files = sorted(self.folder.glob('*/vis_data/scalars.json'))
        lines = [line for file in files for line in file.read_text().splitlines()]
        return [json.loads(line) for line in lines if line.endswith('}')]


def pairs(items) -> tuple[list, list]:
    """Two lists from an iterable of pairs."""
    items = list(items)
    return [first for first, _ in items], [second for _, second in items]


def recognize(run: Run, video: Path, picture: Path) -> None:
    """Prints the most likely class of a video and draws the frames that led to it."""
    from mmaction.apis import inference_recognizer, init_recognizer
    from mmengine.dataset import Compose

    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    model = init_recognizer(run.config, str(run.checkpoint), device=device)
    sample = inference_recognizer(model, str(video))
    pipeline = Compose(run.config.test_pipeline)
    inputs = pipeline({'filename': str(video), 'label': -1, 'start_index': 0, 'modality': 'RGB'})
    frames = [frame.permute(1, 2, 0).numpy() for frame in inputs['inputs']]
    scores = sample.pred_score.softmax(-1).tolist()
    classes = run.config.classes
    best = max(range(len(classes)), key=scores.__getitem__)
    draw_film_strip(frames, scores, classes, picture, video.name)
    print(f'{video.name}: {classes[best]} ({100 * scores[best]:.1f} %), film strip in {picture}')


def print_table(accuracy: dict[str, float]) -> None:
    rows = [
        *accuracy.items(),
        ('ceiling of models that cannot see order', ORDER_FREE_CEILING),
        ('chance', 1 / 8),
    ]
    width = max(len(name) for name, _ in rows)
    print(f'\n{"CameraMotion, photographs not trained on":{width}}  top-1 (%)')
    for name, value in rows:
        print(f'{name:{width}}  {100 * value:9.1f}')


def main(clip: Path | None) -> None:
    compat.prepare_configs()
    if clip is not None and not clip.is_file():
        raise ValueError(f'--clip {clip} is no file; check the path')
    root = Config.fromfile(f'configs/{MODELS["GSF-ResNet-18"]}.py').data_root
    subprocess.run([sys.executable, 'tools/prepare_data.py', 'camera_motion', root], check=True)
    processes = min(2, torch.cuda.device_count()) if torch.cuda.is_available() else 2
    runs = [Run(name, config, processes) for name, config in MODELS.items()]
    accuracy = {}
    for run in runs:
        run.train()
        truth, predicted = run.test()
        hits = [a == b for a, b in zip(truth, predicted, strict=True)]
        accuracy[run.name] = sum(hits) / len(hits)
        title = f'{run.name}, top-1 {100 * accuracy[run.name]:.1f} %'
        picture = WORK_DIR / f'confusion_{run.name}.png'
        draw_confusion(truth, predicted, run.config.classes, picture, title)
        print(f'{title}, confusion matrix in {picture}')
    draw_curves({run.name: run.curves() for run in runs}, WORK_DIR / 'curves.png')
    print(f'training curves in {WORK_DIR / "curves.png"}')
    held_out = Path(runs[0].config.val_dataloader.dataset.data_prefix.video, 'val')
    recognize(runs[0], min(held_out.iterdir()), WORK_DIR / 'film_strip.png')
    if clip is not None:
        recognize(runs[0], clip, WORK_DIR / f'film_strip_{clip.stem}.png')
    print_table(accuracy)
    gsf, tsn = (accuracy[name] for name in MODELS)
    if gsf < GSF_AT_LEAST or tsn > TSN_AT_MOST:
        raise RuntimeError(
            f'GSF must reach {100 * GSF_AT_LEAST:.0f} % and TSN stay at {100 * TSN_AT_MOST:.0f} % '
            f'or below; the logs are in {WORK_DIR}'
        )


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--clip', type=Path, help='another video to recognise')
    arguments = parser.parse_args()
    warnings.filterwarnings('ignore')
    try:
        main(arguments.clip)
    except (ValueError, RuntimeError, OSError, subprocess.CalledProcessError) as error:
        sys.exit(f'error: {error}')
