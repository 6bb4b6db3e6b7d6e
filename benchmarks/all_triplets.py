"""Time and memory of the exact sums over all triplets, against listing the triplets, forward and backward.

    python benchmarks/all_triplets.py [--sizes 128,512,...] [--classes 2,10] [--largest 32768] [--device cuda]
        [--json OUT.json]

Four ways, in one run, dimension 64, random labels:

- ``nplb``: ``all_triplet_sums``, hinge and penalty;
- ``nplb listed``: every triplet listed, its three distances gathered, the same objective;
- ``triplet``: ``all_triplet_sums``, hinge alone;
- ``triplet listed``: pytorch-metric-learning's ``TripletMarginLoss`` over all triplets, hinge alone.

Timings of one batch are taken in turn in one process, so that a busy machine slows all alike; read the ratios. Peak
memory is that of a process of its own above what it held before the call. Where listing would not fit, it is not run
and says so. Listing's results are compared with ours wherever both ran.
"""

import json
import math
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from torch import Tensor

from holdfast.metric.benchmark.peak_memory import watch_memory
from holdfast.metric.losses.all_triplets import all_triplet_sums

DIMENSION, MARGIN = 64, 0.5
LISTED_AT_MOST = 40_000_000
"""Triplets above which listing is not attempted: some 100 bytes each on the way."""

Way = Callable[[Tensor, Tensor], Tensor]


def nplb(x: Tensor, y: Tensor) -> Tensor:
    """Return the mean objective, exactly, without listing."""
    sums = all_triplet_sums(x, y, margin=MARGIN)
    return (sums.hinge + sums.penalty) / max(1, sums.triplets)


def triplet(x: Tensor, y: Tensor) -> Tensor:
    """Return the mean hinge, exactly, without listing."""
    sums = all_triplet_sums(x, y, margin=MARGIN, power=None)
    return sums.hinge / max(1, sums.triplets)


def nplb_listed(x: Tensor, y: Tensor) -> Tensor:
    """Return the mean objective by listing every triplet."""
    same = y[:, None] == y[None]
    positive = same & ~torch.eye(len(y), dtype=torch.bool, device=y.device)
    a, p, n = torch.where(positive[:, :, None] & ~same[:, None, :])
    distances = torch.cdist(x, x)
    to_negative = distances[a, n]
    hinge = torch.relu(distances[a, p] - to_negative + MARGIN)
    return (hinge + (distances[p, n] - to_negative) ** 2).mean()


def triplet_listed(x: Tensor, y: Tensor) -> Tensor:
    """Return the mean hinge by pytorch-metric-learning over all triplets."""
    from pytorch_metric_learning.distances import LpDistance
    from pytorch_metric_learning.losses import TripletMarginLoss
    from pytorch_metric_learning.reducers import MeanReducer

    plain = LpDistance(normalize_embeddings=False)
    loss = TripletMarginLoss(margin=MARGIN, distance=plain, reducer=MeanReducer(), triplets_per_anchor="all")
    total: Tensor = loss(x, y)
    return total


WAYS: dict[str, Way] = {
    "nplb": nplb,
    "nplb listed": nplb_listed,
    "triplet": triplet,
    "triplet listed": triplet_listed,
}


