"""Kinetics-400's csv lists, and its videos as different copies keep them."""

import pytest

from mmgsf.datasets import list_delimiter
from mmgsf.datasets.preparation import scan_dataset

from ...trees import K400_CLIPS, K400_COLUMNS, make_k400, write_csv

TRAIN, VAL = 'kinetics400_train_list_videos.txt', 'kinetics400_val_list_videos.txt'
TIME = '_000007_000017.mp4'


def prepare(tree, **options):
    preparation = scan_dataset('k400', tree, workers=1)
    preparation.write(**options)
    return preparation.report


def test_class_folders_with_spaces_need_tabs(tmp_path):
    tree = make_k400(tmp_path)
    report = prepare(tree)
    assert (tree / TRAIN).read_text() == (
        f'abseiling/a_-b{TIME}\t0\nair drumming/CdE{TIME}\t1\nhurling (sport)/-fG{TIME}\t161\n'
    )
    assert list_delimiter(tree / TRAIN) == list_delimiter(tree / VAL) == '\t'
    assert report.notes == ["names hold spaces: the lists' fields are divided by tabs"]


def test_class_folders_with_underscores_give_mmaction2s_list(tmp_path):
    tree = make_k400(tmp_path)
    for split in ('train', 'val'):
        for folder in (tree / f'videos_{split}').iterdir():
            folder.rename(folder.with_name(folder.name.replace(' ', '_')))
    prepare(tree)
    assert (tree / VAL).read_text() == f'air_drumming/hij{TIME} 1\nzumba/K_l{TIME} 399\n'
    assert list_delimiter(tree / VAL) == ' '


def test_flat_folder_of_another_copys_names_is_read_and_linked(tmp_path):
    tree = make_k400(tmp_path, folder='')
    for split, name in (('train', 'train'), ('val', 'validate')):
        (tree / f'videos_{split}').rename(tree / name)
        (tree / 'annotations' / f'kinetics_{split}.csv').rename(tree / f'{name}.csv')
    prepare(tree)
    assert (tree / TRAIN).read_text() == f'a_-b{TIME} 0\nCdE{TIME} 1\n-fG{TIME} 161\n'
    assert (tree / 'videos_val' / f'hij{TIME}').is_file()


def test_missing_videos_are_usual_and_counted(tmp_path):
    tree = make_k400(tmp_path)
    (tree / 'videos_train' / 'air drumming' / f'CdE{TIME}').unlink()
    with pytest.raises(ValueError, match='--max-missing 0.05, first CdE_000007_000017'):
        prepare(tree)
    assert prepare(tree, max_missing=0.4).splits['train'].missing == ['CdE_000007_000017']
    assert len((tree / TRAIN).read_text().splitlines()) == 2


def test_video_in_another_classs_folder_is_not_taken(tmp_path):
    tree = make_k400(tmp_path)
    video = tree / 'videos_train' / 'air drumming' / f'CdE{TIME}'
    video.rename(tree / 'videos_train' / 'abseiling' / video.name)
    assert prepare(tree, max_missing=0.4).splits['train'].missing == ['CdE_000007_000017']


def test_columns_are_found_by_name_with_marks_quotes_and_crlf(tmp_path):
    tree = make_k400(tmp_path)
    prepare(tree)
    wanted = (tree / TRAIN).read_text()
    columns = ('is_cc', 'youtube_id', 'time_end', 'time_start', 'split', 'label')
    rows = [(0, clip, 17, '7.0', 'train', label) for label, clip in K400_CLIPS['train']]
    path = tree / 'annotations' / 'kinetics_train.csv'
    write_csv(path, columns, rows, encoding='utf-8-sig')
    text = path.read_bytes()
    assert text.startswith(b'\xef\xbb\xbf')
    assert b'\r\n' in text
    path.write_bytes(text.replace(b'air drumming', b'"air drumming"'))
    prepare(tree)
    assert (tree / TRAIN).read_text() == wanted


def test_test_split_needs_no_labels_but_its_videos(tmp_path):
    tree = make_k400(tmp_path)
    rows = [('nop', 7, 17, 'test'), ('qrs', 7, 17, 'test')]
    write_csv(tree / 'annotations' / 'kinetics_test.csv', K400_COLUMNS[1:], rows)
    assert 'test' not in prepare(tree).splits
    (tree / 'test').mkdir()
    video = next((tree / 'videos_val').glob('*/*'))
    for clip, *_ in rows:
        (tree / 'test' / f'{clip}{TIME}').write_bytes(video.read_bytes())
    assert prepare(tree).splits['test'].written == 2
    lines = (tree / 'kinetics400_test_list_videos.txt').read_text()
    assert lines == f'nop{TIME}\nqrs{TIME}\n'


@pytest.mark.parametrize(
    ('row', 'problem'),
    [
        (('yodelling', 'x', 7, 17, 'train'), "line 2: 'yodelling' is none of the 400 classes"),
        (('abseiling', 'x', 'seven', 17, 'train'), "line 2: time_start='seven' is no whole"),
        (('', 'x', 7, 17, 'train'), "line 2: '' is none of the 400 classes"),
        (('abseiling', 'x', 7, 17), 'line 2: the row has not the 5 fields'),
    ],
)
def test_wrong_row_is_refused(tmp_path, row, problem):
    tree = make_k400(tmp_path)
    write_csv(tree / 'annotations' / 'kinetics_train.csv', K400_COLUMNS, [row])
    with pytest.raises(ValueError, match=rf'kinetics_train\.csv {problem}'):
        prepare(tree)


def test_training_list_without_labels_is_refused(tmp_path):
    tree = make_k400(tmp_path)
    rows = [('a', 7, 17, 'train')]
    write_csv(tree / 'annotations' / 'kinetics_train.csv', K400_COLUMNS[1:], rows)
    with pytest.raises(ValueError, match=r'kinetics_train\.csv line 1: no column label'):
        prepare(tree)
