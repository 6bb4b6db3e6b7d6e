"""A method learnt for each sex apart, and brought onto one scale so that everybody can be ranked.

Scores learnt apart are not comparable. Each sex's score is turned into the log hazard of a Cox model of that score
alone, on its own Breslow baseline at the median follow-up: ``ln H_sex(t) + b_sex s``. The risk is higher where it is
worse, in both sexes alike. The Cox model sees the scores of the people that the method learnt from.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from holdfast.measured import Unscored
from holdfast.risk.cox import cumulative_hazard, fit_cox
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.study.error import StudyError
from holdfast.study.methods.method import FittedMethod, Method, Risk
from holdfast.study.visits.visits import Visits, Words

__all__ = ["BySex"]

_RIDGE = 1e-6


@dataclass(frozen=True, kw_only=True)
class BySex:
    """A method for each sex.

    Attributes:
        method: What is learnt for each.
        sex: The attribute of visits that says which.
    """

    method: Method
    sex: str

    @property
    def name(self) -> str:
        """The method's name."""
        return self.method.name

    @property
    def title(self) -> str:
        """The method's title, and that it is learnt apart."""
        return f"{self.method.title}; for each sex apart"

    def fit(self, train: Visits, *, seed: int) -> FittedMethod | Unscored:
        """Learn for each sex; see ``Method.fit``."""
        groups = _groups(train, self.sex)
        at = float(np.median(train.outcome.years))
        learnt = {}
        for name in sorted(set(groups)):
            people = train.take(groups == name)
            fitted = self.method.fit(people, seed=seed)
            risk = fitted if isinstance(fitted, Unscored) else fitted.risk(people)
            if isinstance(fitted, Unscored) or isinstance(risk, Unscored):
                return Unscored(f"for {name}: {risk.reason if isinstance(risk, Unscored) else ''}")
            learnt[name] = _Learnt(fitted=fitted, scale=_Scale.of(risk, people.outcome, at))
        return _Fitted(learnt=learnt, sex=self.sex)


@dataclass(frozen=True, kw_only=True)
class _Scale:
    """From one sex's score to a log hazard."""

    intercept: float
    slope: float

    @classmethod
    def of(cls, risk: Risk, follow_up: FollowUp, at: float) -> "_Scale":
        spread = float(risk.std())
        if not spread > 0:
            return cls(intercept=float(np.log(max(follow_up.n_events, 0.5) / follow_up.n_people)), slope=0.0)
        mean, standard = float(risk.mean()), (risk - risk.mean()) / spread
        slope = float(fit_cox(standard[:, None], follow_up, ridge=_RIDGE)[0])
        hazard = float(cumulative_hazard(slope * standard, follow_up, at=np.array([at]))[0])
        return cls(intercept=float(np.log(max(hazard, 1e-12))) - slope * mean / spread, slope=slope / spread)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Learnt:
    fitted: FittedMethod
    scale: _Scale


@dataclass(frozen=True, kw_only=True, eq=False)
class _Fitted:
    learnt: Mapping[str, _Learnt]
    sex: str

    def risk(self, visits: Visits) -> Risk | Unscored:
        groups = _groups(visits, self.sex)
        out = np.empty(visits.n_people)
        for name in sorted(set(groups)):
            if name not in self.learnt:
                return Unscored(f"nobody of {name!r} was learnt from")
            is_one, one = groups == name, self.learnt[name]
            risk = one.fitted.risk(visits.take(is_one))
            if isinstance(risk, Unscored):
                return risk
            out[is_one] = one.scale.intercept + one.scale.slope * risk
        return out


def _groups(visits: Visits, sex: str) -> Words:
    if sex not in visits.attributes:
        raise StudyError("People must have a sex to be learnt apart by it", f"no {sex!r}", "name its column")
    return visits.attributes[sex]
