"""A figure that was measured, one that was not, and one that failed: three types, never a sentinel number."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

__all__ = ["Failed", "Interval", "Measurement", "Scored", "Unscored", "measurement_to_dict", "wilson"]


@dataclass(frozen=True)
class Interval:
    """A two-sided interval. ``level`` is its nominal coverage, 0.95 by default."""

    low: float
    high: float
    level: float = 0.95


@dataclass(frozen=True, kw_only=True)
class Scored:
    """A measured value with the count it rests on and, where one is defined, its interval."""

    value: float
    n: int
    interval: Interval | None = None


@dataclass(frozen=True)
class Unscored:
    """Not measured, and why. It is not a zero."""

    reason: str


@dataclass(frozen=True)
class Failed:
    """Measuring broke, and how. ``error`` names the error's type and never quotes a person."""

    error: str


Measurement = Scored | Unscored | Failed


def measurement_to_dict(measurement: Measurement) -> dict[str, Any]:
    """Return ``measurement`` with its outcome named: scored, unscored or failed."""
    if isinstance(measurement, Unscored):
        return {"outcome": "unscored", "reason": measurement.reason}
    if isinstance(measurement, Failed):
        return {"outcome": "failed", "error": measurement.error}
    interval = measurement.interval
    return {
        "outcome": "scored",
        "value": measurement.value,
        "n": measurement.n,
        "interval": None if interval is None else [interval.low, interval.high, interval.level],
    }


def wilson(successes: float, n: int, *, level: float = 0.95) -> Measurement:
    """Estimate a proportion with Wilson's score interval (Wilson 1927, JASA 22:209-212).

    Args:
        successes: Count of successes, 0 to ``n``. Where each trial is itself a mean, of 0 to 1, of answers that hang
            together, it is their sum: such a mean varies no more than one answer, so the interval is not too narrow.
        n: Count of trials. With none, the proportion is unscored, not zero.
        level: Nominal coverage, strictly between 0 and 1.

    Raises:
        ValueError: ``successes`` lies outside 0 to ``n``.
    """
    if not 0 <= successes <= n:
        raise ValueError(f"successes must lie in 0 to n={n}, got {successes!r}; count both over the same trials.")
    if n == 0:
        return Unscored("no cases")
    z = NormalDist().inv_cdf(0.5 + level / 2)
    p = successes / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == n else min(1.0, centre + half)
    return Scored(value=p, n=n, interval=Interval(low, high, level))
