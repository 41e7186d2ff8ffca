"""Parameters and multiply-adds agree with counting by hand."""

import mmgsf.register  # noqa: F401, I001

from mmaction.registry import MODELS
from torch import nn

from mmgsf.models.complexity import measure_complexity

HEAD = {'type': 'GSFHead', 'num_classes': 10, 'in_channels': 32, 'average_clips': 'score'}


def narrow(layer: str | None) -> dict:
    backbone = {'type': 'ResNetGSF', 'depth': 18, 'base_channels': 4, 'num_stages': 1}
    backbone |= {'strides': (1,), 'dilations': (1,), 'out_indices': (0,)}
    backbone |= {'layer': layer, 'channel_ratio': 1.0, 'pretrained': 'not there.pth'}
    head = {**HEAD, 'in_channels': 4}
    return {'type': 'RecognizerGSF', 'num_segments': 2, 'backbone': backbone, 'cls_head': head}


def test_one_stage_by_hand():
    found = measure_complexity(narrow(None), num_segments=2, size=32)
    stem, block_conv, classifier = 7 * 7 * 3 * 4, 3 * 3 * 4 * 4, 4 * 10
    norms = 5 * 2 * 4
    assert found.parameters == stem + 4 * block_conv + norms + classifier + 10
    # 16x16 positions behind the stem, 8x8 behind its pool.
    assert found.macs == 2 * (stem * 256 + 4 * block_conv * 64 + classifier)


def test_layer_adds_what_the_paper_says():
    plain, gsf = (measure_complexity(narrow(layer), 2, 32) for layer in (None, 'gsf'))
    touched = 4
    assert gsf.parameters - plain.parameters == 2 * (29 * touched + 40)
    gates, fusion = 27 * touched * 64, 2 * 9 * touched
    assert gsf.macs - plain.macs == 2 * 2 * (gates + fusion)


def test_config_is_left_as_it_was():
    config = narrow(None)
    measure_complexity(config, 2, 32)
    assert config == narrow(None)


def test_backbone_that_takes_no_pretrained():
    @MODELS.register_module(force=True)
    class Pixels(nn.Conv2d):
        def __init__(self) -> None:
            super().__init__(3, 4, 1)

    model = {'type': 'Recognizer2D', 'backbone': {'type': 'Pixels'}}
    head = {**HEAD, 'in_channels': 4, 'num_segments': 2}
    found = measure_complexity({**model, 'cls_head': head}, num_segments=2, size=8)
    assert found.macs == 2 * (3 * 4 * 64 + 4 * 10)
