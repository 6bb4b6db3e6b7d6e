"""Checks of a representation's settings, made when it is made and without torch."""

import math
from collections.abc import Sequence
from numbers import Integral, Real

from holdfast.metric.error import MetricError

__all__ = ["check_count", "check_number", "check_widths"]

WIDEST = 65_536
"""The widest layer: two of them side by side take 17 GB."""


def check_count(name: str, value: object, *, least: int = 1, most: int | None = None) -> None:
    """Check a whole number.

    Raises:
        MetricError: It is none, or out of range.
    """
    known = isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= least
    if not known or (most is not None and value > most):  # type: ignore[operator]  # a whole number
        limit = f"{least} or more" if most is None else f"{least} to {most}"
        raise MetricError(f"{name} must be a whole number of {limit}, got `{value!r}`; give one.")


def check_number(name: str, value: object, *, is_open: bool = False, below: float = math.inf) -> None:
    """Check a number from 0, or above 0 where ``is_open``, to below ``below``.

    Raises:
        MetricError: It is none, or out of range.
    """
    known = isinstance(value, Real) and not isinstance(value, bool) and 0 <= float(value) < below
    if not known or (is_open and value == 0):
        bound = "above 0" if is_open else "0 or more"
        limit = "and finite" if below == math.inf else f"and below {below:g}"
        raise MetricError(f"{name} must be a number {bound} {limit}, got `{value!r}`; give one.")


def check_widths(name: str, widths: object) -> None:
    """Check the widths of a network's hidden layers: none or more of 1 to 65,536 each.

    Raises:
        MetricError: They are no sequence, or one is out of range.
    """
    if isinstance(widths, str | bytes) or not isinstance(widths, Sequence):
        raise MetricError(f"{name} must be a sequence of widths, got `{widths!r}`; give (128, 64) or ().")
    for width in widths:
        check_count(name, width, most=WIDEST)
