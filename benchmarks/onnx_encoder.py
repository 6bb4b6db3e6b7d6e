"""Rows per second of ``OnnxEncoder.transform``, against torch and against plain numpy, on the same table.

    python benchmarks/onnx_encoder.py [--rows 1000000] [--columns 60] [--repeats 7] [--json OUT.json]

Five ways from a float32 table to embeddings, each with the same encoding (standardising) and the same network:

- ``onnx``: ``OnnxEncoder.transform`` as it comes;
- ``torch``: encode a batch, ``torch.inference_mode``, all cores to each operation, at its best of several batch sizes;
- ``torch one batch``: the same in batches of 65,536 rows;
- ``torch tiled``: the way ``onnx`` works, with torch in it: tiles of rows, a thread for each core;
- ``numpy``: matrix products and ``maximum``, at its best of several batch sizes.

The ways are run in turn in one process, so that a busy machine slows all alike; read the ratios, which are of runs next
to each other. ``cpu`` is processor time of all threads, on which other programs weigh less. Peak memory is that of a
process of its own above what it held before the call; the embeddings themselves are in it.
"""

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click
import numpy as np
import onnxruntime  # type: ignore[import-untyped]  # it ships no types
import torch
from numpy.typing import NDArray
from torch import nn

from holdfast.metric.encoder.networks import multilayer_perceptron, seeded
from holdfast.metric.onnx.encoder import OnnxEncoder
from holdfast.metric.onnx.export import export_onnx
from holdfast.metric.tabular.encoding import TabularEncoding
from holdfast.processors import usable_processors

BATCHES = (1024, 2048, 4096, 16_384)
LARGE_BATCH = 65_536
TILE_ROWS = 2048
WAYS = ("onnx", "torch", "torch one batch", "torch tiled", "numpy")

Matrix = NDArray[np.float32]
Way = Callable[[Matrix], Matrix]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What every way embeds with: one encoding, one network, one exported file."""

    encoding: TabularEncoding
    network: nn.Sequential
    path: Path
    width: int
    threads: int

    def ways(self, batches: dict[str, int]) -> dict[str, Way]:
        """Return every way by name."""
        encoder = OnnxEncoder.load(self.path, threads=self.threads)
        weights = [linear(layer) for layer in self.network if isinstance(layer, nn.Linear)]
        return {
            "onnx": encoder.transform,
            "torch": partial(by_torch, self, batch=batches.get("torch", BATCHES[0])),
            "torch one batch": partial(by_torch, self, batch=LARGE_BATCH),
            "torch tiled": partial(by_torch_tiles, self),
            "numpy": partial(by_numpy, self, weights, batch=batches.get("numpy", BATCHES[0])),
        }


def linear(layer: nn.Linear) -> tuple[Matrix, Matrix | None]:
    """Return a layer's weights, transposed, and its bias, if it has one."""
    bias: Any = layer.bias
    return layer.weight.detach().numpy().T.copy(), None if bias is None else bias.detach().numpy().copy()


def by_torch(subject: Subject, table: Matrix, *, batch: int) -> Matrix:
    """Embed with torch, batch by batch."""
    torch.set_num_threads(subject.threads)
    rows, out = subject.encoding.open(table), np.empty((len(table), subject.width), dtype=np.float32)
    encoded = np.empty((batch, rows.n_outputs), dtype=np.float32)
    with torch.inference_mode():
        for first in range(0, len(table), batch):
            last = min(first + batch, len(table))
            rows.write(first, last, encoded)
            out[first:last] = subject.network(torch.from_numpy(encoded[: last - first])).numpy()
    return out


def by_torch_tiles(subject: Subject, table: Matrix) -> Matrix:
    """Embed with torch, a thread for each core, each with tiles of its own."""
    torch.set_num_threads(1)
    rows, out = subject.encoding.open(table), np.empty((len(table), subject.width), dtype=np.float32)

    def work(worker: int) -> None:
        encoded = np.empty((TILE_ROWS, rows.n_outputs), dtype=np.float32)
        with torch.inference_mode():
            for first in range(worker * TILE_ROWS, len(table), subject.threads * TILE_ROWS):
                last = min(first + TILE_ROWS, len(table))
                rows.write(first, last, encoded)
                out[first:last] = subject.network(torch.from_numpy(encoded[: last - first])).numpy()

    with ThreadPoolExecutor(subject.threads) as pool:
        list(pool.map(work, range(subject.threads)))
    return out


