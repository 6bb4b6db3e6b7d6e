"""What every teacher does: learn a log hazard, tell it to others, be kept without pickle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.survival.follow_up import FollowUp
from holdfast.study.visits.visits import Values

__all__ = ["Learner", "LogHazard", "Taught", "Teacher", "TeachingData"]

LogHazard = NDArray[np.float64]
"""(people,), up to a constant; higher is worse."""


@dataclass(frozen=True, kw_only=True, eq=False)
class TeachingData:
    """People as a teacher sees them.

    Attributes:
        inputs: As encoded; (people, inputs).
        values: As measured; (people, columns), NaN where missing.
        is_bent: Which inputs are hinges; (inputs,).
        is_age: Which inputs are age itself; (inputs,).
    """

    inputs: NDArray[np.float32]
    values: Values
    is_bent: NDArray[np.bool_]
    is_age: NDArray[np.bool_]

    @property
    def n_people(self) -> int:
        """How many people."""
        return len(self.inputs)

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Self:
        """Return these people."""
        return type(self)(inputs=self.inputs[rows], values=self.values[rows], is_bent=self.is_bent, is_age=self.is_age)


class Taught(Protocol):
    """A teacher that has learnt."""

    def log_hazard(self, data: TeachingData) -> LogHazard:
        """Foretell."""

    @classmethod
    def average(cls, several: Sequence[Self]) -> Self:
        """Return one that foretells the mean of what these do, all of one learner."""

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what was learnt, for safetensors."""

    def to_json(self) -> dict[str, Any]:
        """Return the rest of it."""

    @classmethod
    def from_stored(cls, said: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read what ``to_json`` and ``arrays`` returned."""


class Learner(Protocol):
    """A teacher that knows the people it will learn from, and not yet what became of them."""

    def learn(self, data: TeachingData, follow_up: FollowUp) -> Sequence[Taught]:
        """Learn from some of the people: a result for each strength, in one order."""


class Teacher(Protocol):
    """A way to foretell.

    Attributes:
        name: Its name in ``TEACHERS``.
    """

    name: ClassVar[str]

    def at(self, strength: int) -> Self:
        """Return the teacher that has one strength only: the one at this place."""

    def begin(self, data: TeachingData, *, seed: int, threads: int) -> Learner:
        """Look at the people to be learnt from."""
