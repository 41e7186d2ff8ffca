"""A damaged or exchanged checkpoint is found before it is used."""

import hashlib
import random
import zipfile
from pathlib import Path

import pytest
import torch

from mmgsf.checkpoints.load import load_from_local
from mmgsf.checkpoints.whole import damage, stated_checksum, verify_checksum


@pytest.fixture
def checkpoint(tmp_path) -> Path:
    torch.manual_seed(0)
    torch.save({'state_dict': {'a': torch.randn(50), 'b': torch.arange(9)}}, tmp_path / 'a.pth')
    return tmp_path / 'a.pth'


def test_whole_file(checkpoint):
    assert damage(checkpoint) == ''


def test_a_flipped_bit_is_found_or_changes_nothing(checkpoint):
    sound, whole = load_from_local(str(checkpoint))['state_dict'], checkpoint.read_bytes()
    places = random.Random(0)
    found = 0
    for _ in range(400):
        position, bit = places.randrange(len(whole)), places.randrange(8)
        flipped = bytearray(whole)
        flipped[position] ^= 1 << bit
        checkpoint.write_bytes(flipped)
        try:
            loaded = load_from_local(str(checkpoint))['state_dict']
        except ValueError:
            found += 1
        else:
            assert all(torch.equal(loaded[key], sound[key]) for key in sound)
    assert found > 40


def test_a_flipped_bit_in_a_weight_is_named(checkpoint):
    with zipfile.ZipFile(checkpoint) as archive:
        tensor = archive.read(next(name for name in archive.namelist() if name.endswith('data/0')))
    content = checkpoint.read_bytes()
    content = content.replace(tensor, bytes([tensor[0] ^ 1]) + tensor[1:])
    checkpoint.write_bytes(content)
    # torch itself takes it.
    assert torch.load(checkpoint, weights_only=True)
    assert damage(checkpoint).endswith('data/0 in it is damaged')
    with pytest.raises(ValueError, match='data/0 in it is damaged; copy it again'):
        load_from_local(str(checkpoint))


@pytest.mark.parametrize('share', [0, 0.01, 0.5, 0.99])
def test_a_file_cut_short_is_found(checkpoint, share):
    content = checkpoint.read_bytes()
    checkpoint.write_bytes(content[: int(share * len(content))])
    assert damage(checkpoint) == 'it is empty' if share == 0 else 'cut short' in damage(checkpoint)


@pytest.mark.parametrize(
    ('name', 'stated'),
    [
        ('resnet50-0676ba61.pth', '0676ba61'),
        ('bn_inception-9f5701afb96c8044.pth', '9f5701afb96c8044'),
        ('a-0676ba61.pth.tar', '0676ba61'),
        ('a-0676ba61.safetensors', '0676ba61'),
        ('epoch_12.pth', None),
        ('gsf-r50.pth', None),
        ('gsf_r50-20240131.pth', None),
        ('gsf_r50-20249931.pth', '20249931'),
        ('a-0676ba6.pth', None),
        ('a-0676ba61.pth.part', None),
    ],
)
def test_checksums_in_names(name, stated):
    assert stated_checksum(name) == stated


@pytest.mark.parametrize('digits', [8, 16, 64])
def test_published_file(checkpoint, digits):
    checksum = hashlib.sha256(checkpoint.read_bytes()).hexdigest()[:digits]
    published = checkpoint.rename(checkpoint.with_name(f'gsf-{checksum}.pth'))
    verify_checksum(published)
    assert load_from_local(str(published))
    other = published.rename(published.with_name(f'gsf-{"0" * digits}.pth'))
    with pytest.raises(ValueError, match=f'begins with {"0" * digits}, and it begins with'):
        load_from_local(str(other))
