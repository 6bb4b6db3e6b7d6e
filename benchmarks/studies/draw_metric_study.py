"""Draw the study of losses that docs/explanation/when-nplb-helps.md tells of, and print the differences it quotes.

    python benchmarks/studies/draw_metric_study.py [--data docs/data/metric] [--out docs/images] [--json OUT.json]

Reads what ``metric_tuning.py`` and ``nplb_weight.py`` wrote; trains nothing. Writes ``metric-study.svg`` (each loss at
its tuned setting, every seed, mean and interval) and ``metric-weight.svg`` (what each weight of the regulariser gains
over none). Differences are paired by seed; p of the weights are corrected for their number after Holm (1979).
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from holdfast.measured import Measurement, Scored
from holdfast.metric.benchmark.plot import save_svg
from holdfast.metric.evaluation import paired_test, seed_interval

ROOT = Path(__file__).parents[2]
SETS = {"fashion_mnist": "Fashion-MNIST", "mnist": "MNIST"}
ORDER = ("triplet", "swap", "mdr", "nplb", "npair", "mdr-all", "triplet-all", "swap-all", "supcon", "nplb-all")
RANDOM = frozenset({"triplet", "swap", "mdr", "nplb"})
QUOTED = (
    *(("nplb-all", other) for other in ORDER if other != "nplb-all"),
    *(("nplb", other) for other in ("triplet", "swap", "mdr")),
    ("triplet-all", "triplet"),
    ("triplet-all", "npair"),
    ("swap-all", "swap"),
    ("mdr-all", "mdr"),
)
"""Pairs of losses, the second subtracted from the first."""

SWEEPS = {"all triplets of a batch": "weight-all-triplets", "random triplets": "weight-random-triplets"}
CONDITIONS = {
    "all": ("", "all training rows"),
    "noisy": ("", "all rows, a fifth mislabelled"),
    "few": ("-few", "1,000 rows"),
    "few-noisy": ("-few", "1,000 rows, a fifth mislabelled"),
}
INK, BATCH, ONE = "#777777", "#1b4965", "#c8553d"

Record = dict[str, Any]


@click.command()
@click.option("--data", type=click.Path(exists=True, path_type=Path), default=ROOT / "docs" / "data" / "metric")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=ROOT / "docs" / "images")
@click.option("--json", "figures", type=click.Path(dir_okay=False, path_type=Path), help="Write differences here.")
def main(data: Path, out: Path, figures: Path | None) -> None:
    """Write both pictures and print every difference."""
    tuned = {name: _read(data / f"{name}.json")["data"][name] for name in SETS}
    draw_losses(tuned, out / "metric-study.svg")
    swept = list(sweeps(data))
    draw_weights(swept, out / "metric-weight.svg")
    found = {"losses": list(differences(tuned)), "weights": corrected([gain for row in swept for gain in row["gains"]])}
    for row in [*found["losses"], *found["weights"]]:
        low, high = row["interval"]
        click.echo(f"{row['what']:66} {row['difference']:+.4f} ({low:+.4f} to {high:+.4f})  p {row['p']:.2g}")
    if figures:
        figures.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def differences(tuned: dict[str, Record]) -> Iterator[Record]:
    """Yield the paired difference of every quoted pair of losses that both sets of data have."""
    for name, rows in tuned.items():
        for first, second in QUOTED:
            if first in rows and second in rows:
                a, b = rows[first]["test_f1"], rows[second]["test_f1"]
                yield {"what": f"{SETS[name]}: {first} less {second}", **_difference(a, b)}


def sweeps(data: Path) -> Iterator[Record]:
    """Yield what each weight gains, for each kind of triplets, condition, and embeddings of length one or not."""
    for kind, stem in SWEEPS.items():
        for condition, (suffix, said) in CONDITIONS.items():
            rows = _read(data / f"{stem}{suffix}.json")["conditions"][condition]
            for normalize in (True, False):
                own = {row["weight"]: row["f1"] for row in rows if row["normalize"] is normalize}
                about = f"{kind}, {said}, {'length one' if normalize else 'any length'}"
                gains = [
                    {"what": f"{about}, weight {w:g}", "weight": w, **_difference(f1, own[0.0])}
                    for w, f1 in own.items()
                    if w
                ]
                yield {"kind": kind, "condition": said, "normalize": normalize, "gains": gains}


def corrected(gains: Sequence[Record]) -> list[Record]:
    """Add Holm's p for as many comparisons as there are gains."""
    largest, held = 0.0, []
    for rank, gain in enumerate(sorted(gains, key=lambda gain: gain["p"])):
        largest = max(largest, min(1.0, gain["p"] * (len(gains) - rank)))
        held.append({**gain, "p_holm": largest})
    return held


