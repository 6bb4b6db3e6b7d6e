"""Concordance: of two people who can be compared, does the one with the higher risk have the event first?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from holdfast.measured import Measurement, Scored, Unscored
from holdfast.risk.survival.censoring import CensoringDistribution
from holdfast.risk.survival.concordance_pairs import ConcordancePairs
from holdfast.risk.survival.follow_up import FollowUp, Values, checked_horizon, column_of

__all__ = ["Concordance", "concordance_within", "harrell_concordance", "uno_concordance"]


@dataclass(frozen=True, kw_only=True)
class Concordance:
    """A concordance and the pairs it rests on; with weights, pairs count the product of the two people's weights.

    Attributes:
        index: (concordant + tied / 2) / comparable: 1 is perfect, 0.5 chance, 0 perfectly wrong. ``n`` is people.
            Unscored where no pair can be compared.
        comparable: Pairs in which one is known to have had the event before the other could have.
        concordant: Of them, those in which that one has the higher risk.
        tied: Of them, those of equal risk.
    """

    index: Measurement
    comparable: float
    concordant: float
    tied: float


def harrell_concordance(risk: ArrayLike, follow_up: FollowUp, *, weights: ArrayLike | None = None) -> Concordance:
    """Compare all comparable pairs (Harrell et al. 1982, JAMA 247:2543-2546; 1996, Stat Med 15:361-387).

    A pair is comparable where one had the event and the other was followed up longer, or just as long and censored;
    two events at the same time are not. Equal risks count half. This is also what lifelines does. It depends on how
    long people were followed up; ``uno_concordance`` does not.

    Args:
        risk: Shape (n,), finite, higher is worse.
        follow_up: Of the same people.
        weights: Shape (n,), 0 or more; None: 1 each. A weight of 2 is a person who is there twice.

    Raises:
        RiskError: Another shape, or values that are not finite or, for weights, below 0.
    """
    return _judged(ConcordancePairs.of(follow_up), risk, weights)


def concordance_within(
    risk: ArrayLike, follow_up: FollowUp, strata: ArrayLike, *, weights: ArrayLike | None = None
) -> Concordance:
    """Compare only pairs inside a stratum, an age band for example: concordant over comparable, summed over strata.

    What orders the strata themselves (age) then adds nothing. Pairs and ties are those of ``harrell_concordance``; a
    stratum without comparable pairs adds none.

    Args:
        risk: Shape (n,), finite, higher is worse.
        follow_up: Of the same people.
        strata: Shape (n,): one label a person, none missing.
        weights: Shape (n,), 0 or more; None: 1 each.

    Raises:
        RiskError: As ``harrell_concordance``, or labels that are missing or of mixed types.
    """
    return _judged(ConcordancePairs.of(follow_up, strata=strata), risk, weights)


def uno_concordance(
    risk: ArrayLike, follow_up: FollowUp, *, until_years: float, censoring: CensoringDistribution | None = None
) -> Concordance:
    """Compare pairs whose first event comes before ``until_years``, weighed so that censoring does not matter.

    Each pair counts 1 / G(t)^2, with G(t) the chance of being uncensored just before the event at t, by Kaplan-Meier:
    it estimates P(risk_i > risk_j given T_i < T_j, T_i < until) whatever the censoring, if that depends on nothing
    (Uno et al. 2011, Stat Med 30:1105-1117). Pairs and ties are those of ``harrell_concordance``.

    Args:
        risk: Shape (n,), finite, higher is worse.
        follow_up: Of the same people.
        until_years: Events from here on are not looked at. It must lie within follow-up: beyond the longest follow-up
            the index is unscored.
        censoring: Fitted on other people (a training split); None: fitted on these.

    Raises:
        RiskError: A horizon not above 0, another shape, or values that are not finite.
    """
    values, until = column_of(risk, len(follow_up), subject="Risk"), checked_horizon(until_years)
    if until > follow_up.longest_years:
        return _without_pairs(f"nobody was followed up for {until:g} years")
    uncensored = (censoring or CensoringDistribution.of(follow_up)).uncensored_before(follow_up.years)
    counted = follow_up.event & (follow_up.years < until)
    if not counted.any():
        return _without_pairs(f"no events before {until:g} years")
    if (uncensored[counted] <= 0).any():
        return _without_pairs("an event lies beyond the follow-up that censoring was fitted on")
    event_weights = np.zeros(len(follow_up))
    event_weights[counted] = uncensored[counted] ** -2.0
    return _judged(ConcordancePairs.of(follow_up, event_weights=event_weights), values, None)


def _judged(pairs: ConcordancePairs, risk: ArrayLike, weights: ArrayLike | None) -> Concordance:
    columns: Values | None = None
    if weights is not None:
        columns = column_of(weights, pairs.people, subject="Weights")[:, None]
    half = float(pairs.concordant(risk, columns)[0])
    comparable = float(pairs.comparable(columns)[0])
    if comparable == 0:
        return _without_pairs("no two people can be compared" if pairs.event_weights.any() else "no events")
    concordant = float(pairs.concordant(risk, columns, tie_credit=0.0)[0])
    return Concordance(
        index=Scored(value=min(1.0, half / comparable), n=pairs.people),
        comparable=comparable,
        concordant=concordant,
        tied=2.0 * (half - concordant),
    )


def _without_pairs(reason: str) -> Concordance:
    return Concordance(index=Unscored(reason), comparable=0.0, concordant=0.0, tied=0.0)
