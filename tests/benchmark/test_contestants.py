"""Who is compared with whom, and that the ways to run a network give its scores."""

from itertools import pairwise

import pytest
import torch

import mmgsf.register  # noqa: F401
from mmgsf.benchmark import contestants
from mmgsf.benchmark.contestants import Contender, build, chosen, contenders, runner
from mmgsf.benchmark.steps import TrainingStep, random_clips


@pytest.fixture
def with_bfloat16(monkeypatch):
    monkeypatch.setattr(contestants, 'native_bfloat16', lambda: ['avx512_bf16'])


def test_all_that_is_asked_for_is_there(with_bfloat16):
    found, left_out = contenders(compiled=True)
    names = {one.name for one in found}
    assert left_out == []
    for layer in ('plain', 'tsm', 'gsf25', 'gsf100'):
        assert {f'r50/{layer}/{mode}' for mode in ('eager', 'compiled', 'bf16')} <= names
    for network in ('bninception', 'inceptionv3'):
        assert {f'{network}/plain/eager', f'{network}/gsf100/layer-compiled'} <= names
    assert len(names) == len(found)


def test_no_compiler_and_no_bfloat16_where_there_is_none(monkeypatch):
    monkeypatch.setattr(contestants, 'native_bfloat16', list)
    found, left_out = contenders()
    assert {one.mode for one in found} == {'eager'}
    assert [line.split(':')[0] for line in left_out] == ['compiled networks and layers', 'bf16']


def test_baseline_is_the_plain_network_run_the_same_way(with_bfloat16):
    for one in contenders(compiled=True)[0]:
        assert one.baseline.layer == 'plain'
        assert one.baseline.network == one.network
        assert one.baseline.mode == one.mode
        assert one.baseline.name in {other.name for other in contenders(compiled=True)[0]}


def test_choice_brings_its_baselines(with_bfloat16):
    found = contenders(compiled=True)[0]
    names = [one.name for one in chosen(found, ['r50/gsf25/layer*', 'inc*/gsf*/bf16'])]
    assert names == [
        'inceptionv3/plain/bf16',
        'inceptionv3/gsf100/bf16',
        'r50/plain/layer-compiled',
        'r50/gsf25/layer-compiled',
    ]
    assert chosen(found, None) == found
    with pytest.raises(ValueError, match='--contestants r51.* matches none'):
        chosen(found, ['r51/*'])


def test_inception_v3_has_its_own_size():
    sizes = [Contender(name, 'plain', 'eager').size(None) for name in ('r50', 'inceptionv3')]
    assert sizes == [224, 229]
    assert Contender('inceptionv3', 'plain', 'eager').size(64) == 69


@pytest.mark.parametrize('name', ['r50/plain', 'r50/tsm', 'r50/gsf25', 'bninception/gsf100'])
def test_network_is_the_one_that_is_named(name):
    network, layer = name.split('/')
    model = build(Contender(network, layer, 'eager').config(frames=2))
    kinds = {type(module).__name__ for module in model.modules()}
    assert ('GateShiftFuse' in kinds) == layer.startswith('gsf')
    assert ('TemporalShift' in kinds) == (layer == 'tsm')
    assert not any(getattr(module, 'norm_eval', False) for module in model.modules())
    if layer == 'gsf25':
        ratios = {m.channel_ratio for m in model.modules() if type(m).__name__ == 'GateShiftFuse'}
        assert ratios == {0.25}


def test_bfloat16_and_training_give_what_they_should():
    one = Contender('r50', 'gsf25', 'eager')
    clips = random_clips(1, 2, 32)
    model = build(one.config(frames=2)).eval()
    with torch.no_grad():
        scores = runner(model, 'eager')(clips)
        near = runner(model, 'bf16')(clips)
    assert scores.shape == (1, 174)
    assert near.dtype == torch.bfloat16
    torch.testing.assert_close(near.float(), scores, rtol=0.1, atol=0.1 * scores.abs().max().item())
    step = TrainingStep(model, 'eager', clips)
    assert all(module.training for module in model.modules())
    before = [parameter.detach().clone() for parameter in model.parameters()]
    step()
    moved = [not torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True)]
    assert sum(moved) > 0.9 * len(moved)
    assert step.saved_bytes() > 0


def test_those_that_are_timed_in_turn_stand_side_by_side(with_bfloat16):
    groups = [(one.network, one.mode) for one in contenders(compiled=True)[0]]
    changes = sum(before != after for before, after in pairwise(groups))
    assert changes == len(set(groups)) - 1
    # What a compiler leaves behind must not slow down what runs without.
    modes = list(dict.fromkeys(mode for _, mode in groups))
    assert modes == ['eager', 'bf16', 'compiled', 'layer-compiled']
