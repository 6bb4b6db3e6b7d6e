"""The report of a benchmark as an interval plot: means and differences, every seed shown. Same input, same bytes."""

import io
from pathlib import Path

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from holdfast.measured import Measurement, Scored
from holdfast.metric.benchmark.report import FIGURES, MAIN_FIGURE, Report
from holdfast.metric.benchmark.run_store import write_whole

__all__ = ["draw_intervals", "save_svg"]

_INK, _SEED = "#1b4965", "#9db4c0"


def draw_intervals(report: Report, path: Path) -> None:
    """Draw the main figure of each loss, and its difference to the baseline, with intervals; save as SVG."""
    compared = report.baseline is not None and len(report.losses) > 1
    height = 1.4 + 0.38 * len(report.losses)
    figure = Figure(figsize=(9.0 if compared else 5.5, height), layout="constrained")
    axes = figure.subplots(1, 2 if compared else 1, sharey=True, squeeze=False)[0]
    _draw_means(axes[0], report)
    if compared:
        _draw_differences(axes[1], report)
    name, judged = report.data["name"], report.data["judged_on"]
    figure.suptitle(f"{name}, {judged} split: mean and 95 % t interval over {report.seeds} seeds", fontsize=10)
    save_svg(figure, path, title=f"Losses compared on {name}")


def save_svg(figure: Figure, path: Path, *, title: str) -> None:
    """Write a figure as SVG whose bytes depend on nothing but the figure.

    Args:
        figure: What to write.
        path: Where to; its folder is made if need be.
        title: What a screen reader says it is.
    """
    drawn = io.BytesIO()
    with rc_context({"svg.hashsalt": "holdfast", "svg.fonttype": "none"}):
        FigureCanvasSVG(figure).print_svg(drawn, metadata={"Date": None, "Creator": None, "Title": title})  # type: ignore[no-untyped-call]
    write_whole(path, drawn.getvalue())


def _draw_means(axes: Axes, report: Report) -> None:
    for place, summary in enumerate(report.losses):
        seeds = list(summary.values[MAIN_FIGURE].values())
        axes.plot(seeds, [place] * len(seeds), "o", color=_SEED, markersize=3.5)
        _draw_interval(axes, place, summary.figures[MAIN_FIGURE])
    axes.set_yticks(range(len(report.losses)), [summary.loss for summary in report.losses])
    axes.invert_yaxis()
    axes.set_xlabel(f"{FIGURES[MAIN_FIGURE]} of 5 nearest neighbours (higher is better)", fontsize=9)
    _tidy(axes)


def _draw_differences(axes: Axes, report: Report) -> None:
    axes.axvline(0.0, color="#777777", linewidth=0.8)
    for place, summary in enumerate(report.losses):
        if summary.difference is not None:
            _draw_interval(axes, place, summary.difference.difference)
    axes.set_xlabel(f"difference to {report.baseline} (right of 0: better)", fontsize=9)
    _tidy(axes)


def _draw_interval(axes: Axes, place: int, measurement: Measurement) -> None:
    if not isinstance(measurement, Scored):
        return
    if measurement.interval is not None:
        axes.plot([measurement.interval.low, measurement.interval.high], [place, place], color=_INK, linewidth=1.6)
    axes.plot([measurement.value], [place], "D", color=_INK, markersize=5)


def _tidy(axes: Axes) -> None:
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=9)
