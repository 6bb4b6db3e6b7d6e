"""Tune every loss with the same number of trials, then compare them on test data over paired seeds.

    python benchmarks/studies/metric_tuning.py --data mnist.npz --data fashion_mnist.npz [--trials 40] [--seeds 10]
        [--steps 1000] [--device cuda --workers 14] [--store build/tuning.jsonl] [--json OUT.json]

1. Search: each loss gets the same number of settings drawn at random (trial *i* of every loss shares its learning rate,
   schedule, normalisation and weight decay), trained once and judged on a held-out sixth of the training split.
2. Confirm: the best few of each loss are trained with two more seeds; the best mean is chosen.
3. Test: the chosen setting of each loss is trained with fresh seeds and judged on the test split, once.

All losses embed the same number of images a step in the same network. Every finished run is kept in ``--store`` at
once, so that an interrupted study goes on where it stopped. By default ``$HOLDFAST_DATA`` is searched for the data.
"""

import hashlib
import json
import multiprocessing
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from tqdm import tqdm

from holdfast.measured import Failed, Measurement, Scored
from holdfast.metric.benchmark.data import BenchmarkData, prepare
from holdfast.metric.benchmark.data_source import load_dataset
from holdfast.metric.benchmark.run import run_one
from holdfast.metric.benchmark.spec import BENCHMARK_LOSSES, RunSpec
from holdfast.metric.evaluation.intervals import paired_test, seed_interval

OURS = "nplb-all"
CONFIRMED, CONFIRMING_SEEDS = 3, (1001, 1002)
SEARCH_SEED, TEST_SEED = 1000, 0
SHOWN = ("lr", "schedule", "normalize", "weight_decay", "loss_settings")
TRIPLET_FAMILY = {"triplet", "swap", "nplb"}

Record = dict[str, Any]
Job = tuple[str, str, str, RunSpec]
"""Key of the run, path of the data, what is done to it (held-out, test, or a condition), and the run."""
Tried = tuple[RunSpec, float | None]

_loaded: dict[tuple[str, str], BenchmarkData] = {}


