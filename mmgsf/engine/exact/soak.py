"""Kills one small training at random moments, again and again, and compares it with one left alone.

The training has everything whose state could get lost: augmentation, mixup, dropout, averaged
weights, norms that differ by rank, warm-up, momentum, a best checkpoint. Each start is a process of
its own (for each rank), forked from this one, which has imported all, so that a kill costs a second.
"""

import os
import random
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from mmgsf.datasets import IMAGENET_RGB, CameraMotion, class_names, flip_label_map

from .compare import differences

SIZE = 32
CLIPS = {'train': 56, 'val': 24}
SEGMENTS = 4
EARLY_SHARE = 0.15  # of the kills, before the first iteration
SPREAD = 1.6  # of the other moments, in times of an even spacing


def write_data(folder: Path) -> Path:
    """A small CameraMotion below `folder`; returned."""
    motion = CameraMotion(
        num_train=CLIPS['train'], num_val=CLIPS['val'], size=SIZE, num_frames=2 * SEGMENTS
    )
    motion.write(folder)
    return folder


def small_training(data: Path, work_dir: Path, epochs: int = 2, workers: int = 0) -> dict:
    """Config of the training; 4 batches an epoch in one process.

    Args:
        data: written by `write_data`.
        work_dir: of the training.
        epochs: from 1 up.
        workers: of the training data.
    """
    classes = class_names('camera_motion')
    return {
        'default_scope': 'mmaction',
        'work_dir': str(work_dir),
        'log_level': 'WARNING',
        'randomness': {'seed': 0, 'deterministic': True},
        'num_segments': SEGMENTS,
        'model': {
            'type': 'RecognizerGSF',
            'num_segments': SEGMENTS,
            'backbone': {
                'type': 'ResNetGSF',
                'depth': 18,
                'base_channels': 8,
                'channel_ratio': 1.0,
                'pretrained': None,
            },
            'cls_head': {
                'type': 'GSFHead',
                'num_classes': len(classes),
                'in_channels': 64,
                'dropout_ratio': 0.5,
                'average_clips': 'score',
            },
            'data_preprocessor': {
                'type': 'ActionDataPreprocessor',
                'format_shape': 'NCHW',
                'blending': {'type': 'MixupBlending', 'alpha': 0.8, 'num_classes': len(classes)},
                **IMAGENET_RGB,
            },
        },
        'train_dataloader': {
            'batch_size': 14,
            'num_workers': workers,
            'persistent_workers': bool(workers),
            'sampler': {'type': 'DefaultSampler', 'shuffle': True},
            'dataset': _dataset(data, 'train', classes),
        },
        'val_dataloader': {
            'batch_size': 12,
            'sampler': {'type': 'DefaultSampler', 'shuffle': False},
            'dataset': _dataset(data, 'val', classes),
        },
        'val_evaluator': {'type': 'AccMetric'},
        'train_cfg': {'type': 'EpochBasedTrainLoop', 'max_epochs': epochs},
        'val_cfg': {'type': 'ValLoop'},
        'optim_wrapper': {
            'optimizer': {'type': 'SGD', 'lr': 0.02, 'momentum': 0.9, 'weight_decay': 5e-4},
            'clip_grad': {'max_norm': 20},
        },
        'param_scheduler': [
            {'type': 'LinearLR', 'start_factor': 0.1, 'end': 1, 'convert_to_iter_based': True},
            {'type': 'CosineAnnealingLR', 'T_max': epochs},
        ],
        'default_hooks': {
            'logger': {'type': 'LoggerHook', 'interval': 1},
            'checkpoint': {
                'type': 'CheckpointHook',
                'interval': 1,
                'save_best': 'auto',
                'max_keep_ckpts': 2,
            },
            'sync_buffers': {'type': 'SyncBuffersHook'},
        },
        'custom_hooks': [
            {'type': 'EMAHook', 'update_buffers': True},
            {'type': 'InEpochCheckpointHook', 'iterations': 3},
        ],
        'visualizer': {'type': 'ActionVisualizer', 'vis_backends': [{'type': 'LocalVisBackend'}]},
    }


def _dataset(data: Path, split: str, classes: list[str]) -> dict:
    is_val = split == 'val'
    random_steps = [
        {'type': 'ClipRandAugment'},
        {'type': 'Flip', 'flip_label_map': flip_label_map(classes)},
    ]
    return {
        'type': 'VideoDataset',
        'ann_file': str(data / f'camera_motion_{split}_list_videos.txt'),
        'data_prefix': {'video': str(data / 'videos')},
        'metainfo': {'classes': classes},
        'test_mode': is_val,
        'pipeline': [
            {'type': 'DecordInit'},
            {'type': 'SegmentSampleFrames', 'num_clips': SEGMENTS, 'test_mode': is_val},
            {'type': 'DecordDecode'},
            *([] if is_val else random_steps),
            {'type': 'FormatShape', 'input_format': 'NCHW'},
            {'type': 'PackActionInputs'},
        ],
    }


