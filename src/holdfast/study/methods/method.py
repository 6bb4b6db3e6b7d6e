"""What every method of a comparison does: learn from people who were followed up, put a risk to others."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from holdfast.measured import Unscored
from holdfast.study.visits.visits import Visits

__all__ = ["FittedMethod", "Method", "MethodSettings", "Risk"]

Risk = NDArray[np.float64]
"""(people,), finite; higher is worse. Only its order is comparable between methods."""


@dataclass(frozen=True, kw_only=True)
class MethodSettings:
    """What all methods are told alike.

    Attributes:
        age: Name of the input that holds age in years; None where there is none.
        dimensions: Of embeddings that can be chosen.
        threads: Processor threads that a method may use, 1 or more.
    """

    age: str | None = None
    dimensions: int = 16
    threads: int = 1


class FittedMethod(Protocol):
    """A method that has learnt."""

    def risk(self, visits: Visits) -> Risk | Unscored:
        """Return each person's risk, or why there is none for anybody."""


class Method(Protocol):
    """A way to foretell an outcome from one visit."""

    @property
    def name(self) -> str:
        """Its name in ``METHODS``."""

    @property
    def title(self) -> str:
        """What it is, in a line."""

    def fit(self, train: Visits, *, seed: int) -> FittedMethod | Unscored:
        """Learn, or say why this method cannot from such people.

        Raises:
            StudyError, RiskError, MetricError: The people cannot be learnt from by any method.
        """
