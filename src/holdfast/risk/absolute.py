"""From a score to an absolute risk over some years, by a Cox model of the score and Breslow's baseline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.measured import Unscored
from holdfast.risk.cox import cumulative_hazard, fit_cox
from holdfast.risk.embeddings import Scores
from holdfast.risk.error import RiskError
from holdfast.risk.spline import knots_of, spline_columns
from holdfast.risk.survival.follow_up import FollowUp

__all__ = ["AbsoluteRisk", "Covariates"]

_LEAST_FOLLOWED, _LEAST_EVENTS, _GRID = 10, 10, 512


@dataclass(frozen=True, kw_only=True, eq=False)
class Covariates:
    """What else the absolute risk may depend on, age and sex say.

    Attributes:
        names: A name a column.
        values: Shape (n, columns), finite.

    Raises:
        RiskError: Names and columns differ in number, or a value is missing.
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.shape[1] != len(self.names):
            raise RiskError(
                f"Covariates must have {len(self.names)} columns", f"shape {self.values.shape}", "name each column"
            )
        missing = int(np.sum(~np.isfinite(self.values).all(axis=1)))
        if missing:
            raise RiskError(
                "Covariates must be known",
                f"{missing} of {len(self.values)} rows with a missing one",
                "leave these people out",
                columns=self.names,
                rows=missing,
            )

    def take(self, rows: Any) -> "Covariates":
        """Return those of the people at these places or under this mask."""
        return Covariates(names=self.names, values=self.values[rows])


@dataclass(frozen=True, kw_only=True, eq=False)
class AbsoluteRisk:
    """The chance of the event within each horizon, for people like those it was fitted on.

    ::

        risk(h) = 1 - exp(-H(h) exp(f(s) + b' x))

    with s the score on its standard scale, x covariates less their mean, f a straight line or a restricted cubic
    spline, coefficients by Cox's partial likelihood and H by Breslow. Risk never falls as the score rises: where a
    spline does, one with fewer knots and at last a line takes its place, and where the line falls there is no risk.
    Beyond the scores it was fitted on f goes on
    straight. Censoring must not depend on the risk given score and covariates; dying of something else counts as
    censoring, so that with competing events this is not their real-world frequency.

    Attributes:
        horizons_years: Ascending, (h,).
        cumulative: Baseline cumulative hazard at each horizon, (h,).
        mean, spread: Of the scores it was fitted on.
        knots: Of the spline, on the standard scale; none for a line.
        coefficients: Of the spline's columns, then of the covariates.
        covariate_names, covariate_means: Of the covariates.
        n_people, n_events: What it rests on.
    """

    horizons_years: tuple[float, ...]
    cumulative: NDArray[np.float64]
    mean: float
    spread: float
    knots: NDArray[np.float64]
    coefficients: NDArray[np.float64]
    covariate_names: tuple[str, ...]
    covariate_means: NDArray[np.float64]
    n_people: int
    n_events: int

    @classmethod
    def fit(
        cls,
        scores: Scores,
        follow_up: FollowUp,
        *,
        horizons_years: Sequence[float],
        knots: int = 0,
        covariates: Covariates | None = None,
    ) -> Self | Unscored:
        """Calibrate scores of training people, each left out of, or held out from, what scored them.

        Args:
            scores: Shape (n,), finite; higher is worse.
            follow_up: Of the same people.
            horizons_years: Over how many years, one or more.
            knots: 3 or 4 for a spline, 0 for a line.
            covariates: Of the same people.

        Returns:
            The calibration; unscored with fewer than 10 events, with scores that are all alike, or where a higher
            score does not go with sooner events.

        Raises:
            RiskError: Nobody had an event, no horizon is given, one is not above 0 or fewer than 10 people were
                followed up that long, or lengths differ.
        """
        horizons = _horizons(horizons_years, follow_up)
        _check(scores, follow_up, knots, covariates)
        if follow_up.n_events < _LEAST_EVENTS:
            return Unscored(f"fewer than {_LEAST_EVENTS} events")
        mean, spread = float(scores.mean()), float(scores.std())
        if spread <= 1e-12 * max(1.0, abs(mean)):
            return Unscored("scores are all alike")
        standard = (scores - mean) / spread
        others = covariates or Covariates(names=(), values=np.zeros((len(scores), 0)))
        found = _monotone(standard, knots, others, follow_up)
        if found is None:
            return Unscored("a higher score does not go with sooner events")
        where, coefficients = found
        centres = others.values.mean(axis=0)
        log_ratio = np.hstack([spline_columns(standard, where), others.values - centres]) @ coefficients
        return cls(
            horizons_years=horizons,
            cumulative=cumulative_hazard(log_ratio, follow_up, at=np.array(horizons)),
            mean=mean,
            spread=spread,
            knots=where,
            coefficients=coefficients,
            covariate_names=others.names,
            covariate_means=centres,
            n_people=len(scores),
            n_events=follow_up.n_events,
        )

    def of(self, scores: Scores, covariates: Covariates | None = None) -> NDArray[np.float64]:
        """Return the risk, (n, horizons), 0 to 1; higher is worse and never falls with the score or the horizon.

        Raises:
            RiskError: The covariates are not those it was fitted with, or not of so many people.
        """
        names = () if covariates is None else covariates.names
        if names != self.covariate_names or (covariates is not None and len(covariates.values) != len(scores)):
            raise RiskError(
                f"Covariates must be {', '.join(self.covariate_names) or 'left out'}, one row a person",
                ", ".join(names) or "none",
                "give what the risk was fitted with",
            )
        width = self.number_of_score_columns
        columns = spline_columns((scores - self.mean) / self.spread, self.knots)
        log_ratio = columns @ self.coefficients[:width]
        if covariates is not None:
            log_ratio = log_ratio + (covariates.values - self.covariate_means) @ self.coefficients[width:]
        with np.errstate(over="ignore"):
            return np.asarray(-np.expm1(-np.exp(log_ratio)[:, None] * self.cumulative))

    @property
    def number_of_score_columns(self) -> int:
        """How many coefficients belong to the score."""
        return len(self.coefficients) - len(self.covariate_names)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the numbers, for safetensors."""
        return {
            "cumulative": self.cumulative,
            "knots": self.knots,
            "coefficients": self.coefficients,
            "covariate_means": self.covariate_means,
        }

    def to_json(self) -> dict[str, Any]:
        """Return the rest."""
        return {
            "horizons_years": list(self.horizons_years),
            "mean": self.mean,
            "spread": self.spread,
            "covariate_names": list(self.covariate_names),
            "n_people": self.n_people,
            "n_events": self.n_events,
        }

    @classmethod
    def from_stored(cls, said: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read what ``to_json`` and ``arrays`` returned."""
        return cls(
            horizons_years=tuple(float(years) for years in said["horizons_years"]),
            mean=float(said["mean"]),
            spread=float(said["spread"]),
            covariate_names=tuple(str(name) for name in said["covariate_names"]),
            n_people=int(said["n_people"]),
            n_events=int(said["n_events"]),
            **{name: arrays[name] for name in ("cumulative", "knots", "coefficients", "covariate_means")},
        )