@click.command()
@click.option("--sizes", default="128,256,512,1024,2048,4096,8192", show_default=True, help="Batch sizes.")
@click.option("--classes", default="2,10", show_default=True, help="Numbers of classes.")
@click.option("--largest", default=32768, show_default=True, help="One more size, run once; 0 leaves it out.")
@click.option("--repeats", default=5, show_default=True, help="Times each is run; the best and the median count.")
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True)
@click.option("--json", "out", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
@click.option("--child", hidden=True)
def main(
    sizes: str, classes: str, largest: int, repeats: int, device: str, out: Path | None, child: str | None
) -> None:
    """Print time, memory and ratios, and how time grows."""
    if child:
        click.echo(json.dumps(_measure_memory(**json.loads(child))))
        return
    rows = [
        _compare(size, n_classes, repeats if size < 4096 else max(2, repeats // 2), device)
        for n_classes in _numbers(classes)
        for size in _numbers(sizes)
    ]
    if largest:
        rows.append(_compare(largest, _numbers(classes)[-1], 1, device))
    figures = {"machine": _machine() | {"device": device}, "rows": rows, "growth": _growth(rows)}
    for n_classes, exponents in figures["growth"].items():
        click.echo(f"time grows with batch size to the power of {exponents} at {n_classes} classes")
    if out:
        out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _compare(size: int, n_classes: int, repeats: int, device: str) -> dict[str, Any]:
    x, y = (part.to(device) for part in _batch(size, n_classes))
    counts = torch.bincount(y)
    listed = int((counts * (counts - 1) * (size - counts)).sum())
    ways = [name for name in WAYS if "listed" not in name or listed <= LISTED_AT_MOST]
    results: dict[str, Any] = {name: {"seconds": []} for name in ways}
    for turn in range(repeats + (size <= 2048)):
        for name in ways:
            seconds, loss, gradient = _timed(WAYS[name], x, y)
            if turn or size > 2048:  # the first turn warms up
                results[name]["seconds"].append(seconds)
            results[name].update(loss=loss, gradient=gradient)
    differences = _differences(results)
    for name, result in results.items():
        del result["gradient"]
        result |= _subprocess_memory(size, n_classes, name, device)
        result |= {"best_s": min(result["seconds"]), "median_s": float(np.median(result["seconds"]))}
    row = {"batch": size, "classes": n_classes, "triplets": listed, "ways": results, "largest_difference": differences}
    row["ratios"] = _ratios(results)
    _show(row)
    return row


def _timed(way: Way, x: Tensor, y: Tensor) -> tuple[float, float, Tensor]:
    points = x.clone().requires_grad_()
    if x.is_cuda:
        torch.cuda.synchronize()
    start = time.perf_counter()
    loss = way(points, y)
    loss.backward()  # type: ignore[no-untyped-call]
    if x.is_cuda:
        torch.cuda.synchronize()
    seconds = time.perf_counter() - start
    if points.grad is None:
        raise RuntimeError("a way gave no gradient")
    return seconds, float(loss.detach()), points.grad


def _differences(results: dict[str, Any]) -> dict[str, float]:
    """Return the largest relative difference of values and gradients between a way and its listed peer."""
    found = {}
    for name in ("nplb", "triplet"):
        ours, peer = results[name], results.get(f"{name} listed")
        if peer is not None:
            scale = float(peer["gradient"].abs().max())
            found[f"{name} value"] = abs(ours["loss"] - peer["loss"]) / abs(peer["loss"])
            found[f"{name} gradient"] = float((ours["gradient"] - peer["gradient"]).abs().max()) / scale
    return found


def _ratios(results: dict[str, Any]) -> dict[str, float]:
    found = {}
    for name in ("nplb", "triplet"):
        peer = results.get(f"{name} listed")
        if peer is not None:
            found[f"{name} times faster"] = peer["median_s"] / results[name]["median_s"]
            found[f"{name} times less memory"] = peer["peak_bytes"] / max(1, results[name]["peak_bytes"])
    return found


def _subprocess_memory(size: int, n_classes: int, name: str, device: str) -> dict[str, int]:
    task = json.dumps({"size": size, "n_classes": n_classes, "name": name, "device": device})
    done = subprocess.run([sys.executable, __file__, "--child", task], capture_output=True, text=True, check=True)
    measured: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return measured


def _measure_memory(size: int, n_classes: int, name: str, device: str) -> dict[str, int]:
    _timed(
        WAYS[name], *(part.to(device) for part in _batch(16, 2))
    )  # imports, thread pools and kernels are not the batch's memory
    x, y = (part.to(device) for part in _batch(size, n_classes))
    with watch_memory(torch.device(device)) as memory:
        _timed(WAYS[name], x, y)
    return {"peak_bytes": memory.peak.bytes}


def _batch(size: int, n_classes: int) -> tuple[Tensor, Tensor]:
    made = torch.Generator().manual_seed(size)
    labels = torch.randint(n_classes, (size,), generator=made)
    labels[: 2 * n_classes] = torch.arange(2 * n_classes) % n_classes  # no class without a pair
    return torch.randn(size, DIMENSION, generator=made), labels


def _growth(rows: list[dict[str, Any]]) -> dict[str, float]:
    """Fit the exponent of time against batch size, from 1,024 up, for ``nplb``."""
    found = {}
    for n_classes in sorted({row["classes"] for row in rows}):
        large = [row for row in rows if row["classes"] == n_classes and row["batch"] >= 1024]
        if len(large) >= 3:
            logs = np.log([[row["batch"], row["ways"]["nplb"]["best_s"]] for row in large])
            found[str(n_classes)] = round(float(np.polyfit(logs[:, 0], logs[:, 1], 1)[0]), 3)
    return found


def _show(row: dict[str, Any]) -> None:
    click.echo(f"batch {row['batch']:,}, {row['classes']} classes, {row['triplets']:,} triplets")
    for name in WAYS:
        result = row["ways"].get(name)
        if result is None:
            click.echo(f"  {name:15} not run: listing so many would not fit")
            continue
        times = f"best {result['best_s'] * 1e3:10.1f} ms  median {result['median_s'] * 1e3:10.1f} ms"
        click.echo(f"  {name:15} {times}  peak {result['peak_bytes'] / 2**20:9.1f} MiB")
    said = [f"{name} {value:.3g}" for name, value in (row["ratios"] | row["largest_difference"]).items()]
    click.echo("  " + ("; ".join(said) if said else "no peer at this size"))


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _machine() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "threads": torch.get_num_threads(),
        "processors": os.cpu_count(),
        "load": [round(value, 2) for value in os.getloadavg()] if hasattr(os, "getloadavg") else math.nan,
    }


if __name__ == "__main__":
    main()
