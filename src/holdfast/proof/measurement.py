"""Read a measurement back from JSON, refusing what no measurement can be."""

import math
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

from holdfast.measured import Failed, Interval, Measurement, Scored, Unscored, measurement_to_dict

__all__ = ["RecordedMeasurement", "measurement_from_dict"]


def measurement_from_dict(data: Any) -> Measurement:
    """Read back what ``measurement_to_dict`` wrote; a measurement passes through.

    Raises:
        ValueError: The outcome is unknown, a field is missing, a number is not finite, ``n`` is not a count, or the
            interval does not hold the value.
    """
    if isinstance(data, Scored | Unscored | Failed):
        return data
    if not isinstance(data, Mapping):
        raise ValueError("a measurement must be an object with 'outcome'")
    outcome = data.get("outcome")
    if outcome == "unscored":
        return Unscored(_words(data, "reason"))
    if outcome == "failed":
        return Failed(_words(data, "error"))
    if outcome != "scored":
        raise ValueError("outcome must be scored, unscored or failed")
    return _scored(data)


def _scored(data: Mapping[str, Any]) -> Scored:
    n = data.get("n")
    if not isinstance(n, int) or isinstance(n, bool) or n < 1:
        raise ValueError("n must be a count of 1 or more")
    return Scored(value=_number(data.get("value"), "value"), n=n, interval=_interval(data))


def _interval(data: Mapping[str, Any]) -> Interval | None:
    ends = data.get("interval")
    if ends is None:
        return None
    if not isinstance(ends, list | tuple) or len(ends) != 3:
        raise ValueError("interval must be [low, high, level]")
    low, high, level = (_number(end, "interval") for end in ends)
    if not low <= float(data["value"]) <= high or not 0 < level < 1:
        raise ValueError("interval must hold the value, and its level must lie between 0 and 1")
    return Interval(low, high, level)


def _number(value: Any, name: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise ValueError(f"{name} must be a finite number")
    return float(value)


def _words(data: Mapping[str, Any], name: str) -> str:
    words = data.get(name)
    if not isinstance(words, str) or not words:
        raise ValueError(f"{name} must say something")
    return words


RecordedMeasurement = Annotated[
    Scored | Unscored | Failed, BeforeValidator(measurement_from_dict), PlainSerializer(measurement_to_dict)
]
"""A measurement as a field of a content model."""
