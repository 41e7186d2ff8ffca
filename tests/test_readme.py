"""What the README states is so."""

import mmgsf.register  # noqa: F401, I001

import re
from pathlib import Path

import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch.utils.flop_counter import FlopCounterMode

ROOT = Path(__file__).parents[1]
README = (ROOT / 'README.md').read_text(encoding='utf-8')
ROWS = re.findall(r'^\| `(\w+\.py)` \| (\d+) \| ([\d.]+) M \| ([\d.]+) \|', README, re.MULTILINE)


def test_all_configs_are_in_the_table():
    listed = {row[0] for row in ROWS}
    listed |= {f'{layer}_r18_camera_motion.py' for layer in ('gsf', 'tsm', 'tsn')}
    assert listed == {path.name for path in (ROOT / 'configs').glob('*.py')}


@pytest.mark.parametrize(('name', 'frames', 'parameters', 'macs'), ROWS)
def test_table_of_configs(name, frames, parameters, macs):
    init_default_scope('mmaction')
    config = Config.fromfile(ROOT / 'configs' / name)
    config.model.backbone.pretrained = None
    model = MODELS.build(config.model).eval()
    assert config.num_segments == int(frames)
    assert f'{sum(p.numel() for p in model.parameters()) / 1e6:.2f}' == parameters
    clip = torch.zeros(1, config.num_segments, 3, 224, 224, device='meta')
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model.to('meta')(clip, stage='head')
    assert f'{counter.get_total_flops() / 2e9:.1f}' == macs


def test_files_that_it_names_are_there():
    named = set(re.findall(r'\b((?:tools|configs|docs|requirements|tests)/[\w./-]+\.\w+)', README))
    assert {'tools/quickstart.sh', 'tools/run_tests.sh', 'docs/film_strip.png'} <= named
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_layer_example_runs(capsys):
    example = next(
        block
        for block in re.findall(r'```python\n(.*?)```', README, re.DOTALL)
        if 'insert' in block
    )
    exec(example, {})
    assert capsys.readouterr().out == 'torch.Size([16, 32, 60, 60])\n'
