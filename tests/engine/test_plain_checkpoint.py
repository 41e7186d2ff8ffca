"""Checkpoints hold plain values only, and give the log history back."""

from collections import OrderedDict
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmengine.config import ConfigDict
from mmengine.logging import HistoryBuffer

from mmgsf.engine.plain_checkpoint import PlainCheckpointHook, plain


def make_checkpoint() -> dict:
    return {
        'meta': {'seed': np.int64(3), 'dataset_meta': ConfigDict(classes=['a', 'b'])},
        'state_dict': OrderedDict(weight=torch.ones(2)),
        'message_hub': {
            'log_scalars': OrderedDict(loss=HistoryBuffer([3.0, 1.0], [1, 2])),
            'runtime_info': OrderedDict(best=np.float64(0.25), shape=np.arange(3)),
            'resumed_keys': OrderedDict(loss=True),
        },
    }


def test_saved_checkpoint_loads_with_weights_only(tmp_path):
    checkpoint = make_checkpoint()
    checkpoint['state_dict']._metadata = OrderedDict({'': {'version': 1}})
    PlainCheckpointHook().before_save_checkpoint(SimpleNamespace(), checkpoint)
    torch.save(checkpoint, tmp_path / 'a.pth')
    loaded = torch.load(tmp_path / 'a.pth', weights_only=True)
    assert loaded['meta'] == {'seed': 3, 'dataset_meta': {'classes': ['a', 'b']}}
    assert loaded['message_hub']['runtime_info']['best'] == 0.25
    assert loaded['message_hub']['runtime_info']['shape'].tolist() == [0, 1, 2]
    assert loaded['state_dict']._metadata == {'': {'version': 1}}


def test_log_history_comes_back():
    checkpoint = make_checkpoint()
    hook = PlainCheckpointHook()
    hook.before_save_checkpoint(SimpleNamespace(), checkpoint)
    hook.after_load_checkpoint(SimpleNamespace(), checkpoint)
    history = checkpoint['message_hub']['log_scalars']['loss']
    assert isinstance(history, HistoryBuffer)
    assert [values.tolist() for values in history.data] == [[3.0, 1.0], [1, 2]]
    assert history.mean() == HistoryBuffer([3.0, 1.0], [1, 2]).mean()


def test_what_cannot_be_plain_is_refused_with_its_place():
    with pytest.raises(TypeError, match=r"meta\['hooks'\]\[1\] is a object"):
        plain({'hooks': [1, object()]}, 'meta')
