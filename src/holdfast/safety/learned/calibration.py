"""From a relative distance to a probability, and from a probability to what is done about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from holdfast.errors import ContentError
from holdfast.safety.detection.verdict import Level
from holdfast.safety.learned.encoder import Vectors

__all__ = ["Calibration"]

_EDGE = 1e-4


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Platt's scaling of the log odds of a relative distance, and two thresholds.

    ``p = 1 / (1 + exp(-(slope * logit(r) + intercept)))`` estimates how often a text so placed is a risk, among texts
    as frequent as in the dev split. Below ``ask`` nothing is done; from ``crisis`` on the crisis protocol leads. The
    band between abstains from both: the person is asked.

    Source: Platt, Probabilistic outputs for support vector machines, 1999.
    """

    slope: float
    intercept: float
    ask: float
    crisis: float

    def __post_init__(self) -> None:
        """Check the order of the thresholds.

        Raises:
            ContentError: The slope points the wrong way, or the thresholds are not 0 < ask <= crisis.
        """
        if not (self.slope > 0 and 0 < self.ask <= self.crisis):
            raise ContentError(
                f"Calibration must rise and have 0 < ask <= crisis, got slope {self.slope!r}, ask {self.ask!r}, "
                f"crisis {self.crisis!r}; train again."
            )

    def probability(self, relative: Vectors) -> Vectors:
        """Return estimates of risk, 0 to 1, of the shape of ``relative``."""
        kept = np.clip(relative, _EDGE, 1 - _EDGE)
        return np.asarray(1 / (1 + np.exp(-(self.slope * np.log(kept / (1 - kept)) + self.intercept))), np.float32)

    def level(self, probability: float) -> Level:
        """Return what an estimate calls for."""
        if probability >= self.crisis:
            return Level.CRISIS
        return Level.CONCERN if probability >= self.ask else Level.NONE

    def to_dict(self) -> dict[str, float]:
        """Return the numbers, JSON-ready."""
        return {"slope": self.slope, "intercept": self.intercept, "ask": self.ask, "crisis": self.crisis}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read back what ``to_dict`` wrote."""
        return cls(**{name: float(data[name]) for name in ("slope", "intercept", "ask", "crisis")})
