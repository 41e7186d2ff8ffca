"""Features in the plane, by t-SNE or UMAP, coloured and marked by class.

Papers: van der Maaten, Hinton, "Visualizing Data using t-SNE", JMLR 9, 2008; McInnes, Healy,
Melville, "UMAP", arXiv 1802.03426. Both keep neighbours; distances between groups say little.
"""

from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .figures import save_figure

METHODS = ('tsne', 'umap')
MARKERS = 'osD^v<>PX*ph'
# Okabe and Ito's, told apart without colour vision; beyond eight classes only the markers differ.
COLOURS = ('#0072b2', '#e69f00', '#000000', '#56b4e9', '#d55e00', '#f0e442', '#009e73', '#cc79a7')
PERPLEXITY = 30.0
NEIGHBOURS = 15


def embed(features: np.ndarray, method: str = 'tsne', seed: int = 0) -> np.ndarray:
    """Places V videos in the plane.

    Args:
        features: (V, C), at least 4 videos.
        method: 'tsne' (scikit-learn, perplexity 30, less where videos are few) or 'umap'.
        seed: of the placing; t-SNE starts from principal components.

    Returns:
        (V, 2).

    Raises:
        ImportError: the library is missing.
        ValueError: an unknown method, or too few videos.
    """
    if method not in METHODS:
        raise ValueError(f'method={method!r} is not known; choose one of {METHODS}')
    count = len(features)
    if count < 4:
        raise ValueError(f'{count} videos are too few to place by their neighbours; give 4 or more')
    if method == 'umap':
        return _umap(features, seed)
    try:
        from sklearn.manifold import TSNE
    except ImportError as error:
        raise ImportError(
            f't-SNE is computed by scikit-learn, which does not import ({error}): '
            'pip install "mmgsf[visualize]"'
        ) from error
    perplexity = min(PERPLEXITY, (count - 1) / 3)
    return TSNE(2, perplexity=perplexity, init='pca', random_state=seed).fit_transform(
        np.asarray(features, dtype=np.float32)
    )


def embedding_figure(
    points: np.ndarray,
    labels: np.ndarray,
    classes: Sequence[str] = (),
    title: str = '',
    most: int = len(MARKERS),
) -> Figure:
    """Each video a marker; colour and shape say its class.

    Args:
        points: (V, 2).
        labels: (V,), from 0 up.
        classes: names in label order; labels stand for them where there are none.
        title: of the picture.
        most: classes to mark, those with the most videos; the others are small grey dots.

    Raises:
        ValueError: another number of labels than of points, or `most` is not in 1..12.
    """
    if len(points) != len(labels):
        raise ValueError(f'{len(labels)} labels for {len(points)} points; give one for each')
    if not 1 <= most <= len(MARKERS):
        raise ValueError(f'most={most}: there are markers for 1 to {len(MARKERS)} classes')
    figure = Figure(figsize=(8.6, 5.6), layout='constrained')
    axes = figure.subplots()
    draw_points(axes, points, labels, classes, most)
    axes.set(title=title)
    figure.legend(loc='outside right upper', fontsize=9)
    return figure


def draw_points(
    axes: Axes,
    points: np.ndarray,
    labels: np.ndarray,
    classes: Sequence[str] = (),
    most: int = len(MARKERS),
) -> None:
    """Draws what `embedding_figure` shows into axes of a figure, labelled for a legend."""
    counts = np.bincount(labels)
    common = np.sort(np.argsort(-counts, kind='stable')[: min(most, np.count_nonzero(counts))])
    others = ~np.isin(labels, common)
    if others.any():
        number = len(np.unique(labels[others]))
        text = f'{number} other classes' if number > 1 else '1 other class'
        axes.scatter(*points[others].T, s=8, color='#bbbbbb', label=text)
    for label, marker, colour in zip(common, MARKERS, cycle(COLOURS), strict=False):
        axes.scatter(
            *points[labels == label].T,
            s=42,
            marker=marker,
            color=colour,
            edgecolors='black',
            linewidths=0.5,
            label=classes[label] if len(classes) else f'class {label}',
        )
    axes.set(xticks=[], yticks=[])


def draw_embedding(
    points: np.ndarray,
    labels: np.ndarray,
    path: str | Path,
    classes: Sequence[str] = (),
    title: str = '',
    most: int = len(MARKERS),
) -> None:
    """Writes `embedding_figure` to `path`."""
    save_figure(embedding_figure(points, labels, classes, title, most), path)


def embedding_table(
    points: np.ndarray, labels: np.ndarray, classes: Sequence[str] = ()
) -> list[dict]:
    """Label, class and place of each video."""
    return [
        {
            'label': int(label),
            'class': classes[label] if len(classes) else '',
            'x': round(float(x), 4),
            'y': round(float(y), 4),
        }
        for (x, y), label in zip(points, labels, strict=True)
    ]


def _umap(features: np.ndarray, seed: int) -> np.ndarray:
    try:
        from umap import UMAP
    except ImportError as error:
        raise ImportError(
            f'UMAP does not import ({error}): pip install umap-learn, or take tsne'
        ) from error
    neighbours = min(NEIGHBOURS, len(features) - 1)
    # More than one job would make the result another in each run.
    return UMAP(n_neighbors=neighbours, random_state=seed, n_jobs=1).fit_transform(features)
