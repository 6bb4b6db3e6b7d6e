"""How every plot of the page looks: sizes, axes, and intervals as lines with a mark."""

from collections.abc import Sequence
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from holdfast.measured import Measurement, Scored
from holdfast.study.report.inline_svg import COLOURS

__all__ = ["MARKS", "axes_of", "draw_intervals", "legend", "legend_above"]

Place = Literal["best", "upper left", "upper right"]

MARKS = ("o", "s", "^", "D")
"""Shapes, so that nothing is told by colour alone."""

_WIDTH = 5.4  # inches, of 72 units each: so that words stay legible on a narrow screen


def axes_of(*, height: float = 3.4, width: float = _WIDTH) -> tuple[Figure, Axes]:
    """Return an empty figure and its axes."""
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.patch.set_alpha(0.0)
    axes = figure.subplots()
    axes.patch.set_alpha(0.0)
    axes.grid(color=COLOURS["line"], linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    for spine in axes.spines.values():
        spine.set_color(COLOURS["soft"])
    axes.tick_params(colors=COLOURS["ink"], labelsize=10)
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set_color(COLOURS["ink"])
        label.set_fontsize(10)
    return figure, axes


def legend(axes: Axes, *, place: Place = "best") -> None:
    """Add a legend without a frame, where anything is named."""
    if not axes.get_legend_handles_labels()[0]:
        return
    axes.legend(frameon=False, fontsize=10, labelcolor=COLOURS["ink"], loc=place)


def legend_above(axes: Axes, *, columns: int) -> None:
    """Add a legend above the plot, where it hides nothing; none where nothing is named."""
    if not axes.get_legend_handles_labels()[0]:
        return
    axes.legend(
        frameon=False, fontsize=9.5, labelcolor=COLOURS["ink"], loc="lower left", bbox_to_anchor=(-0.02, 1.0),
        ncols=columns, columnspacing=1.2, handletextpad=0.4, markerscale=1.5,
    )  # fmt: skip


def draw_intervals(
    axes: Axes, names: Sequence[str], figures: Sequence[Measurement], *, even_at: float | None = None
) -> None:
    """Draw one line an entry, first on top: a mark at the value, a line over the interval, or why there is neither.

    Args:
        axes: Where.
        names: On the left.
        figures: As many.
        even_at: Where to draw a line of no difference; None: nowhere.
    """
    if even_at is not None:
        axes.axvline(even_at, color=COLOURS["soft"], linewidth=1.0, linestyle=(0, (3, 2)))
    for place, figure in enumerate(figures):
        if isinstance(figure, Scored):
            if figure.interval is not None:
                axes.plot([figure.interval.low, figure.interval.high], [place, place], color=COLOURS["mark"], lw=2)
            axes.plot([figure.value], [place], "D", color=COLOURS["mark"], markersize=6)
        else:
            axes.annotate(
                "no figure", (0.02, place), xycoords=("axes fraction", "data"), color=COLOURS["soft"], fontsize=9,
                va="center",
            )  # fmt: skip
    axes.set_yticks(range(len(names)), list(names))
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
