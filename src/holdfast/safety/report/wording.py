"""Figures in words, as the page shows them."""

from holdfast.measured import Failed, Measurement, Scored

__all__ = ["count", "figure", "interval", "is_scored", "per_thousand", "plain", "reason", "shade"]

_SHADES = ((0.97, "full"), (0.9, "good"), (0.8, "fair"), (0.0, "low"))


def is_scored(measurement: object) -> bool:
    """Say whether there is a value."""
    return isinstance(measurement, Scored)


def figure(measurement: Measurement, digits: int = 1) -> str:
    """Return a share as a percentage, or that there is none."""
    return f"{100 * measurement.value:.{digits}f} %" if isinstance(measurement, Scored) else "not measured"


def per_thousand(measurement: Measurement) -> str:
    """Return a share as a count among 1,000, or that there is none."""
    return f"{1000 * measurement.value:.1f}" if isinstance(measurement, Scored) else "not measured"


def interval(measurement: Measurement, factor: float = 100.0, digits: int = 1) -> str:
    """Return the interval, or why there is no value."""
    if not isinstance(measurement, Scored):
        return reason(measurement)
    if measurement.interval is None:
        return "no interval"
    return f"{factor * measurement.interval.low:.{digits}f} to {factor * measurement.interval.high:.{digits}f}"


def reason(measurement: Measurement) -> str:
    """Return why there is no value; nothing where there is one."""
    if isinstance(measurement, Scored):
        return ""
    return f"failed: {measurement.error}" if isinstance(measurement, Failed) else measurement.reason


def shade(measurement: Measurement) -> str:
    """Return the class of a cell of the heat table; its figure stands in it, so that colour says nothing alone."""
    if not isinstance(measurement, Scored):
        return "none"
    return next(name for least, name in _SHADES if measurement.value >= least)


def plain(name: str) -> str:
    """Return a name as people write it."""
    return name.replace("_", " ")


def count(number: int) -> str:
    """Return a count with its thousands parted."""
    return f"{number:,}"
