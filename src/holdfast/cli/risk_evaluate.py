"""``holdfast risk evaluate``: every method learns from one table and is judged on another."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.risk_fit import names_of
from holdfast.cli.risk_progress import step_progress, tell

if TYPE_CHECKING:
    from holdfast.study.evaluation.risk_store import RiskStore
    from holdfast.study.evaluation.table_evaluation import TableEvaluation

__all__ = ["evaluate"]

_INTERRUPTED = 130


@click.command()
@click.option("--train", required=True, type=click.Path(path_type=Path), help="Table to learn from.")
@click.option("--test", required=True, type=click.Path(path_type=Path), help="Table to judge on.")
@click.option("--time", required=True, help="Column: time from the visit to the event or the end of follow-up.")
@click.option("--event", required=True, help="Column: 1 where the event happened, 0 where not.")
@click.option("--features", required=True, help="Inputs, by comma.")
@click.option("--time-unit", type=click.Choice(["years", "months", "days"]), default="years", show_default=True)
@click.option("--sex", help="Column: an input, and a group.")
@click.option("--age", help="Column with years: an input, a baseline of its own, and bands to compare within.")
@click.option("--methods", default="all", show_default=True, help="Names by comma, or all.")
@click.option("--seeds", default=3, show_default=True, type=click.IntRange(min=1), help="Figures are means over them.")
@click.option("--resamples", default=500, show_default=True, type=click.IntRange(min=1), help="Of the bootstrap.")
@click.option("--horizon", type=float, help="Years of the AUC.  [default: chosen by follow-up]")
@click.option("--map", "column_map", type=click.Path(path_type=Path), help="YAML: columns of the test table.")
@click.option("--by-sex", is_flag=True, help="Learn every method for each sex apart.")
@click.option("--threads", default=1, show_default=True, type=click.IntRange(min=1))
@click.option("--run", "run_folder", type=click.Path(path_type=Path), help="Folder that keeps the run.")
@click.option("--json", "out", type=click.Path(path_type=Path), help="Write the figures here.")
@click.option("--restart", is_flag=True, help="Forget what an interrupted run left in --run.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@click.pass_context
def evaluate(  # noqa: PLR0913 -- one parameter an option
    ctx: click.Context,
    train: Path,
    test: Path,
    time: str,
    event: str,
    features: str,
    time_unit: str,
    sex: str | None,
    age: str | None,
    methods: str,
    seeds: int,
    resamples: int,
    horizon: float | None,
    column_map: Path | None,
    by_sex: bool,
    threads: int,
    run_folder: Path | None,
    out: Path | None,
    restart: bool,
    quiet: bool,
) -> None:
    """Let every method learn from one table and be judged on the other, on the same inputs and people.

    Prints one row a method: concordance, the same within bands of age, each with an interval from resampling people,
    and how far our own method is ahead. A method that cannot be used here says why. With --run, what is done is kept:
    the same command goes on where it stopped, and holdfast risk rerun makes the run again.
    """
    from holdfast.study.evaluation.table_evaluation import TableEvaluation

    _refuse_absent(train, test)
    _refuse_place(out, train, test)
    asked = TableEvaluation(
        train=str(train),
        test=str(test),
        time=time,
        event=event,
        features=names_of(features),
        time_unit=time_unit,
        sex=sex,
        age=age,
        methods=names_of(methods),
        seeds=seeds,
        resamples=resamples,
        threads=threads,
        column_map=None if column_map is None else str(column_map),
        horizon_years=horizon,
        by_sex=by_sex,
    )
    if restart and run_folder is not None:
        shutil.rmtree(run_folder / "risks", ignore_errors=True)
    try:
        _evaluate(asked, run_folder, out, is_shown=not quiet)
    except KeyboardInterrupt:
        kept = "what was done is kept; give the same command again to go on" if run_folder else "nothing is kept"
        click.echo(f"\nStopped; {kept}.", err=True)
        ctx.exit(_INTERRUPTED)


def _refuse_absent(*paths: Path) -> None:
    from holdfast.metric.tables.reading import open_table

    for path in paths:
        open_table(path)


def _refuse_place(out: Path | None, *given: Path) -> None:
    """Refuse, before long work, a file that cannot be written, or in the place of what is read."""
    from holdfast.metric.tables.staging import check_free
    from holdfast.study.error import StudyError

    if out is None:
        return
    check_free(out, overwrite=True)
    if out.is_dir() or any(out.exists() and out.samefile(path) for path in given):
        raise StudyError("Figures must be written to a file of their own", repr(str(out)), "name another with --json")


def _evaluate(asked: "TableEvaluation", run_folder: Path | None, out: Path | None, *, is_shown: bool) -> None:
    from holdfast.staged import write_json
    from holdfast.study.evaluation.table_evaluation import evaluate_tables
    from holdfast.study.evaluation.text_table import text_table

    store = None if run_folder is None else _store(asked, run_folder)
    figures, notes = evaluate_tables(asked, store=store, progress=step_progress(is_shown=is_shown))
    tell("", is_shown=is_shown)
    for note in notes:
        tell(note)
    click.echo(text_table(figures))
    found = figures.to_json()
    if run_folder is not None:
        write_json(run_folder / "result.json", {"figures": found, "notes": list(notes)})
    if out is not None:
        write_json(out, {**found, "notes": list(notes), "configuration": asked.to_json()})


def _store(asked: "TableEvaluation", run_folder: Path) -> "RiskStore":
    from holdfast.study.evaluation.risk_store import RiskStore

    record = asked.record
    store = RiskStore(run_folder / "risks", record.identity)
    record.write(run_folder)
    return store
