"""Something-Something V1: the provider's csv files, TSM's lists, and the order of the labels."""

import pytest

from mmgsf.datasets import class_names
from mmgsf.datasets.preparation import scan_dataset

from ...trees import make_ssv1

TRAIN, VAL = 'sthv1_train_list_rawframes.txt', 'sthv1_val_list_rawframes.txt'
CSV = 'something-something-v1-{}.csv'
NAMES = class_names('ssv1')
SORTED = sorted(NAMES)


@pytest.fixture
def tree(tmp_path):
    return make_ssv1(tmp_path / 'sthv1')


def prepare(tree, **options):
    preparation = scan_dataset('ssv1', tree, workers=1)
    preparation.write(**options)
    return preparation.report


def lists(tree):
    return {name: (tree / name).read_text() for name in (TRAIN, VAL)}


def write_tsm_lists(tree, names=SORTED):
    """Lists of the form `path frames label`, with labels in the order of `names`."""
    clips = {'train': [(1, 4), (2, 30), (3, 0)], 'val': [(11, 52), (12, 2)]}
    for split, rows in clips.items():
        lines = [f'/data/jpg/{clip} 99 {names.index(NAMES[label])}\n' for clip, label in rows]
        (tree / f'{split}_videofolder.txt').write_text(''.join(lines))
    (tree / 'category.txt').write_text('\n'.join(names))


def remove_csv(tree):
    for path in tree.glob('*.csv'):
        path.unlink()


def test_lists_count_frames_and_have_the_labels_of_the_providers_order(tree):
    report = prepare(tree)
    assert lists(tree) == {TRAIN: '1 11 4\n2 12 30\n3 13 0\n', VAL: '11 21 52\n12 22 2\n'}
    assert (tree / 'rawframes' / '1' / '00001.jpg').is_file()
    assert report.splits['train'].sizes == {'32x24': 3}
    assert report.notes == ['test: none of 2 clips is there, no list']


def test_mmaction2s_layout_is_read(tree):
    (tree / 'annotations').mkdir()
    for path in tree.glob('*.csv'):
        path.rename(tree / 'annotations' / path.name)
    (tree / '20bn-something-something-v1').rename(tree / 'rawframes')
    prepare(tree)
    assert lists(tree)[TRAIN] == '1 11 4\n2 12 30\n3 13 0\n'


def test_tsms_lists_alone_give_the_same_lists_and_say_their_order(tree):
    prepare(tree)
    wanted = lists(tree)
    remove_csv(tree)
    write_tsm_lists(tree)
    for name in wanted:
        (tree / name).unlink()
    report = prepare(tree)
    assert lists(tree) == wanted
    (note,) = report.notes
    assert 'sorted label order; converted' in note


@pytest.mark.parametrize(
    ('names', 'note'),
    [(NAMES, "have MMAction2's labels"), (SORTED[::-1], 'the label order of that file; converted')],
)
def test_categories_of_another_order_are_followed(tree, names, note):
    remove_csv(tree)
    write_tsm_lists(tree, names)
    assert note in prepare(tree).notes[0]
    assert lists(tree)[VAL] == '11 21 52\n12 22 2\n'


def test_tsms_lists_beside_the_csv_are_recognised_and_said(tree):
    write_tsm_lists(tree)
    notes = prepare(tree).notes
    for split in ('train', 'val'):
        assert any(f'{split}_videofolder.txt has labels in sorted order' in n for n in notes)


def test_sorted_list_under_mmaction2s_name_is_said_and_replaced(tree):
    prepare(tree)
    wanted = lists(tree)
    write_tsm_lists(tree)
    (tree / 'train_videofolder.txt').replace(tree / TRAIN)
    (tree / 'val_videofolder.txt').unlink()
    notes = prepare(tree).notes
    assert any(f'{TRAIN} has labels in sorted order' in note for note in notes)
    assert lists(tree) == wanted
    (tree / TRAIN).write_text('1 11 5\n2 12 7\n3 13 0\n')
    assert any("neither in sorted nor in MMAction2's order" in n for n in prepare(tree).notes)


def test_lists_without_names_are_refused(tree):
    remove_csv(tree)
    write_tsm_lists(tree)
    (tree / 'category.txt').unlink()
    with pytest.raises(FileNotFoundError, match=r'do not tell the order.*put category\.txt'):
        prepare(tree)


@pytest.mark.parametrize(
    ('line', 'problem'),
    [
        ('2 12', "line 2: '2 12' is not `path frames label`"),
        ('2 12 174', 'line 2: label=.174. is no .* 0 to 173'),
        ('2 twelve 1', 'line 2: .* is not `path frames label`'),
    ],
)
def test_wrong_line_of_a_list_is_refused(tree, line, problem):
    remove_csv(tree)
    write_tsm_lists(tree)
    (tree / 'train_videofolder.txt').write_text(f'1 11 0\n{line}\n')
    with pytest.raises(ValueError, match=rf'train_videofolder\.txt {problem}'):
        prepare(tree)


@pytest.mark.parametrize(
    ('line', 'problem'),
    [
        ('2', "line 2: '2' is not `ID;label text`"),
        ('2;Holding anything', "line 2: 'Holding anything' is none of the 174 classes"),
        (';Holding something', 'line 2: .* is not `ID;label text`'),
    ],
)
def test_wrong_row_is_refused(tree, line, problem):
    (tree / CSV.format('train')).write_text(f'1;Holding something\n{line}\n')
    with pytest.raises(ValueError, match=rf'v1-train\.csv {problem}'):
        prepare(tree)


def test_labels_file_of_another_order_is_refused(tree):
    (tree / CSV.format('labels')).write_text('\n'.join(SORTED))
    with pytest.raises(ValueError, match=r'v1-labels\.csv: class 0 is .Approaching'):
        prepare(tree)


def test_byte_order_mark_and_crlf_change_nothing(tree):
    prepare(tree)
    wanted = lists(tree)
    for path in tree.glob('*.csv'):
        path.write_bytes(b'\xef\xbb\xbf' + path.read_bytes().replace(b'\n', b'\r\n'))
    prepare(tree)
    assert lists(tree) == wanted


def test_folder_with_a_gap_is_left_out_with_the_reason(tree):
    (tree / '20bn-something-something-v1' / '2' / '00005.jpg').unlink()
    report = prepare(tree, max_missing=0.4)
    assert report.splits['train'].unreadable == {'2': '00005.jpg is missing, of 12'}
    assert lists(tree)[TRAIN] == '1 11 4\n3 13 0\n'
