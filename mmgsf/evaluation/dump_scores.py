"""Writes the test loop's raw scores as a ScoreDump."""

import os.path as osp
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from mmaction.registry import METRICS
from mmengine.config import Config
from mmengine.evaluator import BaseMetric
from mmengine.logging import MMLogger
from torch import Tensor

from mmgsf.datasets.pipelines import with_meta_keys

from .files import require_npz
from .score_dump import ScoreDump, write_dump

NAME_KEYS = ('filename', 'frame_dir', 'offset')


@METRICS.register_module()
class DumpScores(BaseMetric):
    """Writes video names, labels, raw scores, class names and protocol; measures nothing.

    The pipeline's PackActionInputs must keep `filename` or `frame_dir`; `tools/test.py --dump
    FILE.npz` sees to that.

    Args:
        out_file_path: .npz to write.
        data_prefix: folder of the dataset; names are relative to it, so that dumps of different
            machines fit together.
        protocol: name of the protocol of the test, or nothing.
        **kwargs: as for MMEngine's BaseMetric.

    Raises:
        ValueError: `out_file_path` is no .npz.
    """

    # MMEngine warns where there is none, though nothing is measured here.
    default_prefix = 'dump'

    def __init__(
        self, out_file_path: str, data_prefix: str = '', protocol: str = '', **kwargs
    ) -> None:
        super().__init__(**kwargs)
        require_npz(out_file_path)
        self.out_file_path = out_file_path
        self.data_prefix = data_prefix
        self.protocol = protocol

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Keeps names, labels and scores of a batch.

        Raises:
            ValueError: a sample has no name, no single label, or no raw scores of the whole video.
        """
        for sample in data_samples:
            name = self._name(sample)
            label = sample['gt_label']
            if label.shape != (1,):
                raise ValueError(f'{name} has label {label.tolist()}; a dump holds one a video')
            scores = _raw_scores(name, sample['pred_score'])
            self.results.append({'name': name, 'label': int(label), 'scores': scores})

    def compute_metrics(self, results: list[dict]) -> dict:
        """Writes the file; there is nothing to measure."""
        labels = np.array([result['label'] for result in results])
        dump = ScoreDump(
            [result['name'] for result in results],
            labels,
            np.stack([result['scores'] for result in results]),
            (self.dataset_meta or {}).get('classes', ()),
            self.protocol,
        )
        write_dump(self.out_file_path, dump)
        MMLogger.get_current_instance().info(
            f'scores of {len(labels)} videos are in {self.out_file_path}'
        )
        return {}

    def _name(self, sample: dict) -> str:
        path = sample.get('filename', sample.get('frame_dir'))
        if path is None:
            raise ValueError(
                "a sample has no file name; give PackActionInputs meta_keys=('filename', "
                "'frame_dir', 'offset')"
            )
        folder = osp.join(osp.normpath(self.data_prefix), '')
        name = osp.normpath(path).removeprefix(folder)
        return f'{name}#{sample["offset"]}' if 'offset' in sample else name


def _raw_scores(name: str, scores: Tensor | dict) -> np.ndarray:
    if isinstance(scores, dict):
        raise ValueError(
            f'{name} has scores of {sorted(scores)}; a dump holds one table. For EPIC-Kitchens-100 '
            'use the scores_file of EpicMetric'
        )
    scores = scores.float().cpu().numpy()
    remedy = "set model.cls_head.average_clips='score'"
    if scores.ndim != 1:
        raise ValueError(f'{name} has scores of {len(scores)} views; {remedy}')
    if scores.min() >= 0 and abs(scores.sum() - 1) < 1e-3:
        raise ValueError(f'the scores of {name} are probabilities, not raw scores; {remedy}')
    return scores


def add_dump(config: Config, path: str) -> None:
    """Makes a config's test write what it predicts.

    A .npz gets raw scores: EPIC-Kitchens-100's metric writes those of verbs and nouns itself;
    elsewhere a DumpScores comes beside the evaluators, and the pipeline keeps the names of the
    files. A .pkl gets all predictions, by MMEngine's DumpResults.

    Args:
        config: with test_dataloader and test_evaluator, and `protocol` where its test follows one;
            changed in place.
        path: file to write.

    Raises:
        ValueError: the file is to be of another kind.
    """
    evaluators = config.test_evaluator
    evaluators = list(evaluators) if isinstance(evaluators, list | tuple) else [evaluators]
    epic = [evaluator for evaluator in evaluators if evaluator['type'] == 'EpicMetric']
    if path.endswith(('.pkl', '.pickle')):
        evaluators.append({'type': 'DumpResults', 'out_file_path': path})
    elif not path.endswith('.npz'):
        raise ValueError(
            f'--dump {path}: name it .npz for raw scores, or .pkl for a pickle of all predictions'
        )
    elif epic:
        epic[0]['scores_file'] = path
    else:
        evaluators.append(_dump_scores(config, path))
    config.test_evaluator = evaluators


def _dump_scores(config: Config, path: str) -> dict:
    dataset = config.test_dataloader.dataset
    dataset.pipeline = with_meta_keys(dataset.pipeline, NAME_KEYS)
    prefix = dataset.get('data_prefix') or {}
    folder = Path(dataset.get('data_root') or '', prefix.get('video') or prefix.get('img') or '')
    return {
        'type': 'DumpScores',
        'out_file_path': path,
        'data_prefix': str(folder),
        'protocol': config.get('protocol', ''),
    }
