"""Render a judgement as one self-contained HTML page."""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from holdfast.measured import Measurement, Unscored
from holdfast.risk.survival.subgroups import Subgroup
from holdfast.study.judging.group_curves import CurvePoint
from holdfast.study.judging.judgement import Judgement
from holdfast.study.judging.reclassification_figures import CATEGORIES
from holdfast.study.judging.subgroup_figures import FEWEST_EVENTS, SubgroupFigure
from holdfast.study.report import wording
from holdfast.study.report.about import About
from holdfast.study.report.flow_diagram import flow_diagram
from holdfast.study.report.limits import limits
from holdfast.study.report.plots import (
    calibration_plot,
    concordance_plot,
    curves_plot,
    decision_plot,
    difference_plot,
    stress_plot,
    subgroup_plot,
)
from holdfast.study.report.projection_plot import projection_plot

__all__ = ["render_report"]

_TEMPLATE = "report.html"
_TABLE_TIMES = 6


def render_report(judgement: Judgement, about: About) -> str:
    """Return the page. It refers to nothing outside itself, runs nothing, and holds nothing of one person but dots.

    Every number in it is of the judgement or the record; equal ones give equal bytes.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update({name: getattr(wording, name) for name in wording.__all__ if name != "is_scored"})
    environment.tests["scored"] = wording.is_scored
    return environment.get_template(_TEMPLATE).render(
        judgement=judgement,
        about=about,
        plots=_plots(judgement, about),
        times=_times(judgement),
        subgroup_rows=_subgroup_rows(judgement.subgroups),
        limits=limits(judgement, about),
        categories=CATEGORIES,
        fewest_events=FEWEST_EVENTS,
    )


def _plots(judgement: Judgement, about: About) -> dict[str, str | None]:
    return {
        "flow": flow_diagram(about.flow),
        "projection": projection_plot(judgement.projection),
        "curves": curves_plot(judgement.curves, about.outcome),
        "concordance": concordance_plot(judgement.ranking.methods),
        "difference": difference_plot(judgement.ranking.methods) if len(judgement.ranking.methods) > 1 else None,
        "calibration": calibration_plot(judgement.absolute.calibration),
        "decision": decision_plot(judgement.decision.rows),
        "subgroups": subgroup_plot(judgement.subgroups[0]) if judgement.subgroups[0].groups else None,
        "stress": stress_plot(judgement.stress),
    }


def _times(judgement: Judgement) -> list[tuple[float, list[CurvePoint | None]]]:
    """Return times that the table of the curves shows, and each curve's point there; None where it has ended."""
    longest = max(judgement.curves, key=lambda curve: len(curve.points)).points
    step = max(1, len(longest) // _TABLE_TIMES)
    places = range(step - 1, len(longest), step)
    return [(longest[p].years, [c.points[p] if p < len(c.points) else None for c in judgement.curves]) for p in places]


def _subgroup_rows(found: Sequence[SubgroupFigure]) -> list[tuple[Subgroup, list[Measurement]]]:
    """Return each group with every figure of it: of some, nobody may have an estimate."""
    tables = [{(g.attribute, g.level): g.figure for g in figure.groups} for figure in found]
    nobody = Unscored("nobody of them has an estimate")
    return [
        (group, [table.get((group.attribute, group.level), nobody) for table in tables]) for group in found[0].groups
    ]
