"""Pictures of an embedding in two dimensions. They show what is there to see and leave out the rest: no figure is read
from them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from numpy.typing import NDArray

from holdfast.metric.benchmark.plot import save_svg
from holdfast.metric.error import MetricError
from holdfast.optional import require

__all__ = ["Projection", "ProjectionMethod", "draw_projection", "project"]

ProjectionMethod = Literal["pca", "tsne"]

_NAMED_CLASSES = 20
_PERPLEXITY = 30.0


@dataclass(frozen=True, kw_only=True)
class Projection:
    """Points in two dimensions and what the axes are.

    Args:
        points: (n, 2).
        axes: Name of each axis.
    """

    points: NDArray[np.float64]
    axes: tuple[str, str]


def project(embeddings: NDArray[np.float32], *, method: ProjectionMethod = "pca") -> Projection:
    """Project embeddings to two dimensions: the same input, the same picture.

    Args:
        embeddings: (n, d) finite; three rows or more, two columns or more.
        method: ``pca`` keeps distances as well as a plane can; ``tsne`` keeps neighbours and distorts distances.

    Raises:
        MetricError: There are too few rows or columns, or the method is unknown.
    """
    if embeddings.ndim != 2 or len(embeddings) < 3 or embeddings.shape[1] < 2:
        raise MetricError(f"Embeddings must be (3 or more, 2 or more), got `{embeddings.shape}`; give more of them.")
    if method == "pca":
        pca = require("sklearn.decomposition", extra="metric").PCA(n_components=2, svd_solver="full")
        with np.errstate(invalid="ignore"):  # where all points are one, shares of variance are 0 / 0
            points = pca.fit_transform(embeddings.astype(np.float64))
        first, second = (f"component {i + 1}: {share:.0%} of variance" for i, share in enumerate(_shares(pca)))
        return Projection(points=points, axes=(first, second))
    if method != "tsne":
        raise MetricError(f"method must be pca or tsne, got `{method!r}`; choose one of them.")
    perplexity = min(_PERPLEXITY, (len(embeddings) - 1) / 3)
    tsne = require("sklearn.manifold", extra="metric").TSNE(init="pca", random_state=0, perplexity=perplexity)
    return Projection(points=tsne.fit_transform(embeddings).astype(np.float64), axes=("t-SNE 1", "t-SNE 2"))


def _shares(pca: object) -> list[float]:
    """Return the share of variance of each component; zero where all points are one."""
    shares: NDArray[np.float64] = np.nan_to_num(pca.explained_variance_ratio_)  # type: ignore[attr-defined]
    return [float(share) for share in shares]


def draw_projection(
    projection: Projection, labels: NDArray[np.int64], *, classes: tuple[str, ...], title: str, path: Path
) -> None:
    """Draw projected points by class and save as SVG.

    Args:
        projection: Where the points lie.
        labels: (n,) class of each.
        classes: Their names; a legend is drawn for up to 20.
        title: What the picture shows.
        path: Where to write it.
    """
    figure = Figure(figsize=(6.4, 5.2), layout="constrained")
    axes = figure.subplots()
    palette = colormaps["tab10" if len(classes) <= 10 else "tab20" if len(classes) <= 20 else "turbo"]
    for place, name in enumerate(classes):
        own = projection.points[labels == place]
        colour = palette(place) if len(classes) <= _NAMED_CLASSES else palette(place / (len(classes) - 1))
        axes.scatter(own[:, 0], own[:, 1], s=5, color=colour, label=name, linewidths=0, rasterized=True)
    if len(classes) <= _NAMED_CLASSES:
        axes.legend(markerscale=3, fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    axes.set_xlabel(projection.axes[0], fontsize=9)
    axes.set_ylabel(projection.axes[1], fontsize=9)
    axes.set_title(title, fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
    save_svg(figure, path, title=title)
