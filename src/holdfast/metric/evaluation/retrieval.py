"""What the neighbours of each query say about its class: the measures of classification and of retrieval.

All look at the same ranking: the reference by Euclidean distance, closest first, equally close rows in the order of the
reference (so a reference sorted by class decides ties by class: shuffle it where many points coincide).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from holdfast.measured import Interval, Measurement, Scored, Unscored
from holdfast.metric.error import MetricError
from holdfast.metric.evaluation.intervals import bootstrap_mean, percentile_interval
from holdfast.metric.evaluation.labelled_points import Codes, LabelledPoints
from holdfast.metric.evaluation.neighbours import Ranking, rankings
from holdfast.metric.evaluation.settings import EvaluationSettings

__all__ = ["Retrieved", "retrieve"]

_ONE_CLASS = Unscored("fewer than two classes")
_ALL_ALONE = Unscored("no query has another point of its class to find")

Flags = NDArray[np.bool_]
Values = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Retrieved:
    """One figure a query.

    Attributes:
        truth: Shape (n,): class of each query.
        predicted: Shape (n,): class most frequent among its ``k`` nearest; of equally frequent ones the first in
            sorted order, as scikit-learn does.
        answerable: Shape (n,): whether the reference holds any point of its class (other than itself). Retrieval
            measures leave the others out, as they have nothing to find.
        first: Shape (answerable,): 1 where the nearest is of its class, else 0.
        among_k: Shape (answerable,): 1 where at least one of the ``k`` nearest is of its class, else 0.
        r_precision: Shape (answerable,): share of its class among the R nearest, R the number of such points. Empty
            where not ranked to depth R.
        average_precision: Shape (answerable,): mean over the R nearest of precision at each hit. Empty likewise.
        classes: Number of classes in queries and reference together.
    """

    truth: Codes
    predicted: Codes
    answerable: Flags
    first: Values
    among_k: Values
    r_precision: Values
    average_precision: Values
    classes: int

    def knn_accuracy(self, settings: EvaluationSettings) -> Measurement:
        """Share of all queries whose class was predicted."""
        if self.classes < 2:
            return _ONE_CLASS
        return _mean((self.predicted == self.truth).astype(np.float64), settings)

    def knn_weighted_f1(self, settings: EvaluationSettings) -> Measurement:
        """F1 of each class, averaged by how many queries it has; a class never predicted rightly counts 0."""
        if self.classes < 2:
            return _ONE_CLASS
        pairs, counts = np.unique(self.truth * self.classes + self.predicted, return_counts=True)
        truth, predicted = np.divmod(pairs, self.classes)
        f1 = _WeightedF1(truth, predicted)
        n = len(self.truth)
        return Scored(value=float(f1.of(counts[None, :])[0]), n=n, interval=f1.interval(counts, settings))

    def precision_at_1(self, settings: EvaluationSettings) -> Measurement:
        """Share of answerable queries whose nearest is of their class."""
        return self._retrieval(self.first, settings)

    def recall_at_k(self, settings: EvaluationSettings) -> Measurement:
        """Share of answerable queries with at least one of their class among the ``k`` nearest."""
        return self._retrieval(self.among_k, settings)

    def mean_r_precision(self, settings: EvaluationSettings) -> Measurement:
        """Mean R-precision of answerable queries."""
        return self._retrieval(self.r_precision, settings)

    def map_at_r(self, settings: EvaluationSettings) -> Measurement:
        """Mean average precision at R of answerable queries."""
        return self._retrieval(self.average_precision, settings)

    def _retrieval(self, values: Values, settings: EvaluationSettings) -> Measurement:
        if self.classes < 2:
            return _ONE_CLASS
        return _mean(values, settings) if self.answerable.any() else _ALL_ALONE


def retrieve(
    queries: LabelledPoints,
    reference: LabelledPoints | None,
    *,
    k: int,
    max_bytes: int,
    to_depth_r: bool = True,
) -> Retrieved:
    """Rank the reference for every query and keep what the measures need.

    Args:
        queries: What to judge.
        reference: What to search; None for the queries themselves, each without itself.
        k: Neighbours that vote, and depth of recall.
        max_bytes: About the memory to use beside the points.
        to_depth_r: Also rank as deep as each query's class is large, which R-precision and MAP@R need.

    Raises:
        MetricError: ``k`` is not a whole number from 1 to the number of others.
    """
    _check_k(k, len(queries) - 1 if reference is None else len(reference))
    pool = queries if reference is None else reference
    relevant = np.bincount(pool.codes, minlength=queries.classes)[queries.codes] - (1 if reference is None else 0)
    depths = np.maximum(relevant, k) if to_depth_r else np.full(len(queries), k)
    tally = _Tally(queries.codes, pool.codes, relevant=relevant, k=k)
    tied_votes = max_bytes // (k * k)
    for ranking in rankings(
        queries.points, None if reference is None else pool.points, depths=depths, max_bytes=max_bytes
    ):
        tally.add(ranking, to_depth_r=to_depth_r, at_once=max(1, tied_votes))
    return tally.result(classes=queries.classes, to_depth_r=to_depth_r)


class _Tally:
    def __init__(self, truth: Codes, pool: Codes, *, relevant: Codes, k: int) -> None:
        self._truth, self._pool, self._relevant, self._k = truth, pool.astype(np.int32), relevant, k
        self._predicted = np.empty(len(truth), dtype=np.int64)
        self._figures = np.zeros((4, len(truth)))

    def add(self, ranking: Ranking, *, to_depth_r: bool, at_once: int) -> None:
        rows = ranking.queries
        found = self._pool[ranking.nearest]
        for start in range(0, len(rows), at_once):
            part = slice(start, start + at_once)
            self._predicted[rows[part]] = _most_frequent(found[part, : self._k])
        hits = found == self._truth[rows, None]
        self._figures[0, rows] = hits[:, 0]
        self._figures[1, rows] = hits[:, : self._k].any(axis=1)
        if to_depth_r:
            self._add_to_depth_r(rows, hits)

    def _add_to_depth_r(self, rows: Codes, hits: Flags) -> None:
        r = np.maximum(self._relevant[rows], 1)  # those with nothing to find are left out at the end
        ranks = np.arange(1, hits.shape[1] + 1)
        hits &= ranks <= r[:, None]
        precision = hits.cumsum(axis=1, dtype=np.int32) / ranks
        self._figures[2, rows] = hits.sum(axis=1) / r
        self._figures[3, rows] = np.einsum("ij,ij->i", precision, hits) / r

    def result(self, *, classes: int, to_depth_r: bool) -> Retrieved:
        answerable = self._relevant > 0
        first, among_k, r_precision, average_precision = self._figures[:, answerable]
        none = np.empty(0)
        return Retrieved(
            truth=self._truth,
            predicted=self._predicted,
            answerable=answerable,
            first=first,
            among_k=among_k,
            r_precision=r_precision if to_depth_r else none,
            average_precision=average_precision if to_depth_r else none,
            classes=classes,
        )


def _most_frequent(codes: NDArray[np.int32]) -> Codes:
    votes = (codes[:, :, None] == codes[:, None, :]).sum(axis=2)
    leading = np.where(votes == votes.max(axis=1, keepdims=True), codes, np.iinfo(np.int32).max)
    first: Codes = leading.min(axis=1).astype(np.int64)
    return first


class _WeightedF1:
    """Weighted F1 of counts of (truth, prediction) pairs: resampling queries is drawing such counts."""

    def __init__(self, truth: Codes, predicted: Codes) -> None:
        classes, codes = np.unique(np.concatenate([truth, predicted]), return_inverse=True)
        self._truth, self._predicted = np.split(codes, 2)
        self._classes = len(classes)
        self._right = np.flatnonzero(truth == predicted)

    def of(self, counts: Codes) -> Values:
        """Compute it for each row of counts, shape (rows, pairs)."""
        support, guessed, right = (np.zeros((len(counts), self._classes)) for _ in range(3))
        for pair in range(counts.shape[1]):
            support[:, self._truth[pair]] += counts[:, pair]
            guessed[:, self._predicted[pair]] += counts[:, pair]
        right[:, self._truth[self._right]] = counts[:, self._right]
        f1 = 2.0 * right / np.maximum(support + guessed, 1.0)
        weighted: Values = (support * f1).sum(axis=1) / support.sum(axis=1)
        return weighted

    def interval(self, counts: Codes, settings: EvaluationSettings) -> Interval | None:
        if settings.resamples == 0:
            return None
        n = int(counts.sum())
        drawn = settings.generator().multinomial(n, counts / n, size=settings.resamples)
        return percentile_interval(self.of(drawn), level=settings.level)


def _mean(values: Values, settings: EvaluationSettings) -> Measurement:
    interval = None
    if settings.resamples:
        interval = bootstrap_mean(
            values, generator=settings.generator(), resamples=settings.resamples, level=settings.level
        )
    return Scored(value=float(values.mean()), n=len(values), interval=interval)


def _check_k(k: int, others: int) -> None:
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or not 1 <= k <= others:
        raise MetricError(f"Neighbours k must be a whole number from 1 to {others} (the others to find), got {k!r}.")
