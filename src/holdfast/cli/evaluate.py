"""``holdfast evaluate``: run suites against the served pipeline and write down what they came to."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from holdfast.language.model import LanguageModel
    from holdfast.language.specification import ModelSpec
    from holdfast.proof.suites.evaluation import Evaluation, Judged
    from holdfast.proof.suites.runner import Progress

__all__ = ["evaluate"]

_INTERRUPTED = 130


@click.command("evaluate")
@click.option("--suite", default="core", show_default=True, help="A suite, or core for all of them.")
@click.option("--model", "model", default="none", show_default=True, help="Language model, or none.")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for the run.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@click.pass_context
def evaluate(ctx: click.Context, suite: str, model: str, out: Path, as_json: bool) -> None:
    """Run a suite against the served pipeline.

    Writes manifest.json, cases.jsonl, results.json and report.html into the folder. A run that was stopped goes on
    where it stopped when the same command is given again.

    Exits 0 when every case ran, 1 when any failed, 2 for a mistake in the command, 130 when stopped.
    """
    from holdfast.language.specification import parse_model_spec
    from holdfast.proof.manifest import Manifest
    from holdfast.proof.policy import load_policy
    from holdfast.proof.suites.catalogue import suites_named
    from holdfast.proof.suites.evaluation import open_evaluation

    suites, spec = suites_named(suite), parse_model_spec(model)
    evaluation = open_evaluation(
        suite,
        suites,
        out,
        manifest=Manifest.of_package(model=str(spec)),
        policy=load_policy().value,
        now=datetime.now(UTC).replace(microsecond=0),
    )
    if stopped := not _run(evaluation, spec):
        click.echo(_stopped(evaluation), err=True)
    evaluation.write()
    click.echo(json.dumps(evaluation.results(), indent=2, ensure_ascii=False) if as_json else _table(evaluation))
    ctx.exit(_INTERRUPTED if stopped else int(bool(evaluation.failures)))


def _run(evaluation: "Evaluation", spec: "ModelSpec") -> bool:
    """Run what is left; return whether it came to its end, rather than being stopped."""
    try:
        asyncio.run(_run_cases(evaluation, spec))
    except KeyboardInterrupt:
        return False
    return True


async def _run_cases(evaluation: "Evaluation", spec: "ModelSpec") -> None:
    from holdfast.proof.suites.served import as_served
    from holdfast.proof.tier import current_tier

    started = datetime.fromisoformat(evaluation.folder.started)
    async with _model(spec) as model:
        tier = current_tier(now=started, model=str(spec))
        served = as_served(tier=tier, now=started, language_model=model)
        await evaluation.run(served, _shown_on(sys.stderr.isatty()))


@asynccontextmanager
async def _model(spec: "ModelSpec") -> "AsyncIterator[LanguageModel | None]":
    """Connect the language model for the run, or yield None where there is none."""
    if spec.is_none:
        yield None
        return
    from holdfast.service.privacy.reaching import reach_model
    from holdfast.settings import load_settings

    settings = load_settings(config=None, environ=os.environ, overrides={"model": str(spec)})
    async with reach_model(settings, spec) as model:
        yield model


def _shown_on(terminal: bool) -> "Callable[[Progress], None]":
    """Return what shows progress on standard error: a moving line on a terminal, a line a suite elsewhere."""
    last = ""

    def show(progress: "Progress") -> None:
        nonlocal last
        if terminal:
            end = "\n" if progress.done == progress.total else ""
            click.echo(f"\r{progress.done} of {progress.total} cases  {progress.suite:<15}{end}", err=True, nl=False)
        elif progress.suite != last:
            click.echo(f"{progress.suite} …", err=True)
        last = progress.suite

    return show


def _stopped(evaluation: "Evaluation") -> str:
    done = f"{len(evaluation.records)} of {evaluation.total}"
    return f"\nStopped after {done} cases, all of them kept. Give the same command again to go on."


def _table(evaluation: "Evaluation") -> str:
    from holdfast.proof.suites.report import spoken_interval, spoken_value

    def cells(judged: "Judged") -> tuple[str, ...]:
        measurement = judged.result.measurement
        n = str(getattr(measurement, "n", ""))
        unit = judged.result.metric.unit
        value, interval = spoken_value(measurement, unit), spoken_interval(measurement, unit)
        return judged.result.metric.id, value, interval, n, judged.verdict

    rows = [("metric", "value", "95 % interval", "n", "verdict"), *map(cells, evaluation.judged())]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, [*widths, 0], strict=True)) for row in rows]
    failures = [f"failed: {record.suite}/{record.case} ({record.error})" for record in evaluation.failures]
    where = f"\nReport: {evaluation.folder.path / 'report.html'}"
    return "\n".join([*(line.rstrip() for line in lines), *failures, where])
