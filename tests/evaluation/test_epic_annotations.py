"""The organisers' files are read by their headers, whatever their line ends, or refused."""

import pytest

from mmgsf.evaluation.epic_annotations import (
    num_classes,
    read_groups,
    read_seen_pairs,
    read_test_ids,
    read_truth,
)

from ..epic_tree import write_annotations


@pytest.fixture
def folder(tmp_path):
    return write_annotations(tmp_path / 'annotations')


def test_truth_in_the_order_of_the_file(folder):
    truth = read_truth(folder)
    assert truth.narration_ids == ['P01_102_0', 'P02_03_0', 'P02_03_1']
    assert truth.participant_ids == ['P01', 'P02', 'P02']
    assert truth.verb_class.tolist() == [0, 10, 1]
    assert truth.noun_class.tolist() == [2, 4, 56]


def test_groups_pairs_and_test_ids(folder):
    groups = read_groups(folder)
    assert groups.unseen_participants == {'P02'}
    assert (groups.tail_verbs, groups.tail_nouns) == ({10, 12}, {56})
    assert read_seen_pairs(folder) == {(0, 2), (1, 2), (3, 4)}
    assert read_test_ids(folder) == ['P03_01_0', 'P03_01_1']
    assert (num_classes('verb'), num_classes('noun')) == (97, 300)


def test_byte_order_mark_line_ends_and_column_order_do_not_matter(folder):
    rows = ['noun_class,verb_class,participant_id,narration_id', '2,0,P01,a b', '56,10,P02,é']
    text = '\ufeff' + '\r\n'.join(rows)
    (folder / 'EPIC_100_validation.csv').write_bytes(text.encode())
    truth = read_truth(folder)
    assert truth.narration_ids == ['a b', 'é']
    assert truth.participant_ids == ['P01', 'P02']
    assert (truth.verb_class.tolist(), truth.noun_class.tolist()) == ([0, 10], [2, 56])


@pytest.mark.parametrize(
    ('old', 'new', 'match'),
    [
        ('verb_class', 'verb_klass', r'validation\.csv line 1: no column verb_class'),
        (',10,plate', ',97,plate', r"validation\.csv line 3: verb_class='97' .* from 0 to 96"),
        (',10,plate', ',-1,plate', r"line 3: verb_class='-1' is no whole number"),
        ('P02_03_1', 'P02_03_0', r"line 4: narration_id 'P02_03_0' stands there twice"),
        ('P02_03_1,', '', r'line 4: the row has not the 15 fields'),
    ],
)
def test_what_is_wrong_is_refused_with_its_line(folder, old, new, match):
    path = folder / 'EPIC_100_validation.csv'
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(ValueError, match=match):
        read_truth(folder)


def test_other_encoding_is_refused(folder):
    path = folder / 'EPIC_100_validation.csv'
    path.write_bytes(path.read_text().replace('plate', 'crème').encode('latin-1'))
    with pytest.raises(ValueError, match=r'validation\.csv line 2: byte 0xe8 is not UTF-8'):
        read_truth(folder)


def test_missing_file_is_named(folder):
    (folder / 'EPIC_100_tail_nouns.csv').unlink()
    with pytest.raises(FileNotFoundError, match=r'EPIC_100_tail_nouns\.csv is not there'):
        read_groups(folder)