def by_numpy(subject: Subject, weights: list[tuple[Matrix, Matrix | None]], table: Matrix, *, batch: int) -> Matrix:
    """Embed with numpy, batch by batch."""
    rows, out = subject.encoding.open(table), np.empty((len(table), subject.width), dtype=np.float32)
    encoded = np.empty((batch, rows.n_outputs), dtype=np.float32)
    for first in range(0, len(table), batch):
        last = min(first + batch, len(table))
        rows.write(first, last, encoded)
        values: Any = encoded[: last - first]
        for depth, (weight, bias) in enumerate(weights, start=1):
            values = values @ weight
            if bias is not None:
                values += bias
            if depth < len(weights):
                np.maximum(values, 0, out=values)
        out[first:last] = values
    return out


def make_table(rows: int, columns: int) -> Matrix:
    """Return a table of random numbers, each column with its own mean and spread."""
    rng = np.random.default_rng(0)
    table = rng.standard_normal((rows, columns), dtype=np.float32)
    table *= rng.uniform(0.5, 20, columns).astype(np.float32)
    table += rng.uniform(-50, 50, columns).astype(np.float32)
    return table


def make_subject(table: Matrix, hidden: tuple[int, ...], *, width: int, threads: int, folder: Path) -> Subject:
    """Fit the encoding, build the network (untrained: speed is the same) and export both, unless already there."""
    encoding, path = TabularEncoding.fit(table[:50_000]), folder / "encoder.onnx"
    with seeded(0):
        network = multilayer_perceptron(table.shape[1], hidden=hidden, embedding_dim=width).eval()
    if not path.exists():
        export_onnx(network, path=path, n_inputs=encoding.n_outputs, card={"encoding": encoding.to_json()})
    return Subject(encoding=encoding, network=network, path=path, width=width, threads=threads)


