"""The plots of the page, each from figures of the judgement alone."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from matplotlib.ticker import FixedLocator
from numpy.typing import NDArray

from holdfast.measured import Measurement, Scored, Unscored
from holdfast.risk.survival.calibration import Calibration
from holdfast.study.judging.decision_figures import DecisionRow
from holdfast.study.judging.group_curves import GroupCurve
from holdfast.study.judging.ranking_figures import MethodRanking
from holdfast.study.judging.stress_figures import StressFigure
from holdfast.study.judging.subgroup_figures import SubgroupFigure
from holdfast.study.report.drawing import MARKS, axes_of, draw_intervals, legend, legend_above
from holdfast.study.report.inline_svg import COLOURS, inline_svg
from holdfast.study.report.wording import method_name

__all__ = [
    "calibration_plot",
    "concordance_plot",
    "curves_plot",
    "decision_plot",
    "difference_plot",
    "stress_plot",
    "subgroup_plot",
]

_RISK_TICKS = (0.0, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)

Values = NDArray[np.float64]

_DASHES = ("solid", (0, (5, 2)), (0, (2, 2)))


def concordance_plot(methods: Sequence[MethodRanking]) -> str:
    """Draw the concordance of every method."""
    figure, axes = axes_of(height=0.9 + 0.42 * len(methods))
    draw_intervals(axes, [method_name(m.name) for m in methods], [m.concordance for m in methods])
    axes.set_xlabel("concordance (to the right is better)")
    return inline_svg(figure, name="concordance", title="Concordance of each method with its 95 % interval.")


def difference_plot(methods: Sequence[MethodRanking]) -> str:
    """Draw how far the model is ahead of every other method."""
    others = methods[1:]
    figure, axes = axes_of(height=0.9 + 0.42 * max(1, len(others)))
    names = [f"ahead of {method_name(m.name)}" for m in others]
    draw_intervals(axes, names, [m.ahead for m in others], even_at=0.0)
    axes.set_xlabel("difference in concordance\n(right of 0: the model is better)")
    return inline_svg(
        figure, name="difference", title="Concordance of the model less that of each method, with 95 % intervals."
    )


def curves_plot(curves: Sequence[GroupCurve], outcome: str) -> str:
    """Draw who had the event over time, a curve a group."""
    figure, axes = axes_of(height=3.8)
    for curve, dash in zip(curves, _DASHES, strict=True):
        points = [(p.years, p.event_share) for p in curve.points if isinstance(p.event_share, Scored)]
        if not points:
            continue
        years, shares = [0.0, *(y for y, _ in points)], [0.0, *(s.value for _, s in points)]
        bounds = [(s.interval.low, s.interval.high) if s.interval else (s.value, s.value) for _, s in points]
        low, high = [0.0, *(b[0] for b in bounds)], [0.0, *(b[1] for b in bounds)]
        colour = COLOURS[curve.group]
        axes.fill_between(years, low, high, step="post", color=colour, alpha=0.16, linewidth=0)
        axes.step(years, shares, where="post", color=colour, linestyle=dash, linewidth=1.8, label=curve.group)
    axes.set_xlim(left=0.0)
    axes.set_ylim(bottom=0.0)
    axes.yaxis.set_major_formatter(lambda y, _: f"{100 * y:g} %")
    axes.set_xlabel("years since the visit")
    axes.set_ylabel("had the event")
    legend(axes, place="upper left")
    return inline_svg(figure, name="curves", title=f"{outcome}: share with the event over time, by risk group.")


def calibration_plot(found: Calibration | Unscored) -> str | None:
    """Draw observed against predicted risk in tenths of the people; None where there is no calibration."""
    if isinstance(found, Unscored):
        return None
    figure, axes = axes_of(height=4.2)
    shown = [(g.predicted, g.observed) for g in found.groups if isinstance(g.observed, Scored)]
    highest = [o.interval.high if o.interval else o.value for _, o in shown]
    top = 1.05 * max([*highest, *(p for p, _ in shown), 0.01])
    axes.plot([0, top], [0, top], color=COLOURS["soft"], linewidth=1.0, linestyle=(0, (3, 2)), label="as predicted")
    for predicted, observed in shown:
        if observed.interval is not None:
            axes.plot([predicted] * 2, [observed.interval.low, observed.interval.high], color=COLOURS["mark"], lw=2)
    axes.plot([p for p, _ in shown], [o.value for _, o in shown], "D", color=COLOURS["mark"], label="a tenth of people")
    for axis, scale, limit in (
        (axes.xaxis, axes.set_xscale, axes.set_xlim),
        (axes.yaxis, axes.set_yscale, axes.set_ylim),
    ):
        scale("function", functions=(_root, _square))
        limit(0, top)
        axis.set_major_locator(FixedLocator([tick for tick in _RISK_TICKS if tick <= top]))
        axis.set_major_formatter(lambda x, _: f"{100 * x:g} %")
    axes.set_xlabel(f"predicted risk over {found.horizon_years:g} years")
    axes.set_ylabel("observed (Kaplan-Meier)")
    legend(axes, place="upper left")
    return inline_svg(
        figure, name="calibration", title="Observed against predicted risk in tenths of the people, 95 % intervals."
    )


def _root(values: Values) -> Values:
    """Return square roots, by which low risks are drawn further apart; nothing is below 0."""
    return np.sqrt(np.maximum(values, 0.0))


def _square(values: Values) -> Values:
    return np.square(values)


def decision_plot(rows: Sequence[DecisionRow] | Unscored) -> str | None:
    """Draw net benefit over thresholds; None where there is no curve."""
    if isinstance(rows, Unscored):
        return None
    figure, axes = axes_of(height=3.8)
    curves = {
        "this model": ([row.model for row in rows], "mark"),
        "age and sex": ([row.age_and_sex for row in rows], "lower"),
        "act on everyone": ([row.everyone for row in rows], "soft"),
    }
    for (name, (figures, colour)), mark, dash in zip(curves.items(), MARKS, _DASHES, strict=False):
        points = [(row.threshold, m.value) for row, m in zip(rows, figures, strict=True) if isinstance(m, Scored)]
        if points:
            axes.plot(*zip(*points, strict=True), color=COLOURS[colour], marker=mark, ms=4, ls=dash, label=name)
    axes.axhline(0.0, color=COLOURS["ink"], linewidth=0.9, label="act on nobody")
    axes.set_ylim(*_benefit_range(rows))
    axes.xaxis.set_major_formatter(lambda x, _: f"{100 * x:g} %")
    axes.set_xlabel("risk from which on one would act")
    axes.set_ylabel("net benefit (higher is better)")
    legend(axes, place="upper right")
    return inline_svg(figure, name="decision", title="Net benefit of acting on the model, on age and sex, on everyone.")


def _benefit_range(rows: Sequence[DecisionRow]) -> tuple[float, float]:
    """Return a range in which acting on everyone may fall out below: there it is far below acting on nobody."""
    values = [m.value for row in rows for m in (row.model, row.age_and_sex, row.everyone) if isinstance(m, Scored)]
    top = max([*values, 0.001])
    return -0.35 * top, 1.15 * top


def subgroup_plot(found: SubgroupFigure) -> str:
    """Draw one figure in every group of people."""
    names = [f"{group.level} (n = {group.people:,})" for group in found.groups]
    figure, axes = axes_of(height=0.9 + 0.32 * len(names))
    draw_intervals(axes, names, [g.figure for g in found.groups])
    axes.tick_params(labelsize=9)
    axes.set_xlabel("concordance (to the right is better)")
    start = 0
    for _, groups in groupby(found.groups, key=lambda group: group.attribute):
        if start:
            axes.axhline(start - 0.5, color=COLOURS["line"], linewidth=1.0)
        start += len(list(groups))
    return inline_svg(figure, name="subgroups", title="Concordance in each group of people, 95 % intervals.")


def stress_plot(rows: Sequence[StressFigure]) -> str:
    """Draw how much concordance each method loses under each stress."""
    stresses = list(dict.fromkeys(row.stress for row in rows))
    methods = list(dict.fromkeys(row.method for row in rows))
    figure, axes = axes_of(height=0.9 + 0.55 * len(stresses))
    axes.axvline(0.0, color=COLOURS["soft"], linewidth=1.0, linestyle=(0, (3, 2)))
    colours = ("mark", "lower", "highest")
    for number, (method, colour, mark) in enumerate(zip(methods, colours, MARKS, strict=False)):
        label: str | None = method_name(method)
        for row in (r for r in rows if r.method == method):
            place = stresses.index(row.stress) + 0.22 * (number - (len(methods) - 1) / 2)
            label = _draw_change(axes, place, row.change, COLOURS[colour], mark, label)
    axes.set_yticks(range(len(stresses)), stresses)
    axes.set_ylim(len(stresses) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("change of concordance (left of 0: worse)")
    legend_above(axes, columns=3)
    return inline_svg(figure, name="stress", title="Change of concordance under each stress, by method.")


def _draw_change(axes, place: float, change: Measurement, colour: str, mark: str, label: str | None) -> str | None:  # type: ignore[no-untyped-def]
    """Draw one change; the first of a method that is drawn carries its label."""
    if not isinstance(change, Scored):
        return label
    if change.interval is not None:
        axes.plot([change.interval.low, change.interval.high], [place, place], color=colour, linewidth=1.6)
    axes.plot([change.value], [place], mark, color=colour, markersize=5, label=label)
    return None
