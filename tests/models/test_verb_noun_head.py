"""VerbNounHead: shared features, two classifiers, the loss their sum."""

import pytest
import torch
from mmaction.structures import ActionDataSample
from torch.nn.functional import cross_entropy

from .building import build_recognizer

BACKBONE = {'type': 'ResNetGSF', 'depth': 18, 'base_channels': 8, 'channel_ratio': 1.0}


def build(**head):
    torch.manual_seed(0)
    verb_noun = {'type': 'VerbNounHead', 'num_verbs': 6, 'num_nouns': 9, **head}
    model = build_recognizer(BACKBONE, num_segments=4, in_channels=64, cls_head=verb_noun)
    for classifier in (model.cls_head.fc_cls.verb, model.cls_head.fc_cls.noun):
        torch.nn.init.normal_(classifier.weight)
    return model.eval()


def samples(*labels: list[int]) -> list[ActionDataSample]:
    return [ActionDataSample().set_gt_label(label) for label in labels]


def test_logits_are_both_classifiers_on_the_mean_features():
    head = build().cls_head
    features = torch.randn(8, 64, 2, 3)
    pooled = features.mean((2, 3)).view(2, 4, 64).mean(1)
    expected = torch.cat([head.fc_cls.verb(pooled), head.fc_cls.noun(pooled)], 1)
    torch.testing.assert_close(head(features), expected)


def test_loss_is_the_sum_of_two_cross_entropies():
    model = build(dropout_ratio=0.0)
    videos = torch.randn(2, 4, 3, 64, 64)
    losses = model(videos, samples([1, 8], [5, 0]), mode='loss')
    verb, noun = model(videos, stage='head').split([6, 9], 1)
    torch.testing.assert_close(losses['loss_verb'], cross_entropy(verb, torch.tensor([1, 5])))
    torch.testing.assert_close(losses['loss_noun'], cross_entropy(noun, torch.tensor([8, 0])))
    total, _ = model.parse_losses(losses)
    torch.testing.assert_close(total, losses['loss_verb'] + losses['loss_noun'])


def test_a_batch_of_one_clip():
    losses = build()(torch.randn(1, 4, 3, 64, 64), samples([1, 8]), mode='loss')
    assert losses['loss_verb'].isfinite()
    assert losses['loss_noun'].isfinite()


def test_accuracies_while_training():
    head = build().cls_head
    logits = torch.zeros(2, 15)
    logits[0, 1], logits[0, 6 + 8] = 9, 9
    logits[1, 2], logits[1, 6 + 3] = 9, 9
    losses = head.loss_by_feat(logits, samples([1, 8], [2, 4]))
    assert losses['verb_top1_acc'] == 1
    assert losses['noun_top1_acc'] == 0.5


def test_smoothed_labels():
    head = build(label_smooth_eps=0.3).cls_head
    logits, labels = torch.randn(2, 15), ([1, 8], [2, 4])
    losses = head.loss_by_feat(logits, samples(*labels))
    for kind, part, target in zip(
        ('verb', 'noun'), logits.split([6, 9], 1), torch.tensor(labels).T, strict=True
    ):
        expected = cross_entropy(part, target, label_smoothing=0.3)
        torch.testing.assert_close(losses[f'loss_{kind}'], expected)


@pytest.mark.parametrize('label', [3, [1, -1], [1, 2, 3]])
def test_other_labels_are_refused(label):
    with pytest.raises(ValueError, match=r'gt_label \[\[.*each must be a verb and a noun'):
        build().cls_head.loss_by_feat(torch.zeros(1, 15), samples(label))


@pytest.mark.parametrize('max_testing_views', [None, 4])
def test_views_are_averaged_before_any_softmax(max_testing_views):
    model = build()
    model.test_cfg = {'max_testing_views': max_testing_views}
    videos = torch.randn(2, 3 * 4, 3, 64, 64)
    with torch.no_grad():
        predicted = model(videos, [ActionDataSample() for _ in videos], mode='predict')
        views = torch.stack([model(clip.contiguous(), stage='head') for clip in videos.split(4, 1)])
    for sample, logits in zip(predicted, views.mean(0), strict=True):
        torch.testing.assert_close(sample.pred_score['verb'], logits[:6])
        torch.testing.assert_close(sample.pred_score['noun'], logits[6:])
        assert sample.pred_label.tolist() == [logits[:6].argmax(), logits[6:].argmax()]


def test_views_apart():
    model = build(average_clips=None)
    with torch.no_grad():
        predicted = model(torch.randn(1, 8, 3, 64, 64), [ActionDataSample()], mode='predict')
    assert predicted[0].pred_score['verb'].shape == (2, 6)
    assert predicted[0].pred_score['noun'].shape == (2, 9)


def test_probabilities_are_refused():
    with pytest.raises(ValueError, match="average_clips='prob'.*set average_clips='score'"):
        build(average_clips='prob')


def test_every_parameter_gets_a_gradient():
    model = build().train()
    total, _ = model.parse_losses(
        model(torch.randn(2, 4, 3, 64, 64), samples([1, 8], [2, 3]), mode='loss')
    )
    total.backward()
    without = [name for name, p in model.named_parameters() if p.grad is None]
    assert without == []


def test_initial_weights():
    model = build(init_std=0.5)
    torch.manual_seed(0)
    model.cls_head.init_weights()
    for classifier in (model.cls_head.fc_cls.verb, model.cls_head.fc_cls.noun):
        assert classifier.weight.std().item() == pytest.approx(0.5, rel=0.1)
        assert classifier.bias.count_nonzero() == 0
