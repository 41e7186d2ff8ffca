"""Every benchmark config takes a batch from prepared files through pipeline, loss and prediction."""

import mmgsf.register  # noqa: F401, I001

from pathlib import Path

import pytest
import torch
from mmaction.registry import DATASETS, MODELS
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.registry import init_default_scope

from mmgsf.datasets.preparation import scan_dataset

from ..trees import make_diving48, make_epic100, make_k400, make_ssv1, make_ssv2
from .test_configs import BENCHMARKS, classes

TREES = {
    'ssv1': ('sthv1', make_ssv1),
    'ssv2': ('sthv2', make_ssv2),
    'k400': ('kinetics400', make_k400),
    'diving48': ('diving48', make_diving48),
    'epic100': ('epic100', make_epic100),
    'frames_epic100': ('epic100', lambda root: make_epic100(root, frames=True)),
}


@pytest.fixture(scope='module')
def prepared(tmp_path_factory) -> dict[str, Path]:
    """A folder to work in for each set: the provider's tree, and what prepare_data.py makes of it."""
    folders = {}
    for name, (folder, make) in TREES.items():
        folders[name] = tmp_path_factory.mktemp(name)
        root = make(folders[name] / 'data' / folder)
        scan_dataset(name.removeprefix('frames_'), root, workers=2).write(max_missing=0)
    return folders


def small(inputs: list[torch.Tensor], size: int) -> list[torch.Tensor]:
    """The pipeline's frames at a size that a CPU takes fast."""
    return [torch.nn.functional.interpolate(x.float(), (size, size)).round() for x in inputs]


@pytest.mark.parametrize('path', BENCHMARKS, ids=lambda path: path.stem)
def test_batch(path, prepared, monkeypatch):
    name = next(name for name in reversed(TREES) if path.stem.endswith(name))
    monkeypatch.chdir(prepared[name])
    init_default_scope('mmaction')
    config = Config.fromfile(path)
    config.model.backbone.pretrained = None
    torch.manual_seed(0)
    model = MODELS.build(config.model)
    size = 75 if 'inceptionv3' in path.stem else 32
    crop = 229 if 'inceptionv3' in path.stem else 224
    for split, views in (('train', 1), ('test', 10 if 'dense' in path.stem else 1)):
        dataset = DATASETS.build(config[f'{split}_dataloader'].dataset)
        batch = pseudo_collate([dataset[0], dataset[len(dataset) - 1]])
        assert {tuple(x.shape) for x in batch['inputs']} == {
            (views * config.num_segments, 3, crop, crop)
        }
        batch['inputs'] = small(batch['inputs'], size)
        data = model.data_preprocessor(batch, training=split == 'train')
        if split == 'train':
            losses = model.train()(**data, mode='loss')
            total = sum(value for key, value in losses.items() if 'loss' in key)
            total.backward()
            assert total.isfinite()
            # Random weights know nothing: the loss is that of chance, for EPIC's pair twice.
            assert 1 < total.item() < 30
        else:
            with torch.no_grad():
                samples = model.eval()(**data, mode='predict')
            scores = samples[0].pred_score
            scores = scores if isinstance(scores, torch.Tensor) else torch.cat([*scores.values()])
            assert scores.shape == (len(classes(config)),)
            assert scores.isfinite().all()
