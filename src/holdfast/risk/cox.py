"""Cox's partial likelihood for a handful of covariates, with a ridge, and Breslow's baseline.

Small and free of pandas, so that class weights can be learnt again in every bootstrap resample.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.error import RiskError
from holdfast.risk.survival.follow_up import FollowUp

__all__ = ["cumulative_hazard", "fit_cox"]

Columns = NDArray[np.float64]

_MOST_STEPS, _MOST_HALVINGS, _CLOSE, _SMALL = 50, 30, 1e-10, 1e-2


def fit_cox(covariates: Columns, follow_up: FollowUp, *, ridge: float = 0.0) -> NDArray[np.float64]:
    """Fit log hazard ratios, (p,), by Newton's method.

    Maximises l(b) / events - ridge |b|^2 / 2, where l is the partial log-likelihood (Cox 1972, JRSS B 34:187-220) with
    ties as Efron (1977, JASA 72:557-565) has them. Higher: an event is sooner.

    Args:
        covariates: Shape (n, p), finite. Put them on one scale before a ridge.
        follow_up: Of these people.
        ridge: Strength, 0 or more.

    Raises:
        RiskError: Nobody had an event, a covariate never varies, or there is no maximum: events are separated from
            the others without a ridge.
    """
    if follow_up.n_events == 0:
        raise RiskError("Follow-up must hold events", "0", "choose an outcome that happened to somebody")
    spread = covariates.std(axis=0)
    if (spread <= 1e-12 * np.abs(covariates).max(initial=0.0)).any() and ridge == 0.0:
        flat = int(np.sum(spread <= 1e-12 * np.abs(covariates).max()))
        raise RiskError("Covariates must vary", f"{flat} that do not", "leave them out")
    likelihood = _Likelihood(covariates, follow_up, ridge)
    beta = np.zeros(covariates.shape[1])
    here = likelihood.at(beta)
    for _ in range(_MOST_STEPS):
        step = _step(here)
        if step @ here.gradient < _CLOSE and (np.abs(step) * spread < _SMALL).all():  # separation: flat, yet far to go
            return beta + step
        beta, here = _lengthen(likelihood, beta, step, here)
    raise RiskError(
        "Cox model must converge", f"none after {_MOST_STEPS} steps", "add a ridge or merge classes with few events"
    )


def cumulative_hazard(
    log_ratios: NDArray[np.float64], follow_up: FollowUp, *, at: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Estimate Breslow's cumulative baseline hazard at times ``at``, in years (Breslow 1974, Biometrics 30:89-99).

    H(t) = sum over event times up to t of events / (sum of exp(log ratio) over those at risk): the hazard of a person
    whose log ratio is 0.
    """
    order = np.argsort(follow_up.years, kind="stable")
    years, event = follow_up.years[order], follow_up.event[order]
    times, deaths = np.unique(years[event], return_counts=True)
    at_risk = np.cumsum(np.exp(log_ratios[order])[::-1])[::-1][np.searchsorted(years, times)]
    steps = np.concatenate([[0.0], np.cumsum(deaths / at_risk)])
    return steps[np.searchsorted(times, at, side="right")]


@dataclass(frozen=True, kw_only=True)
class _Point:
    value: float
    gradient: NDArray[np.float64]
    curvature: NDArray[np.float64]


def _step(here: _Point) -> NDArray[np.float64]:
    try:
        return np.asarray(np.linalg.solve(here.curvature, here.gradient), dtype=np.float64)
    except np.linalg.LinAlgError:
        raise RiskError(
            "Covariates must not be sums of one another, nor part events from the rest",
            f"{len(here.gradient)} that do",
            "add a ridge or leave some out",
        ) from None


def _lengthen(
    likelihood: "_Likelihood", beta: NDArray[np.float64], step: NDArray[np.float64], here: _Point
) -> tuple[NDArray[np.float64], _Point]:
    """Go along ``step``, halved until it improves; stay where nothing does, which ends in a refusal."""
    for halving in range(_MOST_HALVINGS):
        further = beta + step * 0.5**halving
        there = likelihood.at(further)
        if np.isfinite(there.value) and there.value >= here.value:
            return further, there
    return beta, here


class _Likelihood:
    """Value, gradient and curvature of the penalised partial likelihood, a divided by the number of events."""

    def __init__(self, covariates: Columns, follow_up: FollowUp, ridge: float) -> None:
        order = np.argsort(follow_up.years, kind="stable")
        years, self.event = follow_up.years[order], follow_up.event[order]
        self.x = (covariates - covariates.mean(axis=0))[order]
        self.ridge = ridge
        times, self.group, deaths = np.unique(years[self.event], return_inverse=True, return_counts=True)
        self.first = np.searchsorted(years, times)
        self.seen = np.searchsorted(times, years, side="right")
        before = np.cumsum(deaths) - deaths
        self.share = (np.arange(len(self.group)) - before[self.group]) / deaths[self.group]

    def at(self, beta: NDArray[np.float64]) -> _Point:
        log_ratio = self.x @ beta
        top = log_ratio.max()
        ratio = np.exp(log_ratio - top)
        total, first_moment = self._sums(ratio, ratio[:, None] * self.x)
        n_events = len(self.group)
        with np.errstate(divide="ignore", invalid="ignore"):
            means = first_moment / total[:, None]
            value = (log_ratio[self.event].sum() - (np.log(total) + top).sum()) / n_events
        weights = ratio * self._hazard(1.0 / np.maximum(total, np.finfo(float).tiny))
        second = self.x.T @ (weights[:, None] * self.x)
        return _Point(
            value=float(value - self.ridge * (beta @ beta) / 2),
            gradient=(self.x[self.event].sum(axis=0) - means.sum(axis=0)) / n_events - self.ridge * beta,
            curvature=(second - means.T @ means) / n_events + self.ridge * np.eye(len(beta)),
        )

    def _sums(self, ratio: NDArray[np.float64], moment: Columns) -> tuple[NDArray[np.float64], Columns]:
        """Sum over those at risk at each event, less Efron's share of those who had theirs at the same time."""
        both = np.column_stack([ratio, moment])
        at_risk = np.cumsum(both[::-1], axis=0)[::-1][self.first]
        tied = np.zeros_like(at_risk)
        np.add.at(tied, self.group, both[self.event])
        sums = at_risk[self.group] - self.share[:, None] * tied[self.group]
        return sums[:, 0], sums[:, 1:]

    def _hazard(self, rates: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how much hazard each person has met while at risk, (n,)."""
        by_time = np.concatenate([[0.0], np.cumsum(np.bincount(self.group, weights=rates))])
        met = by_time[self.seen]
        met[self.event] -= np.bincount(self.group, weights=self.share * rates)[self.group]
        return met
