"""Scores of training people by models that know nothing of what became of them.

Percentiles, groups and absolute risks are read off such scores. It is not enough that an encoder is trained without a
fold: the grades it learns came from teachers that had seen that fold, and it would learn from them what became of its
people. So for each fold everything is done again without it, from teachers on. Only the strength of each teacher was
chosen with everybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.survival.follow_up import FollowUp
from holdfast.study.risk_model.encoder_training import train_without
from holdfast.study.risk_model.executor import LOCAL, Executor, limited_threads
from holdfast.study.risk_model.grade_groups import grade_groups, grades_of
from holdfast.study.risk_model.risk_model import Lead
from holdfast.study.risk_model.settings import RiskModelSettings
from holdfast.study.risk_model.teachers.cross_fitting import TEACHERS, CrossFitted, foretell_without
from holdfast.study.risk_model.teachers.teacher import TeachingData

__all__ = ["TrainingPeople", "foretold_without", "held_out_scores"]


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainingPeople:
    """The people that a risk model learns from.

    Attributes:
        data: As teachers see them.
        follow_up: What became of them.
        folds: The fold of each; (people,).
        pupils: Places of those that teachers learn from.
        is_healthy: Whether each is bona fide healthy; None where that is not known.
    """

    data: TeachingData
    follow_up: FollowUp
    folds: NDArray[np.int64]
    pupils: NDArray[np.int64]
    is_healthy: NDArray[np.bool_] | None

    @property
    def n_folds(self) -> int:
        """How many folds there are."""
        return int(self.folds.max()) + 1


def foretold_without(
    people: TrainingPeople,
    taught: Sequence[CrossFitted],
    settings: RiskModelSettings,
    *,
    seed: int,
    executor: Executor = LOCAL,
) -> NDArray[np.float64]:
    """Return log hazards (folds, people, teachers): in row m by teachers that saw neither fold m nor the person.

    Args:
        people: The training people.
        taught: What ``cross_fit`` made of the pupils with each teacher of the settings, in order.
        settings: As fitted.
        seed: As ``cross_fit`` was given.
        executor: Of the pairs of folds.
    """
    seen, outcome = people.data.take(people.pupils), people.follow_up.take(people.pupils)
    folds = people.folds[people.pupils]
    out = np.empty((people.n_folds, people.data.n_people, len(taught)))
    for place, (name, teacher) in enumerate(zip(settings.teachers, taught, strict=True)):
        if len(people.pupils) < people.data.n_people:
            out[:, :, place] = [model.log_hazard(people.data) for model in teacher.without]
        chosen = TEACHERS[name]().at(teacher.strength)
        found = foretell_without(chosen, seen, outcome, folds, seed=seed, threads=settings.threads, executor=executor)
        out[:, people.pupils, place] = np.where(np.isnan(found), teacher.log_hazard, found)
    return out


def held_out_scores(
    people: TrainingPeople,
    hazards: NDArray[np.float64],
    lead: Lead,
    settings: RiskModelSettings,
    *,
    seed: int,
    executor: Executor = LOCAL,
) -> NDArray[np.float64]:
    """Score each person by an encoder, grades and a distance that were learnt without their fold, from teachers on.

    Args:
        people: The training people.
        hazards: See ``foretold_without``.
        lead: How teachers are shown to encoders.
        settings: As fitted.
        seed: Of the encoders.
        executor: Of the folds.

    Returns:
        (people,), higher is worse; each fold on its own standard scale, as members of an ensemble are.
    """
    scores = np.empty(people.data.n_people)
    unit = _Fold(people=people, hazards=hazards, lead=lead, settings=settings, seed=seed)
    folds = range(len(hazards))
    for fold, found in zip(folds, executor.map(unit, folds), strict=True):
        scores[people.folds == fold] = found
    return scores


@dataclass(frozen=True, kw_only=True, eq=False)
class _Fold:
    """A unit of scoring: everything learnt again without a fold, whose people are then scored."""

    people: TrainingPeople
    hazards: NDArray[np.float64]
    lead: Lead
    settings: RiskModelSettings
    seed: int

    def __call__(self, fold: int) -> NDArray[np.float64]:
        with limited_threads(self.settings.threads):
            return self._scores(fold)

    def _scores(self, fold: int) -> NDArray[np.float64]:
        people, settings, foretold = self.people, self.settings, self.hazards[fold]
        inside, outside = np.flatnonzero(people.folds != fold), np.flatnonzero(people.folds == fold)
        inputs = people.data.inputs
        shown = self.lead.beside(inputs, foretold) if settings.is_led else inputs
        outcome = people.follow_up.take(inside)
        grades = grades_of(foretold[inside], outcome, settings.grading)
        encoder = train_without(fold, shown[inside], grades.codes, settings, seed=self.seed)
        groups = grade_groups(grades, None if people.is_healthy is None else people.is_healthy[inside])
        fitted = settings.risk.distance.fit(encoder.embed(shown[inside]), groups, outcome)
        found = fitted.score(encoder.embed(shown[outside]))
        standard: NDArray[np.float64] = (found - found.mean()) / found.std()
        return standard
