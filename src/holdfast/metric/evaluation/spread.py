"""Alignment and uniformity of directions (Wang and Isola 2020, ICML, "Understanding Contrastive Representation
Learning through Alignment and Uniformity on the Hypersphere"), on embeddings scaled to length 1.

Both are means over pairs. Their intervals resample points through the first-order (Hoeffding) projection of such a
mean, where a point counts for all pairs it is in; resampling pairs would claim far too much.
"""

import numpy as np
from numpy.typing import NDArray

from holdfast.measured import Interval, Measurement, Scored, Unscored
from holdfast.metric.evaluation.intervals import bootstrap_mean
from holdfast.metric.evaluation.labelled_points import Codes, LabelledPoints, Points
from holdfast.metric.evaluation.settings import EvaluationSettings

__all__ = ["class_alignment", "point_uniformity"]

_NO_DIRECTION = Unscored("an embedding of length zero has no direction")

Values = NDArray[np.float64]


def class_alignment(points: LabelledPoints, settings: EvaluationSettings) -> Measurement:
    """Mean squared distance of a point to another of its class, 0 to 4; lower is tighter.

    The point is any with another of its class, and its partner any of those, so that points count equally (all pairs
    alike would let large classes decide). Exact over all pairs. Unscored where no class has two points, or an
    embedding has no direction.
    """
    directions = _directions(points.points)
    if directions is None:
        return _NO_DIRECTION
    sizes = np.bincount(points.codes, minlength=points.classes)
    paired = sizes[points.codes] > 1
    if not paired.any():
        return Unscored("no class has two points")
    to_class = _to_others_of_class(directions[paired], points.codes[paired])
    codes = points.codes[paired]
    within = np.bincount(codes, weights=to_class, minlength=points.classes) / np.maximum(sizes, 1)
    influence = 2.0 * to_class - within[codes]
    value = float(to_class.mean())
    return Scored(value=value, n=len(to_class), interval=_interval(influence, settings))


def point_uniformity(points: LabelledPoints, settings: EvaluationSettings) -> Measurement:
    """Log of the mean over pairs of exp(-2 * squared distance), -8 to 0; lower is more evenly spread.

    Over all pairs of at most ``settings.sample`` points; labels play no part. Unscored below two points or where an
    embedding has no direction.
    """
    if len(points) < 2:
        return Unscored("fewer than two points")
    directions = _directions(points.points[settings.sampled_rows(len(points))])
    if directions is None:
        return _NO_DIRECTION
    potential = _potentials(directions, max_bytes=settings.max_bytes)
    value = float(np.log(potential.mean()))
    influence = value + 2.0 * (potential / potential.mean() - 1.0)
    return Scored(value=value, n=len(directions), interval=_interval(influence, settings))


def _directions(points: Points) -> Points | None:
    largest = np.abs(points).max(axis=1, keepdims=True)
    if (largest == 0).any():
        return None
    scaled = points / largest
    directions: Points = scaled / np.linalg.norm(scaled, axis=1, keepdims=True)
    return directions


def _to_others_of_class(directions: Points, codes: Codes) -> Values:
    """Mean squared distance to the others of the class: about the class's mean it needs no pairs."""
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    sizes = np.diff(starts, append=len(codes))
    group = np.repeat(np.arange(len(starts)), sizes)
    ordered = directions[order]
    centred = ordered - (np.add.reduceat(ordered, starts, axis=0) / sizes[:, None])[group]
    squares = np.einsum("ij,ij->i", centred, centred)
    size = sizes[group]
    values = np.empty(len(codes))
    values[order] = (size * squares + np.add.reduceat(squares, starts)[group]) / (size - 1)
    return values


def _potentials(directions: Points, *, max_bytes: int) -> Values:
    n = len(directions)
    rows = max(1, max_bytes // (16 * n))
    sums = [
        np.exp(np.minimum(4.0 * (directions[start : start + rows] @ directions.T) - 4.0, 0.0)).sum(axis=1)
        for start in range(0, n, rows)
    ]
    potentials: Values = (np.concatenate(sums) - 1.0) / (n - 1)  # without itself, for which the exponential is 1
    return potentials


def _interval(influence: Values, settings: EvaluationSettings) -> Interval | None:
    if settings.resamples == 0:
        return None
    return bootstrap_mean(influence, generator=settings.generator(), resamples=settings.resamples, level=settings.level)
