"""What an alarm is worth where risk is as rare as it is among people, not among labelled cases."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from holdfast.measured import Interval, Measurement, Scored, Unscored, measurement_to_dict, wilson

__all__ = ["BASE_RATES", "Counts", "PredictiveValue", "predictive_values"]

BASE_RATES = (0.005, 0.01, 0.02, 0.05)
"""Shares of messages that signal risk for which the value of an alarm is worked out."""


@dataclass(frozen=True)
class Counts:
    """How many of ``of`` were flagged."""

    flagged: int
    of: int


@dataclass(frozen=True, kw_only=True)
class PredictiveValue:
    """What follows where a share ``base_rate`` of messages signals risk.

    Attributes:
        value: Share of alarms that are right (the positive predictive value). Higher is better.
        alarms_per_1000: Alarms among 1,000 messages, right and wrong.
    """

    base_rate: float
    value: Measurement
    alarms_per_1000: Measurement

    def to_dict(self) -> dict[str, Any]:
        """Return the figures, JSON-ready."""
        return {
            "base_rate": self.base_rate,
            "value": measurement_to_dict(self.value),
            "alarms_per_1000": measurement_to_dict(self.alarms_per_1000),
        }


def predictive_values(
    risk: Counts, benign: Counts, *, base_rates: Sequence[float] = BASE_RATES, level: float = 0.95
) -> tuple[PredictiveValue, ...]:
    """Return the value of an alarm at each base rate p, by Bayes' rule: ``s p / (s p + f (1 - p))``.

    s is the share of risk that is flagged, f the share of the benign. Each has a Wilson interval that covers the square
    root of ``level``; the two are measured on different cases, so both hold together ``level`` of the time, and the
    value at their worst and at their best ends bounds it about that often or more (it is wider than it need be).

    Unscored where either has no case, or nothing at all was flagged.
    """
    sensitivity, fallout = (wilson(one.flagged, one.of, level=math.sqrt(level)) for one in (risk, benign))
    return tuple(_at(base_rate, sensitivity, fallout, level) for base_rate in base_rates)


def _at(base_rate: float, sensitivity: Measurement, fallout: Measurement, level: float) -> PredictiveValue:
    if not isinstance(sensitivity, Scored) or not isinstance(fallout, Scored):
        none = Unscored("needs cases of risk and benign ones")
        return PredictiveValue(base_rate=base_rate, value=none, alarms_per_1000=none)
    s, f = sensitivity.interval, fallout.interval
    if s is None or f is None:
        raise ValueError("a Wilson estimate has an interval")
    n = sensitivity.n + fallout.n
    value: Measurement = Unscored("nothing was flagged")
    if sensitivity.value + fallout.value > 0:
        bounds = Interval(_value(base_rate, s.low, f.high), _value(base_rate, s.high, f.low), level)
        value = Scored(value=_value(base_rate, sensitivity.value, fallout.value), n=n, interval=bounds)
    ends = Interval(_alarms(base_rate, s.low, f.low), _alarms(base_rate, s.high, f.high), level)
    alarms = Scored(value=_alarms(base_rate, sensitivity.value, fallout.value), n=n, interval=ends)
    return PredictiveValue(base_rate=base_rate, value=value, alarms_per_1000=alarms)


def _value(base_rate: float, sensitivity: float, fallout: float) -> float:
    right, wrong = sensitivity * base_rate, fallout * (1 - base_rate)
    return right / (right + wrong) if right + wrong > 0 else 0.0


def _alarms(base_rate: float, sensitivity: float, fallout: float) -> float:
    return 1_000 * (sensitivity * base_rate + fallout * (1 - base_rate))
