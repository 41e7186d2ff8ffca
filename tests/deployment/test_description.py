"""What a file says of itself comes back, and what it cannot say is refused."""

import numpy as np
import onnx
import pytest
import torch

from mmgsf.apis import get_config, load_model
from mmgsf.deployment import Description, describe_model, open_exported
from mmgsf.deployment.optional import require
from mmgsf.deployment.targets import SUFFIXES, write_onnx, write_openvino, write_torch_export

from .networks import make_model

NAMES = ['pushing "a" & <b>', 'ção', "it's", 'a\nb', 'nan', '7']


def described(**changes) -> Description:
    values = {
        'config': 'own',
        'mmgsf_version': '0',
        'classes': {'probabilities': NAMES},
        'num_segments': 8,
        'sampling': 'segment_centres',
        'short_side': 256,
        'size': (224, 200),
        'preprocessing': 'inside',
        'channel_order': 'BGR',
        'mean': (104.0, 117.5, 1 / 3),
        'std': (1.0, 1.0, 58.395),
        'average_clips': 'score',
    }
    return Description(**{**values, **changes})


def test_strings_give_the_description_back():
    description = described()
    strings = description.to_strings()
    assert all(isinstance(value, str) for value in strings.values())
    assert Description.from_strings({**strings, 'other': '{'}, 'a file') == description
    assert description.clip_shape == (8, 224, 200, 3)


@pytest.mark.parametrize('damage', [{'num_segments': 'eight'}, {}])
def test_incomplete_strings_are_refused(damage):
    strings = described().to_strings()
    del strings['num_segments']
    with pytest.raises(ValueError, match='model.onnx does not describe itself'):
        Description.from_strings({**strings, **damage}, 'model.onnx')


@pytest.mark.parametrize('target', ['onnx', 'openvino', 'torch-export'])
def test_odd_class_names_survive_every_form(target, tmp_path):
    description, path = described(), tmp_path / f'model{SUFFIXES[target]}'
    if target == 'torch-export':
        program = torch.export.export(torch.nn.ReLU(), (torch.ones(2),))
        write_torch_export(program, description, path)
    elif target == 'onnx':
        node = onnx.helper.make_node('Relu', ['x'], ['y'])
        ends = [onnx.helper.make_tensor_value_info(name, 1, [2]) for name in 'xy']
        graph = onnx.helper.make_graph([node], 'graph', ends[:1], ends[1:])
        opset = onnx.helper.make_operatorsetid('', 18)
        model = onnx.helper.make_model(graph, opset_imports=[opset], ir_version=10)
        write_onnx(model, description, path)
    else:
        openvino = require('openvino')
        x = openvino.opset13.parameter([2], np.float32)
        write_openvino(openvino.Model([openvino.opset13.relu(x)], [x]), description, path)
    assert open_exported(path).description == description


@pytest.mark.parametrize(
    ('name', 'expected'),
    [
        ('gsf_r50_ssv2', (8, 256, (224, 224), 'RGB', 174, 'segment_centres')),
        ('gsf_inceptionv3_16f_ssv1', (16, 261, (229, 229), 'BGR', 174, 'segment_centres')),
        ('gsf_r50_dense_k400', (8, 256, (224, 224), 'RGB', 400, 'dense_stretches')),
    ],
)
def test_values_are_those_of_the_config(name, expected):
    about = describe_model(load_model(get_config(name)))
    count = len(about.classes['probabilities'])
    assert expected == (
        about.num_segments, about.short_side, about.size, about.channel_order, count, about.sampling
    )  # fmt: skip


def test_a_pipeline_of_another_form_is_refused():
    model = make_model('tsn_r18_camera_motion')
    model.cfg.test_pipeline = [{'type': 'Resize', 'scale': (64, 64), 'keep_ratio': False}]
    with pytest.raises(ValueError, match='one sampler'):
        describe_model(model)


def test_class_names_must_be_there_and_as_many_as_the_head_has():
    model = make_model('tsn_r18_camera_motion', model__cls_head__num_classes=5)
    with pytest.raises(ValueError, match='the config has 8 classes and the head 5'):
        describe_model(model)
    for loader in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        model.cfg[loader].dataset.metainfo = {}
    with pytest.raises(ValueError, match='names no classes; give the 5 names'):
        describe_model(model)