@click.command()
@click.option("--data", "paths", multiple=True, type=click.Path(exists=True, path_type=Path), help="Repeatable.")
@click.option("--losses", default=",".join(BENCHMARK_LOSSES), show_default=True)
@click.option("--trials", default=40, show_default=True, help="Settings tried for each loss.")
@click.option("--seeds", default=10, show_default=True, help="Seeds of the test.")
@click.option("--steps", default=1000, show_default=True)
@click.option("--device", default="cpu", show_default=True)
@click.option("--workers", default=1, show_default=True)
@click.option("--minutes", default=0.0, help="Stop starting runs after so many minutes; run again to go on.")
@click.option("--store", type=click.Path(dir_okay=False, path_type=Path), default=Path("build/tuning.jsonl"))
@click.option("--json", "out", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
def main(  # noqa: PLR0913 - one argument an option
    paths: tuple[Path, ...],
    losses: str,
    trials: int,
    seeds: int,
    steps: int,
    device: str,
    workers: int,
    minutes: float,
    store: Path,
    out: Path | None,
) -> None:
    """Search, confirm, test, and print what was chosen and how sure the differences are."""
    names = losses.split(",")
    study = Study(store, device=device, workers=workers, until=time.monotonic() + minutes * 60 if minutes else None)
    figures: Record = {"trials": trials, "seeds": seeds, "steps": steps, "data": {}}
    for path in paths or _default_paths():
        searched = study.run(path, "held-out", [draw(name, trial, steps) for name in names for trial in range(trials)])
        finalists = [spec for name in names for spec in _best(searched, name)[:CONFIRMED]]
        again = [replace(spec, seed=seed) for spec in finalists for seed in CONFIRMING_SEEDS]
        confirmed = searched + study.run(path, "held-out", again)
        chosen = {name: _choose(confirmed, [spec for spec in finalists if spec.loss == name]) for name in names}
        tests = [replace(spec, seed=TEST_SEED + seed) for spec in chosen.values() for seed in range(seeds)]
        tested = study.run(path, "test", tests)
        figures["data"][path.stem] = _compare(chosen, searched, tested)
        _show(path.stem, figures["data"][path.stem])
    if out:
        out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _default_paths() -> tuple[Path, ...]:
    folder = Path(os.environ.get("HOLDFAST_DATA", "../shared/data"))
    found = tuple(path for name in ("mnist.npz", "fashion_mnist.npz") if (path := folder / name).is_file())
    if not found:
        raise click.UsageError(f"No data in {folder}: give --data, or set HOLDFAST_DATA to where mnist.npz is.")
    return found


def draw(name: str, trial: int, steps: int) -> RunSpec:
    """Draw the settings of a trial: those every loss has are shared between losses, its own are its own."""
    shared = np.random.default_rng([trial, 0])
    common: Record = {
        "lr": _log_uniform(shared, 2e-4, 5e-3),
        "normalize": bool(shared.integers(2)),
        "schedule": ("constant", "cosine")[shared.integers(2)],
        "weight_decay": float(shared.choice([0.0, 1e-3, 1e-2])),
    }
    margin, reduction = _log_uniform(shared, 0.05, 2.0), ("mean", "mean-active")[shared.integers(2)]
    own = np.random.default_rng([trial, 1])
    kind = BENCHMARK_LOSSES[name][0]
    settings: Record = {"margin": margin, "reduction": reduction} if kind in TRIPLET_FAMILY else {}
    if kind == "nplb":
        settings["weight"] = _log_uniform(own, 1e-3, 3.0)
    elif kind == "mdr":
        settings = {"margin": margin, "weight": _log_uniform(own, 0.03, 1.0)}
    elif kind == "npair":
        settings["weight"] = _log_uniform(own, 1e-4, 1e-1)
    elif kind == "supcon":
        settings["temperature"] = _log_uniform(own, 0.03, 1.0)
    return RunSpec(loss=name, loss_settings=settings, seed=SEARCH_SEED, steps=steps, **common)


def _log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


class Study:
    """Runs, each kept as it finishes; what is kept is not run again."""

    def __init__(self, store: Path, *, device: str, workers: int, until: float | None) -> None:
        self.store, self.device, self.workers, self.until = store, device, workers, until
        store.parent.mkdir(parents=True, exist_ok=True)
        self.kept: dict[str, Record] = {record["key"]: record for record in _whole_records(store)}

    def run(self, path: Path, condition: str, specs: Iterable[RunSpec]) -> list[Tried]:
        """Return each run with its weighted F1, None where training diverged."""
        jobs = {spec_key(path, condition, spec): spec for spec in specs}
        todo = [(key, str(path), condition, spec) for key, spec in jobs.items() if key not in self.kept]
        with self.store.open("a", encoding="utf-8") as kept:
            for record in tqdm(self._results(todo), total=len(todo), desc=f"{path.stem}, {condition}"):
                self.kept[record["key"]] = record
                kept.write(json.dumps(record) + "\n")
                kept.flush()
        if missing := sum(key not in self.kept for key in jobs):
            raise click.ClickException(f"Stopped with {missing} runs to do; run the same command again to go on.")
        return [(spec, self.kept[key]["f1"]) for key, spec in jobs.items()]

    def _results(self, todo: list[Job]) -> Iterator[Record]:
        if self.workers == 1:
            yield from (work((*job, self.device)) for job in self._in_time(todo))
            return
        with multiprocessing.get_context("spawn").Pool(self.workers, torch.set_num_threads, (1,)) as pool:
            jobs = ((*job, self.device) for job in todo)
            for record in pool.imap_unordered(work, jobs):
                yield record
                if self.until is not None and time.monotonic() > self.until:
                    return

    def _in_time(self, todo: list[Job]) -> Iterator[Job]:
        for job in todo:
            if self.until is not None and time.monotonic() > self.until:
                return
            yield job


def _whole_records(store: Path) -> list[Record]:
    """Return the runs kept; a last line that a kill cut short is dropped from the file, and its run is made again."""
    if not store.exists():
        return []
    kept = store.read_bytes()
    whole = kept[: kept.rfind(b"\n") + 1]
    if whole != kept:
        os.truncate(store, len(whole))
    return [json.loads(line) for line in whole.splitlines()]


def spec_key(path: Path, condition: str, spec: RunSpec) -> str:
    """Name a run by everything that decides its figures."""
    said = json.dumps([path.name, condition, spec.to_json()], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:24]


def work(job: tuple[str, str, str, RunSpec, str]) -> Record:
    """Train and judge one run, in a worker that keeps the data on its device."""
    key, path, condition, spec, device = job
    if (path, condition) not in _loaded:
        _loaded.clear()
        _loaded[path, condition] = _load(Path(path), condition, device)
    result = run_one(_loaded[path, condition], spec, device=device)
    scored = result.scores.knn_weighted_f1
    return {
        "key": key,
        "data": Path(path).stem,
        "condition": condition,
        "spec": spec.to_json(),
        "f1": scored.value if isinstance(scored, Scored) else None,
        "failed": scored.error if isinstance(scored, Failed) else None,
        "training_s": result.training_s,
    }


def _load(path: Path, condition: str, device: str) -> BenchmarkData:
    if condition in {"held-out", "test"}:
        return prepare(load_dataset(path), device=device, validate=condition == "held-out")
    from nplb_weight import conditioned

    return conditioned(path, condition, device)


def _best(tried: list[Tried], name: str) -> list[RunSpec]:
    """Return the runs of a loss from best to worst; those that diverged are left out."""
    scored = [(f1, place, spec) for place, (spec, f1) in enumerate(tried) if spec.loss == name and f1 is not None]
    return [spec for _, _, spec in sorted(scored, key=lambda item: (-item[0], item[1]))]


def _choose(tried: list[Tried], finalists: list[RunSpec]) -> RunSpec:
    """Return the finalist with the best mean over all its seeds; a seed that diverged counts as zero."""

    def mean(finalist: RunSpec) -> float:
        same = [f1 or 0.0 for spec, f1 in tried if replace(spec, seed=finalist.seed) == finalist]
        return sum(same) / len(same)

    if not finalists:
        raise click.ClickException("Every trial of a loss diverged: nothing to choose; give more --trials.")
    return max(finalists, key=mean)


def _compare(chosen: dict[str, RunSpec], searched: list[Tried], tested: list[Tried]) -> Record:
    by_loss = {name: [f1 or 0.0 for spec, f1 in tested if spec.loss == name] for name in chosen}
    ours = by_loss.get(OURS)
    rows = {}
    for name, spec in chosen.items():
        rows[name] = {
            "chosen": spec.to_json(),
            "searched": sorted((f1 for run, f1 in searched if run.loss == name and f1 is not None), reverse=True),
            "diverged": sum(f1 is None for run, f1 in searched if run.loss == name),
            "test_f1": by_loss[name],
            "mean": _json(seed_interval(by_loss[name])),
        }
        if ours is not None and name != OURS:
            test = paired_test(ours, by_loss[name])
            rows[name][f"{OURS} less this"] = _json(test.difference)
            rows[name]["p"] = _json(test.p_t)
    _correct(rows)
    return rows


def _correct(rows: dict[str, Record]) -> None:
    """Add Holm's correction (1979) for as many comparisons as there are rows with a p value."""
    ps = sorted((row["p"]["value"], name) for name, row in rows.items() if "value" in row.get("p", {}))
    largest = 0.0
    for rank, (p, name) in enumerate(ps):
        largest = max(largest, min(1.0, p * (len(ps) - rank)))
        rows[name]["p_holm"] = largest


def _json(measured: Measurement) -> Record:
    if not isinstance(measured, Scored):
        return {"unscored": getattr(measured, "reason", None) or getattr(measured, "error", "")}
    interval = measured.interval
    return {"value": measured.value, "n": measured.n, "interval": interval and [interval.low, interval.high]}


def _show(data: str, rows: dict[str, Record]) -> None:
    click.echo(f"\n{data}: weighted F1 of 5 neighbours on the test split, tuned settings")
    for name, row in sorted(rows.items(), key=lambda item: -item[1]["mean"]["value"]):
        line = f"  {name:12} {said(row['mean'])}"
        if "p" in row:
            line += (
                f"   {OURS} less this {said(row[f'{OURS} less this'], sign='+')}  Holm p {row.get('p_holm', 1.0):.2g}"
            )
        click.echo(line)
    for name, row in rows.items():
        own = {key: value for key, value in row["chosen"].items() if key in SHOWN}
        click.echo(f"  {name}: {json.dumps(own)}")


def said(measured: Record, sign: str = "") -> str:
    """Return a figure with its interval in words."""
    if "value" not in measured:
        return f"not measured ({measured['unscored']})"
    low_high = measured["interval"]
    span = f" ({low_high[0]:{sign}.4f} to {low_high[1]:{sign}.4f})" if low_high else ""
    return f"{measured['value']:{sign}.4f}{span}"


if __name__ == "__main__":
    main()
