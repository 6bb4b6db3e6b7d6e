"""From a relative distance to a probability, and from a probability to what is done about it."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from holdfast.errors import ContentError
from holdfast.safety.detection.verdict import Level

__all__ = ["DEFAULT", "Calibration", "Calibrations"]

DEFAULT = "any"
"""The calibration used for a language that has none of its own."""

_EDGE = 1e-4


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Platt's scaling of the log odds of a relative distance, and three thresholds.

    ``p = 1 / (1 + exp(-(slope * logit(r) + intercept)))`` estimates how often a text so placed is a risk, among texts
    as frequent as in the utterance set. Below ``ask`` it asks nothing; from ``crisis`` on the crisis protocol leads.
    The band between abstains from both: the person is asked. Below ``calm`` a text counts as clearly harmless, which
    may outweigh what other layers find in its words; None where the encoder cannot tell.

    Source: Platt, Probabilistic outputs for support vector machines, 1999.
    """

    slope: float
    intercept: float
    ask: float
    crisis: float
    calm: float | None = None

    def __post_init__(self) -> None:
        """Check the order of the thresholds.

        Raises:
            ContentError: The slope points the wrong way, or the thresholds are not 0 <= calm <= ask <= crisis.
        """
        if not (self.slope > 0 and 0 < self.ask <= self.crisis and (self.calm is None or 0 <= self.calm <= self.ask)):
            raise ContentError(
                f"Calibration must rise and have 0 <= calm <= ask <= crisis and ask over 0, got slope {self.slope!r}, "
                f"calm {self.calm!r}, ask {self.ask!r}, crisis {self.crisis!r}; train again."
            )

    def probability(self, relative: float) -> float:
        """Return the estimate of risk, 0 to 1, for a relative distance."""
        kept = min(max(relative, _EDGE), 1 - _EDGE)
        return 1 / (1 + math.exp(-(self.slope * math.log(kept / (1 - kept)) + self.intercept)))

    def level(self, probability: float) -> Level:
        """Return what an estimate calls for."""
        if probability >= self.crisis:
            return Level.CRISIS
        return Level.CONCERN if probability >= self.ask else Level.NONE

    def to_dict(self) -> dict[str, float | None]:
        """Return the numbers, JSON-ready."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read back what ``to_dict`` wrote."""
        calm = data.get("calm")
        return cls(
            slope=float(data["slope"]),
            intercept=float(data["intercept"]),
            ask=float(data["ask"]),
            crisis=float(data["crisis"]),
            calm=None if calm is None else float(calm),
        )


@dataclass(frozen=True)
class Calibrations:
    """A calibration for each language, by tag, and one for any other under ``DEFAULT``."""

    by_language: Mapping[str, Calibration]

    def __post_init__(self) -> None:
        """Check that there is one for any language.

        Raises:
            ContentError: There is none.
        """
        if DEFAULT not in self.by_language:
            raise ContentError(f"Calibrations must hold one under {DEFAULT!r}, and do not; train again.")

    def of(self, language: str) -> Calibration:
        """Return the calibration for texts in ``language``."""
        return self.by_language.get(language) or self.by_language[DEFAULT]

    def to_dict(self) -> dict[str, dict[str, float | None]]:
        """Return the numbers of each, JSON-ready."""
        return {language: one.to_dict() for language, one in self.by_language.items()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read back what ``to_dict`` wrote."""
        return cls({language: Calibration.from_dict(one) for language, one in data.items()})
