"""What acting on the model's absolute risk would be worth, beside acting on age and sex, on everyone and on nobody."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from holdfast.measured import Measurement, Scored, Unscored, measurement_to_dict
from holdfast.risk.survival.decision_curve import decision_curve
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.risk.survival.resampling import percentile_interval
from holdfast.study.judging.foretelling import Foretold
from holdfast.study.judging.reference_risks import AGE_AND_SEX
from holdfast.study.judging.settings import OURS, JudgingSettings

__all__ = ["THRESHOLDS", "DecisionFigures", "DecisionRow", "decision_figures"]

THRESHOLDS: Final = (0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3)
"""Absolute risks from which on one might act; the same for every model, so that none is chosen after the fact."""

Risks = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class DecisionRow:
    """One threshold. Acting on nobody has a net benefit of 0; higher is better.

    Attributes:
        threshold: Absolute risk from which on one would act.
        flagged: People whose risk by the model reaches it.
        model: Net benefit of acting on them.
        age_and_sex: Of acting on those whose risk by age and sex reaches it.
        everyone: Of acting on everyone.
        gain: The model's less that of age and sex, with a paired percentile interval.
    """

    threshold: float
    flagged: int
    model: Measurement
    age_and_sex: Measurement
    everyone: Measurement
    gain: Measurement

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        figures = ("model", "age_and_sex", "everyone", "gain")
        said = {name: measurement_to_dict(getattr(self, name)) for name in figures}
        return {"threshold": self.threshold, "flagged": self.flagged, **said}


@dataclass(frozen=True, kw_only=True)
class DecisionFigures:
    """The curve.

    Attributes:
        rows: A row a threshold; or why there is no curve.
    """

    rows: tuple[DecisionRow, ...] | Unscored

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        if isinstance(self.rows, Unscored):
            return measurement_to_dict(self.rows)
        return {"rows": [row.to_json() for row in self.rows]}


def decision_figures(found: Foretold, settings: JudgingSettings, *, horizon_years: float) -> DecisionFigures:
    """Measure net benefit among the people with an estimate."""
    ours = found.absolute_at(OURS, horizon_years)
    if isinstance(ours, Unscored):
        return DecisionFigures(rows=ours)
    follow_up, other = found.estimated.outcome, found.absolute_at(AGE_AND_SEX, horizon_years)
    points = decision_curve(ours, follow_up, horizon_years=horizon_years, thresholds=THRESHOLDS)
    if isinstance(other, Unscored):
        theirs: list[Measurement] = [other] * len(THRESHOLDS)
        gains = theirs
    else:
        curve = decision_curve(other, follow_up, horizon_years=horizon_years, thresholds=THRESHOLDS)
        theirs = [point.net_benefit for point in curve]
        gains = _gains(ours, other, follow_up, horizon_years, settings)
    return DecisionFigures(
        rows=tuple(
            DecisionRow(
                threshold=point.threshold,
                flagged=point.flagged,
                model=point.net_benefit,
                age_and_sex=their,
                everyone=point.of_acting_on_all,
                gain=gain,
            )
            for point, their, gain in zip(points, theirs, gains, strict=True)
        )
    )


def _gains(
    ours: Risks, other: Risks, follow_up: FollowUp, horizon_years: float, settings: JudgingSettings
) -> list[Measurement]:
    """Return the gain at each threshold, all of them under one bootstrap of people."""
    observed = _gain_at(ours, other, follow_up, horizon_years)
    generator = np.random.default_rng([settings.seed, 4])
    draws: list[list[float]] = [[] for _ in THRESHOLDS]
    for _ in range(settings.slow_resamples):
        rows = generator.integers(len(ours), size=len(ours))
        for place, one in enumerate(_gain_at(ours[rows], other[rows], follow_up.take(rows), horizon_years)):
            if isinstance(one, Scored):
                draws[place].append(one.value)
    return [
        Scored(
            value=one.value,
            n=one.n,
            interval=percentile_interval(drawn, resamples=settings.slow_resamples) if drawn else None,
        )
        if isinstance(one, Scored)
        else one
        for one, drawn in zip(observed, draws, strict=True)
    ]


def _gain_at(ours: Risks, other: Risks, follow_up: FollowUp, horizon_years: float) -> list[Measurement]:
    curves = [
        decision_curve(risks, follow_up, horizon_years=horizon_years, thresholds=THRESHOLDS) for risks in (ours, other)
    ]
    return [_less(a.net_benefit, b.net_benefit) for a, b in zip(*curves, strict=True)]


def _less(first: Measurement, second: Measurement) -> Measurement:
    if not isinstance(first, Scored):
        return first
    return Scored(value=first.value - second.value, n=first.n) if isinstance(second, Scored) else second
