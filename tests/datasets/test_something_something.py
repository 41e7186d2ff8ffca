"""Something-Something V2's lists come from the provider's files as they are."""

import json

import pytest

from mmgsf.datasets import class_names, write_ssv2_lists

from ..trees import make_ssv2


@pytest.fixture
def tree(tmp_path):
    return make_ssv2(tmp_path / 'sthv2')


def rows(tree, split):
    lines = (tree / f'sthv2_{split}_list_videos.txt').read_text().splitlines()
    return [(name, int(label)) for name, label in (line.split(' ') for line in lines)]


def test_lists_name_every_video_and_its_label(tree):
    assert write_ssv2_lists(tree) == {'train': (4, 0), 'val': (2, 0)}
    for split, source in (('train', 'train'), ('val', 'validation')):
        annotations = json.loads((tree / 'labels' / f'{source}.json').read_text())
        for (name, label), row in zip(rows(tree, split), annotations, strict=True):
            assert name == f'{row["id"]}.webm'
            assert class_names('ssv2')[label] == row['template'].replace('[', '').replace(']', '')
            assert (tree / 'videos' / name).is_file()


def test_missing_videos_are_left_out_and_counted(tree):
    (tree / '20bn-something-something-v2' / '101.webm').unlink()
    assert write_ssv2_lists(tree)['train'] == (3, 1)
    assert '101.webm' not in dict(rows(tree, 'train'))


def test_second_run_writes_the_same(tree):
    write_ssv2_lists(tree)
    first = rows(tree, 'train')
    write_ssv2_lists(tree)
    assert rows(tree, 'train') == first


def test_unknown_class_is_refused_and_good_lists_stay(tree):
    write_ssv2_lists(tree)
    before = rows(tree, 'train')
    source = tree / 'labels' / 'validation.json'
    source.write_text(source.read_text().replace('"template": "', '"template": "Not '))
    with pytest.raises(ValueError, match=r'validation\.json, id 104'):
        write_ssv2_lists(tree)
    assert rows(tree, 'train') == before


def test_folder_without_the_providers_files_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match='holds neither videos nor 20bn'):
        write_ssv2_lists(tmp_path)
