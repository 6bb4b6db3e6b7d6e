"""Repeated stratified splits: the labelled people cut into folds, each tested by what the others taught."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from holdfast.study.error import StudyError
from holdfast.study.tasks.task import Task

__all__ = ["Split", "repeated_splits"]

LEAST_A_FOLD = 2
"""People with, and people without the condition in each fold."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """One training and one test set, as places among the *labelled* people of a task, ascending.

    Attributes:
        repeat: From 0.
        fold: The fold tested on, from 0.
        train: Who is learnt from.
        test: Who is judged on.
        seed: For what is drawn while learning; another for each split.
    """

    repeat: int
    fold: int
    train: NDArray[np.int64]
    test: NDArray[np.int64]
    seed: int


def repeated_splits(task: Task, *, repeats: int = 5, folds: int = 2, seed: int = 0) -> tuple[Split, ...]:
    """Cut the labelled people into folds, ``repeats`` times; people with the condition are spread evenly.

    Raises:
        StudyError: Fewer than one repeat or two folds, or too few people for two of each label a fold.
    """
    if repeats < 1 or folds < 2:
        raise StudyError("Repeats must be 1 or more and folds 2 or more", f"{repeats} and {folds}", "5 and 2 are usual")
    fewest = min(task.n_cases, len(task.has) - task.n_cases)
    if fewest < LEAST_A_FOLD * folds:
        raise StudyError(
            f"Task {task.name!r} must have {LEAST_A_FOLD * folds} people with and without it for {folds} folds",
            f"{task.n_cases} with of {len(task.has)}",
            "take more people, or a longer horizon",
            rows=len(task.has),
        )
    return tuple(split for repeat in range(repeats) for split in _repeat(task, repeat, folds, seed))


def _repeat(task: Task, repeat: int, folds: int, seed: int) -> Iterator[Split]:
    generator = np.random.default_rng([seed, repeat])
    fold_of = np.empty(len(task.has), dtype=np.int64)
    for label in (False, True):
        places = generator.permutation(np.flatnonzero(task.has == label))
        fold_of[places] = np.arange(len(places)) % folds
    for fold in range(folds):
        yield Split(
            repeat=repeat,
            fold=fold,
            train=np.flatnonzero(fold_of != fold),
            test=np.flatnonzero(fold_of == fold),
            seed=int(np.random.SeedSequence([seed, repeat, fold]).generate_state(1)[0]),
        )
