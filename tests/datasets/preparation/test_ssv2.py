"""Something-Something V2's lists come from the provider's files as they are, of both releases."""

import json
import shutil

import pytest

from mmgsf.datasets import class_names
from mmgsf.datasets.preparation import scan_dataset

from ...trees import make_ssv2


@pytest.fixture(scope='module')
def pristine(tmp_path_factory):
    return make_ssv2(tmp_path_factory.mktemp('ssv2') / 'sthv2')


@pytest.fixture
def tree(pristine, tmp_path):
    """A copy, so that a test may break it."""
    return shutil.copytree(pristine, tmp_path / 'sthv2', symlinks=True)


def prepare(tree, **options):
    preparation = scan_dataset('ssv2', tree, workers=1)
    preparation.write(**options)
    return preparation.report


def rows(tree, split):
    lines = (tree / f'sthv2_{split}_list_videos.txt').read_text().splitlines()
    return [(name, int(label)) for name, label in (line.split(' ') for line in lines)]


def test_lists_name_every_video_and_its_label(tree):
    report = prepare(tree)
    assert {split: part.written for split, part in report.splits.items()} == {'train': 4, 'val': 2}
    for split, source in (('train', 'train'), ('val', 'validation')):
        annotations = json.loads((tree / 'labels' / f'{source}.json').read_text())
        for (name, label), row in zip(rows(tree, split), annotations, strict=True):
            assert name == f'{row["id"]}.webm'
            assert class_names('ssv2')[label] == row['template'].replace('[', '').replace(']', '')
            assert (tree / 'videos' / name).is_file()
    assert report.splits['train'].frames == {'8-15': 4}
    assert report.splits['train'].sizes == {'64x48': 4}


def test_older_release_in_mmaction2s_layout_gives_the_same(tree):
    prepare(tree)
    new = {split: rows(tree, split) for split in ('train', 'val')}
    (tree / 'labels').rename(tree / 'annotations')
    for name in ('train', 'validation', 'labels'):
        old = tree / 'annotations' / f'something-something-v2-{name}.json'
        (tree / 'annotations' / f'{name}.json').rename(old)
    for split in new:
        (tree / f'sthv2_{split}_list_videos.txt').unlink()
    prepare(tree)
    assert {split: rows(tree, split) for split in new} == new


def test_unlabelled_test_split_is_listed_if_its_videos_are_there(tree):
    source = tree / 'labels' / 'test.json'
    source.write_text(json.dumps([{'id': '900'}, {'id': '901'}]))
    report = prepare(tree)
    assert 'test' not in report.splits
    assert 'none of 2 clips is there' in report.notes[0]
    (tree / 'videos' / '900.webm').write_bytes((tree / 'videos' / '100.webm').read_bytes())
    assert prepare(tree, max_missing=0.5).splits['test'].missing == ['901']
    assert (tree / 'sthv2_test_list_videos.txt').read_text() == '900.webm\n'


def test_unknown_class_is_refused_with_its_line_and_good_lists_stay(tree):
    prepare(tree)
    before = rows(tree, 'train')
    source = tree / 'labels' / 'validation.json'
    annotations = json.loads(source.read_text())
    annotations[1]['template'] = 'Not [something]'
    # One object a line, as the provider writes it.
    source.write_text('[\n' + ',\n'.join(map(json.dumps, annotations)) + '\n]\n')
    with pytest.raises(ValueError, match=r"validation\.json line 3: 'Not something' is none"):
        prepare(tree)
    assert rows(tree, 'train') == before


def test_labels_of_another_order_are_refused(tree):
    source = tree / 'labels' / 'labels.json'
    numbers = json.loads(source.read_text())
    first, second = list(numbers)[:2]
    numbers[first], numbers[second] = numbers[second], numbers[first]
    source.write_text(json.dumps(numbers))
    with pytest.raises(ValueError, match=r'labels\.json: class 0 is'):
        prepare(tree)


def test_cut_off_video_is_left_out_with_the_reason(tree):
    video = tree / '20bn-something-something-v2' / '101.webm'
    video.write_bytes(video.read_bytes()[: 3 * video.stat().st_size // 4])
    report = prepare(tree, max_missing=0.25)
    assert report.splits['train'].unreadable == {'101': 'ends after 0.4 of 1.0 s'}
    assert '101.webm' not in dict(rows(tree, 'train'))


def test_folder_without_the_providers_files_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'holds no train\.json and no something'):
        scan_dataset('ssv2', tmp_path)
