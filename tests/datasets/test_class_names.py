"""Class names and the pairs that a horizontal flip swaps."""

import pytest

from mmgsf.datasets import (
    CameraMotion,
    class_names,
    flip_label_map,
    mirrored_classes,
    read_class_names,
)


def test_both_orders_hold_the_same_174_classes():
    ssv1, ssv2 = class_names('ssv1'), class_names('ssv2')
    assert len(ssv2) == 174
    assert ssv2 == sorted(ssv2)
    assert ssv1 != sorted(ssv1)
    assert [name for name in ssv1 if name not in ssv2] == []
    assert len(set(ssv1)) == 174


@pytest.mark.parametrize(
    ('dataset', 'pairs'),
    [('ssv1', {(2, 4), (30, 41), (52, 66)}), ('ssv2', {(86, 87), (93, 94), (166, 167)})],
)
def test_something_something_has_exactly_three_pairs(dataset, pairs):
    mapping = flip_label_map(class_names(dataset))
    assert mapping == {**dict(pairs), **{b: a for a, b in pairs}}


@pytest.mark.parametrize(
    ('dataset', 'number', 'some'),
    [
        ('k400', 400, {0: 'abseiling', 1: 'air drumming', 399: 'zumba'}),
        ('diving48', 48, {0: 'Back+15som+05Twis+FREE', 47: 'Reverse+Dive+NoTwis+TUCK'}),
        ('epic100_verbs', 97, {0: 'take', 1: 'put', 3: 'open'}),
        ('epic100_nouns', 300, {0: 'tap', 4: 'knife', 18: 'board:chopping'}),
    ],
)
def test_classes_of_the_other_benchmarks(dataset, number, some):
    names = class_names(dataset)
    assert len(set(names)) == len(names) == number
    assert {label: names[label] for label in some} == some
    assert all(names)
    assert flip_label_map(names) == {}


def test_kinetics_is_sorted_and_diving48_has_words_for_each_attribute():
    assert class_names('k400') == sorted(class_names('k400'))
    words = [name.split('+') for name in class_names('diving48')]
    assert {len(name) for name in words} == {4}
    assert {name[3] for name in words} == {'FREE', 'PIKE', 'STR', 'TUCK'}


def test_camera_motion_swaps_turning_and_rolling():
    names = class_names('camera_motion')
    assert tuple(names) == CameraMotion.CLASSES
    swapped = {names[a]: names[b] for a, b in flip_label_map(names).items()}
    assert swapped == {
        'Turning the camera left': 'Turning the camera right',
        'Turning the camera right': 'Turning the camera left',
        'Rolling the camera clockwise': 'Rolling the camera anticlockwise',
        'Rolling the camera anticlockwise': 'Rolling the camera clockwise',
    }


def test_right_alone_is_no_direction():
    assert flip_label_map(['Pulling it right out', 'Putting something upright']) == {}


def test_direction_without_a_partner_is_refused():
    with pytest.raises(
        ValueError, match="class 1 'Pushing a cup from left to right'.*right to left"
    ):
        flip_label_map(['Holding a cup', 'Pushing a cup from left to right'])


def test_unknown_dataset_names_the_known_ones():
    with pytest.raises(ValueError, match=r"'sthv2'.*ssv1.*ssv2"):
        class_names('sthv2')


def test_verbs_and_nouns_of_epic_kitchens():
    verbs, nouns = class_names('epic100_verbs'), class_names('epic100_nouns')
    assert (len(set(verbs)), len(set(nouns))) == (97, 300)
    assert (verbs[:2], nouns[:2]) == (['take', 'put'], ['tap', 'spoon'])
    assert flip_label_map([*verbs, *nouns]) == {}


@pytest.mark.parametrize(
    ('names', 'pairs'),
    [
        (['jump', 'walk'], {}),
        (['turn_left', 'turn_right', 'wait'], {0: 1, 1: 0}),
        (['Left hand up', 'right hand up'], {0: 1, 1: 0}),
        (['clockwise', 'counter-clockwise'], {0: 1, 1: 0}),
        (['bright', 'cleft', 'upright'], {}),
        (['turn left', 'wait'], None),
    ],
)
def test_own_names_that_name_a_side(names, pairs):
    assert mirrored_classes(names) == pairs


def test_own_names_are_read_line_by_line(tmp_path):
    path = tmp_path / 'classes.txt'
    assert read_class_names(path, stand_ins=('a', 'b')) == ['a', 'b']
    with pytest.raises(FileNotFoundError, match='python tools/prepare_data.py folder'):
        read_class_names(path)
    path.write_text('two words\nzwei Wörter\n', encoding='utf-8')
    assert read_class_names(path) == ['two words', 'zwei Wörter']


@pytest.mark.parametrize('text', ['', 'a\n\nb\n', 'a\nb\na\n'])
def test_own_names_that_would_shift_labels_are_refused(tmp_path, text):
    (tmp_path / 'classes.txt').write_text(text)
    with pytest.raises(ValueError, match='give one name a line'):
        read_class_names(tmp_path / 'classes.txt')
