"""Judge an embedding: classification by neighbours, retrieval, clusters, alignment and uniformity.

Every figure is a ``Measurement``: scored with the count of points it rests on and a bootstrap interval over them (the
reference held fixed), or unscored with the reason. Distances are Euclidean and unsquared in meaning. Without a
reference a set is its own, each point searched for among the others. Numpy and scikit-learn only.
"""

from dataclasses import dataclass

from numpy.typing import ArrayLike

from holdfast.measured import Measurement
from holdfast.metric.evaluation.clustering import cluster_nmi, mean_silhouette
from holdfast.metric.evaluation.labelled_points import LabelledPoints, labelled_pair
from holdfast.metric.evaluation.retrieval import Retrieved, retrieve
from holdfast.metric.evaluation.settings import EvaluationSettings
from holdfast.metric.evaluation.spread import class_alignment, point_uniformity

__all__ = [
    "EvaluationSettings",
    "RetrievalReport",
    "alignment",
    "evaluate",
    "knn_accuracy",
    "knn_weighted_f1",
    "map_at_r",
    "nmi",
    "precision_at_1",
    "r_precision",
    "recall_at_k",
    "silhouette",
    "uniformity",
]

_USUAL = EvaluationSettings()


@dataclass(frozen=True, kw_only=True)
class RetrievalReport:
    """Every figure of one embedding. Higher is better, except alignment and uniformity: lower is better.

    Attributes:
        knn_accuracy: Share of queries whose class has most votes among the ``k`` nearest.
        knn_weighted_f1: F1 of that vote, classes weighted by their queries.
        precision_at_1: Share of answerable queries whose nearest is of their class.
        recall_at_k: Share of answerable queries with at least one of their class among the ``k`` nearest.
        r_precision: Mean share of the class among the R nearest, R its number in the reference.
        map_at_r: Mean average precision at R.
        nmi: Normalised mutual information of k-means clusters and classes, of the queries alone.
        silhouette: Mean silhouette of the classes, of the queries alone (a sample if they are many).
        alignment: Mean squared distance within classes at length 1, of the queries alone.
        uniformity: Log mean potential over pairs at length 1, of the queries alone (a sample if they are many).
        k: Neighbours that voted.
        queries: How many points were judged.
        alone: How many of them have no other point of their class to find; retrieval measures leave these out.
    """

    knn_accuracy: Measurement
    knn_weighted_f1: Measurement
    precision_at_1: Measurement
    recall_at_k: Measurement
    r_precision: Measurement
    map_at_r: Measurement
    nmi: Measurement
    silhouette: Measurement
    alignment: Measurement
    uniformity: Measurement
    k: int
    queries: int
    alone: int


def evaluate(
    embeddings: ArrayLike,
    labels: ArrayLike,
    *,
    reference: ArrayLike | None = None,
    reference_labels: ArrayLike | None = None,
    k: int = 5,
    settings: EvaluationSettings = _USUAL,
) -> RetrievalReport:
    """Judge embeddings by every measure, ranking the reference once.

    Args:
        embeddings: Shape (n, d): the queries.
        labels: One a query: numbers or text.
        reference: Shape (m, d): what is searched. None: the queries themselves, each among the others.
        reference_labels: One for each of the reference.
        k: Neighbours that vote, and depth of recall.
        settings: Seed, intervals, samples and memory.

    Raises:
        MetricError: Embeddings that are not a finite matrix, labels of another length or missing, a reference of other
            dimensions or without labels, or ``k`` outside 1 to the number of others.
    """
    queries, pool = labelled_pair(embeddings, labels, reference=reference, reference_labels=reference_labels)
    found = retrieve(queries, pool, k=k, max_bytes=settings.max_bytes)
    return RetrievalReport(
        knn_accuracy=found.knn_accuracy(settings),
        knn_weighted_f1=found.knn_weighted_f1(settings),
        precision_at_1=found.precision_at_1(settings),
        recall_at_k=found.recall_at_k(settings),
        r_precision=found.mean_r_precision(settings),
        map_at_r=found.map_at_r(settings),
        nmi=cluster_nmi(queries, settings),
        silhouette=mean_silhouette(queries, settings),
        alignment=class_alignment(queries, settings),
        uniformity=point_uniformity(queries, settings),
        k=k,
        queries=len(queries),
        alone=int((~found.answerable).sum()),
    )


def knn_accuracy(
    embeddings: ArrayLike,
    labels: ArrayLike,
    *,
    reference: ArrayLike | None = None,
    reference_labels: ArrayLike | None = None,
    k: int = 5,
    settings: EvaluationSettings = _USUAL,
) -> Measurement:
    """Share of queries whose class has most votes among the ``k`` nearest, 0 to 1.

    Of classes with equally many votes the first in sorted order is predicted, as scikit-learn does. All queries count,
    also those whose class the reference lacks. Arguments and refusals as for ``evaluate``.
    """
    found = _retrieved(embeddings, labels, reference, reference_labels, k=k, settings=settings)
    return found.knn_accuracy(settings)


