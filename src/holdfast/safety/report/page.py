"""Render a safety report as one self-contained HTML page."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from holdfast.measured import Unscored
from holdfast.safety.report import wording
from holdfast.safety.report.drawing import Series, curve_plot, interval_plot
from holdfast.safety.report.rates import GroupRates
from holdfast.safety.report.safety_report import SafetyReport
from holdfast.safety.report.swaps import DIALECT, SwapFigures

__all__ = ["render_page"]

_TEMPLATE = "page.html"
_HOPED = {"category": 0.9, "form": 0.9}
_MOST_LISTED = 400


def render_page(report: SafetyReport) -> str:
    """Return the page. It refers to nothing outside itself and runs nothing; equal reports give equal bytes."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update({name: getattr(wording, name) for name in wording.__all__ if name != "is_scored"})
    environment.tests["scored"] = wording.is_scored
    dimensions = _dimensions(report)
    return environment.get_template(_TEMPLATE).render(
        report=report,
        dimensions=dimensions,
        plots={name: _dimension_plot(name, groups) for name, groups in dimensions.items()},
        heat=_heat(report),
        forms=sorted({cell.form for cell in report.heat}),
        value_plot=_value_plot(report),
        calibration_plot=_calibration_plot(report),
        swap_plot=_swap_plot(report.swaps) if report.swaps else None,
        most_listed=_MOST_LISTED,
    )


def _dimensions(report: SafetyReport) -> dict[str, list[GroupRates]]:
    names = dict.fromkeys(one.dimension for one in report.groups)
    return {name: [one for one in report.groups if one.dimension == name] for name in names}


def _dimension_plot(dimension: str, groups: list[GroupRates]) -> str | None:
    rows = [(wording.plain(one.group), one.rates.recall) for one in groups if wording.is_scored(one.rates.recall)]
    if len(rows) < 2:
        return None
    return interval_plot(
        rows,
        name=f"recall-{''.join(letter if letter.isalnum() else '-' for letter in dimension)}",
        title=f"Recall by {wording.plain(dimension)} with 95 % intervals.",
        line=_HOPED.get(dimension),
    )


def _heat(report: SafetyReport) -> dict[str, dict[str, object]]:
    rows: dict[str, dict[str, object]] = {}
    for cell in report.heat:
        rows.setdefault(cell.category, {})[cell.form] = cell.recall
    forms = {cell.form for cell in report.heat}
    nothing = Unscored("no cases")
    return {category: {form: cells.get(form, nothing) for form in forms} for category, cells in rows.items()}


def _value_plot(report: SafetyReport) -> str:
    some: list[Series] = [
        ("benign as hard as our look-alikes", [(v.base_rate, v.value) for v in report.on_look_alikes])
    ]
    if report.on_comments is not None:
        some.append(("benign as everyday messages", [(v.base_rate, v.value) for v in report.on_comments]))
    return curve_plot(
        some,
        name="worth",
        title="Share of alarms that are right, by how many messages signal risk, with 95 % intervals.",
        across="messages that signal risk",
        ticks=[one.base_rate for one in report.on_look_alikes],
    )


def _swap_plot(swaps: SwapFigures) -> str:
    furthest = [one for one in swaps.widest if one.set != DIALECT]
    rows = [("neutral", swaps.neutral), *((f"{one.set}: {one.variant}", one.recall) for one in furthest)]
    rows += [(one.variant, one.recall) for one in swaps.variants if one.set == DIALECT]
    return interval_plot(rows, name="swapped", title="Share flagged by who speaks or is spoken of, 95 % intervals.")


def _calibration_plot(report: SafetyReport) -> str | None:
    if isinstance(report.calibration, Unscored):
        return None
    points = [(one.predicted, one.observed) for one in report.calibration]
    return curve_plot(
        [("a tenth of the cases", points)],
        name="calibration",
        title="Observed share of risk against the learned layer's estimate, in tenths of the cases.",
        across="estimated probability of risk",
    )
