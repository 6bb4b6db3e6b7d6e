"""What the model and the methods it is compared with foretold of the people it is judged on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from holdfast.measured import Unscored
from holdfast.risk.estimates import AbsoluteRisks, RiskEstimates
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.study.error import StudyError
from holdfast.study.judging.reference_risks import AGE_AND_SEX, PHENOAGE, age_and_sex_risks, score_risks
from holdfast.study.judging.settings import OURS, JudgingSettings, Progress
from holdfast.study.methods.method import FittedMethod, MethodSettings, Risk
from holdfast.study.methods.registry import make_methods
from holdfast.study.risk_model.risk_model import RiskModel
from holdfast.study.visits.visits import Visits

__all__ = ["Foretold", "foretell"]

NO_TRAINING_PEOPLE = Unscored("the training people are not at hand")
NOTHING_TO_COMPARE = Unscored("the model has no absolute risk to compare with")

AbsoluteValues = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Foretold:
    """What was foretold of n test people, m of whom have an estimate.

    Attributes:
        model: That is judged.
        test: The people.
        estimates: What the model says of each, abstentions included.
        titles: Name -> what it is: the model first, then every method, those without a risk too.
        risks: Name -> a risk each, (n,), higher is worse. The model's is given for everybody, also where it abstains,
            so that all methods are compared on the same people.
        unscored: Name of a method -> why it has no risk.
        fitted: Name -> the method as fitted on the training people.
        horizons_years: Of the absolute risks, ascending; empty where there are none.
        absolute: Name -> absolute risks of the people with an estimate, (m, horizons): the model's, those of age and
            sex, those of PhenoAge; or why there are none.
    """

    model: RiskModel
    test: Visits
    estimates: RiskEstimates
    titles: Mapping[str, str]
    risks: Mapping[str, Risk]
    unscored: Mapping[str, Unscored]
    fitted: Mapping[str, FittedMethod]
    horizons_years: tuple[float, ...]
    absolute: Mapping[str, AbsoluteValues | Unscored]

    @property
    def follow_up(self) -> FollowUp:
        """Of everybody."""
        return self.test.outcome

    @property
    def estimated(self) -> Visits:
        """The people with an estimate, in the order of ``estimates.rows``."""
        return self.test.take(self.estimates.rows)

    def absolute_at(self, name: str, horizon_years: float) -> NDArray[np.float64] | Unscored:
        """Return absolute risks of the people with an estimate by a horizon, (m,), or why there are none."""
        found = self.absolute[name]
        if isinstance(found, Unscored):
            return found
        if horizon_years not in self.horizons_years:
            return Unscored(f"no absolute risk over {horizon_years:g} years was fitted")
        return found[:, self.horizons_years.index(horizon_years)]


def foretell(
    model: RiskModel, test: Visits, train: Visits | None, settings: JudgingSettings, progress: Progress
) -> Foretold:
    """Score the test people by the model, and by methods that learn from the model's own training people.

    Raises:
        StudyError: The people's columns are not the model's, or nobody has an estimate.
    """
    _refuse_other_columns(model, test)
    estimates = model.score(test.values)
    if not len(estimates.rows):
        raise StudyError("Some people must have an estimate", f"0 of {test.n_people}", "look at their units")
    risks: dict[str, Risk] = {OURS: model.risk_of(test.values)}
    titles = {OURS: "The model judged here"}
    unscored: dict[str, Unscored] = {}
    fitted: dict[str, FittedMethod] = {}
    asked = settings.compared
    made = make_methods(asked, MethodSettings(age=model.age, threads=settings.threads))
    for number, method in enumerate(made):
        progress(number, len(made), f"fitting {method.name}")
        titles[method.name] = method.title
        learnt = NO_TRAINING_PEOPLE if train is None else method.fit(train, seed=settings.seed)
        risk = learnt if isinstance(learnt, Unscored) else learnt.risk(test)
        if isinstance(risk, Unscored):
            unscored[method.name] = risk
        elif not isinstance(learnt, Unscored):
            fitted[method.name], risks[method.name] = learnt, risk
    phenoage = fitted.get(PHENOAGE, unscored.get(PHENOAGE, Unscored("PhenoAge was not asked for")))
    return Foretold(
        model=model,
        test=test,
        estimates=estimates,
        titles=titles,
        risks=risks,
        unscored=unscored,
        fitted=fitted,
        horizons_years=_horizons(estimates),
        absolute={
            OURS: estimates.absolute.risks if isinstance(estimates.absolute, AbsoluteRisks) else estimates.absolute,
            AGE_AND_SEX: _of_age_and_sex(model, test.take(estimates.rows), train, estimates),
            PHENOAGE: _of_phenoage(model, test.take(estimates.rows), train, estimates, phenoage),
        },
    )


def _refuse_other_columns(model: RiskModel, test: Visits) -> None:
    names = tuple(column.name for column in model.columns)
    if test.names != names:
        other = len(set(test.names) ^ set(names))
        raise StudyError(
            "People to judge must have the model's columns, in its order",
            f"{other} that are missing or not the model's" if other else "another order",
            "read them with people_to_judge",
        )


def _horizons(estimates: RiskEstimates) -> tuple[float, ...]:
    return estimates.absolute.horizons_years if isinstance(estimates.absolute, AbsoluteRisks) else ()


def _of_age_and_sex(
    model: RiskModel, people: Visits, train: Visits | None, estimates: RiskEstimates
) -> AbsoluteValues | Unscored:
    if train is None:
        return NO_TRAINING_PEOPLE
    if isinstance(estimates.absolute, Unscored):
        return NOTHING_TO_COMPARE
    return age_and_sex_risks(train, people, estimates.absolute.horizons_years, knots=model.risk.settings.knots)


def _of_phenoage(
    model: RiskModel,
    people: Visits,
    train: Visits | None,
    estimates: RiskEstimates,
    method: FittedMethod | Unscored,
) -> AbsoluteValues | Unscored:
    if train is None:
        return NO_TRAINING_PEOPLE
    if isinstance(estimates.absolute, Unscored):
        return NOTHING_TO_COMPARE
    if isinstance(method, Unscored):
        return method
    learnt, asked = method.risk(train), method.risk(people)
    if isinstance(learnt, Unscored) or isinstance(asked, Unscored):
        return learnt if isinstance(learnt, Unscored) else asked
    return score_risks(learnt, train.outcome, asked, estimates.absolute.horizons_years, knots=model.risk.settings.knots)