def draw_losses(tuned: dict[str, Record], path: Path) -> None:
    """Draw every loss of every set of data: seeds, mean and interval."""
    figure = Figure(figsize=(9.0, 4.2), layout="constrained")
    for axes, (name, rows) in zip(figure.subplots(1, len(tuned)), tuned.items(), strict=True):
        losses = [loss for loss in ORDER if loss in rows]
        for place, loss in enumerate(losses):
            colour = INK if loss in RANDOM else BATCH
            seeds = rows[loss]["test_f1"]
            axes.plot(seeds, [place] * len(seeds), "o", color=colour, markersize=3, alpha=0.35)
            _interval(axes, seed_interval(seeds), place, colour)
        axes.set_yticks(range(len(losses)), losses)
        axes.set_title(SETS[name], fontsize=10)
        axes.set_xlabel("weighted F1 of 5 neighbours, test split", fontsize=9)
        _tidy(axes, "x")
    figure.suptitle("Grey: random triplets. Blue: pairs, or a whole balanced batch.", fontsize=9)
    save_svg(figure, path, title="Tuned losses on Fashion-MNIST and MNIST: every seed, means and 95 % intervals")


def draw_weights(swept: Sequence[Record], path: Path) -> None:
    """Draw what each weight gains over none, with intervals, by kind of triplets and condition."""
    kinds, conditions = list(SWEEPS), [said for _, said in CONDITIONS.values()]
    figure = Figure(figsize=(11.0, 5.2), layout="constrained")
    grid = figure.subplots(len(kinds), len(conditions), sharex=True, sharey=True)
    for row in swept:
        axes = grid[kinds.index(row["kind"])][conditions.index(row["condition"])]
        _gains(axes, row["gains"], is_one=row["normalize"])
    for kind, line in zip(kinds, grid, strict=True):
        line[0].set_ylabel(f"{kind}\ngain in weighted F1", fontsize=9)
    for said, axes in zip(conditions, grid[0], strict=True):
        axes.set_title(said, fontsize=9)
    for axes in grid[-1]:
        axes.set_xlabel("weight of the regulariser", fontsize=9)
    figure.legend(*grid[0][0].get_legend_handles_labels(), loc="outside upper center", ncols=2, frameon=False)
    save_svg(figure, path, title="What the weight of the regulariser gains over none, in weighted F1")


def _gains(axes: Axes, gains: Sequence[Record], *, is_one: bool) -> None:
    """Draw one line of gains, beside that of the other length so that intervals do not hide each other."""
    places = [place + (-0.1 if is_one else 0.1) for place in range(len(gains))]
    values = [gain["difference"] for gain in gains]
    ends = [[gain["difference"] - gain["interval"][0] for gain in gains] for _ in range(2)]
    style: Record = {"fmt": "o" if is_one else "s", "markersize": 4, "linewidth": 1.3}
    label = "embeddings of length one" if is_one else "of any length"
    axes.errorbar(places, values, yerr=ends, color=BATCH if is_one else ONE, label=label, **style)
    axes.set_xticks(range(len(gains)), [f"{gain['weight']:g}" for gain in gains])
    axes.axhline(0.0, color=INK, linewidth=0.8)
    _tidy(axes, "y")


def _interval(axes: Axes, measured: Measurement, place: int, colour: str) -> None:
    if isinstance(measured, Scored) and measured.interval is not None:
        axes.plot([measured.interval.low, measured.interval.high], [place, place], color=colour, linewidth=2)
        axes.plot([measured.value], [place], "D", color=colour, markersize=5)


def _difference(a: Sequence[float], b: Sequence[float]) -> Record:
    test = paired_test(a, b)
    if not isinstance(test.difference, Scored) or test.difference.interval is None or not isinstance(test.p_t, Scored):
        raise click.ClickException("Figures must vary between seeds to be compared.")
    interval = [test.difference.interval.low, test.difference.interval.high]
    return {"difference": test.difference.value, "interval": interval, "p": test.p_t.value, "pairs": test.pairs}


def _tidy(axes: Axes, grid: str) -> None:
    axes.grid(axis=grid, color="#dddddd", linewidth=0.6)  # type: ignore[arg-type]
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)


def _read(path: Path) -> Record:
    read: Record = json.loads(path.read_text(encoding="utf-8"))
    return read


if __name__ == "__main__":
    main()
