"""Time and memory of making up, learning from and scoring a cohort, as it doubles; and scoring beside boosted trees.

    python benchmarks/cohort_scale.py [--sizes 125000,250000,500000] [--big] [--json OUT.json]

For each size: ``holdfast cohort build synthetic`` (69 inputs), ``holdfast risk fit --preset fast`` (a quarter of the
people is held out, as by default), and ``holdfast risk score`` of everybody. Each step is a process of its own.

- seconds are of the step itself, from opening its files to having its result in place: not the start of Python, nor
  imports (2 to 4 seconds a command). Scoring is Parquet in, Parquet out, and looks for repeated ids and wrong units.
- ``cpu`` is processor time of all threads over that time: on a machine that others use too it says more than seconds.
- peak is the most memory of the process, Python and libraries in it.
- ``trees`` is the peer: scikit-learn's StandardScaler and HistGradientBoostingClassifier, learnt from 20,000 people and
  defaults otherwise, scoring the same file in the same batches, Parquet in, Parquet out, on all cores, right after. It
  gives one number a person, with no percentile, group, absolute risk, abstention or check of what it reads.

Finished sizes are kept in OUT.json: the same command goes on after them. What is made on the way is removed.
"""

import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click

from holdfast.processors import usable_processors

DEFAULT = "125000,250000,500000"
BIG = "125000,250000,500000,1000000,2000000,4000000"
BATCH_ROWS = 65_536
LEARNT_FROM = 20_000


def build(work: Path) -> None:
    """Make up the cohort."""
    from holdfast.cohort.synthetic.build import build_synthetic

    people = int((work / "people").read_text(encoding="ascii"))
    measured(lambda: build_synthetic(work / "cohort", people=people, seed=0, today=date(2026, 1, 1)))


def fit(work: Path) -> None:
    """Learn, as ``holdfast risk fit --preset fast`` does."""
    import holdfast.study.risk_model.encoder_training  # noqa: F401 -- imported beforehand: it is not what is measured
    from holdfast.study.risk_model.cohort_fit import CohortFit, fit_cohort
    from holdfast.study.risk_model.model_folder import save_model

    asked = CohortFit(cohort=str(work / "cohort"), preset="fast")
    measured(lambda: save_model(fit_cohort(asked), work / "model"))


def score(work: Path) -> None:
    """Score everybody, as ``holdfast risk score`` does."""
    import pyarrow.parquet  # type: ignore[import-untyped]  # noqa: F401 -- beforehand, as above

    from holdfast.metric.tables.reading import open_table
    from holdfast.study.risk_model.model_folder import load_model
    from holdfast.study.scoring.table_scoring import TableScoring

    def run() -> None:
        table = open_table(work / "cohort" / "people.parquet")
        model = load_model(work / "model")
        job = TableScoring(
            stored=model, table=table, person="person", out=work / "risk.parquet", threads=usable_processors()
        )
        job.run(lambda *_: None)

    measured(run)


def trees(work: Path) -> None:
    """Score everybody with boosted trees."""
    import polars as pl
    import pyarrow as pa
    import pyarrow.parquet as pq
    from sklearn.ensemble import HistGradientBoostingClassifier  # type: ignore[import-untyped]
    from sklearn.pipeline import make_pipeline  # type: ignore[import-untyped]
    from sklearn.preprocessing import StandardScaler  # type: ignore[import-untyped]

    path = work / "cohort" / "people.parquet"
    names = [f["name"] for f in json.loads((work / "model" / "model.json").read_text("utf-8"))["columns"]["features"]]
    died = pl.scan_parquet(work / "cohort" / "outcomes.parquet").filter(pl.col("outcome") == "death")
    people = pl.scan_parquet(path).select("person", *names).head(LEARNT_FROM)
    known = people.join(died.select("person", "event"), on="person", how="inner").collect()
    model = make_pipeline(StandardScaler(), HistGradientBoostingClassifier(random_state=0))
    model.fit(known.select(names).cast(pl.Float32).to_numpy(), known["event"].to_numpy())

    def run() -> None:
        schema = pa.schema([("person", pa.large_string()), ("risk", pa.float64())])
        with pq.ParquetWriter(work / "trees.parquet", schema) as writer:
            for batch in pq.ParquetFile(path).iter_batches(BATCH_ROWS, columns=["person", *names]):
                frame = pl.DataFrame(pl.from_arrow(batch))
                risk = model.predict_proba(frame.select(names).cast(pl.Float32).to_numpy())[:, 1]
                writer.write_table(pa.table({"person": frame["person"].to_arrow(), "risk": risk}, schema=schema))

    measured(run)


