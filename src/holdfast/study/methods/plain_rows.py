"""Visits as the rows that baselines read: numbers as they were measured, categories as one 0/1 column a level."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from holdfast.cohort.schema import Kind
from holdfast.study.visits.visits import Visits

__all__ = ["PlainRows"]


@dataclass(frozen=True, kw_only=True)
class PlainRows:
    """How visits become rows.

    Attributes:
        columns: Names of the columns of the rows; of a level, "column = level".
        sources: For each, the place among the visits' columns, and the level's place or None.
    """

    columns: tuple[str, ...]
    sources: tuple[tuple[int, int | None], ...]

    @classmethod
    def of(cls, visits: Visits) -> Self:
        """Learn from training people: levels that nobody of them had become no column."""
        names: list[str] = []
        sources: list[tuple[int, int | None]] = []
        for place, column in enumerate(visits.columns):
            if column.kind is not Kind.CATEGORICAL or column.levels is None:
                names.append(column.name)
                sources.append((place, None))
                continue
            values = visits.values[:, place]
            for level, word in enumerate(column.levels.values()):
                if (values == level).any():
                    names.append(f"{column.name} = {word}")
                    sources.append((place, level))
        return cls(columns=tuple(names), sources=tuple(sources))

    def transform(self, visits: Visits) -> NDArray[np.float64]:
        """Return rows, (people, columns), NaN where missing."""
        rows = np.empty((visits.n_people, len(self.columns)))
        for k, (place, level) in enumerate(self.sources):
            values = visits.values[:, place]
            rows[:, k] = values if level is None else np.where(np.isnan(values), np.nan, values == level)
        return rows
