"""Render a run as one self-contained page: a table, a plot of intervals, and every known failure by case id."""

from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from holdfast.measured import Failed, Measurement, Scored

if TYPE_CHECKING:
    from holdfast.proof.suites.evaluation import Evaluation

__all__ = ["percent", "render_report", "spoken_interval", "spoken_value"]

_TEMPLATE = "report.html"


def render_report(evaluation: "Evaluation") -> str:
    """Return the report as HTML. It refers to nothing outside itself and holds no word of any case."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters.update(value=spoken_value, interval=spoken_interval, percent=percent)
    return environment.get_template(_TEMPLATE).render(
        evaluation=evaluation,
        judged=evaluation.judged(),
        description=evaluation.folder.description,
        is_scored=lambda measurement: isinstance(measurement, Scored),
    )


def percent(share: float) -> str:
    """Return a share as a percentage with one decimal."""
    return f"{share * 100:.1f} %"


def spoken_value(measurement: Measurement) -> str:
    """Return the value, or that there is none and why."""
    if isinstance(measurement, Scored):
        return percent(measurement.value)
    if isinstance(measurement, Failed):
        return f"failed: {measurement.error}"
    return f"unscored: {measurement.reason}"


def spoken_interval(measurement: Measurement) -> str:
    """Return the interval, or nothing where there is none."""
    if not isinstance(measurement, Scored) or measurement.interval is None:
        return ""
    return f"{measurement.interval.low * 100:.1f} to {measurement.interval.high * 100:.1f} %"
