"""Who a method learns from and who it is judged on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from holdfast.study.error import StudyError
from holdfast.study.visits.visits import Visits

__all__ = ["Case", "repeated_halves", "train_and_test"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """One training and one test set.

    Attributes:
        name: Unique among the cases of an evaluation: "repeat 0, half 1".
        train: Who is learnt from.
        test: Who is judged on.
        test_rows: The test people's places among everyone who is judged on in any case.
        seed: For the methods.
    """

    name: str
    train: Visits
    test: Visits
    test_rows: NDArray[np.int64]
    seed: int


def train_and_test(train: Visits, test: Visits, *, seeds: Sequence[int]) -> tuple[Case, ...]:
    """Return a case a seed: the same people, other random numbers."""
    rows = np.arange(test.n_people)
    return tuple(Case(name=f"seed {s}", train=train, test=test, test_rows=rows, seed=s) for s in seeds)


def repeated_halves(visits: Visits, *, seeds: Sequence[int]) -> tuple[Case, ...]:
    """Cut the people in two at random, once a seed, each half tested by what the other taught: R x 2 cross-validation.

    Events are spread evenly over the halves.

    Raises:
        StudyError: Fewer than four events.
    """
    if visits.outcome.n_events < 4:
        raise StudyError("Halves must hold two events each", f"{visits.outcome.n_events} in all", "use more people")
    return tuple(case for seed in seeds for case in _halves(visits, seed))


def _halves(visits: Visits, seed: int) -> Iterator[Case]:
    is_second = np.zeros(visits.n_people, dtype=np.bool_)
    generator = np.random.default_rng([seed, 20_262])
    for had_event in (False, True):
        rows = generator.permutation(np.flatnonzero(visits.outcome.event == had_event))
        is_second[rows[: len(rows) // 2]] = True
    for half, is_test in enumerate((~is_second, is_second)):
        yield Case(
            name=f"repeat {seed}, half {half}",
            train=visits.take(~is_test),
            test=visits.take(is_test),
            test_rows=np.flatnonzero(is_test),
            seed=2 * seed + half,
        )
