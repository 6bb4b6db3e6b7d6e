"""Teach on all folds but one, in turn: everybody is foretold by a teacher that had not seen them."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.baselines.partial_likelihood import partial_log_likelihood
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.study.risk_model.teachers.boosted_teacher import BoostedTaught, BoostedTeacher
from holdfast.study.risk_model.teachers.cox_teacher import CoxTaught, CoxTeacher
from holdfast.study.risk_model.teachers.kernel_teacher import KernelTaught, KernelTeacher
from holdfast.study.risk_model.teachers.teacher import LogHazard, Taught, Teacher, TeachingData

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


def cross_fit(
    teacher: Teacher,
    data: TeachingData,
    follow_up: FollowUp,
    folds: NDArray[np.int64],
    *,
    seed: int,
    threads: int,
) -> CrossFitted:
    """Teach on all folds but one, in turn.

    Args:
        teacher: What to teach.
        data: The training people.
        follow_up: What became of them.
        folds: The fold of each, 0 and on, every one with events.
        seed: Of whatever the teacher draws.
        threads: It may use.
    """
    learner = teacher.begin(data, seed=seed, threads=threads)
    models: list[Sequence[Taught]] = []
    foretold: list[list[LogHazard]] = []
    likelihoods: NDArray[np.float64] | None = None
    for fold in range(int(folds.max()) + 1):
        is_out = folds == fold
        models.append(learner.learn(data.take(~is_out), follow_up.take(~is_out)))
        left_out, outcome = data.take(is_out), follow_up.take(is_out)
        foretold.append([model.log_hazard(left_out) for model in models[-1]])
        found = np.array([partial_log_likelihood(hazard, outcome) for hazard in foretold[-1]])
        likelihoods = found if likelihoods is None else likelihoods + found
    best = 0 if likelihoods is None else int(likelihoods.argmax())
    log_hazard = np.empty(data.n_people)
    for fold, hazards in enumerate(foretold):
        log_hazard[folds == fold] = hazards[best]
    kept = [of_fold[best] for of_fold in models]
    return CrossFitted(taught=type(kept[0]).average(kept), log_hazard=log_hazard, strength=best, without=tuple(kept))


def foretell_without(
    teacher: Teacher,
    data: TeachingData,
    follow_up: FollowUp,
    folds: NDArray[np.int64],
    *,
    seed: int,
    threads: int,
) -> NDArray[np.float64]:
    """Teach on all folds but two, in turn: what is foretold of people by a teacher that has not seen another fold.

    Args:
        teacher: Of one strength; see ``Teacher.at``.
        data, follow_up, folds, seed, threads: As for ``cross_fit``.

    Returns:
        (folds, people): in row m, of each person, by a model that has seen neither fold m nor the person's own. Where
        that is the same fold it is NaN: ``cross_fit`` has those.
    """
    learner = teacher.begin(data, seed=seed, threads=threads)
    n_folds = int(folds.max()) + 1
    out = np.full((n_folds, data.n_people), np.nan)
    for one, other in itertools.combinations(range(n_folds), 2):
        is_in = (folds != one) & (folds != other)
        model = learner.learn(data.take(is_in), follow_up.take(is_in))[0]
        for fold, without in ((one, other), (other, one)):
            rows = np.flatnonzero(folds == fold)
            out[without, rows] = model.log_hazard(data.take(rows))
    return out