def best_batches(subject: Subject, table: Matrix) -> dict[str, int]:
    """Return the batch size at which torch and numpy are fastest on part of the table."""
    part = table[: max(1, len(table) // 4)]
    found: dict[str, int] = {}
    for name in ("torch", "numpy"):
        timed = {size: [timing(subject.ways({name: size})[name], part)[0] for _ in range(3)] for size in BATCHES}
        found[name] = min(timed, key=lambda size: min(timed[size]))
    return found


def timing(way: Way, table: Matrix) -> tuple[float, float]:
    """Return wall and processor seconds of one run."""
    wall, cpu = time.perf_counter(), time.process_time()
    way(table)
    return time.perf_counter() - wall, time.process_time() - cpu


def measure(ways: dict[str, Way], table: Matrix, repeats: int) -> dict[str, list[tuple[float, float]]]:
    """Time every way in turn, ``repeats`` times, after one run that is not counted."""
    for way in ways.values():
        way(table[: len(table) // 10 + 1])
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for repeat in range(repeats):
        names = list(ways) if repeat % 2 == 0 else list(reversed(ways))
        for name in names:
            runs[name].append(timing(ways[name], table))
    return runs


def summary(runs: dict[str, list[tuple[float, float]]], rows: int) -> dict[str, dict[str, float]]:
    """Return each way's figures; ratios are how many times faster ``onnx`` was in the same round."""
    figures = {}
    for name, timed in runs.items():
        walls, cpus = [wall for wall, _ in timed], [cpu for _, cpu in timed]
        ratios = [theirs / ours for theirs, (ours, _) in zip(walls, runs["onnx"], strict=True)]
        figures[name] = {
            "best_rows_per_s": rows / min(walls),
            "median_rows_per_s": rows / statistics.median(walls),
            "cpu_ns_per_row": statistics.median(cpus) / rows * 1e9,
            "onnx_is_faster_median": statistics.median(ratios),
            "onnx_is_faster_low": min(ratios),
            "onnx_is_faster_high": max(ratios),
            "onnx_is_faster_best_of_each": min(walls) / min(wall for wall, _ in runs["onnx"]),
            "onnx_takes_less_cpu": statistics.median(cpus) / statistics.median(cpu for _, cpu in runs["onnx"]),
        }
    return figures


def resident(field: str) -> int | None:
    """Return a figure of this process's memory in bytes, where the kernel tells."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{field}:")), None)


def peak_of(way: Way, table: Matrix) -> int | None:
    """Return how many bytes this process grew by at its peak while ``way`` ran; None where the kernel does not tell."""
    way(table[:100])
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # sets the high-water mark back
    except OSError:
        return None
    before = resident("VmRSS")
    way(table)
    after = resident("VmHWM")
    return None if before is None or after is None else after - before


def peaks(options: list[str], folder: Path, batches: dict[str, int]) -> dict[str, int | None]:
    """Measure each way's peak memory in a process of its own."""
    found = {}
    for name in WAYS:
        command = [sys.executable, __file__, *options, "--peak-of", name, "--folder", str(folder)]
        command += ["--batch", str(batches.get(name, BATCHES[0]))]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found[name] = json.loads(done.stdout)
    return found


@click.command()
@click.option("--rows", type=click.IntRange(1), default=1_000_000, show_default=True)
@click.option("--columns", type=click.IntRange(1), default=60, show_default=True)
@click.option("--hidden", default="128,64", show_default=True, help="Widths of the hidden layers.")
@click.option("--width", type=click.IntRange(1), default=32, show_default=True, help="Columns of the embedding.")
@click.option("--threads", type=click.IntRange(1), default=None, help="Threads for each way; all cores if left out.")
@click.option("--repeats", type=click.IntRange(1), default=7, show_default=True)
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write every figure here.")
@click.option("--peak-of", type=click.Choice(WAYS), hidden=True)
@click.option("--batch", type=int, default=0, hidden=True)
@click.option("--folder", type=click.Path(path_type=Path), hidden=True)
def main(
    rows: int,
    columns: int,
    hidden: str,
    width: int,
    threads: int | None,
    repeats: int,
    **rest: Any,
) -> None:
    """Measure the exported encoder against torch and numpy."""
    used = threads or usable_processors()
    widths = tuple(int(size) for size in hidden.split(","))
    table = make_table(rows, columns)
    if rest["peak_of"]:
        subject = make_subject(table, widths, width=width, threads=used, folder=rest["folder"])
        way = subject.ways({rest["peak_of"]: rest["batch"]})[rest["peak_of"]]
        click.echo(json.dumps(peak_of(way, table)))
        return
    options = ["--rows", rows, "--columns", columns, "--hidden", hidden, "--width", width, "--threads", used]
    with tempfile.TemporaryDirectory() as folder:
        subject = make_subject(table, widths, width=width, threads=used, folder=Path(folder))
        report = reported(subject, table, repeats)
        report["peak_bytes"] = peaks([str(option) for option in options], Path(folder), report["batches"])
    report["settings"] = {"rows": rows, "columns": columns, "hidden": widths, "width": width, "repeats": repeats}
    report["machine"] = machine(used)
    show(report)
    if rest["json_path"]:
        rest["json_path"].write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def reported(subject: Subject, table: Matrix, repeats: int) -> dict[str, Any]:
    """Return speeds and differences of every way."""
    batches = best_batches(subject, table)
    ways = subject.ways(batches)
    expected = ways["torch"](table)
    differences = {name: float(np.abs(way(table) - expected).max()) for name, way in ways.items()}
    return {
        "batches": batches,
        "speed": summary(measure(ways, table, repeats), len(table)),
        "largest_difference_to_torch": differences,
        "embeddings_bytes": expected.nbytes,
    }


def machine(threads: int) -> dict[str, Any]:
    """Return what the figures depend on."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "threads": threads,
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "largest_resident_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "onnxruntime": onnxruntime.__version__,
        "torch": torch.__version__,
    }


def show(report: dict[str, Any]) -> None:
    """Print the report as a table."""
    click.echo(f"{report['settings']}\n{report['machine']}\nbatch sizes: {report['batches']}\n")
    click.echo(
        f"{'':<17}{'million rows/s':>18}{'cpu':>10}{'onnx is faster, times':>30}{'less cpu':>10}"
        f"{'peak':>10}{'difference':>12}"
    )
    click.echo(f"{'':<17}{'best':>9}{'median':>9}{'ns/row':>10}{'median':>12}{'(low-high)':>18}{'times':>10}{'MB':>10}")
    for name, row in report["speed"].items():
        peak = report["peak_bytes"][name]
        spread = f"({row['onnx_is_faster_low']:.2f}-{row['onnx_is_faster_high']:.2f})"
        click.echo(
            f"{name:<17}{row['best_rows_per_s'] / 1e6:>9.2f}{row['median_rows_per_s'] / 1e6:>9.2f}"
            f"{row['cpu_ns_per_row']:>10.0f}{row['onnx_is_faster_median']:>12.2f}{spread:>18}"
            f"{row['onnx_takes_less_cpu']:>10.2f}{'-' if peak is None else f'{peak / 1e6:.0f}':>10}"
            f"{report['largest_difference_to_torch'][name]:>12.1e}"
        )
    click.echo(f"\nthe embeddings themselves are {report['embeddings_bytes'] / 1e6:.0f} MB of each peak")


if __name__ == "__main__":
    main()
