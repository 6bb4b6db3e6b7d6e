"""What an assessment says: concordance of each method, overall and within age bands, and how far ours is ahead."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from holdfast.measured import Measurement, Scored, Unscored, measurement_to_dict
from holdfast.risk.survival.concordance import harrell_concordance
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.risk.survival.horizon_auc import horizon_auc
from holdfast.risk.survival.paired_concordance import ConcordanceDraws, SplitRisks, split_concordance
from holdfast.risk.survival.repeated_splits import corrected_resampled_t
from holdfast.study.evaluation.assessment import Assessment
from holdfast.study.visits.visits import NOT_RECORDED, Words

__all__ = ["OUR_METHOD", "Figures", "Lead", "MethodFigures", "figures_of"]

OUR_METHOD = "nplb"


@dataclass(frozen=True, kw_only=True)
class Lead:
    """How far one method is ahead of another in concordance; above 0 is ahead.

    Attributes:
        overall: With the paired bootstrap interval over people.
        p: Of the bootstrap, two-sided, for this comparison alone.
        within_age: As ``overall``, among people of one age band.
        over_splits: The same difference with the corrected resampled t interval (Nadeau and Bengio 2003), which also
            looks at how much it changes with the people learnt from. Unscored with fewer than three cases.
    """

    overall: Measurement
    p: Measurement
    within_age: Measurement
    over_splits: Measurement


@dataclass(frozen=True, kw_only=True)
class MethodFigures:
    """One method.

    Attributes:
        name, title: See ``Method``.
        concordance: Harrell's, a mean over cases, with a bootstrap interval over people.
        within_age: As ``concordance``, but only people of one age band are compared: a mean over bands weighted by
            their pairs. People whose age is not known take part in none; unscored where a test set has no others.
        horizon_auc: Time-dependent AUC at the horizon, a mean over cases.
        lead: Of our method over this one; None for ours, and where one of the two is unscored.
    """

    name: str
    title: str
    concordance: Measurement
    within_age: Measurement
    horizon_auc: Measurement
    lead: Lead | None

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        said: dict[str, Any] = {
            "method": self.name,
            "title": self.title,
            "concordance": measurement_to_dict(self.concordance),
            "within_age": measurement_to_dict(self.within_age),
            "horizon_auc": measurement_to_dict(self.horizon_auc),
        }
        if self.lead is not None:
            said[f"lead_of_{OUR_METHOD}"] = {
                name: measurement_to_dict(getattr(self.lead, name))
                for name in ("overall", "p", "within_age", "over_splits")
            }
        return said


@dataclass(frozen=True, kw_only=True)
class Figures:
    """All methods.

    Attributes:
        methods: In the order they were asked for.
        n_people: Judged on.
        n_events: Of them.
        n_cases: Training and test sets.
        horizon_years: Of ``horizon_auc``.
        resamples: Of the bootstrap.
    """

    methods: tuple[MethodFigures, ...]
    n_people: int
    n_events: int
    n_cases: int
    horizon_years: float
    resamples: int

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "people": self.n_people,
            "events": self.n_events,
            "cases": self.n_cases,
            "horizon_years": self.horizon_years,
            "resamples": self.resamples,
            "methods": [method.to_json() for method in self.methods],
        }


def figures_of(
    assessment: Assessment,
    follow_up: FollowUp,
    *,
    age_band: Words | None,
    horizon_years: float | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> Figures:
    """Work the figures out.

    Args:
        assessment: Of every method on every case.
        follow_up: Of everyone who is judged on in some case.
        age_band: Of the same people; None where age is not known.
        horizon_years: None: the 75th percentile of the event times, at most the longest follow-up of three quarters.
        resamples: Of the bootstrap over people.
        seed: Of the bootstrap.
    """
    splits = [
        SplitRisks(test=case.test_rows, risks={name: risks[k] for name, risks in assessment.risks.items()})
        for k, case in enumerate(assessment.cases)
    ]
    horizon = _horizon(follow_up) if horizon_years is None else horizon_years
    draws = _draws(splits, follow_up, None, resamples, seed)
    within = None if age_band is None else _within(splits, follow_up, age_band, resamples, seed)
    rows = tuple(
        _method(name, title, assessment, follow_up, _Drawn(draws=draws, within=within), horizon)
        for name, title in assessment.titles.items()
    )
    return Figures(
        methods=rows,
        n_people=follow_up.n_people,
        n_events=follow_up.n_events,
        n_cases=len(assessment.cases),
        horizon_years=horizon,
        resamples=resamples,
    )


@dataclass(frozen=True, kw_only=True)
class _Drawn:
    """The bootstrap, over all pairs and within age bands; None where no method has a risk, or age is not known."""

    draws: ConcordanceDraws | None
    within: ConcordanceDraws | None


def _draws(
    splits: list[SplitRisks], follow_up: FollowUp, strata: Words | None, resamples: int, seed: int
) -> ConcordanceDraws | None:
    if not splits[0].risks:
        return None
    generator = np.random.default_rng(seed)
    return split_concordance(splits, follow_up, generator=generator, strata=strata, resamples=resamples)


def _within(
    splits: list[SplitRisks], follow_up: FollowUp, age_band: Words, resamples: int, seed: int
) -> ConcordanceDraws | None:
    """Compare people of one band among those whose age is known; None where a test set has no such people."""
    is_known = age_band != NOT_RECORDED
    place = np.cumsum(is_known) - 1
    known = []
    for split in splits:
        here = is_known[split.test]
        if not here.any():
            return None
        risks = {name: np.asarray(risk)[here] for name, risk in split.risks.items()}
        known.append(SplitRisks(test=place[split.test[here]], risks=risks))
    return _draws(known, follow_up.take(is_known), age_band[is_known], resamples, seed)


def _method(
    name: str, title: str, assessment: Assessment, follow_up: FollowUp, drawn: _Drawn, horizon: float
) -> MethodFigures:
    if name not in assessment.risks or drawn.draws is None:
        reason = assessment.unscored.get(name, Unscored("not assessed"))
        return MethodFigures(
            name=name, title=title, concordance=reason, within_age=reason, horizon_auc=reason, lead=None
        )
    return MethodFigures(
        name=name,
        title=title,
        concordance=drawn.draws.index(name),
        within_age=Unscored("age is not known") if drawn.within is None else drawn.within.index(name),
        horizon_auc=_mean_auc(assessment, name, follow_up, horizon),
        lead=_lead(name, assessment, follow_up, drawn),
    )


def _lead(name: str, assessment: Assessment, follow_up: FollowUp, drawn: _Drawn) -> Lead | None:
    if name == OUR_METHOD or OUR_METHOD not in assessment.risks or drawn.draws is None:
        return None
    found = drawn.draws.difference(OUR_METHOD, name)
    unknown = Unscored("age is not known")
    return Lead(
        overall=found.difference,
        p=found.p,
        within_age=unknown if drawn.within is None else drawn.within.difference(OUR_METHOD, name).difference,
        over_splits=_over_splits(name, assessment, follow_up),
    )


def _over_splits(name: str, assessment: Assessment, follow_up: FollowUp) -> Measurement:
    if len(assessment.cases) < 3 or _are_the_same(assessment):
        return Unscored("fewer than three training sets")
    indices = {
        method: [
            harrell_concordance(risk, follow_up.take(case.test_rows)).index
            for risk, case in zip(assessment.risks[method], assessment.cases, strict=True)
        ]
        for method in (OUR_METHOD, name)
    }
    values = {method: [m.value for m in found if isinstance(m, Scored)] for method, found in indices.items()}
    if any(len(found) < len(assessment.cases) for found in values.values()):
        return Unscored("a test set has no pairs to compare")
    first = assessment.cases[0]
    return corrected_resampled_t(
        np.array(values[OUR_METHOD]) - np.array(values[name]),
        train_people=first.train.n_people,
        test_people=first.test.n_people,
    ).difference


def _are_the_same(assessment: Assessment) -> bool:
    """Say whether all cases learn from the same people, seeds apart."""
    first = assessment.cases[0].train
    return all(case.train is first for case in assessment.cases)


def _mean_auc(assessment: Assessment, name: str, follow_up: FollowUp, horizon: float) -> Measurement:
    found = [
        horizon_auc(risk, follow_up.take(case.test_rows), horizon_years=horizon)
        for risk, case in zip(assessment.risks[name], assessment.cases, strict=True)
    ]
    for measurement in found:
        if not isinstance(measurement, Scored):
            return measurement
    return Scored(value=float(np.mean([m.value for m in found if isinstance(m, Scored)])), n=follow_up.n_people)


def _horizon(follow_up: FollowUp) -> float:
    """Return a horizon that enough events lie before and enough people are followed beyond."""
    followed: NDArray[np.float64] = follow_up.years
    latest = float(np.quantile(followed, 0.75))
    events = followed[follow_up.event]
    return min(float(np.quantile(events, 0.75)), latest) if len(events) else latest
