"""People at one visit each, in memory: a matrix of what was measured, and what is known beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from holdfast.cohort.schema import Feature
from holdfast.errors import UnknownNameError
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.study.error import StudyError

__all__ = ["NOT_RECORDED", "Values", "Visits", "Words"]

Values = NDArray[np.float32]
"""(people, columns). Missing is NaN. A categorical column holds the place of its level, from 0; a level that the
column does not list has the place after the last."""

Words = NDArray[np.object_]
"""(people,) of text."""

NOT_RECORDED = "not recorded"
"""The group of people for whom an attribute is missing: shown, never dropped."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Visits:
    """People at one visit each.

    Attributes:
        persons: An id each, unique.
        columns: What ``values`` holds, in order.
        values: What was measured.
        age: Years at the visit, (people,), NaN where missing; None where nobody's age is known.
        attributes: Name -> group of each person, by which figures are broken down ("sex", "age band", ...).
        follow_up: What came after; None where nothing is known.
        is_healthy: Whether the person is in the bona fide healthy reference; None where that was not worked out.
        notes: What was left out or read differently on the way, with counts, in sentences.
    """

    persons: Words
    columns: tuple[Feature, ...]
    values: Values
    age: NDArray[np.float64] | None = None
    attributes: Mapping[str, Words] = field(default_factory=dict)
    follow_up: FollowUp | None = None
    is_healthy: NDArray[np.bool_] | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.values.shape != (len(self.persons), len(self.columns)):
            raise StudyError(
                f"Values must be {len(self.persons)} people by {len(self.columns)} columns",
                f"shape {self.values.shape}",
                "give one row a person and one value a column",
            )

    @property
    def n_people(self) -> int:
        """How many people."""
        return len(self.persons)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def outcome(self) -> FollowUp:
        """What came after.

        Raises:
            StudyError: Nothing is known.
        """
        if self.follow_up is None:
            raise StudyError("People must have been followed up", "no times or events", "name the outcome's columns")
        return self.follow_up

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Self:
        """Return these people, by place or mask, in that order."""
        return replace(
            self,
            persons=self.persons[rows],
            values=self.values[rows],
            age=None if self.age is None else self.age[rows],
            attributes={name: groups[rows] for name, groups in self.attributes.items()},
            follow_up=None if self.follow_up is None else self.follow_up.take(rows),
            is_healthy=None if self.is_healthy is None else self.is_healthy[rows],
        )

    def select(self, names: Sequence[str]) -> Self:
        """Return the same people with these columns only.

        Raises:
            UnknownNameError: There is no such column.
        """
        places = {name: i for i, name in enumerate(self.names)}
        for name in names:
            if name not in places:
                raise UnknownNameError("feature", name, places)
        chosen = [places[name] for name in names]
        return replace(self, columns=tuple(self.columns[i] for i in chosen), values=self.values[:, chosen])
