"""Figures in words: what was measured, what was not and why, and which way is better."""

from typing import Final

from holdfast.measured import Failed, Measurement, Scored

__all__ = ["count", "figure", "interval", "is_scored", "method_name", "percent_figure", "reason", "said_ahead", "share"]

_METHODS: Final = {
    "model": "this model",
    "age": "age alone",
    "age and sex": "age and sex",
    "cox": "Cox",
    "cox-hinges": "Cox, bent",
    "xgboost": "boosted trees",
    "phenoage": "PhenoAge",
}


def method_name(name: str) -> str:
    """Return what the page calls a method."""
    return _METHODS.get(name, name)


def is_scored(measurement: Measurement) -> bool:
    """Say whether there is a value."""
    return isinstance(measurement, Scored)


def figure(measurement: Measurement, digits: int = 3, sign: str = "") -> str:
    """Return the value, or that there is none."""
    return f"{measurement.value:{sign}.{digits}f}" if isinstance(measurement, Scored) else "not measured"


def percent_figure(measurement: Measurement, digits: int = 1) -> str:
    """Return a share as a percentage, or that there is none."""
    return f"{100 * measurement.value:.{digits}f} %" if isinstance(measurement, Scored) else "not measured"


def interval(measurement: Measurement, digits: int = 3, factor: float = 1.0) -> str:
    """Return the interval, why there is no value, or that there is a value without an interval."""
    if not isinstance(measurement, Scored):
        return reason(measurement)
    if measurement.interval is None:
        return "no interval"
    low, high = factor * measurement.interval.low, factor * measurement.interval.high
    return f"{low:.{digits}f} to {high:.{digits}f}"


def reason(measurement: Measurement) -> str:
    """Return why there is no value; nothing where there is one."""
    if isinstance(measurement, Scored):
        return ""
    return f"failed: {measurement.error}" if isinstance(measurement, Failed) else measurement.reason


def said_ahead(measurement: Measurement) -> str:
    """Say what a difference to another method means; above 0 the model is better."""
    if not isinstance(measurement, Scored):
        return "not compared"
    bounds = measurement.interval
    if bounds is None or bounds.low <= 0 <= bounds.high:
        return "not told apart"
    return "the model ranks better" if bounds.low > 0 else "the model ranks worse"


def share(value: float, digits: int = 1) -> str:
    """Return a share as a percentage."""
    return f"{100 * value:.{digits}f} %"


def count(number: int) -> str:
    """Return a count with its thousands parted."""
    return f"{number:,}"
