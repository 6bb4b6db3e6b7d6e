"""Repeated stratified splits: everybody once a repeat, labels spread evenly, drawn from the seed."""

import numpy as np
import pytest

from holdfast.study.error import StudyError
from holdfast.study.tasks.splits import repeated_splits
from holdfast.study.tasks.task import Task


def task(cases: int = 23, n: int = 101) -> Task:
    return Task.prevalent("x", np.random.default_rng(0).permutation(np.arange(n) < cases))


@pytest.mark.parametrize("folds", [2, 3, 5])
def test_everybody_is_tested_once_a_repeat_and_never_while_learnt_from(folds: int) -> None:
    splits = repeated_splits(task(), repeats=3, folds=folds)
    assert [(s.repeat, s.fold) for s in splits] == [(r, f) for r in range(3) for f in range(folds)]
    for repeat in range(3):
        ours = [s for s in splits if s.repeat == repeat]
        assert sorted(np.concatenate([s.test for s in ours])) == list(range(101))
    for split in splits:
        assert sorted([*split.train, *split.test]) == list(range(101))
        assert (np.diff(split.train) > 0).all()
        assert (np.diff(split.test) > 0).all()


@pytest.mark.parametrize("folds", [2, 3, 5])
def test_cases_are_spread_evenly(folds: int) -> None:
    cases = [int(task().has[s.test].sum()) for s in repeated_splits(task(), repeats=2, folds=folds)]
    assert max(cases) - min(cases) <= 1


def test_splits_follow_from_the_seed_and_differ_between_repeats() -> None:
    one, again, other = (repeated_splits(task(), seed=seed) for seed in (0, 0, 1))
    tests = [s.test.tolist() for s in one]
    assert tests == [s.test.tolist() for s in again]
    assert tests != [s.test.tolist() for s in other]
    assert len({tuple(t) for t in tests}) == 10
    assert len({s.seed for s in one}) == 10


def test_too_few_people_and_impossible_counts_are_refused() -> None:
    with pytest.raises(
        StudyError, match=r"^Task 'x' must have 4 people with and without it for 2 folds, got 3 with of 101; "
    ):
        repeated_splits(task(3))
    with pytest.raises(StudyError, match=r"got 98 with of 101; "):
        repeated_splits(task(98))
    with pytest.raises(StudyError, match=r"^Repeats must be 1 or more and folds 2 or more, got 5 and 1; "):
        repeated_splits(task(), folds=1)
    with pytest.raises(StudyError, match=r"^Repeats must be 1 or more and folds 2 or more, got 0 and 2; "):
        repeated_splits(task(), repeats=0)
