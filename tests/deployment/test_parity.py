"""A file that is not its model is found out."""

import numpy as np
import pytest
import torch

from mmgsf.deployment import export_model
from mmgsf.deployment.parity import check_parity, eager_probabilities

from .networks import TINY, clips, make_model


def test_another_model_and_not_a_number_are_found_out(tmp_path):
    model = make_model('gsf_r18_camera_motion', **TINY)
    export_model(model, tmp_path / 'model.pt2', 'torch-export')
    assert check_parity(model, tmp_path / 'model.pt2') <= 1e-4
    with torch.no_grad():
        model.cls_head.fc_cls.bias[0] += 0.1
    with pytest.raises(ValueError, match=r'differs from its model by .* above 1e-04'):
        check_parity(model, tmp_path / 'model.pt2')
    model.cls_head.fc_cls.bias.data.fill_(float('nan'))
    with pytest.raises(ValueError, match='by nan'):
        check_parity(model, tmp_path / 'model.pt2')


def test_eager_probabilities_are_those_of_the_head(tmp_path):
    model = make_model('gsf_r18_camera_motion', **TINY)
    given = clips(2)
    by_score = eager_probabilities(model, given)[0]
    model.cls_head.average_clips = 'prob'
    np.testing.assert_allclose(by_score, eager_probabilities(model, given)[0], atol=1e-6)
    model.cls_head.average_clips = None
    np.testing.assert_allclose(by_score, eager_probabilities(model, given)[0], atol=1e-6)
