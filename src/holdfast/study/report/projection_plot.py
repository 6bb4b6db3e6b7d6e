"""The picture of what was learned: people in the plane, coloured by their risk among healthy people."""

from holdfast.study.judging.projection import Projection, places_of_bands
from holdfast.study.report.drawing import MARKS, axes_of, legend_above
from holdfast.study.report.inline_svg import COLOURS, inline_svg

__all__ = ["projection_plot"]

_COLOURS = ("normal", "mark", "lower", "higher")


def projection_plot(found: Projection) -> str:
    """Draw everybody shown, the higher risks last, and rings round people of the healthy reference."""
    figure, axes = axes_of(height=4.4)
    places = places_of_bands(found.percentile)
    for place, (band, colour, mark) in enumerate(zip(found.bands, _COLOURS, MARKS, strict=True)):
        is_in = places == place
        axes.plot(
            found.first[is_in].round(3),
            found.second[is_in].round(3),
            mark,
            color=COLOURS[colour],
            markersize=3.2,
            alpha=0.55,
            markeredgewidth=0,
            label=f"{band.percentiles} ({band.people:,})",
        )
    if found.is_healthy is not None and found.is_healthy.any():
        first, second = found.first[found.is_healthy], found.second[found.is_healthy]
        axes.plot(
            first.round(3), second.round(3), "o", color="none", markeredgecolor=COLOURS["ink"], markersize=5.5,
            markeredgewidth=0.5, alpha=0.7, label=f"healthy reference ({len(first):,})",
        )  # fmt: skip
    axes.set_xlabel(f"first component ({100 * found.explained[0]:.0f} % of the variance)")
    axes.set_ylabel(f"second ({100 * found.explained[1]:.0f} %)")
    legend_above(axes, columns=2)
    return inline_svg(
        figure, name="projection", title="People by the first two principal components of their embeddings."
    )
