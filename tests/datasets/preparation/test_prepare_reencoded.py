"""--reencode gives copies with lists of their own; originals and their lists stay as they are."""

import hashlib
import os
import shutil

import decord
import pytest

from mmgsf.datasets import training_root
from mmgsf.datasets.preparation import Encoding, scan_dataset

from ...tools.running import run
from ...trees import ROOT, make_k400, make_ssv1, make_ssv2

LIST = 'sthv2_{}_list_videos.txt'


@pytest.fixture(scope='module')
def pristine(tmp_path_factory):
    return make_ssv2(tmp_path_factory.mktemp('ssv2') / 'sthv2')


@pytest.fixture
def tree(pristine, tmp_path):
    return shutil.copytree(pristine, tmp_path / 'sthv2', symlinks=True)


def digests(tree):
    files = [path for path in tree.rglob('*') if path.is_file() and 'reencoded' not in path.parts]
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def rows(path):
    return [line.split(' ') for line in path.read_text().splitlines()]


def tool(tree, *options, code=0):
    return run(
        'python',
        'tools/prepare_data.py',
        *options[:1],
        tree,
        *options[1:],
        cwd=ROOT,
        code=code,
        PYTHONPATH=str(ROOT),
    )


def test_tool_makes_copies_and_lists_and_leaves_the_rest(tree):
    tool(tree, 'ssv2')
    before = digests(tree)
    output = tool(tree, 'ssv2', '--reencode', '--workers', '2')
    assert digests(tree) == before
    assert f'the configs now read {tree}/reencoded' in output
    for split, number in (('train', 4), ('val', 2)):
        originals, copies = (rows(root / LIST.format(split)) for root in (tree, tree / 'reencoded'))
        assert len(copies) == number
        assert copies == [[name.replace('.webm', '.mp4'), label] for name, label in originals]
        for name, _ in copies:
            assert len(decord.VideoReader(str(tree / 'reencoded' / 'videos' / name))) == 12


def test_config_reads_the_copies_once_they_are_complete(tree, tmp_path, monkeypatch):
    from mmengine.config import Config

    import mmgsf.register  # noqa: F401

    (tmp_path / 'data').mkdir()
    os.symlink(tree, tmp_path / 'data' / 'sthv2')
    monkeypatch.chdir(tmp_path)

    def places():
        dataset = Config.fromfile(ROOT / 'configs' / 'gsf_r50_ssv2.py').train_dataloader.dataset
        return dataset.ann_file, dataset.data_prefix.video

    originals = (f'data/sthv2/{LIST.format("train")}', 'data/sthv2/videos')
    assert places() == originals
    (tree / 'reencoded').mkdir()
    assert places() == originals
    scan_dataset('ssv2', tree, 1, Encoding()).write()
    copies = tuple(place.replace('sthv2/', 'sthv2/reencoded/', 1) for place in originals)
    assert places() == copies
    assert all(os.path.exists(place) for place in copies)


def test_damaged_original_is_reported_and_counted(tree):
    (tree / '20bn-something-something-v2' / '101.webm').write_bytes(b'no video')
    preparation = scan_dataset('ssv2', tree, 1, Encoding())
    assert list(preparation.report.splits['train'].unreadable) == ['101']
    with pytest.raises(ValueError, match='1 unreadable of 4'):
        preparation.write(0.05)
    assert training_root(tree) == str(tree)
    preparation.write(0.25)
    assert training_root(tree) == f'{tree}/reencoded'


def test_classes_stay_folders(tmp_path):
    tree = make_k400(tmp_path / 'k400')
    scan_dataset('k400', tree, 1, Encoding()).write()
    text = (tree / 'reencoded' / 'kinetics400_train_list_videos.txt').read_text()
    names = [line.split('\t')[0] for line in text.splitlines()]
    assert 'air drumming/CdE_000007_000017.mp4' in names
    assert all((tree / 'reencoded' / 'videos_train' / name).is_file() for name in names)


def test_frame_folders_are_refused(tmp_path):
    tree = make_ssv1(tmp_path / 'ssv1')
    with pytest.raises(ValueError, match='nothing to re-encode: clips are frame folders'):
        scan_dataset('ssv1', tree, 1, Encoding())
    assert not (tree / 'reencoded').exists()
    assert 'unrecognized arguments: --reencode' in tool(tree, 'ssv1', '--reencode', code=2)
