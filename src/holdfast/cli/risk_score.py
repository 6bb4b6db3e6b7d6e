"""``holdfast risk score``: estimate the risk of people from one visit each, or from embeddings made elsewhere."""

import json
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.row_progress import rows_done
from holdfast.processors import usable_processors

if TYPE_CHECKING:
    from holdfast.metric.tables.reading import Table
    from holdfast.study.risk_model.model_folder import StoredModel
    from holdfast.study.scoring.table_scoring import TableScoring

__all__ = ["score"]

_INTERRUPTED = 130

_TAKEN = ("score", "percentile", "group", "abstention", "score_low", "score_high", "percentile_low", "percentile_high")
_TAKEN_SHAPE = re.compile(r"risk_.+_years|lowers_[0-9]+|lowered_by_[0-9]+")

BESIDE = Path(".")
"""``--fhir`` without a name."""


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("people", type=click.Path(path_type=Path), required=False)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Parquet file to write.")
@click.option("--person", default="person", show_default=True, help="The column with people's ids.")
@click.option("--embeddings", type=click.Path(path_type=Path), help="Score embeddings made elsewhere, not a table.")
@click.option(
    "--fhir",
    type=click.Path(path_type=Path),
    is_flag=False,
    flag_value=BESIDE,
    help="Write RiskAssessments too, as .json or .ndjson.  [without a name: beside the result, as .fhir.json]",
)
@click.option("--fhir-version", type=click.Choice(["R4B", "R5"]), default="R4B", show_default=True)
@click.option("--interval", is_flag=True, help="Give bootstrap intervals; several times slower.")
@click.option(
    "--explain", default=0, show_default=True, help="Name so many inputs that, at healthy values, lower the risk most."
)
@click.option("--batch-rows", default=65_536, show_default=True, type=click.IntRange(min=1))
@click.option("--threads", type=click.IntRange(min=1), help="Batches scored at once.  [default: one for each core]")
@click.option(
    "--engine", type=click.Choice(["local", "ray"]), default="local", show_default=True, help="ray: on a cluster."
)
@click.option("--overwrite", is_flag=True, help="Replace a file that lies there.")
@click.option("--restart", is_flag=True, help="Forget what an interrupted run left, and begin anew.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@click.option("--json", "as_json", is_flag=True, help="Print counts as JSON.")
@click.pass_context
def score(  # noqa: PLR0913 -- one parameter an option
    ctx: click.Context,
    model: Path,
    people: Path | None,
    out: Path,
    person: str,
    embeddings: Path | None,
    fhir: Path | None,
    fhir_version: str,
    interval: bool,
    explain: int,
    batch_rows: int,
    threads: int | None,
    engine: str,
    overwrite: bool,
    restart: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Estimate the risk of PEOPLE (Parquet, CSV, a folder of parts, or a cohort) with MODEL.

    The result has a row a person: score, percentile among healthy people, group, absolute risk by horizon, and why
    nothing is estimated where it is not. Nobody is left out silently. A run that was stopped goes on where it stopped
    when the same command is given again.

    Exits 0 when the result is written, 2 for a mistake in the command or a full disk, 130 when stopped.
    """
    fhir = out.with_suffix(".fhir.json") if fhir == BESIDE else fhir
    _refuse_files(people, embeddings, out=out, fhir=fhir, overwrite=overwrite)
    _refuse_options(person, explain, is_of_inputs=embeddings is None)
    if restart:
        shutil.rmtree(out.with_name(out.name + ".parts"), ignore_errors=True)
    try:
        if embeddings is not None:
            about = _score_embeddings(model, embeddings, out, person, with_interval=interval)
        else:
            from holdfast.study.scoring.table_scoring import TableScoring

            job = TableScoring(
                stored=_load(model),
                table=_table(Path(str(people))),
                person=person,
                out=out,
                batch_rows=batch_rows,
                with_interval=interval,
                explain=explain,
                threads=threads or usable_processors(),
            )
            about = (job.stored.outcome, f"Holdfast risk model {job.stored.digest[:12]}")
            _run(job, engine=engine, is_shown=not quiet)
    except KeyboardInterrupt:
        click.echo("\nStopped; what was done is kept. Give the same command again to go on.", err=True)
        ctx.exit(_INTERRUPTED)
    if fhir is not None:
        _write_fhir(out, fhir, about=about, version=fhir_version, person=person)
    _tell(out, as_json=as_json)


def _refuse_files(
    people: Path | None, embeddings: Path | None, *, out: Path, fhir: Path | None, overwrite: bool
) -> None:
    """Refuse files that cannot be read from or written to as they are named."""
    from holdfast.metric.tables.staging import check_free
    from holdfast.study.error import StudyError

    if (people is None) == (embeddings is None):
        raise StudyError("PEOPLE or --embeddings must be given", "both" if people else "neither", "give one of them")
    if out.suffix not in (".parquet", ".pq"):
        raise StudyError("Result must be a Parquet file", repr(out.name), "end its name in .parquet")
    if fhir is not None and fhir.suffix not in (".json", ".ndjson"):
        raise StudyError("FHIR file must end in .json or .ndjson", repr(fhir.name), "rename it")
    given = embeddings if people is None else _people_file(people)
    for result in (out, *([] if fhir is None else [fhir])):
        check_free(result, overwrite=overwrite)
        if given is not None and result.exists() and given.exists() and result.samefile(given):
            raise StudyError("Result must not take the place of what is read", repr(str(result)), "name another")


def _refuse_options(person: str, explain: int, *, is_of_inputs: bool) -> None:
    """Refuse a column of ids that is called as a figure of the result is, and inputs that cannot be named."""
    from holdfast.study.error import StudyError

    if person in _TAKEN or _TAKEN_SHAPE.fullmatch(person):
        raise StudyError("Column of ids must not be called as a figure is", repr(person), "rename it in the table")
    if explain < 0:
        raise StudyError("Inputs to name must be 0 or more", repr(explain), "give --explain 3, for example")
    if explain and not is_of_inputs:
        raise StudyError("Inputs to name must be known", "embeddings alone", "leave --explain out, or give PEOPLE")


def _load(model: Path) -> "StoredModel":
    from holdfast.study.risk_model.model_folder import load_model

    return load_model(model)


def _table(people: Path) -> "Table":
    from holdfast.metric.tables.reading import open_table

    return open_table(_people_file(people))


def _people_file(people: Path) -> Path:
    """Return a table; of a cohort's folder, its people."""
    return people / "people.parquet" if (people / "people.parquet").is_file() else people


def _run(job: "TableScoring", *, engine: str, is_shown: bool) -> None:
    with rows_done("scoring", is_shown=is_shown) as show:
        if engine == "ray":
            from holdfast.study.ray_engine.scoring import score_on_ray

            score_on_ray(job, show)
        else:
            job.run(show)


def _score_embeddings(model: Path, embeddings: Path, out: Path, person: str, *, with_interval: bool) -> tuple[str, str]:
    from holdfast.risk.embedding_table import read_embeddings
    from holdfast.staged import staged
    from holdfast.study.risk_model.embeddings_fit import EmbeddingsRisk

    fitted = EmbeddingsRisk.load(model)
    table = read_embeddings(embeddings, person=person)
    estimates = fitted.risk.score(fitted.arranged(table), with_interval=with_interval)
    with staged(out) as beside:
        estimates.to_frame(table.persons).rename({"person": person}).write_parquet(beside)
    return fitted.outcome, f"Holdfast single-time risk, {fitted.risk.settings.distance.name} distance"


def _write_fhir(out: Path, fhir: Path, *, about: tuple[str, str], version: str, person: str) -> None:
    import polars as pl

    from holdfast.risk.fhir.bundle import write_bundle, write_ndjson
    from holdfast.risk.fhir.risk_assessment import RiskDescription
    from holdfast.study.scoring.stored_estimates import estimates_of

    frame = pl.read_parquet(out)
    said = RiskDescription(
        outcome=about[0],
        method=about[1],
        assessed_at=datetime.now(UTC),
        version=version,  # type: ignore[arg-type]  # click has checked it
    )
    write = write_ndjson if fhir.suffix == ".ndjson" else write_bundle
    write(estimates_of(frame), frame[person].cast(pl.String).to_list(), fhir, about=said)


def _tell(out: Path, *, as_json: bool) -> None:
    import polars as pl

    counts = (
        pl.scan_parquet(out)
        .select(
            pl.len().alias("people"),
            *((pl.col("group") == group).sum().alias(group) for group in ("normal", "lower", "higher")),
            pl.col("abstention").is_not_null().sum().alias("not_estimated"),
        )
        .collect()
        .row(0, named=True)
    )
    if as_json:
        click.echo(json.dumps({"out": str(out), **counts}))
        return
    groups = ", ".join(f"{counts[name]:,} {name}" for name in ("normal", "lower", "higher"))
    click.echo(f"{counts['people']:,} people: {groups}, {counts['not_estimated']:,} not estimated; {out}")
