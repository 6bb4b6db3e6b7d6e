"""How distances to the healthy and to each class become one score: the nearest class, all alike, or learnt weights."""

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.cox import fit_cox
from holdfast.risk.embeddings import Scores
from holdfast.risk.error import RiskError
from holdfast.risk.reference import ReferenceGroups
from holdfast.risk.survival.follow_up import FollowUp

__all__ = ["Weighting", "check_weighting", "combine", "weights_for"]

Weighting = Literal["nearest", "equal", "learned", "learned with reference"]
"""``nearest``: the class that comes out worst. ``equal``: the mean over classes. ``learned``: weights by a penalised
Cox model. ``learned with reference``: the same, and the distance to the healthy itself is one more covariate."""


def check_weighting(weighting: str, ridge: float) -> None:
    """Check settings.

    Raises:
        RiskError: The weighting is unknown or the ridge is not above 0.
    """
    if weighting not in get_args(Weighting):
        raise RiskError("Weighting must be known", repr(weighting), f"choose one of {', '.join(get_args(Weighting))}")
    if not 0 < ridge < float("inf"):
        raise RiskError("Ridge must be above 0", repr(ridge), "0.01 is the default")


def weights_for(
    weighting: Weighting,
    measured: NDArray[np.float64],
    groups: ReferenceGroups,
    follow_up: FollowUp | None,
    *,
    ridge: float,
) -> NDArray[np.float64] | None:
    """Find one weight a column of ``measured``; None for the nearest class, which has none.

    Learnt weights maximise Cox's partial likelihood of the score over all people with a ridge on the columns'
    standard scale; a weight may be below 0. The score is then a log hazard ratio.

    Args:
        weighting: Which.
        measured: Shape (n, 1 + classes): distance to the healthy, then, a class, the distance to the healthy less the
            one to the class. Each person left out of their own groups.
        groups: Of the same people.
        follow_up: Of the same people; needed for learnt weights.
        ridge: Strength.

    Raises:
        RiskError: There is no class, or weights are to be learnt and there is no follow-up or no event.
    """
    if not groups.classes:
        raise RiskError("Relative distance must have a class", "none", "give classes, or use the centroid")
    if weighting == "nearest":
        return None
    number = len(groups.classes)
    if weighting == "equal":
        return np.concatenate([[0.0], np.full(number, 1.0 / number)])
    if follow_up is None:
        raise RiskError("Learnt class weights must have follow-up", "none", "give it, or choose equal weights")
    first = 0 if weighting == "learned with reference" else 1
    columns = measured[:, first:]
    spread = np.maximum(columns.std(axis=0), np.finfo(np.float64).tiny)
    learnt = fit_cox((columns - columns.mean(axis=0)) / spread, follow_up, ridge=ridge) / spread
    return np.concatenate([np.zeros(first), learnt])


def combine(measured: NDArray[np.float64], weights: NDArray[np.float64] | None) -> Scores:
    """Turn (n, 1 + classes) into scores, (n,); higher is worse."""
    return measured[:, 1:].max(axis=1) if weights is None else measured @ weights
