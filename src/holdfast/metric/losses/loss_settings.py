"""Checks of the numbers a loss is made with: what is out of range is refused when the loss is made, not in training."""

import math
from numbers import Integral, Real

from holdfast.metric.error import MetricError

__all__ = ["even_power", "fraction", "max_bytes_or_default", "non_negative", "positive"]

DEFAULT_MAX_BYTES = 64 * 2**20


def non_negative(name: str, number: float) -> float:
    """Give a finite number of at least 0 as a float.

    Raises:
        MetricError: It is not.
    """
    if not _is_number(number) or number < 0:
        raise MetricError(f"{name} must be a finite number of at least 0, got `{number!r}`; give 0 or more.")
    return float(number)


def positive(name: str, number: float) -> float:
    """Give a finite number above 0 as a float.

    Raises:
        MetricError: It is not.
    """
    if not _is_number(number) or number <= 0:
        raise MetricError(f"{name} must be a finite number above 0, got `{number!r}`; give more than 0.")
    return float(number)


def fraction(name: str, number: float) -> float:
    """Give a number of at least 0 and below 1 as a float.

    Raises:
        MetricError: It is not.
    """
    if not _is_number(number) or not 0 <= number < 1:
        raise MetricError(f"{name} must be at least 0 and below 1, got `{number!r}`; give a fraction.")
    return float(number)


def even_power(power: int) -> int:
    """Give an even power of at least 2.

    An odd power has no lower bound: the loss would fall for ever as d(p,n) shrinks below d(a,n).

    Raises:
        MetricError: It is odd, below 2 or not a whole number.
    """
    if isinstance(power, bool) or not isinstance(power, Integral) or power < 2 or power % 2:
        raise MetricError(
            f"power must be an even whole number of at least 2, got `{power!r}`; an odd one is unbounded below: use 2."
        )
    return int(power)


def max_bytes_or_default(max_bytes: int | None) -> int:
    """Give a bound on working memory in bytes; 64 MiB for None.

    Raises:
        MetricError: It is not a whole number above 0.
    """
    if max_bytes is None:
        return DEFAULT_MAX_BYTES
    if isinstance(max_bytes, bool) or not isinstance(max_bytes, Integral) or max_bytes < 1:
        raise MetricError(f"max_bytes must be a whole number above 0, got `{max_bytes!r}`; or None for 64 MiB.")
    return int(max_bytes)


def _is_number(number: object) -> bool:
    return isinstance(number, Real) and not isinstance(number, bool) and math.isfinite(number)
