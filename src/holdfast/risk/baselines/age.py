"""Age alone: the least that a health risk must better."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np

from holdfast.risk.baselines.baseline import Risk, Rows
from holdfast.risk.baselines.card import read_card, write_card
from holdfast.risk.baselines.inputs import arranged, check_follow_up, check_rows
from holdfast.risk.error import RiskError
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.staged import staged

__all__ = ["AgeBaseline"]


class AgeBaseline:
    """The age column itself, as it is: risk = age. Nothing is learnt but where the column stands.

    Args:
        column: The name of the age column, in any unit.
    """

    name = "age"

    def __init__(self, column: str) -> None:
        self.column = column
        self._columns: tuple[str, ...] | None = None

    def fit(self, rows: Rows, follow_up: FollowUp, *, columns: Sequence[str]) -> Self:
        """Find the age column; see ``Baseline.fit``. No event is needed.

        Raises:
            RiskError: There is no such column, or somebody's age is missing.
        """
        check_rows(rows, columns)
        check_follow_up(rows, follow_up, least_events=0)
        self._known(arranged(rows, columns, (self.column,)))
        self._columns = tuple(columns)
        return self

    def risk(self, rows: Rows, *, columns: Sequence[str] | None = None) -> Risk:
        """Return each person's age; see ``Baseline.risk``.

        Raises:
            RiskError: It was not fitted, there is no age column, or somebody's age is missing.
        """
        if self._columns is None:
            raise RiskError("Baseline must be fitted before it scores", "one that was not", "call fit")
        return self._known(arranged(rows, self._columns if columns is None else columns, (self.column,)))

    def _known(self, ages: Rows) -> Risk:
        missing = int(np.isnan(ages).sum())
        if missing:
            raise RiskError(
                f"{self.column} must be known for everybody",
                f"{missing} of {len(ages)} rows without",
                "leave those rows out of every method that is compared",
                columns=[self.column],
                rows=missing,
            )
        return ages[:, 0].copy()

    def save(self, folder: Path) -> None:
        """Write what was learnt into ``folder``."""
        if self._columns is None:
            raise RiskError("Baseline must be fitted before it is kept", "one that was not", "call fit")
        with staged(folder) as beside:
            beside.mkdir(parents=True)
            write_card(beside, self.name, {"column": self.column, "columns": list(self._columns)})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote; see ``Baseline.load``."""
        card = read_card(folder, cls.name)
        loaded = cls(card["column"])
        loaded._columns = tuple(card["columns"])
        return loaded
