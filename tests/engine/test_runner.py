"""GSFRunner refuses what cannot go well, and lets MMEngine do the rest."""

from types import SimpleNamespace

import pytest
import torch

from mmgsf.engine import GSFRunner, PreflightError
from mmgsf.engine.preflight import Finding


@pytest.mark.parametrize(('gpus', 'processes'), [(1, 2), (4, 8)])
def test_more_processes_than_gpus_are_refused(monkeypatch, gpus, processes):
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    monkeypatch.setattr(torch.cuda, 'device_count', lambda: gpus)
    monkeypatch.setenv('LOCAL_WORLD_SIZE', str(processes))
    with pytest.raises(PreflightError, match=f'{processes} processes.*{gpus} GPUs.*at most {gpus}'):
        GSFRunner._check_processes(SimpleNamespace())


def test_as_many_processes_as_gpus_pass(monkeypatch):
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    monkeypatch.setattr(torch.cuda, 'device_count', lambda: 2)
    monkeypatch.setenv('LOCAL_WORLD_SIZE', '2')
    assert GSFRunner._check_processes(SimpleNamespace()) is None


def runner(classes: list[str], num_segments: int = 8, **config) -> SimpleNamespace:
    notes = []
    dataset = SimpleNamespace(metainfo={'classes': classes})
    return SimpleNamespace(
        _num_segments=num_segments,
        _is_exact=True,
        cfg=config,
        logger=SimpleNamespace(info=notes.append),
        test_dataloader=SimpleNamespace(dataset=dataset),
        notes=notes,
    )


def test_other_num_segments_are_refused_unless_allowed():
    compare = GSFRunner._compare_num_segments
    with pytest.raises(PreflightError, match='num_segments=4, the config has 8'):
        compare(runner([]), 'a.pth', {'num_segments': 4})
    allowed = runner([], allow_num_segments=True)
    compare(allowed, 'a.pth', {'num_segments': 4})
    assert 'do not depend on it' in allowed.notes[0]
    same = runner([])
    compare(same, 'a.pth', {'num_segments': 8})
    compare(same, 'a.pth', {})
    assert same.notes == []


def test_classes_in_another_order_are_refused():
    compare = GSFRunner._compare_classes
    meta = {'dataset_meta': {'classes': ['a', 'b', 'c']}}
    compare(runner(['a', 'b', 'c']), 'a.pth', meta)
    compare(runner(['c', 'b', 'a']), 'a.pth', {})
    with pytest.raises(PreflightError, match="class 0 is 'a' in a.pth and 'c' in the test data"):
        compare(runner(['c', 'b', 'a']), 'a.pth', meta)
    with pytest.raises(PreflightError, match='3 classes.*2'):
        compare(runner(['a', 'b']), 'a.pth', meta)


@pytest.mark.parametrize('kind', ['verb', 'noun'])
def test_verbs_and_nouns_in_another_order_are_refused(kind):
    test = runner(None)
    test.test_dataloader.dataset.metainfo[f'{kind}_classes'] = ['take', 'put']
    meta = {'dataset_meta': {f'{kind}_classes': ['put', 'take']}}
    with pytest.raises(PreflightError, match=f"{kind} class 0 is 'put' in a.pth and 'take' in"):
        GSFRunner._compare_classes(test, 'a.pth', meta)


def test_what_is_found_is_logged_on_its_level():
    info, warnings = [], []
    logger = SimpleNamespace(info=info.append, warning=warnings.append)
    for level in ('ok', 'info', 'warning'):
        GSFRunner._report(SimpleNamespace(logger=logger), Finding(level, f'is {level}'))
    assert info == ['preflight: is ok', 'preflight: is info']
    assert warnings == ['preflight: is warning']
