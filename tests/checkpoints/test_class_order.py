"""The classifier's rows follow the class names from one order to the other."""

import pytest
import torch

from mmgsf.checkpoints import ordered_class_names, reorder_classes
from mmgsf.datasets import flip_label_map


@pytest.mark.parametrize('dataset', ['ssv1', 'ssv2'])
def test_sorted_names_have_the_flip_pairs_that_the_authors_swap(dataset):
    pairs = flip_label_map(ordered_class_names(dataset, 'sorted'))
    assert pairs == {86: 87, 87: 86, 93: 94, 94: 93, 166: 167, 167: 166}


def test_mmaction2_sorts_v2_and_not_v1():
    assert ordered_class_names('ssv2', 'mmaction2') == ordered_class_names('ssv2', 'sorted')
    assert ordered_class_names('ssv1', 'mmaction2') != ordered_class_names('ssv1', 'sorted')
    pairs = flip_label_map(ordered_class_names('ssv1', 'mmaction2'))
    assert pairs == {2: 4, 4: 2, 30: 41, 41: 30, 52: 66, 66: 52}


def test_rows_go_with_their_names():
    state_dict = {
        'cls_head.fc_cls.weight': torch.tensor([[0.0], [1.0], [2.0]]),
        'cls_head.fc_cls.bias': torch.tensor([0.0, 10.0, 20.0]),
        'backbone.conv1.conv.weight': torch.ones(3),
    }
    reordered = reorder_classes(state_dict, ['a', 'b', 'c'], ['c', 'a', 'b'])
    assert reordered['cls_head.fc_cls.weight'].flatten().tolist() == [2, 0, 1]
    assert reordered['cls_head.fc_cls.bias'].tolist() == [20, 0, 10]
    assert reordered['backbone.conv1.conv.weight'] is state_dict['backbone.conv1.conv.weight']
    back = reorder_classes(reordered, ['c', 'a', 'b'], ['a', 'b', 'c'])
    assert all(torch.equal(back[key], value) for key, value in state_dict.items())


def test_lists_and_rows_that_do_not_agree_are_refused():
    head = {'cls_head.fc_cls.weight': torch.zeros(3, 1)}
    with pytest.raises(ValueError, match="different classes, such as \\['b', 'c'\\]"):
        reorder_classes(head, ['a', 'b'], ['a', 'c'])
    with pytest.raises(ValueError, match='3 classes and the list 2'):
        reorder_classes(head, ['a', 'b'], ['b', 'a'])
    with pytest.raises(ValueError, match='no classifier'):
        reorder_classes({}, ['a'], ['a'])


@pytest.mark.parametrize(('dataset', 'order'), [('k400', 'sorted'), ('ssv1', 'csv')])
def test_unknown_dataset_or_order_is_refused(dataset, order):
    with pytest.raises(ValueError, match='choose one of'):
        ordered_class_names(dataset, order)
