"""What of a checkpoint is published, and under which name."""

import hashlib
from types import SimpleNamespace

import pytest
import torch

from mmgsf.apis import load_model
from mmgsf.checkpoints import load_from_local
from mmgsf.checkpoints.whole import stated_checksum
from mmgsf.publishing import weights as module
from mmgsf.publishing.weights import half, published_weights, weights_file


def test_the_averaged_weights_of_a_training_are_taken(trained):
    from mmengine.hooks import EMAHook

    checkpoint = load_from_local(str(trained / 'run' / 'epoch_1.pth'))
    found = published_weights(checkpoint, 'a.pth')
    key = 'backbone.conv1.conv.weight'
    last = checkpoint['ema_state_dict'][f'module.{key}']
    assert not torch.equal(found[key], last)
    # MMEngine's own hook takes the same for a test.
    model = load_model(trained / 'run' / 'gsf_r18_camera_motion.py')
    runner = SimpleNamespace(model=model, _resume=False)
    hook = EMAHook()
    hook.before_run(runner)
    hook.after_load_checkpoint(runner, checkpoint)
    tested = hook.ema_model.module.state_dict()
    assert found.keys() == tested.keys()
    assert all(torch.equal(found[key], tested[key]) for key in tested)


def test_a_view_does_not_bring_all_that_it_looks_into():
    whole = torch.zeros(1000)
    found = published_weights({'state_dict': {'a': whole[:2]}}, 'a.pth')
    assert found['a'].untyped_storage().nbytes() == 8


@pytest.mark.parametrize('checkpoint', [[], {}, {'state_dict': {'a': 1}}])
def test_what_is_no_checkpoint_is_refused(checkpoint):
    with pytest.raises(ValueError, match=r'a\.pth has no state_dict of tensors'):
        published_weights(checkpoint, 'a.pth')


def test_half_precision():
    found = half({'a': torch.tensor([0.1]), 'n': torch.tensor(3)})
    assert (found['a'].dtype, found['n'].dtype) == (torch.float16, torch.int64)
    with pytest.raises(ValueError, match='a is beyond the range'):
        half({'a': torch.tensor([1e6])})


@pytest.mark.parametrize('suffix', ['.pth', '.safetensors'])
def test_name_ends_in_the_files_own_checksum(suffix, tmp_path):
    tensors = {f'{n}.weight': torch.full((3,), float(n)) for n in range(5)}
    files = {
        weights_file(tmp_path, 'net', suffix, tensors, {'name': 'net', 'num_segments': 8})
        for _ in range(8)
    }
    (file,) = files  # the same bytes each time
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert file.name == f'net-{digest[:8]}{suffix}'
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    loaded = load_from_local(str(file))
    assert loaded['meta'] == {'name': 'net', 'num_segments': 8}
    assert torch.equal(loaded['state_dict']['3.weight'], tensors['3.weight'])


def test_digits_that_read_as_a_date_are_followed_by_more(tmp_path, monkeypatch):
    digest = '20240131' + 'ab' * 28
    monkeypatch.setattr(module, 'sha256', lambda path: digest)
    file = weights_file(tmp_path, 'net', '.pth', {}, {})
    assert stated_checksum(file.name) == digest[:12]
