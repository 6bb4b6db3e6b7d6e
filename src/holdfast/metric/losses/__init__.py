"""Six losses over triplets and pairs, and the exact sums over all triplets of a batch."""

from holdfast.metric.losses.all_triplets import TripletSums, all_triplet_sums
from holdfast.metric.losses.registry import (
    LOSSES,
    DistanceSwapLoss,
    LossParts,
    MDRLoss,
    MetricLoss,
    NPairLoss,
    NPLBLoss,
    Pairs,
    SupConLoss,
    TripletLoss,
    Triplets,
    make_loss,
)

__all__ = [
    "LOSSES",
    "DistanceSwapLoss",
    "LossParts",
    "MDRLoss",
    "MetricLoss",
    "NPLBLoss",
    "NPairLoss",
    "Pairs",
    "SupConLoss",
    "TripletLoss",
    "TripletSums",
    "Triplets",
    "all_triplet_sums",
    "make_loss",
]
