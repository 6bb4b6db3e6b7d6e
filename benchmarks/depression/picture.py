"""The figures as a picture: AUROC of each representation's best classifier, and the risk by band of PHQ-9."""

from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from holdfast.metric.benchmark.plot import save_svg

__all__ = ["draw"]

Row = dict[str, Any]

COLOURS = {"labs-lifestyle": "#1b4965", "self-report": "#c8553d"}
INK = "#777777"


def draw(figures: Row, path: Path) -> None:
    """Draw both as one SVG; what was not measured is not drawn."""
    bands = figures["risk"].get("bands")
    figure = Figure(figsize=(9.5 if bands else 5.0, 4.4), layout="constrained")
    axes = figure.subplots(1, 2 if bands else 1, squeeze=False)[0]
    _draw_sets(axes[0], figures["sets"])
    if bands:
        _draw_bands(axes[1], bands)
    title = "AUROC of depression by PHQ-9 for every representation, and mean risk percentile by PHQ-9 band"
    save_svg(figure, path, title=title)


def _draw_sets(axes: Axes, sets: Row) -> None:
    names = list(dict.fromkeys(p["representation"] for one in sets.values() for p in one["pairs"]))
    for shift, (name, colour) in zip((-0.13, 0.13), COLOURS.items(), strict=True):
        for place, representation in enumerate(names):
            pairs = [p for p in sets[name]["pairs"] if p["representation"] == representation]
            scored = [p["auroc"] for p in pairs if p["auroc"]["outcome"] == "scored"]
            if scored:
                best = max(scored, key=lambda auroc: float(auroc["value"]))
                _interval(axes, best, place + shift, colour, label=sets[name]["title"] if place == 0 else "")
    age_sex = max(p["auroc"].get("value", 0.5) for p in sets["age-sex"]["pairs"])
    axes.axvline(age_sex, color=INK, linewidth=1.0, linestyle="--", label="age and sex")
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlabel("AUROC, best of the classifiers (0.5 is chance)", fontsize=9)
    axes.set_title("PHQ-9 of 10 or more", fontsize=10)
    _tidy(axes)


def _draw_bands(axes: Axes, bands: list[Row]) -> None:
    axes.set_title("Risk of death and PHQ-9", fontsize=10)
    for shift, (name, colour, label) in zip((-0.13, 0.13), _KINDS, strict=True):
        for place, band in enumerate(bands):
            _interval(axes, band[name], place + shift, colour, label=label if place == 0 else "")
    axes.axvline(50.0, color=INK, linewidth=1.0, linestyle="--")
    axes.set_yticks(range(len(bands)), [f"{band['band']}\n({band['people']:,})" for band in bands])
    axes.set_ylim(len(bands) - 0.5, -0.5)
    axes.set_ylabel("PHQ-9 total (people)", fontsize=9)
    axes.set_xlabel("mean risk percentile (higher is worse)", fontsize=9)
    _tidy(axes)


_KINDS = (("percentile", INK, "as it is"), ("adjusted", "#1b4965", "age and sex taken out"))


def _interval(axes: Axes, measured: Row, place: float, colour: str, *, label: str) -> None:
    if measured["outcome"] != "scored":
        return
    if measured["interval"] is not None:
        axes.plot(measured["interval"][:2], [place, place], color=colour, linewidth=1.6)
    axes.plot([measured["value"]], [place], "D", color=colour, markersize=4.5, label=label or None)


def _tidy(axes: Axes) -> None:
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=9)
    axes.legend(fontsize=8, frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=3)
