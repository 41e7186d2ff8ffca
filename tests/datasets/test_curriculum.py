"""Easy rows first, then hard ones, each once an epoch, dealt out to all processes."""

import mmgsf.register  # noqa: F401, I001

import pytest
from mmaction.registry import DATA_SAMPLERS

from mmgsf.datasets.curriculum import CurriculumSampler


def drawn(epoch: int, rows: int = 12, easy_epochs: int = 2, seed: int = 0) -> list[int]:
    sampler = DATA_SAMPLERS.build(
        {
            'type': 'CurriculumSampler',
            'dataset': range(rows),
            'easy_epochs': easy_epochs,
            'seed': seed,
        }
    )
    sampler.set_epoch(epoch)
    assert len(sampler) == len(list(sampler))
    return list(sampler)


def test_even_rows_come_first_and_odd_ones_then():
    for epoch in (0, 1):
        assert sorted(drawn(epoch)) == list(range(0, 12, 2))
    for epoch in (2, 3):
        assert sorted(drawn(epoch)) == list(range(1, 12, 2))


def test_order_follows_from_seed_and_epoch():
    assert drawn(0) == drawn(0)
    assert drawn(0, rows=100) != drawn(1, rows=100)
    assert drawn(0, rows=100) != drawn(0, rows=100, seed=1)


def test_processes_share_an_epoch(monkeypatch):
    shares = []
    for rank in (0, 1):
        monkeypatch.setattr('mmengine.dataset.sampler.get_dist_info', lambda rank=rank: (rank, 2))
        shares.append(drawn(0, rows=14))
    assert [len(share) for share in shares] == [4, 4]
    # Seven rows for two processes: one row is drawn twice.
    assert set(shares[0]) | set(shares[1]) == set(range(0, 14, 2))


@pytest.mark.parametrize(('rows', 'easy', 'words'), [(7, 1, '7 rows'), (8, -1, 'easy_epochs=-1')])
def test_what_cannot_be_is_refused(rows, easy, words):
    with pytest.raises(ValueError, match=words):
        CurriculumSampler(range(rows), easy, seed=0)
