"""What every baseline does: learn a risk from one visit's inputs and follow-up, put a number to others, be kept."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.survival.follow_up import FollowUp

__all__ = ["Baseline", "Risk", "Rows"]

Rows = NDArray[np.float64]
"""(people, inputs): one visit a row; NaN where a value is missing, never infinite."""

Risk = NDArray[np.float64]
"""(people,): finite, higher is worse. Only its order is comparable between baselines."""


class Baseline(Protocol):
    """A risk that ours is compared with.

    Attributes:
        name: What its row in a comparison is called: "cox".
    """

    name: str

    def fit(self, rows: Rows, follow_up: FollowUp, *, columns: Sequence[str]) -> Self:
        """Learn from ``rows``; equal rows, follow-up and settings give an equal risk on one machine.

        Args:
            rows: One visit a person.
            follow_up: What came of each of them, in the same order.
            columns: The name of each input, unique.

        Raises:
            RiskError: The rows, the columns or the follow-up cannot be learnt from.
        """

    def risk(self, rows: Rows, *, columns: Sequence[str] | None = None) -> Risk:
        """Return each person's risk; it does not depend on the rows beside it.

        Args:
            rows: One visit a person.
            columns: The name of each input: those that were learnt from are found by name, others are passed over.
                None says that they are the very columns of ``fit``, in that order.

        Raises:
            RiskError: It was not fitted, or a column is missing or has the wrong kind of values.
        """

    def save(self, folder: Path) -> None:
        """Write what was learnt into ``folder``: JSON, and xgboost's own format; never pickle."""

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote.

        Raises:
            RiskError: The folder holds no such baseline.
        """