def _horizons(horizons_years: Sequence[float], follow_up: FollowUp) -> tuple[float, ...]:
    horizons = tuple(sorted({float(years) for years in horizons_years}))
    if not horizons or not 0 < horizons[0] <= horizons[-1] < float("inf"):
        raise RiskError("Horizons must be one or more years above 0", repr(list(horizons)), "give 5, for example")
    followed = int(np.sum(follow_up.years >= horizons[-1]))
    if followed < _LEAST_FOLLOWED:
        raise RiskError(
            f"Horizon must be one that {_LEAST_FOLLOWED} people or more were followed up for",
            f"{horizons[-1]:g} years, of which {followed}",
            "choose a shorter one",
        )
    if follow_up.n_events == 0:
        raise RiskError("Follow-up must hold events", "0", "an absolute risk cannot be learnt where all are censored")
    return horizons


def _check(scores: Scores, follow_up: FollowUp, knots: int, covariates: Covariates | None) -> None:
    if scores.shape != (follow_up.n_people,) or not np.isfinite(scores).all():
        raise RiskError(
            f"Scores must be {follow_up.n_people} finite numbers", f"shape {scores.shape}", "give one a person"
        )
    if knots not in (0, 3, 4):
        raise RiskError("Knots must be 3, 4 or 0 for a line", repr(knots), "choose one of these")
    if covariates is not None and len(covariates.values) != len(scores):
        raise RiskError(f"Covariates must have {len(scores)} rows", str(len(covariates.values)), "give one a person")


def _monotone(
    standard: NDArray[np.float64], knots: int, others: Covariates, follow_up: FollowUp
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Fit the spline, a simpler one where it falls anywhere, a line where that does; None where the line falls too."""
    grid = np.linspace(standard.min(), standard.max(), _GRID)
    for where in [knots_of(standard, fewer) for fewer in (4, 3) if fewer <= knots] + [np.zeros(0)]:
        columns = spline_columns(standard, where)
        coefficients = fit_cox(np.hstack([columns, others.values]), follow_up)
        if (np.diff(spline_columns(grid, where) @ coefficients[: columns.shape[1]]) > 0).all():
            return where, coefficients
    return None
