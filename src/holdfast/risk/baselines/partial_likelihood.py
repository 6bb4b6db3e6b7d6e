"""Cox's partial log-likelihood of a given predictor, which cross-validation judges a penalty by."""

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.survival.follow_up import FollowUp

__all__ = ["partial_log_likelihood"]


def partial_log_likelihood(predictor: NDArray[np.float64], follow_up: FollowUp) -> float:
    """Return the partial log-likelihood of log hazards, with ties as Efron has them.

    With w_i = exp(predictor_i), and at each event time the d people D who had it and the people R still followed:

        l = sum over event times of [ sum_{i in D} predictor_i - sum_{k=0}^{d-1} ln( sum_R w_i - (k/d) sum_D w_i ) ]

    (Cox 1972, JRSS B 34:187-220; Efron 1977, JASA 72:557-565.) At most 0, and higher where events befall the people
    with higher hazards; unchanged when a number is added to everyone's. Without events it is 0.

    Args:
        predictor: (people,), finite.
        follow_up: Of the same people.
    """
    if not follow_up.n_events:
        return 0.0
    order = np.argsort(follow_up.years, kind="stable")
    years, event, eta = follow_up.years[order], follow_up.event[order], predictor[order] - predictor.max()
    hazards = np.exp(eta)
    times, group, deaths = np.unique(years[event], return_inverse=True, return_counts=True)
    still_followed = np.cumsum(hazards[::-1])[::-1][np.searchsorted(years, times)]
    dying = np.bincount(group, weights=hazards[event])
    share = (np.arange(len(group)) - (np.cumsum(deaths) - deaths)[group]) / deaths[group]
    return float(eta[event].sum() - np.log(still_followed[group] - share * dying[group]).sum())
