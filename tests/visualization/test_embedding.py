"""Features in the plane, and how they are got and kept."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from mmgsf.visualization import (
    Features,
    dataset_features,
    draw_embedding,
    embed,
    embedding_figure,
    embedding_table,
    pooled_features,
    read_features,
    write_features,
)
from mmgsf.visualization.clips import prepared_clips

from .networks import NETWORKS, build, video
from .pictures import read_picture


def groups(count: int = 3, each: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Features in groups far apart, and the groups' numbers."""
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(count), each)
    return rng.standard_normal((len(labels), 20)) + 30 * np.eye(20)[labels], labels


def test_groups_stay_groups():
    features, labels = groups()
    points = embed(features)
    assert points.shape == (36, 2)
    distances = np.linalg.norm(points[:, None] - points[None], axis=-1)
    np.fill_diagonal(distances, np.inf)
    assert (labels[distances.argmin(1)] == labels).all()
    assert (embed(features) == points).all()


def test_what_cannot_be_placed_is_refused(monkeypatch):
    with pytest.raises(ValueError, match="method='pca' is not known"):
        embed(np.zeros((9, 3)), 'pca')
    with pytest.raises(ValueError, match='3 videos are too few'):
        embed(np.zeros((3, 3)))
    monkeypatch.setitem(sys.modules, 'umap', None)
    with pytest.raises(ImportError, match='pip install umap-learn'):
        embed(np.zeros((9, 3)), 'umap')
    monkeypatch.setitem(sys.modules, 'sklearn.manifold', None)
    with pytest.raises(ImportError, match=r'pip install "mmgsf\[visualize\]"'):
        embed(np.zeros((9, 3)))


def test_umap_gets_the_features(monkeypatch):
    class Umap:
        def __init__(self, **options: object) -> None:
            self.options = options

        def fit_transform(self, features: np.ndarray) -> np.ndarray:
            assert self.options == {'n_neighbors': 8, 'random_state': 3, 'n_jobs': 1}
            return features[:, :2]

    monkeypatch.setitem(sys.modules, 'umap', SimpleNamespace(UMAP=Umap))
    features = np.arange(27.0).reshape(9, 3)
    assert (embed(features, 'umap', seed=3) == features[:, :2]).all()


def test_each_class_has_a_colour_a_marker_and_its_name():
    points, labels = groups()
    figure = embedding_figure(points[:, :2], labels, ['cat', 'dog', 'owl'])
    drawn = figure.axes[0].collections
    assert [len(group.get_offsets()) for group in drawn] == [12] * 3
    assert len({group.get_paths()[0].vertices.tobytes() for group in drawn}) == 3
    colours = [tuple(group.get_facecolor()[0]) for group in drawn]
    assert len(set(colours)) == 3
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ['cat', 'dog', 'owl']


def test_of_many_classes_the_commonest_are_marked():
    labels = np.array([0] * 2 + [1] * 5 + [2] + [3] * 4)
    figure = embedding_figure(np.zeros((12, 2)), labels, most=2)
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == ['2 other classes', 'class 1', 'class 3']
    with pytest.raises(ValueError, match='most=13: there are markers for 1 to 12'):
        embedding_figure(np.zeros((12, 2)), labels, most=13)
    with pytest.raises(ValueError, match='12 labels for 3 points'):
        embedding_figure(np.zeros((3, 2)), labels)


def test_picture_and_table(tmp_path):
    points = np.array([[0, 0], [1, 1], [2, 0.12345]])
    draw_embedding(points, np.array([0, 1, 1]), tmp_path / 'a.png', title='two classes')
    draw_embedding(points, np.array([1, 0, 1]), tmp_path / 'b.png', title='two classes')
    a, b = (read_picture(tmp_path / f'{name}.png') for name in 'ab')
    assert (a != b).any()
    rows = embedding_table(points, np.array([0, 1, 1]), ['x', 'y'])
    assert rows[2] == {'label': 1, 'class': 'y', 'x': 2, 'y': 0.1235}


@pytest.mark.parametrize('name', ['resnet-gsf', 'bninception-gsm', 'any2d'])
@torch.no_grad()
def test_features_are_what_the_classifier_sees(name):
    model = build(name)
    videos = [video(name, 2), video(name, 2, seed=1)]
    features = pooled_features(model, videos)
    assert features.shape == (2, NETWORKS[name][1])
    scores = model.extract_feat(prepared_clips(model, videos), stage='head')[0]
    by_hand = model.cls_head.fc_cls(features)
    torch.testing.assert_close(by_hand, scores.unflatten(0, (2, 2)).mean(1), rtol=1e-3, atol=1e-4)


def test_file_of_features(tmp_path):
    model = build()
    samples = [SimpleNamespace(gt_label=torch.tensor([label])) for label in (2, 0)]
    batch = {'inputs': [video(), video(seed=1)], 'data_samples': samples}
    found = dataset_features(model, [batch, batch], ['a', 'b', 'c'])
    assert found.labels.tolist() == [2, 0, 2, 0]
    assert (found.features[:2] == pooled_features(model, batch['inputs']).numpy()).all()
    write_features(tmp_path / 'f.npz', found)
    again = read_features(tmp_path / 'f.npz')
    assert (again.features == found.features).all()
    assert again.labels.tolist() == [2, 0, 2, 0]
    assert again.classes == ['a', 'b', 'c']


def test_damaged_features_are_refused(tmp_path):
    with pytest.raises(ValueError, match='labels are 0 to 7, of 2 classes'):
        Features(np.zeros((2, 3)), np.array([0, 7]), ['a', 'b'])
    np.savez(tmp_path / 'f.npz', features=np.zeros((2, 3)), labels=np.array([0, 1, 1]))
    with pytest.raises(ValueError, match=r'f.npz: features of shape \(2, 3\) and labels'):
        read_features(tmp_path / 'f.npz')
    with pytest.raises(ValueError, match='videos with one label each'):
        dataset_features(build(), [])
