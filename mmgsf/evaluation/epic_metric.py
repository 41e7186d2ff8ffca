"""EPIC-Kitchens-100's metrics in MMAction2's test loop."""

from collections.abc import Sequence

import numpy as np
from mmaction.registry import METRICS
from mmengine.evaluator import BaseMetric
from mmengine.logging import MMLogger

from .epic import epic_metrics
from .epic_annotations import read_groups, read_seen_pairs
from .epic_scores import EpicScores, write_epic_scores
from .files import require_npz


@METRICS.register_module()
class EpicMetric(BaseMetric):
    """Accuracies of verb, noun and action as `epic_metrics` gives them, under `epic/`.

    Samples without labels, those of the test split, give no metrics, only scores.

    Args:
        annotation_dir: folder with the organisers' lists of tail classes and unseen participants;
            without it these two groups are not reported.
        scores_file: .npz to write with the arrays verb, noun and narration_id, for
            tools/epic_eval.py and tools/epic_submission.py.
        seen_pairs: rank only the actions of EPIC_100_train.csv in `annotation_dir`.
        **kwargs: as for MMEngine's BaseMetric.

    Raises:
        FileNotFoundError: a list is missing.
        ValueError: a list is damaged, `scores_file` is no .npz, or `seen_pairs` has no
            `annotation_dir` to come from.
    """

    default_prefix = 'epic'

    def __init__(
        self,
        annotation_dir: str | None = None,
        scores_file: str | None = None,
        seen_pairs: bool = False,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        if scores_file is not None:
            require_npz(scores_file)
        if seen_pairs and annotation_dir is None:
            raise ValueError('seen_pairs=True: the pairs come from a file; give annotation_dir')
        self.scores_file = scores_file
        self.groups = read_groups(annotation_dir) if annotation_dir is not None else None
        self.seen_pairs = read_seen_pairs(annotation_dir) if seen_pairs else None

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Keeps scores, labels and ids of a batch.

        Raises:
            ValueError: a sample lacks its ids, or its views are not averaged.
        """
        for sample in data_samples:
            missing = [key for key in ('narration_id', 'participant_id') if key not in sample]
            if missing:
                raise ValueError(
                    f'a sample has no {", ".join(missing)}; give PackActionInputs '
                    "meta_keys=('narration_id', 'participant_id')"
                )
            scores = {
                kind: sample['pred_score'][kind].float().cpu().numpy() for kind in ('verb', 'noun')
            }
            if scores['verb'].ndim != 1:
                raise ValueError(
                    f'{sample["narration_id"]} has scores of {len(scores["verb"])} views; set '
                    "average_clips='score' in the head"
                )
            ids = {key: sample[key] for key in ('narration_id', 'participant_id')}
            self.results.append({**scores, **ids, 'label': sample['gt_label'].tolist()})

    def compute_metrics(self, results: list[dict]) -> dict[str, float]:
        """Metrics of all segments, in percent; writes the scores first, if asked to."""
        verb, noun = (np.stack([result[kind] for result in results]) for kind in ('verb', 'noun'))
        logger = MMLogger.get_current_instance()
        if self.scores_file is not None:
            ids = [result['narration_id'] for result in results]
            write_epic_scores(self.scores_file, EpicScores(verb, noun, ids))
            logger.info(f'scores of {len(ids)} segments are in {self.scores_file}')
        labels = np.array([result['label'] for result in results])
        if (labels < 0).any():
            logger.info('these segments have no labels, so there is nothing to measure')
            return {}
        groups = {}
        if self.groups is not None:
            participants = [result['participant_id'] for result in results]
            groups = {
                'unseen': np.isin(participants, list(self.groups.unseen_participants)),
                'tail_verbs': self.groups.tail_verbs,
                'tail_nouns': self.groups.tail_nouns,
            }
        return epic_metrics(
            verb, noun, labels[:, 0], labels[:, 1], seen_pairs=self.seen_pairs, **groups
        )
