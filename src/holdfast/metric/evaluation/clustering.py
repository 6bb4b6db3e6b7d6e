"""How well classes stand apart as groups: NMI of k-means clusters, and silhouette of the classes themselves."""

import warnings

import numpy as np

from holdfast.measured import Measurement, Scored, Unscored
from holdfast.metric.evaluation.intervals import bootstrap_mean
from holdfast.metric.evaluation.labelled_points import LabelledPoints
from holdfast.metric.evaluation.settings import EvaluationSettings

__all__ = ["cluster_nmi", "mean_silhouette"]


def cluster_nmi(points: LabelledPoints, settings: EvaluationSettings) -> Measurement:
    """Compare k-means clusters, as many as classes, with the classes: normalised mutual information, 0 to 1.

    Normalised by the arithmetic mean of the two entropies. No interval: resampled points repeat, which raises mutual
    information, so that a bootstrap would sit too high; compare seeds instead. Not corrected for chance: many classes
    of few points score above 0 at random. Unscored below two classes, or where points coincide so much that there are
    fewer different ones than classes.
    """
    from sklearn.cluster import KMeans  # type: ignore[import-untyped]
    from sklearn.exceptions import ConvergenceWarning  # type: ignore[import-untyped]
    from sklearn.metrics import normalized_mutual_info_score  # type: ignore[import-untyped]

    classes = points.classes_present
    if classes < 2:
        return Unscored("fewer than two classes")
    if len(np.unique(points.points, axis=0)) < classes:
        return Unscored("fewer different points than classes to cluster")
    means = KMeans(n_clusters=classes, n_init=settings.kmeans_starts, random_state=settings.seed % 2**32)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            clusters = means.fit_predict(points.points)
        except ConvergenceWarning:
            return Unscored("k-means found fewer clusters than classes")
    return Scored(value=float(normalized_mutual_info_score(points.codes, clusters)), n=len(points))


def mean_silhouette(points: LabelledPoints, settings: EvaluationSettings) -> Measurement:
    """Mean silhouette of the classes, -1 to 1, higher is better (Rousseeuw 1987, J Comput Appl Math 20:53-65).

    At most ``settings.sample`` points are looked at. A class of one of them counts 0, as is the convention. The
    interval resamples points with their silhouettes held fixed. Unscored below two classes among the points looked at,
    or where each is a class of its own.
    """
    from sklearn import config_context  # type: ignore[import-untyped]
    from sklearn.metrics import silhouette_samples

    rows = settings.sampled_rows(len(points))
    looked_at, codes = points.points[rows], points.codes[rows]
    classes = len(np.unique(codes))
    if classes < 2:
        return Unscored("fewer than two classes")
    if classes == len(rows):
        return Unscored("each point is a class of its own")
    with config_context(working_memory=max(1, settings.max_bytes // 2**20)):
        values = np.asarray(silhouette_samples(looked_at, codes), dtype=np.float64)
    interval = None
    if settings.resamples:
        interval = bootstrap_mean(
            values, generator=settings.generator(), resamples=settings.resamples, level=settings.level
        )
    return Scored(value=float(values.mean()), n=len(values), interval=interval)
