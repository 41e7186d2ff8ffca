"""Models on offer: loaded once, when chosen, and only those that the page can show."""

from types import SimpleNamespace

import pytest

from mmgsf.web.limits import Refused
from mmgsf.web.models import Models

CLASSES = {'test_dataloader': {'dataset': {'metainfo': {'classes': ['a', 'b']}}}}


def fake(name='m', steps=('DecordInit', 'DecordDecode'), verbs=None, config=CLASSES):
    class Config(dict):
        test_pipeline = [{'type': step} for step in steps]

    return SimpleNamespace(name=name, cfg=Config(config), cls_head=SimpleNamespace(num_verbs=verbs))


def test_a_model_is_loaded_when_it_is_chosen_and_once():
    loaded = []
    models = Models()
    names = [
        models.add('m', lambda number=number: loaded.append(number) or fake())
        for number in range(3)
    ]
    assert names == models.names == ['m', 'm (2)', 'm (3)']
    assert loaded == []
    assert models.get('m (2)') is models.get('m (2)')
    assert loaded == [1]


def test_what_is_not_offered_is_refused():
    with pytest.raises(Refused, match="'other': no such model") as refusal:
        Models().get('other')
    assert refusal.value.status == 404


@pytest.mark.parametrize(
    ('changed', 'words'),
    [
        ({'verbs': 97}, 'verbs and nouns apart'),
        ({'steps': ('RawFrameDecode',)}, 'folders of frames'),
        ({'config': {}}, 'names no classes'),
    ],
)
def test_what_the_page_cannot_show_is_told(changed, words):
    models = Models()
    models.add('m', lambda: fake(**changed))
    with pytest.raises(ValueError, match=words):
        models.get('m')
