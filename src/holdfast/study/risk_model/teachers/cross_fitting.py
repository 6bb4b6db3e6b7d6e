"""Teach on all folds but one, in turn: everybody is foretold by a teacher that had not seen them."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.baselines.partial_likelihood import partial_log_likelihood
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.study.risk_model.executor import LOCAL, Executor, limited_threads
from holdfast.study.risk_model.teachers.boosted_teacher import BoostedTaught, BoostedTeacher
from holdfast.study.risk_model.teachers.cox_teacher import CoxTaught, CoxTeacher
from holdfast.study.risk_model.teachers.kernel_teacher import KernelTaught, KernelTeacher
from holdfast.study.risk_model.teachers.teacher import Learner, LogHazard, Taught, Teacher, TeachingData

__all__ = ["TAUGHT", "TEACHERS", "CrossFitted", "cross_fit", "foretell_without"]

TEACHERS: Final = {teacher.name: teacher for teacher in (CoxTeacher, BoostedTeacher, KernelTeacher)}
TAUGHT: Final[dict[str, type[CoxTaught] | type[BoostedTaught] | type[KernelTaught]]] = {
    CoxTeacher.name: CoxTaught,
    BoostedTeacher.name: BoostedTaught,
    KernelTeacher.name: KernelTaught,
}


@dataclass(frozen=True, kw_only=True, eq=False)
class CrossFitted:
    """A teacher, and what it foretold of people it had not seen.

    Attributes:
        taught: The mean of the models of all folds, for people who are new.
        log_hazard: Of each training person, by the model that had not seen them; (people,).
        strength: The place of the strength with the highest partial likelihood of people not seen.
        without: For each fold, the model that has not seen it.
    """

    taught: Taught
    log_hazard: LogHazard
    strength: int
    without: tuple[Taught, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Without:
    """A unit of teaching: learn from everybody but some folds."""

    learner: Learner
    data: TeachingData
    follow_up: FollowUp
    folds: NDArray[np.int64]
    threads: int

    def __call__(self, left_out: tuple[int, ...]) -> "tuple[Sequence[Taught], list[list[LogHazard]]]":
        """Return what was learnt at each strength, and what each foretells of the people of each fold left out."""
        with limited_threads(self.threads):
            is_in = ~np.isin(self.folds, left_out)
            models = self.learner.learn(self.data.take(is_in), self.follow_up.take(is_in))
            each = [self.data.take(self.folds == fold) for fold in left_out]
            return models, [[model.log_hazard(people) for people in each] for model in models]


def cross_fit(
    teacher: Teacher,
    data: TeachingData,
    follow_up: FollowUp,
    folds: NDArray[np.int64],
    *,
    seed: int,
    threads: int,
    executor: Executor = LOCAL,
) -> CrossFitted:
    """Teach on all folds but one, in turn.

    Args:
        teacher: What to teach.
        data: The training people.
        follow_up: What became of them.
        folds: The fold of each, 0 and on, every one with events.
        seed: Of whatever the teacher draws.
        threads: It may use.
        executor: Of the folds.
    """
    learner = teacher.begin(data, seed=seed, threads=threads)
    unit = _Without(learner=learner, data=data, follow_up=follow_up, folds=folds, threads=threads)
    n_folds = int(folds.max()) + 1
    found = list(executor.map(unit, [(fold,) for fold in range(n_folds)]))
    outcomes = [follow_up.take(folds == fold) for fold in range(n_folds)]
    likelihoods = [
        [partial_log_likelihood(hazards[0], outcome) for hazards in foretold]
        for (_, foretold), outcome in zip(found, outcomes, strict=True)
    ]
    best = int(np.sum(likelihoods, axis=0).argmax())
    log_hazard = np.empty(data.n_people)
    for fold, (_, foretold) in enumerate(found):
        log_hazard[folds == fold] = foretold[best][0]
    kept = [models[best] for models, _ in found]
    return CrossFitted(taught=type(kept[0]).average(kept), log_hazard=log_hazard, strength=best, without=tuple(kept))


def foretell_without(
    teacher: Teacher,
    data: TeachingData,
    follow_up: FollowUp,
    folds: NDArray[np.int64],
    *,
    seed: int,
    threads: int,
    executor: Executor = LOCAL,
) -> NDArray[np.float64]:
    """Teach on all folds but two, in turn: what is foretold of people by a teacher that has not seen another fold.

    Args:
        teacher: Of one strength; see ``Teacher.at``.
        data, follow_up, folds, seed, threads, executor: As for ``cross_fit``.

    Returns:
        (folds, people): in row m, of each person, by a model that has seen neither fold m nor the person's own. Where
        that is the same fold it is NaN: ``cross_fit`` has those.
    """
    learner = teacher.begin(data, seed=seed, threads=threads)
    unit = _Without(learner=learner, data=data, follow_up=follow_up, folds=folds, threads=threads)
    n_folds = int(folds.max()) + 1
    out = np.full((n_folds, data.n_people), np.nan)
    pairs = list(itertools.combinations(range(n_folds), 2))
    for (one, other), (_, foretold) in zip(pairs, executor.map(unit, pairs), strict=True):
        of_one, of_other = foretold[0]
        out[other, folds == one] = of_one
        out[one, folds == other] = of_other
    return out
