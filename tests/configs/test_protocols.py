"""The configs under a protocol: the cost that is named, and the crops."""

import mmgsf.register  # noqa: F401, I001

from importlib.util import find_spec
from pathlib import Path

import pytest
from mmaction.registry import TRANSFORMS
from mmengine.config import Config

from mmgsf import compat
from mmgsf.engine.protocol import apply_protocol, describe_protocol

from ..videos import noise_clip

CONFIGS = Path(__file__).parents[2] / 'configs'
UPSTREAM = Path(find_spec('mmaction').origin).parent / '.mim' / 'configs'


def read(path: str | Path) -> Config:
    """A config of this repository, or by its full path one of MMAction2."""
    compat.prepare_configs()
    return Config.fromfile(CONFIGS / path)


@pytest.mark.parametrize('path', sorted(CONFIGS.glob('*.py')), ids=lambda path: path.stem)
def test_every_config_takes_a_protocol_unless_it_samples_in_its_own_way(path):
    config = read(path)
    # These have several views of their own.
    for sampler in ('DenseSampleFrames', 'StretchSampleFrames'):
        if any(step.type == sampler for step in config.test_pipeline):
            with pytest.raises(ValueError, match=f"'{sampler}'.* has 0 of"):
                apply_protocol(config, '1x1')
            return
    apply_protocol(config, '2x3')
    frames = config.model.num_segments * config.test_dataloader.batch_size
    assert config.model.test_cfg.max_testing_views == frames


@pytest.mark.parametrize(
    ('name', 'expected'),
    [
        ('gsf_r50_ssv2.py', '6 views of 8 frames at 224x224, 6 x 33.0 = 198.0 GMAC'),
        ('gsf_r50_16f_epic100.py', '6 views of 16 frames at 224x224, 6 x 66.0 = 396.0 GMAC'),
        ('gsf_inceptionv3_ssv1.py', '6 views of 8 frames at 229x229, 6 x 26.7 = 160.2 GMAC'),
    ],
)
def test_cost_of_six_views(name, expected):
    config = read(name)
    apply_protocol(config, '2x3')
    assert describe_protocol(config) == f'protocol 2x3: {expected} a video'


def test_cost_of_one_view():
    config = read('gsf_r18_camera_motion.py')
    apply_protocol(config, '1x1')
    line = describe_protocol(config)
    assert line.startswith('protocol 1x1: 1 view of 8 frames at 64x64, 1 x 0.')


def test_crops_of_inceptionv3():
    config = read('gsf_inceptionv3_ssv1.py')
    apply_protocol(config, '2x3')
    results = {'imgs': list(noise_clip(0, 8, 240, 427)), 'img_shape': (240, 427)}
    for step in config.test_dataloader.dataset.pipeline[2:4]:
        results = TRANSFORMS.build(step)(results)
        assert results['img_shape'] in ((261, 464), (229, 229))
    assert len(results['imgs']) == 3 * 8
    assert results['crop_bbox'][::8].tolist() == [
        [0, 16, 229, 245],
        [117, 16, 346, 245],
        [235, 16, 464, 245],
    ]


def test_mmaction2s_own_config():
    """Its test has crops of another kind; the validation pipeline, of one view, gives the sizes."""
    name = 'tsm_imagenet-pretrained-r50_8xb16-1x1x8-50e_sthv2-rgb.py'
    config = read(UPSTREAM / 'recognition' / 'tsm' / name)
    with pytest.raises(ValueError, match='average_clips=.prob'):
        apply_protocol(config, '2x3')
    config.model.cls_head.average_clips = 'score'
    apply_protocol(config, '2x3')
    steps = {step.type: step for step in config.test_dataloader.dataset.pipeline}
    assert steps['SampleFrames'].twice_sample
    assert steps['UniformThreeCrop'].crop_size == 224
    line = describe_protocol(config)
    assert line.startswith('protocol 2x3: 6 views of 8 frames at 224x224, 6 x 32.')
    assert line.endswith('Recognizer2D computes all views at once, in as much more memory')
