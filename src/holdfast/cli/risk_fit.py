"""``holdfast risk fit``: fit a risk to a cohort, or to embeddings that something else made."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.risk_progress import step_progress, tell

if TYPE_CHECKING:
    from holdfast.study.risk_model.cohort_fit import CohortFit
    from holdfast.study.risk_model.model_folder import StoredModel

__all__ = ["fit"]

_INTERRUPTED = 130


@click.command()
@click.argument("cohort", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to write the model to.")
@click.option("--outcome", default="death", show_default=True, help="What to foretell.")
@click.option("--features", help="Inputs, by comma.  [default: every feature but survey design and detection limits]")
@click.option("--without", help="Features to leave out, by comma.")
@click.option("--healthy", type=click.Path(path_type=Path), help="A YAML file with another healthy rule.")
@click.option(
    "--preset",
    type=click.Choice(["accurate", "fast"]),
    default="accurate",
    show_default=True,
    help="fast: three encoders and one teacher, a ridge Cox, to score millions.",
)
@click.option(
    "--held-out", default=0.25, show_default=True, help="Share of people kept out of the training, for the report."
)
@click.option("--most-people", type=click.IntRange(min=100), help="Learn from at most so many, drawn at random.")
@click.option(
    "--embeddings",
    type=click.Path(path_type=Path),
    help="Embeddings made elsewhere (.parquet, .csv) with a column person: no encoder is trained.",
)
@click.option(
    "--distance",
    type=click.Choice(["centroid", "mahalanobis", "neighbours", "relative", "relative_neighbours"]),
    default="relative",
    show_default=True,
    help="The definition of the risk, with --embeddings.",
)
@click.option("--seed", default=0, show_default=True)
@click.option("--threads", default=1, show_default=True, type=click.IntRange(min=1), help="Of boosted trees.")
@click.option(
    "--engine",
    type=click.Choice(["local", "ray"]),
    default="local",
    show_default=True,
    help="ray: teachers and encoders on a cluster; the model is the same.",
)
@click.option("--overwrite", is_flag=True, help="Replace a model that lies there.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@click.pass_context
def fit(  # noqa: PLR0913 -- one parameter an option
    ctx: click.Context,
    cohort: Path,
    out: Path,
    outcome: str,
    features: str | None,
    without: str | None,
    healthy: Path | None,
    preset: str,
    held_out: float,
    most_people: int | None,
    embeddings: Path | None,
    distance: str,
    seed: int,
    threads: int,
    engine: str,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Fit a risk to COHORT, a folder that holdfast cohort build wrote.

    The result is a folder: the model, and run.json, which says what it was made from. Nothing of it is pickle. It
    holds no person's values; with --distance neighbours it keeps embeddings of people. A quarter of the people is kept
    out of the training, so that holdfast risk report can judge the model on people it has not seen.
    """
    from holdfast.study.risk_model.cohort_fit import CohortFit

    asked = CohortFit(
        cohort=str(cohort),
        outcome=outcome,
        features=names_of(features),
        without=names_of(without),
        healthy=None if healthy is None else str(healthy),
        preset=preset,
        held_out=held_out,
        seed=seed,
        threads=threads,
        most_people=most_people,
    )
    try:
        if embeddings is not None:
            _refuse_beside_embeddings(features, without, most_people, engine)
            _fit_embeddings(asked, embeddings, distance, out=out, overwrite=overwrite)
        else:
            _fit_model(asked, out=out, engine=engine, overwrite=overwrite, is_shown=not quiet)
    except KeyboardInterrupt:
        click.echo("\nStopped; nothing was written.", err=True)
        ctx.exit(_INTERRUPTED)


def _refuse_beside_embeddings(features: str | None, without: str | None, most_people: int | None, engine: str) -> None:
    from holdfast.study.error import StudyError

    given = {"--features": features, "--without": without, "--most-people": most_people}
    named = [name for name, value in given.items() if value is not None] + (["--engine ray"] if engine == "ray" else [])
    if named:
        raise StudyError("Embeddings must be taken as they are", named[0], "leave it out: no encoder is trained")


def names_of(listed: str | None) -> tuple[str, ...]:
    """Return names given by comma, in order."""
    return () if listed is None else tuple(name.strip() for name in listed.split(",") if name.strip())


def _fit_model(asked: "CohortFit", *, out: Path, engine: str, overwrite: bool, is_shown: bool) -> None:
    from holdfast.study.risk_model.model_folder import check_free_for_model, save_model

    check_free_for_model(out, overwrite=overwrite)
    show = step_progress(is_shown=is_shown)
    stored = _fitted(asked, engine, lambda what: show(0, 0, what))
    save_model(stored, out, overwrite=overwrite)
    facts = stored.facts
    for note in facts["notes"]:
        tell(note, is_shown=is_shown)
    click.echo(
        f"{facts['people']:,} people, {facts['events']:,} events, {facts['held_out']:,} held out; "
        f"{len(stored.model.columns)} columns, {len(stored.model.encoders)} encoders in {out}"
    )


def _fitted(asked: "CohortFit", engine: str, progress: Callable[[str], None]) -> "StoredModel":
    from holdfast.study.risk_model.cohort_fit import fit_cohort

    if engine == "local":
        return fit_cohort(asked, progress=progress)
    from holdfast.study.ray_engine.executor import RayExecutor
    from holdfast.study.ray_engine.session import ray_session

    with ray_session() as ray:
        return fit_cohort(asked, progress=progress, executor=RayExecutor(ray))


def _fit_embeddings(asked: "CohortFit", embeddings: Path, distance: str, *, out: Path, overwrite: bool) -> None:
    from holdfast.study.error import StudyError
    from holdfast.study.risk_model.embeddings_fit import fit_embeddings

    if out.exists() and not overwrite:
        raise StudyError("Risk must be a new folder", repr(str(out)), "name another, or give --overwrite")
    fitted, people = fit_embeddings(asked, embeddings, distance=distance)
    fitted.save(out)
    click.echo(f"{people:,} people with embeddings, {distance} distance in {out}")
