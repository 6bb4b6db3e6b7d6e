"""Who is in the cohort, and the counts of who is not."""

from dataclasses import dataclass, field

import polars as pl

from holdfast.cohort.cohort_writer import CohortWriter
from holdfast.cohort.error import CohortError

__all__ = ["Selection"]

EXAMINED = 2
"""RIDSTATR of people who were interviewed and examined."""


@dataclass(kw_only=True)
class Selection:
    """Keeps people by the settings and counts those it leaves out, over all cycles.

    Attributes:
        examined_only: Whether people who were not examined are left out.
        min_age: Youngest age in years.
    """

    examined_only: bool
    min_age: int
    _counts: dict[str, int] = field(default_factory=lambda: {"source": 0, "not examined": 0, "too young": 0})

    def kept(self, table: pl.DataFrame) -> pl.DataFrame:
        """Return the people of one cycle who stay, and count."""
        examined = table.filter(pl.col("RIDSTATR") == EXAMINED) if self.examined_only else table
        old = examined.filter(pl.col("RIDAGEYR") >= self.min_age) if self.min_age else examined
        self._counts["source"] += table.height
        self._counts["not examined"] += table.height - examined.height
        self._counts["too young"] += examined.height - old.height
        return old

    def write(self, writer: CohortWriter) -> None:
        """Note the flow.

        Raises:
            CohortError: Nobody is left.
        """
        people = self._counts["source"]
        writer.add_flow(step="source", removed=0, left=people, why="Everyone who was interviewed.")
        steps = (
            ("not examined", self.examined_only, "Interviewed but not examined: no measurements and no exam weight."),
            ("too young", self.min_age > 0, f"Younger than {self.min_age} years at screening."),
        )
        for step, asked, why in steps:
            if asked:
                people -= self._counts[step]
                writer.add_flow(step=step, removed=self._counts[step], left=people, why=why)
        if not people:
            raise CohortError("Cohort must hold people", "nobody left", "lower the youngest age", rows=0)
