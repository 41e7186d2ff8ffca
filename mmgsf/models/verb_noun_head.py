"""Head for actions that are a verb and a noun, as in EPIC-Kitchens-100: two classifiers, one pool."""

import torch
from mmaction.registry import MODELS
from mmengine.model.weight_init import normal_init
from torch import Tensor, nn
from torch.nn import functional as F

from .heads import GSFHead

KINDS = ('verb', 'noun')


class VerbNounLinear(nn.Module):
    """Two linear layers on the same features; their logits side by side, verbs first."""

    def __init__(self, in_channels: int, num_verbs: int, num_nouns: int) -> None:
        super().__init__()
        self.verb = nn.Linear(in_channels, num_verbs)
        self.noun = nn.Linear(in_channels, num_nouns)

    def forward(self, x: Tensor) -> Tensor:
        """Maps features (M, C) to logits (M, num_verbs + num_nouns)."""
        return torch.cat([self.verb(x), self.noun(x)], dim=1)


class KindScores(dict):
    """Scores by kind; MMAction2's inferencers ask for `tolist`, as of a tensor of one kind."""

    def tolist(self) -> dict[str, list[float]]:
        return {kind: scores.tolist() for kind, scores in self.items()}


@MODELS.register_module()
class VerbNounHead(GSFHead):
    """GSFHead with a classifier for verbs and one for nouns; the loss is the sum of theirs.

    Logits are verbs and nouns side by side. A prediction's `pred_score` is a dict of 'verb' and
    'noun', its `pred_label` the two best labels; a sample's `gt_label` is verb and noun.

    Args:
        num_verbs: verbs to tell apart.
        num_nouns: nouns to tell apart.
        in_channels: channels of the feature map.
        average_clips: 'score' gives the mean logits of a video's views, None each view's logits.
        **kwargs: as for GSFHead.

    Raises:
        ValueError: `average_clips` is 'prob': EPIC's action scores take the softmax themselves.
    """

    def __init__(
        self,
        num_verbs: int,
        num_nouns: int,
        in_channels: int,
        average_clips: str | None = 'score',
        **kwargs,
    ) -> None:
        if average_clips not in ('score', None):
            raise ValueError(
                f'average_clips={average_clips!r}: action scores are made of raw verb and noun '
                "scores; set average_clips='score'"
            )
        super().__init__(num_verbs + num_nouns, in_channels, average_clips=average_clips, **kwargs)
        self.num_verbs, self.num_nouns = num_verbs, num_nouns
        self.fc_cls = VerbNounLinear(in_channels, num_verbs, num_nouns)

    def init_weights(self) -> None:
        """Draws both classifiers' weights; biases start at 0."""
        for kind in KINDS:
            normal_init(getattr(self.fc_cls, kind), std=self.init_std)

    def loss_by_feat(self, cls_scores: Tensor, data_samples: list) -> dict[str, Tensor]:
        """Losses and top-k accuracies of N clips.

        Args:
            cls_scores: logits (N, num_verbs + num_nouns).
            data_samples: N samples with `gt_label` of verb and noun.

        Raises:
            ValueError: a sample has not these two labels.
        """
        target = _labels(data_samples).to(cls_scores.device)
        losses = {}
        for kind, scores, label in zip(KINDS, self._split(cls_scores), target.T, strict=True):
            for k in self.topk:
                best = scores.detach().topk(min(k, scores.shape[1])).indices
                correct = (best == label[:, None]).any(1)
                losses[f'{kind}_top{k}_acc'] = correct.float().mean()
            losses[f'loss_{kind}'] = self.loss_cls(scores, self._smooth(label, scores.shape[1]))
        return losses

    def predict_by_feat(self, cls_scores: Tensor, data_samples: list) -> list:
        """Puts scores and best labels into the N samples.

        Args:
            cls_scores: logits (N*views, num_verbs + num_nouns), views of a video contiguous.
            data_samples: N samples.
        """
        views = cls_scores.shape[0] // len(data_samples)
        averaged = self.average_clip(cls_scores, num_segs=views)
        for sample, scores in zip(data_samples, averaged, strict=True):
            parts = self._split(scores)
            sample.set_pred_score(KindScores(zip(KINDS, parts, strict=True)))
            sample.set_pred_label(torch.stack([part.argmax(-1) for part in parts], dim=-1))
        return data_samples

    def _split(self, scores: Tensor) -> tuple[Tensor, ...]:
        return scores.split([self.num_verbs, self.num_nouns], dim=-1)

    def _smooth(self, label: Tensor, classes: int) -> Tensor:
        if not self.label_smooth_eps:
            return label
        one_hot = F.one_hot(label, classes)
        return (1 - self.label_smooth_eps) * one_hot + self.label_smooth_eps / classes


def _labels(data_samples: list) -> Tensor:
    """Verb and noun of each sample, (N, 2)."""
    labels = [sample.gt_label for sample in data_samples]
    # Looked at together: one wait for the device, not one a sample.
    if any(label.shape != (2,) for label in labels) or torch.stack(labels).min() < 0:
        raise ValueError(
            f'gt_label {[label.tolist() for label in labels]}: each must be a verb and a noun from '
            '0 up; train on a list with both labels'
        )
    return torch.stack(labels)
