"""Draw how well each method foretells death: concordance with its interval, one panel a set of inputs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from holdfast.metric.benchmark.plot import save_svg

__all__ = ["draw"]

OURS = "nplb"
TITLES = {"labs": "19 labs, age and sex", "all": "Everything"}


def draw(found: Mapping[str, Any], path: Path) -> None:
    """Write an SVG of the cross-validated figures; equal figures give equal bytes."""
    panels = [name for name in TITLES if name in found]
    figure = Figure(figsize=(4.6 * len(panels), 4.8), layout="constrained")
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axis, name in zip(axes, panels, strict=True):
        _panel(axis, found[name]["methods"], f"{TITLES[name]} ({len(found[name]['inputs'])} inputs)")
    save_svg(figure, path, title="Concordance for death in NHANES 2011-2014 of every method, with 95 % intervals")


def _panel(axis: Any, methods: list[Mapping[str, Any]], title: str) -> None:
    scored = [m for m in methods if m["concordance"]["outcome"] == "scored"]
    for place, method in enumerate(reversed(scored)):
        concordance = method["concordance"]
        low, high, _ = concordance["interval"]
        colour = "#0b6e66" if method["method"] == OURS else "#5b6470"
        axis.plot([low, high], [place, place], color=colour, linewidth=2)
        axis.plot(concordance["value"], place, "o", color=colour, markersize=5)
    axis.set_yticks(range(len(scored)), [m["method"] for m in reversed(scored)])
    ours = next((m["concordance"]["value"] for m in scored if m["method"] == OURS), None)
    if ours is not None:
        axis.axvline(ours, color="#0b6e66", linewidth=0.8, linestyle=":")
    axis.set_xlabel("Concordance (higher is better), 95 % interval")
    axis.set_title(title, fontsize=10)
    axis.spines[["top", "right"]].set_visible(False)
