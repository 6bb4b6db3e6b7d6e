"""Judge embeddings: neighbours, retrieval, clusters and spread, each figure with what it rests on. No torch."""

from holdfast.metric.evaluation.intervals import (
    PairedDifference,
    bootstrap_mean,
    paired_test,
    percentile_interval,
    seed_interval,
)
from holdfast.metric.evaluation.report import (
    EvaluationSettings,
    RetrievalReport,
    alignment,
    evaluate,
    knn_accuracy,
    knn_weighted_f1,
    map_at_r,
    nmi,
    precision_at_1,
    r_precision,
    recall_at_k,
    silhouette,
    uniformity,
)

__all__ = [
    "EvaluationSettings",
    "PairedDifference",
    "RetrievalReport",
    "alignment",
    "bootstrap_mean",
    "evaluate",
    "knn_accuracy",
    "knn_weighted_f1",
    "map_at_r",
    "nmi",
    "paired_test",
    "percentile_interval",
    "precision_at_1",
    "r_precision",
    "recall_at_k",
    "seed_interval",
    "silhouette",
    "uniformity",
]
