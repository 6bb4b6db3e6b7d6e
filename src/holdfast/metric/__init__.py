"""Learn representations in which distance means something: NPLB, exact over all triplets, and its judges.

::

    losses/      NPLB, triplet, distance swap, N-pair, MDR, SupCon; all triplets of a batch, exactly
    sampling/    random, class-balanced, semi-hard and hard
    tabular/     tables of numbers and categories -> what a network reads
    encoder/     TripletEncoder: fit, transform, save, load; one process or several
    onnx/        the same embedding without torch
    evaluation/  neighbours, retrieval, clusters, spread, intervals
    tables/      Parquet and CSV larger than memory
    benchmark/   losses compared on one budget

The names below are imported when they are first used: importing this package brings no torch.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from holdfast.metric.encoder import TripletEncoder
    from holdfast.metric.error import MetricError
    from holdfast.metric.evaluation import RetrievalReport, evaluate
    from holdfast.metric.losses import (
        DistanceSwapLoss,
        MDRLoss,
        NPairLoss,
        NPLBLoss,
        SupConLoss,
        TripletLoss,
        Triplets,
        all_triplet_sums,
        make_loss,
    )
    from holdfast.metric.onnx import OnnxEncoder
    from holdfast.metric.tabular import TabularEncoding

__all__ = [
    "DistanceSwapLoss",
    "MDRLoss",
    "MetricError",
    "NPLBLoss",
    "NPairLoss",
    "OnnxEncoder",
    "RetrievalReport",
    "SupConLoss",
    "TabularEncoding",
    "TripletEncoder",
    "TripletLoss",
    "Triplets",
    "all_triplet_sums",
    "evaluate",
    "make_loss",
]

_LOSSES = "holdfast.metric.losses"
_WHERE = {
    "DistanceSwapLoss": _LOSSES,
    "MetricError": "holdfast.metric.error",
    "MDRLoss": _LOSSES,
    "NPLBLoss": _LOSSES,
    "NPairLoss": _LOSSES,
    "OnnxEncoder": "holdfast.metric.onnx",
    "RetrievalReport": "holdfast.metric.evaluation",
    "SupConLoss": _LOSSES,
    "TabularEncoding": "holdfast.metric.tabular",
    "TripletEncoder": "holdfast.metric.encoder",
    "TripletLoss": _LOSSES,
    "Triplets": _LOSSES,
    "all_triplet_sums": _LOSSES,
    "evaluate": "holdfast.metric.evaluation",
    "make_loss": _LOSSES,
}


def __getattr__(name: str) -> Any:
    """Import a name when it is first asked for.

    Raises:
        AttributeError: There is no such name.
        MissingExtraError: What it needs is not installed; the message carries the pip line.
    """
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if _WHERE[name] == _LOSSES or name == "TripletEncoder":
        from holdfast.optional import require

        require("torch", extra="metric")
    return getattr(importlib.import_module(_WHERE[name]), name)
