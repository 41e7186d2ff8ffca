"""Tells of damaged videos during a run, and stops it when there are too many."""

from collections.abc import Sequence

from mmaction.registry import HOOKS
from mmengine.dist import barrier, is_main_process
from mmengine.evaluator import Evaluator
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmengine.structures import BaseDataElement
from torch import Tensor
from torch.utils.data import DataLoader

from mmgsf.datasets.damaged import BadVideos, BadVideosError, Settings, guard_dataset


@HOOKS.register_module()
class BadVideosHook(Hook):
    """Logs each damaged video once, and how many there are.

    The workers find and list them, in `work_dir/bad_videos.txt`; the first rank logs what all have
    found. `GSFRunner` adds this hook by itself and reads the config's `bad_videos` for it.

    Args:
        records: of the run.
    """

    priority = 'BELOW_NORMAL'

    def __init__(self, records: BadVideos) -> None:
        self.records = records
        self.logged: set[tuple[str, str, str]] = set()
        self.size = 0

    def after_train_iter(self, runner: Runner, *args, **kwargs) -> None:
        if self._log(runner):
            self.records.check_share()

    def after_train_epoch(self, runner: Runner) -> None:
        bad = {path for path, split, _ in self.records.entries() if split == 'train'}
        if bad:
            runner.logger.warning(
                f'{len(bad)} of {self.records.total} training videos are damaged; other samples were '
                f'taken. {self.records.list} lists them'
            )

    def after_val_epoch(self, runner: Runner, *args, **kwargs) -> None:
        self._after_evaluation(runner, 'val')

    def after_test_epoch(self, runner: Runner, *args, **kwargs) -> None:
        self._after_evaluation(runner, 'test')

    def after_run(self, runner: Runner) -> None:
        self._log(runner)

    def _after_evaluation(self, runner: Runner, split: str) -> None:
        self._log(runner)
        bad = {path for path, listed, _ in self.records.entries() if listed == split}
        if bad:
            runner.logger.warning(
                f'{split}: {len(bad)} damaged videos count as wrong predictions. '
                f'{self.records.list} lists them'
            )

    def _log(self, runner: Runner) -> bool:
        """Logs what is new in the list; whether something was."""
        size = self.records.list.stat().st_size if self.records.list.exists() else 0
        if size == self.size:
            return False
        self.size = size
        for entry in self.records.entries():
            if entry not in self.logged:
                self.logged.add(entry)
                path, split, reason = entry
                runner.logger.warning(f'damaged video, {split}: {path}: {reason}')
        return True


def settings_of(cfg: dict) -> Settings:
    """The config's `bad_videos`.

    Raises:
        ValueError: it has an unknown key, or a value outside its range.
    """
    given = dict(cfg.get('bad_videos') or {})
    known = Settings.__dataclass_fields__
    unknown = [key for key in given if key not in known]
    if unknown:
        raise ValueError(f'bad_videos has no key {unknown[0]!r}; it has {", ".join(known)}')
    return Settings(**given)


def begin_records(records: BadVideos, resumes: bool) -> None:
    """Starts the two files anew, or reads them; once, and before any rank goes on.

    Args:
        records: of the run.
        resumes: the run goes on where another in this folder ended.
    """
    if is_main_process() and not resumes:
        records.begin()
    barrier()
    records.resume()


def guard_loader(loader: DataLoader, split: str, records: BadVideos) -> None:
    """Puts a guard around a loader's dataset."""
    guarded = guard_dataset(loader.dataset, split, records)
    if split == 'train':
        records.total = guarded


def count_damaged_as_wrong(evaluator: Evaluator) -> None:
    """Makes an evaluator see the worst scores where a sample is marked `damaged`."""
    process = evaluator.process

    def with_damaged(data_samples: Sequence[BaseDataElement], data_batch: object = None) -> None:
        for sample in data_samples:
            if sample.get('damaged') is not None:
                predict_wrong(sample)
        process(data_samples=data_samples, data_batch=data_batch)

    evaluator.process = with_damaged


def predict_wrong(sample: BaseDataElement) -> None:
    """Scores that rank the true class last: -1 for it, 0 for all others."""
    labels = sample.gt_label.reshape(-1).tolist()
    scores = sample.pred_score
    if isinstance(scores, Tensor):
        sample.pred_score = _worst(scores, labels)
        sample.pred_label = sample.pred_score.argmax(-1, keepdim=True)
        return
    # A verb and a noun, each with its label.
    sample.pred_score = {
        name: _worst(each, [label])
        for (name, each), label in zip(scores.items(), labels, strict=True)
    }


def _worst(scores: Tensor, labels: list[int]) -> Tensor:
    worst = scores.new_zeros(scores.shape)
    worst[..., [label for label in labels if label >= 0]] = -1
    return worst


__all__ = ['BadVideosError', 'BadVideosHook', 'begin_records', 'count_damaged_as_wrong']