STEPS: dict[str, Callable[[Path], None]] = {"build": build, "fit": fit, "score": score, "trees": trees}


def measured(work: Callable[[], object]) -> None:
    """Do it, and print seconds, processor seconds and the process's peak memory."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    seconds, cpu_s = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    click.echo(json.dumps({"seconds": seconds, "cpu_s": cpu_s, "peak_bytes": peak}))


def step(name: str, work: Path) -> dict[str, float]:
    """Do a step in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--step", name, "--work", str(work)], stdout=subprocess.PIPE, check=True, text=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(people: int, work: Path, repeats: int) -> dict[str, Any]:
    """Measure one size: scoring and the peer several times in turn, of which the fastest counts."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        (work / "people").write_text(str(people), encoding="ascii")
        before = os.getloadavg()[0]
        found: dict[str, Any] = {"people": people, "build": step("build", work), "fit": step("fit", work)}
        turns = [(step("score", work), step("trees", work)) for _ in range(repeats)]
        for place, name in enumerate(("score", "trees")):
            found[name] = min((turn[place] for turn in turns), key=lambda one: one["seconds"])
        return found | {"load_before": before, "load_after": os.getloadavg()[0]}
    finally:
        shutil.rmtree(work, ignore_errors=True)


def told(sizes: list[dict[str, Any]]) -> str:
    """Return the table."""
    head = ("people", "build s", "fit s", "fit cpu", "fit GB", "score s", "score cpu", "people/s", "score GB")
    lines = ["".join(f"{name:>11}" for name in (*head, "x trees", "fit x", "score x"))]
    for before, one in zip([None, *sizes], sizes, strict=False):
        rate, peer = (one["people"] / one[name]["seconds"] for name in ("score", "trees"))
        cells = [
            f"{one['people']:,}",
            f"{one['build']['seconds']:.1f}",
            f"{one['fit']['seconds']:.1f}",
            f"{one['fit']['cpu_s']:.1f}",
            f"{one['fit']['peak_bytes'] / 1e9:.2f}",
            f"{one['score']['seconds']:.2f}",
            f"{one['score']['cpu_s']:.2f}",
            f"{rate:,.0f}",
            f"{one['score']['peak_bytes'] / 1e9:.2f}",
            f"{rate / peer:.2f}",
            *("" if before is None else f"{one[n]['cpu_s'] / before[n]['cpu_s']:.2f}" for n in ("fit", "score")),
        ]
        lines.append("".join(f"{cell:>11}" for cell in cells))
    lines.append("x trees: people a second, of boosted trees'. fit x, score x: processor time, of the size before.")
    return "\n".join(lines)


@click.command()
@click.option("--sizes", default=DEFAULT, show_default=True, help="People, by comma.")
@click.option("--big", is_flag=True, help=f"Sizes {BIG}: half an hour, 3 GB of disk.")
@click.option("--repeats", default=3, show_default=True, help="Of scoring; the fastest counts.")
@click.option("--restart", is_flag=True, help="Measure finished sizes again.")
@click.option("--work", type=click.Path(path_type=Path), default=Path("build/cohort_scale"), show_default=True)
@click.option("--json", "out", type=click.Path(dir_okay=False, path_type=Path), default=Path("build/cohort_scale.json"))
@click.option("--step", "name", type=click.Choice(list(STEPS)), hidden=True)
def main(sizes: str, big: bool, repeats: int, restart: bool, work: Path, out: Path, name: str | None) -> None:
    """Run the benchmark."""
    if name is not None:
        STEPS[name](work)
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    kept = json.loads(out.read_text(encoding="utf-8"))["sizes"] if out.is_file() and not restart else []
    found = {one["people"]: one for one in kept}
    for people in (int(size) for size in (BIG if big else sizes).split(",")):
        if people not in found:
            click.echo(f"{people:,} people ...", err=True)
            found[people] = measure(people, work, repeats)
        about = {
            "cores": usable_processors(),
            "processor": platform.processor() or platform.machine(),
            "repeats": repeats,
        }
        done = [found[size] for size in sorted(found)]
        out.write_text(json.dumps({"machine": about, "sizes": done}, indent=2) + "\n", encoding="utf-8")
    click.echo(told([found[size] for size in sorted(found)]))


if __name__ == "__main__":
    main()