def knn_weighted_f1(
    embeddings: ArrayLike,
    labels: ArrayLike,
    *,
    reference: ArrayLike | None = None,
    reference_labels: ArrayLike | None = None,
    k: int = 5,
    settings: EvaluationSettings = _USUAL,
) -> Measurement:
    """F1 of the vote of the ``k`` nearest, 0 to 1, classes weighted by their queries; as ``knn_accuracy`` otherwise."""
    found = _retrieved(embeddings, labels, reference, reference_labels, k=k, settings=settings)
    return found.knn_weighted_f1(settings)


def precision_at_1(
    embeddings: ArrayLike,
    labels: ArrayLike,
    *,
    reference: ArrayLike | None = None,
    reference_labels: ArrayLike | None = None,
    settings: EvaluationSettings = _USUAL,
) -> Measurement:
    """Share of answerable queries whose nearest is of their class, 0 to 1. Arguments as for ``evaluate``."""
    found = _retrieved(embeddings, labels, reference, reference_labels, k=1, settings=settings)
    return found.precision_at_1(settings)


def recall_at_k(
    embeddings: ArrayLike,
    labels: ArrayLike,
    *,
    reference: ArrayLike | None = None,
    reference_labels: ArrayLike | None = None,
    k: int = 5,
    settings: EvaluationSettings = _USUAL,
) -> Measurement:
    """Share of answerable queries with at least one of their class among the ``k`` nearest, 0 to 1.

    This is Recall@K of the metric-learning papers (Jegou, Douze and Schmid 2011; Song et al. 2016), not the share of
    all relevant points found, which information retrieval calls recall. Arguments and refusals as for ``evaluate``.
    """
    found = _retrieved(embeddings, labels, reference, reference_labels, k=k, settings=settings)
    return found.recall_at_k(settings)


def r_precision(
    embeddings: ArrayLike,
    labels: ArrayLike,
    *,
    reference: ArrayLike | None = None,
    reference_labels: ArrayLike | None = None,
    settings: EvaluationSettings = _USUAL,
) -> Measurement:
    """Mean over answerable queries of the share of their class among the R nearest, 0 to 1.

    R is the number of points of that class in the reference, the query not counted. Arguments as for ``evaluate``.
    """
    found = _retrieved(embeddings, labels, reference, reference_labels, k=1, settings=settings, to_depth_r=True)
    return found.mean_r_precision(settings)


def map_at_r(
    embeddings: ArrayLike,
    labels: ArrayLike,
    *,
    reference: ArrayLike | None = None,
    reference_labels: ArrayLike | None = None,
    settings: EvaluationSettings = _USUAL,
) -> Measurement:
    """Mean average precision at R, 0 to 1 (Musgrave, Belongie and Lim 2020, "A Metric Learning Reality Check", ECCV).

    Per query, the sum over hits among the R nearest of precision at their rank, divided by R. Arguments as for
    ``evaluate``.
    """
    found = _retrieved(embeddings, labels, reference, reference_labels, k=1, settings=settings, to_depth_r=True)
    return found.map_at_r(settings)


def nmi(embeddings: ArrayLike, labels: ArrayLike, *, settings: EvaluationSettings = _USUAL) -> Measurement:
    """Normalised mutual information of k-means clusters and classes: see ``clustering.cluster_nmi``."""
    return cluster_nmi(LabelledPoints.of(embeddings, labels), settings)


def silhouette(embeddings: ArrayLike, labels: ArrayLike, *, settings: EvaluationSettings = _USUAL) -> Measurement:
    """Mean silhouette of the classes: see ``clustering.mean_silhouette``."""
    return mean_silhouette(LabelledPoints.of(embeddings, labels), settings)


def alignment(embeddings: ArrayLike, labels: ArrayLike, *, settings: EvaluationSettings = _USUAL) -> Measurement:
    """Mean squared distance within classes at length 1: see ``alignment.class_alignment``."""
    return class_alignment(LabelledPoints.of(embeddings, labels), settings)


def uniformity(embeddings: ArrayLike, labels: ArrayLike, *, settings: EvaluationSettings = _USUAL) -> Measurement:
    """Log mean potential over pairs at length 1: see ``alignment.point_uniformity``."""
    return point_uniformity(LabelledPoints.of(embeddings, labels), settings)


def _retrieved(
    embeddings: ArrayLike,
    labels: ArrayLike,
    reference: ArrayLike | None,
    reference_labels: ArrayLike | None,
    *,
    k: int,
    settings: EvaluationSettings,
    to_depth_r: bool = False,
) -> Retrieved:
    queries, pool = labelled_pair(embeddings, labels, reference=reference, reference_labels=reference_labels)
    return retrieve(queries, pool, k=k, max_bytes=settings.max_bytes, to_depth_r=to_depth_r)
