"""The six losses, by class and by name.

All are called as in pytorch-metric-learning, ``loss(embeddings, labels, indices_tuple, ref_emb, ref_labels)``, and read
what its miners return. ``loss.parts(...)`` takes the same and says what the loss consists of; ``loss.on_triplets(a, p,
n)`` takes explicit triplets of embeddings.
"""

import inspect
from collections.abc import Mapping
from types import MappingProxyType

from holdfast.errors import UnknownNameError
from holdfast.metric.error import MetricError
from holdfast.metric.losses.loss_parts import LossParts
from holdfast.metric.losses.mdr_loss import MDRLoss
from holdfast.metric.losses.metric_loss import MetricLoss
from holdfast.metric.losses.pair_losses import NPairLoss, SupConLoss
from holdfast.metric.losses.triplet_losses import DistanceSwapLoss, NPLBLoss, TripletLoss
from holdfast.metric.losses.triplets import Pairs, Triplets

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
    "Triplets",
    "make_loss",
]

LOSSES: Mapping[str, type[MetricLoss]] = MappingProxyType(
    {
        "triplet": TripletLoss,
        "nplb": NPLBLoss,
        "swap": DistanceSwapLoss,
        "npair": NPairLoss,
        "mdr": MDRLoss,
        "supcon": SupConLoss,
    }
)
"""Name to class, for settings files and command lines."""


def make_loss(name: str, **settings: object) -> MetricLoss:
    """Make a loss by name; what is left out of ``settings`` is the loss's own default.

    ``make_loss(name, **loss.settings())`` makes the same loss again (without what `MDRLoss` has learnt).

    Raises:
        UnknownNameError: There is no loss of that name.
        MetricError: The loss has no such setting, or its value is out of range.
    """
    if name not in LOSSES:
        raise UnknownNameError("loss", name, LOSSES)
    known = inspect.signature(LOSSES[name]).parameters
    for setting in settings:
        if setting not in known:
            raise MetricError(
                f"{name} must be given settings it has, got `{setting!r}`; choose from {', '.join(sorted(known))}."
            )
    return LOSSES[name](**settings)  # type: ignore[arg-type]  # each loss checks its own