@dataclass
class Running:
    """A training under way, one process a rank, each the leader of a group with its workers."""

    processes: list[int]

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Sends a signal to all of them and to their workers."""
        for process in self.processes:
            os.killpg(process, number)

    def wait(self) -> list[int]:
        """Exit codes, or signals as negative numbers, once all have ended."""
        codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in self.processes]
        self.processes = []
        return codes

    def has_ended(self) -> bool:
        """Whether any of them has; it can still be waited for."""
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return any(os.waitid(os.P_PID, pid, options) for pid in self.processes)


def start(config: dict, processes: int, log: Path, resume: bool = True) -> Running:
    """Forks a training that resumes from what is in its work dir; both its streams go to `log`."""
    port = _free_port()
    running = []
    for rank in range(processes):
        process = os.fork()
        if process == 0:
            _train(config, rank, processes, port, log, resume)
        # Here too, since it may be killed before it gets so far.
        os.setpgid(process, process)
        running.append(process)
    return Running(running)


def _train(config: dict, rank: int, processes: int, port: int, log: Path, resume: bool) -> None:
    """The life of a forked process."""
    code = 1
    try:
        os.setpgid(0, 0)
        with log.open('a') as file:
            for stream in (1, 2):
                os.dup2(file.fileno(), stream)
        torch.set_num_threads(1)
        config = {**config, 'resume': resume}
        if processes > 1:
            config['launcher'] = 'pytorch'
            os.environ.update(
                RANK=str(rank),
                LOCAL_RANK=str(rank),
                WORLD_SIZE=str(processes),
                MASTER_ADDR='127.0.0.1',
                MASTER_PORT=str(port),
            )
        from mmengine.config import Config

        from mmgsf.engine.command_line import build_runner

        build_runner(Config(config)).train()
        code = 0
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        return free.getsockname()[1]


def soak(
    folder: Path,
    kills: int,
    seed: int,
    processes: int,
    workers: int,
    epochs: int,
    say: Callable[[str], None],
) -> list[str]:
    """Trains once alone and once killed, and compares.

    Args:
        folder: to work in; empty.
        kills: how often, from 1 up.
        seed: of the moments.
        processes: ranks of the training.
        workers: of each rank.
        epochs: of the training.
        say: takes lines on what happens.

    Returns:
        Differences, one a line; empty when there is none.

    Raises:
        ChildProcessError: a start failed by itself, or the training was done before all kills.
    """
    import mmgsf.register  # noqa: F401

    data = write_data(folder / 'data')
    alone, killed = folder / 'alone', folder / 'killed'
    log = folder / 'log.txt'
    began = time.monotonic()
    config = small_training(data, alone, epochs, workers)
    running = start(config, processes, log)
    first = _first_iteration(running, alone, 0)
    if any(running.wait()):
        raise ChildProcessError(f'the training fails by itself; see {log}')
    ready, whole = first - began, time.monotonic() - first
    say(f'alone: {ready:.1f} s to the first iteration, {whole:.1f} s from there')

    moments = random.Random(seed)
    config = small_training(data, killed, epochs, workers)
    for number in range(1, kills + 1):
        lines = _lines(killed)
        running = start(config, processes, log)
        if moments.random() < EARLY_SHARE:
            _wait(running, moments.uniform(0, ready))
        else:
            _first_iteration(running, killed, lines)
            _wait(running, moments.uniform(0, SPREAD * whole / kills))
        if running.has_ended():
            running.kill()
            codes = running.wait()
            raise ChildProcessError(
                f'ended with {codes} before kill {number}; more epochs? See {log}'
            )
        running.kill()
        running.wait()
        say(f'kill {number}: {_lines(killed)} lines logged, {_newest(killed)}')
    if any(start(config, processes, log).wait()):
        raise ChildProcessError(f'the last start failed; see {log}')
    return differences(alone, killed)


def _first_iteration(running: Running, work_dir: Path, lines: int) -> float:
    """Waits until more than `lines` lines are logged, or the training has ended; the time."""
    while _lines(work_dir) <= lines and not running.has_ended():
        time.sleep(0.01)
    return time.monotonic()


def _wait(running: Running, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not running.has_ended():
        time.sleep(max(0.0, min(0.01, end - time.monotonic())))


def _lines(work_dir: Path) -> int:
    logs = work_dir.glob('*/vis_data/scalars.json')
    return sum(path.read_bytes().count(b'\n') for path in logs)


def _newest(work_dir: Path) -> str:
    pointer = work_dir / 'last_checkpoint'
    return Path(pointer.read_text()).name if pointer.exists() else 'no checkpoint'
