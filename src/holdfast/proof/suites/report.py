"""Render a run as one self-contained page: a table, a plot of intervals, and every known failure by case id."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from holdfast.measured import Failed, Measurement, Scored

if TYPE_CHECKING:
    from holdfast.proof.suites.evaluation import Evaluation

__all__ = ["percent", "render_report", "spoken_clusters", "spoken_interval", "spoken_value"]

_TEMPLATE = "report.html"


def render_report(evaluation: "Evaluation") -> str:
    """Return the report as HTML. It refers to nothing outside itself and holds no word of any case."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters.update(value=spoken_value, interval=spoken_interval, percent=percent, clusters=spoken_clusters)
    return environment.get_template(_TEMPLATE).render(
        evaluation=evaluation,
        judged=evaluation.judged(),
        description=evaluation.folder.description,
        is_scored=lambda measurement: isinstance(measurement, Scored),
    )


def percent(share: float) -> str:
    """Return a share as a percentage with one decimal."""
    return f"{share * 100:.1f} %"


def spoken_value(measurement: Measurement, unit: str = "share") -> str:
    """Return the value, or that there is none and why. In another unit than ``share`` it is a plain number."""
    if isinstance(measurement, Scored):
        return percent(measurement.value) if unit == "share" else f"{measurement.value:.1f} {unit}"
    if isinstance(measurement, Failed):
        return f"failed: {measurement.error}"
    return f"unscored: {measurement.reason}"


def spoken_interval(measurement: Measurement, unit: str = "share") -> str:
    """Return the interval, or nothing where there is none."""
    if not isinstance(measurement, Scored) or measurement.interval is None:
        return ""
    scale, sign = (100, " %") if unit == "share" else (1, "")
    return f"{measurement.interval.low * scale:.1f} to {measurement.interval.high * scale:.1f}{sign}"


def spoken_clusters(clusters: Mapping[str, int]) -> str:
    """Return the ids of cases that stand alone, and of clusters with how many of their cases are meant."""
    return ", ".join(name if count == 1 else f"{name} ({count})" for name, count in clusters.items())
