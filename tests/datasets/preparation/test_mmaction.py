"""MMAction2's own datasets read the lists and load the clips that these name."""

import mmgsf.register  # noqa: F401, I001

import pytest
from mmaction.registry import DATASETS
from mmengine.registry import init_default_scope

from mmgsf.datasets import list_delimiter
from mmgsf.datasets.preparation import scan_dataset

from ...trees import make_diving48, make_k400, make_ssv1

FROM_SAMPLER = [
    {'type': 'SegmentSampleFrames', 'num_clips': 8, 'test_mode': True},
    {'type': 'Resize', 'scale': (-1, 32)},
    {'type': 'CenterCrop', 'crop_size': 32},
    {'type': 'FormatShape', 'input_format': 'NCHW'},
    {'type': 'PackActionInputs'},
]
VIDEO_PIPELINE = [
    {'type': 'DecordInit'},
    FROM_SAMPLER[0],
    {'type': 'DecordDecode'},
    *FROM_SAMPLER[1:],
]
FRAME_PIPELINE = [FROM_SAMPLER[0], {'type': 'RawFrameDecode'}, *FROM_SAMPLER[1:]]


def read(ann_file, **options):
    """(label, shape of the loaded clip) of every row; shapes are (T, C, H, W)."""
    init_default_scope('mmaction')
    dataset = DATASETS.build({'ann_file': str(ann_file), 'test_mode': True, **options})
    items = [dataset[i] for i in range(len(dataset))]
    return [(int(i['data_samples'].gt_label), tuple(i['inputs'].shape)) for i in items]


def read_videos(ann_file, folder, **options):
    options = {'data_prefix': {'video': str(folder)}, 'pipeline': VIDEO_PIPELINE, **options}
    return read(ann_file, type='VideoDataset', **options)


def rows(*labels):
    return [(label, (8, 3, 32, 32)) for label in labels]


def test_frame_folders_of_something_something_v1(tmp_path):
    tree = make_ssv1(tmp_path)
    scan_dataset('ssv1', tree, workers=1).write()
    found = read(
        tree / 'sthv1_train_list_rawframes.txt',
        type='RawframeDataset',
        data_prefix={'img': str(tree / 'rawframes')},
        filename_tmpl='{:05}.jpg',
        pipeline=FRAME_PIPELINE,
    )
    assert found == rows(4, 30, 0)


def test_videos_of_diving48_with_names_beyond_ascii(tmp_path):
    tree = make_diving48(tmp_path)
    annotations = tree / 'Diving48_V2_test.json'
    annotations.write_text(annotations.read_text().replace('C_0', 'Plongée_0'), encoding='utf-8')
    (tree / 'rgb' / 'C_00000.mp4').rename(tree / 'rgb' / 'Plongée_00000.mp4')
    scan_dataset('diving48', tree, workers=1).write()
    assert read_videos(tree / 'diving48_val_list_videos.txt', tree / 'videos') == rows(40)


@pytest.mark.parametrize('folder', ['{label}/', ''])
def test_videos_of_kinetics_with_and_without_spaces(tmp_path, folder):
    tree = make_k400(tmp_path, folder)
    scan_dataset('k400', tree, workers=1).write()
    ann_file = tree / 'kinetics400_train_list_videos.txt'
    found = read_videos(ann_file, tree / 'videos_train', delimiter=list_delimiter(ann_file))
    assert found == rows(0, 1, 161)


def test_mmaction2s_own_list_of_kinetics_is_read_as_it_is(tmp_path):
    tree = make_k400(tmp_path)
    (tree / 'videos_val' / 'air drumming').rename(tree / 'videos_val' / 'air_drumming')
    ann_file = tree / 'kinetics400_val_list_videos.txt'
    ann_file.write_text('air_drumming/hij_000007_000017.mp4 1\nzumba/K_l_000007_000017.mp4 399\n')
    found = read_videos(ann_file, tree / 'videos_val', delimiter=list_delimiter(ann_file))
    assert found == rows(1, 399)
