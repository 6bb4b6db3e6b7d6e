"""What the regulariser of NPLB adds to the plain hinge, under conditions that might call for it.

    python benchmarks/studies/nplb_weight.py --data fashion_mnist.npz [--loss nplb-all|nplb] [--seeds 6] [--steps 600]
        [--device cuda --workers 8] [--store build/nplb_weight.jsonl] [--json OUT.json]

The weight 0 is the plain hinge, over all triplets of a batch (nplb-all) or over as many random triplets (nplb). Every
weight is trained with the same seeds, so that differences are paired. Conditions: all training rows, 1,000 of them,
1,000 of them with a fifth of the labels wrong, and all with a fifth of the labels wrong; each with embeddings of
length one and not. Judged by the weighted F1 of five neighbours on a held-out sixth of the training split, whose
labels (and whose neighbours' labels) are right throughout.
"""

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import torch

from holdfast.measured import Scored
from holdfast.metric.benchmark.data import BenchmarkData, prepare
from holdfast.metric.benchmark.data_source import load_dataset
from holdfast.metric.benchmark.spec import RunSpec
from holdfast.metric.evaluation import paired_test, seed_interval
from metric_tuning import Study, said

WEIGHTS = (0.0, 0.01, 0.1, 0.3, 1.0, 3.0)
CONDITIONS = ("all", "few", "few-noisy", "noisy")
FEW, NOISE = 1000, 0.2

Record = dict[str, Any]


def conditioned(path: Path, condition: str, device: str) -> BenchmarkData:
    """Return the data with fewer rows, wrong labels, or both; what is judged stays as it is."""
    data = prepare(load_dataset(path), device=device, validate=True)
    made = torch.Generator().manual_seed(0)
    labels = data.sampling_labels.clone()
    rows = torch.randperm(len(labels), generator=made)
    if condition.startswith("few"):
        kept = rows[:FEW]
        labels, inputs = labels[kept], data.train_inputs[kept.to(data.device)]
        reference = torch.arange(len(kept), device=data.device)
        data = replace(data, train_inputs=inputs, reference=reference, reference_labels=labels.to(data.device))
    if condition.endswith("noisy"):
        wrong = torch.rand(len(labels), generator=made) < NOISE
        other = torch.randint(1, len(data.classes), (len(labels),), generator=made)
        labels = torch.where(wrong, (labels + other) % len(data.classes), labels)
    return replace(data, sampling_labels=labels)


def runs(loss: str, steps: int, seeds: int) -> list[RunSpec]:
    """List every weight, with and without length one, for every seed."""
    return [
        RunSpec(
            loss=loss,
            loss_settings={
                "margin": 0.1,
                "reduction": "mean-active" if loss == "nplb-all" else "mean",
                "weight": weight,
            },
            normalize=normalize,
            lr=5e-4,
            schedule="cosine",
            steps=steps,
            seed=seed,
        )
        for normalize in (True, False)
        for weight in WEIGHTS
        for seed in range(seeds)
    ]


@click.command()
@click.option("--data", type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--loss", type=click.Choice(["nplb-all", "nplb"]), default="nplb-all", show_default=True)
@click.option("--conditions", default=",".join(CONDITIONS), show_default=True)
@click.option("--seeds", default=6, show_default=True)
@click.option("--steps", default=600, show_default=True)
@click.option("--device", default="cpu", show_default=True)
@click.option("--workers", default=1, show_default=True)
@click.option("--minutes", default=0.0, help="Stop starting runs after so many minutes; run again to go on.")
@click.option("--store", type=click.Path(dir_okay=False, path_type=Path), default=Path("build/nplb_weight.jsonl"))
@click.option("--json", "out", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
def main(  # noqa: PLR0913 - one argument an option
    data: Path,
    loss: str,
    conditions: str,
    seeds: int,
    steps: int,
    device: str,
    workers: int,
    minutes: float,
    store: Path,
    out: Path | None,
) -> None:
    """Print, for each condition, what each weight gains over the plain hinge."""
    until = time.monotonic() + minutes * 60 if minutes else None
    study = Study(store, device=device, workers=workers, until=until)
    figures: Record = {"data": data.stem, "loss": loss, "steps": steps, "seeds": seeds, "conditions": {}}
    for condition in conditions.split(","):
        tried = study.run(data, condition, runs(loss, steps, seeds))
        figures["conditions"][condition] = rows = _rows(tried)
        click.echo(
            f"\n{data.stem}, {loss}, {condition}: weighted F1 by weight of the regulariser, less the plain hinge's"
        )
        for row in rows:
            gain = f"   {said(row['gain'], sign='+')}" if "gain" in row else ""
            click.echo(f"  length one: {row['normalize']!s:5}  weight {row['weight']:5g}  {said(row['mean'])}{gain}")
    if out:
        out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _rows(tried: list[tuple[RunSpec, float | None]]) -> list[Record]:
    found = []
    for normalize in (True, False):
        by_weight = {weight: [f1 or 0.0 for spec, f1 in tried if _is(spec, weight, normalize)] for weight in WEIGHTS}
        for weight, values in by_weight.items():
            row: Record = {"normalize": normalize, "weight": weight, "f1": values, "mean": _json(seed_interval(values))}
            if weight:
                row["gain"] = _json(paired_test(values, by_weight[0.0]).difference)
            found.append(row)
    return found


def _is(spec: RunSpec, weight: float, normalize: bool) -> bool:
    return spec.normalize is normalize and spec.loss_settings["weight"] == weight


def _json(measured: object) -> Record:
    if not isinstance(measured, Scored):
        return {"unscored": repr(measured)}
    interval = measured.interval
    return {"value": measured.value, "n": measured.n, "interval": interval and [interval.low, interval.high]}


if __name__ == "__main__":
    main()
