"""Judge embeddings where they lie, on the processor or the accelerator: the benchmark's four figures.

The definitions are those of ``holdfast.metric.evaluation``, which needs no torch; tests hold the two together. Higher
is better for all four, and all lie in 0 to 1.
"""

from dataclasses import dataclass, fields

import torch
from torch import Tensor

from holdfast.measured import Failed, Measurement, Scored, Unscored

__all__ = ["RetrievalScores", "retrieval_scores"]

_CHUNK_BYTES = {"cpu": 2**28, "cuda": 2**31}


@dataclass(frozen=True, kw_only=True)
class RetrievalScores:
    """How well the neighbours of a query in the reference share its class; ``n`` counts queries.

    Args:
        knn_weighted_f1: F1 of the vote of the k nearest, averaged over classes by their share of the queries. The
            main figure.
        knn_accuracy: Share of queries whose class the vote gives.
        precision_at_1: Share of queries whose nearest neighbour is of their class.
        map_at_r: Mean average precision among the R nearest, R being how many of the query's class there are
            (Musgrave et al. 2020, A Metric Learning Reality Check). This and precision at 1 leave out queries with
            R = 0.
    """

    knn_weighted_f1: Measurement
    knn_accuracy: Measurement
    precision_at_1: Measurement
    map_at_r: Measurement

    @classmethod
    def failed(cls, error: str) -> "RetrievalScores":
        """Say of every figure that measuring broke, and how."""
        return cls(**{item.name: Failed(error) for item in fields(cls)})


@torch.no_grad()
def retrieval_scores(
    queries: Tensor, query_labels: Tensor, reference: Tensor, reference_labels: Tensor, *, k: int = 5
) -> RetrievalScores:
    """Look every query up in the reference.

    Args:
        queries: (n, d) embeddings.
        query_labels: (n,) classes, int64, 0 or more.
        reference: (m, d) embeddings of other rows than the queries.
        reference_labels: (m,) classes.
        k: Neighbours that vote, at most m of them; where classes draw, the one numbered lowest wins.
    """
    n_classes = int(torch.cat([query_labels, reference_labels]).max()) + 1
    relevant = torch.bincount(reference_labels, minlength=n_classes)
    centre = reference.mean(0)
    queries, reference = queries - centre, reference - centre  # less is lost where distances cancel
    depth = int(min(max(int(relevant[query_labels].max()), k, 1), len(reference)))
    rows = max(1, _CHUNK_BYTES[queries.device.type] // (len(reference) * 4 + depth * 32))
    nearest, votes, precision = [], [], []
    for chunk, labels in zip(torch.split(queries, rows), torch.split(query_labels, rows), strict=True):
        index = torch.cdist(chunk, reference).topk(depth, largest=False, sorted=True).indices
        found = reference_labels[index]
        nearest.append(found[:, 0] == labels)
        votes.append(_vote(found[:, :k], n_classes))
        precision.append(_average_precision(found == labels[:, None], relevant[labels]))
    predicted = torch.cat(votes)
    return RetrievalScores(
        knn_weighted_f1=_mean(_weighted_f1(query_labels, predicted, n_classes)[None], len(queries)),
        knn_accuracy=_mean((predicted == query_labels).double(), len(queries)),
        precision_at_1=_answerable(torch.cat(nearest).double(), relevant[query_labels]),
        map_at_r=_answerable(torch.cat(precision), relevant[query_labels]),
    )


def _mean(values: Tensor, n: int) -> Measurement:
    return Scored(value=float(values.mean()), n=n)


def _answerable(values: Tensor, relevant: Tensor) -> Measurement:
    judged = relevant > 0
    n = int(judged.sum())
    return _mean(values[judged], n) if n else Unscored("no query has its class in the reference")


def _vote(found: Tensor, n_classes: int) -> Tensor:
    """Return the class most of each row's neighbours have."""
    counts = torch.zeros(len(found), n_classes, device=found.device)
    counts.scatter_add_(1, found, torch.ones_like(found, dtype=counts.dtype))
    return counts.argmax(1)


def _average_precision(hits: Tensor, relevant: Tensor) -> Tensor:
    """Return each query's mean over its first R places of the precision so far, where the place is a hit."""
    places = torch.arange(1, hits.shape[1] + 1, device=hits.device)
    hits = hits & (places <= relevant[:, None])
    so_far = hits.cumsum(1, dtype=torch.float32) / places
    return (so_far * hits).sum(1, dtype=torch.float64) / relevant.clamp(min=1)


def _weighted_f1(truth: Tensor, predicted: Tensor, n_classes: int) -> Tensor:
    confusion = torch.bincount(truth * n_classes + predicted, minlength=n_classes**2).view(n_classes, n_classes)
    right, support = confusion.diagonal().double(), confusion.sum(1).double()
    f1 = 2 * right / (support + confusion.sum(0)).clamp(min=1)
    return (f1 * support).sum() / support.sum()
