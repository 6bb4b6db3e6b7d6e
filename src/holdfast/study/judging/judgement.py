"""Judge a fitted risk model on people it has not seen: held out, of a later time, or of another study."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from holdfast.risk.survival.follow_up import FollowUp
from holdfast.study.error import StudyError
from holdfast.study.judging.absolute_figures import AbsoluteFigures, absolute_figures
from holdfast.study.judging.abstention_figures import AbstentionFigures, abstention_figures
from holdfast.study.judging.decision_figures import DecisionFigures, decision_figures
from holdfast.study.judging.follow_up_figures import FollowUpFigures, follow_up_figures
from holdfast.study.judging.foretelling import foretell
from holdfast.study.judging.group_curves import GroupCurve, group_curves
from holdfast.study.judging.projection import Projection, project
from holdfast.study.judging.ranking_figures import RankingFigures, ranking_figures
from holdfast.study.judging.reclassification_figures import ReclassifiedFrom, reclassification_figures
from holdfast.study.judging.settings import JudgingSettings, Progress
from holdfast.study.judging.stress_figures import StressFigure, stress_figures
from holdfast.study.judging.subgroup_figures import SubgroupFigure, subgroup_figures
from holdfast.study.risk_model.risk_model import RiskModel
from holdfast.study.visits.visits import Visits

__all__ = ["Judgement", "judge"]

_USUAL_YEARS = (2.0, 5.0, 10.0)
_FOLLOWED = 0.1
"""Share of the people that must be followed up for as long as the default horizon."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """Every figure, of one model on one set of people.

    Attributes:
        settings: What was asked for.
        horizon_years: Of calibration, decision curve, reclassification, and event rates.
        people: Who was judged on.
        ranking: Concordance and AUC, beside other methods.
        absolute: Brier scores and calibration.
        curves: What became of each risk group.
        decision: What acting on the risk would be worth.
        reclassification: Against age and sex, and PhenoAge.
        subgroups: Main figures by group of people.
        stress: With values missing or noisy.
        abstentions: For whom nothing is said.
        projection: A picture of the embeddings.
    """

    settings: JudgingSettings
    horizon_years: float
    people: FollowUpFigures
    ranking: RankingFigures
    absolute: AbsoluteFigures
    curves: tuple[GroupCurve, ...]
    decision: DecisionFigures
    reclassification: tuple[ReclassifiedFrom, ...]
    subgroups: tuple[SubgroupFigure, ...]
    stress: tuple[StressFigure, ...]
    abstentions: AbstentionFigures
    projection: Projection

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready values; nothing in them is of one person."""
        return {
            "settings": self.settings.to_json(),
            "horizon_years": self.horizon_years,
            "people": self.people.to_json(),
            "ranking": self.ranking.to_json(),
            "absolute": self.absolute.to_json(),
            "groups": [curve.to_json() for curve in self.curves],
            "decision": self.decision.to_json(),
            "reclassification": [one.to_json() for one in self.reclassification],
            "subgroups": [one.to_json() for one in self.subgroups],
            "stress": [one.to_json() for one in self.stress],
            "abstentions": self.abstentions.to_json(),
            "projection": self.projection.to_json(),
        }


def judge(
    model: RiskModel,
    test: Visits,
    *,
    train: Visits | None = None,
    settings: JudgingSettings | None = None,
    progress: Progress = lambda _done, _of, _what: None,
) -> Judgement:
    """Work out every figure; equal people, model and settings give equal figures.

    Validation in time or place is the same, with the people of another cohort, their columns put under the model's
    names and units beforehand: see ``people_to_judge``.

    Args:
        model: Fitted to others than the test people.
        test: Followed up, with the model's columns in the model's order.
        train: The model's own training people, whom other methods learn from; None: they are unscored.
        settings: See ``JudgingSettings``.
        progress: Told how many steps are done, of how many, and what is next.

    Raises:
        StudyError: Nobody had an event, nobody has an estimate, the columns are others, or the horizon is not one of
            the model's.
        RiskError: The follow-up cannot be judged on.
    """
    settings = settings or JudgingSettings()
    follow_up = test.outcome
    if follow_up.n_events == 0:
        raise StudyError(
            "People to judge on must have had events", f"0 of {test.n_people}: all censored", "choose other people"
        )
    found = foretell(model, test, train, settings, progress)
    horizon = _horizon(found.horizons_years, follow_up, settings)
    steps = iter(range(4))

    def step(what: str) -> None:
        progress(next(steps), 4, what)

    step("ranking")
    ranking = ranking_figures(found, settings, horizons_years=_auc_horizons(found.horizons_years, follow_up, horizon))
    step("absolute risks")
    absolute = absolute_figures(found, settings, horizon_years=horizon)
    decision = decision_figures(found, settings, horizon_years=horizon)
    reclassified = reclassification_figures(found, settings, horizon_years=horizon)
    step("groups of people")
    subgroups = subgroup_figures(found, settings, horizon_years=horizon)
    step("stress")
    return Judgement(
        settings=settings,
        horizon_years=horizon,
        people=follow_up_figures(test, horizon_years=horizon),
        ranking=ranking,
        absolute=absolute,
        curves=group_curves(found, horizon_years=horizon),
        decision=decision,
        reclassification=reclassified,
        subgroups=subgroups,
        stress=stress_figures(found, settings, progress),
        abstentions=abstention_figures(found, horizon_years=horizon),
        projection=project(found, settings),
    )


def _horizon(fitted: tuple[float, ...], follow_up: FollowUp, settings: JudgingSettings) -> float:
    """Return the horizon asked for, or the longest that a tenth of the people were followed up for."""
    asked = settings.horizon_years
    if asked is None:
        return _reached(fitted or _USUAL_YEARS, follow_up)
    if fitted and asked not in fitted:
        years = ", ".join(f"{one:g}" for one in fitted)
        raise StudyError("Horizon must be one the model was fitted for", f"{asked:g} years", f"choose from {years}")
    return asked


def _reached(horizons: tuple[float, ...], follow_up: FollowUp) -> float:
    followed = [h for h in horizons if np.mean(follow_up.years >= h) >= _FOLLOWED]
    return max(followed) if followed else min(horizons)


def _auc_horizons(fitted: tuple[float, ...], follow_up: FollowUp, horizon: float) -> tuple[float, ...]:
    return tuple(sorted({h for h in fitted or _USUAL_YEARS if h <= follow_up.longest_years} | {horizon}))
