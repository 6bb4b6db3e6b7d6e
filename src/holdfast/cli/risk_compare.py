"""``holdfast risk compare``: how much representations keep of a condition, told by several classifiers."""

from pathlib import Path

import click

from holdfast.cli.risk_fit import names_of
from holdfast.cli.risk_progress import step_progress, tell

__all__ = ["compare"]

_INTERRUPTED = 130


@click.command()
@click.argument("cohort", type=click.Path(path_type=Path))
@click.option("--condition", required=True, help="A condition, a yes-or-no feature, or with --years an outcome.")
@click.option("--years", type=float, help="Whether people get it within so many years, not have it at the visit.")
@click.option("--without", help="Features to leave out, by comma: those that all but say the condition.")
@click.option("--representations", default="all", show_default=True, help="Names by comma, or all.")
@click.option("--classifiers", default="all", show_default=True, help="Names by comma, or all.")
@click.option("--dimensions", default=32, show_default=True, type=click.IntRange(min=1), help="Of embeddings.")
@click.option("--repeats", default=5, show_default=True, type=click.IntRange(min=1), help="Times people are halved.")
@click.option("--resamples", default=1000, show_default=True, type=click.IntRange(min=1), help="Of the bootstrap.")
@click.option("--seed", default=0, show_default=True)
@click.option("--run", "run_folder", type=click.Path(path_type=Path), help="Folder that keeps finished splits.")
@click.option("--json", "out", type=click.Path(path_type=Path), help="Write the figures here.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@click.pass_context
def compare(  # noqa: PLR0913 -- one parameter an option
    ctx: click.Context,
    cohort: Path,
    condition: str,
    years: float | None,
    without: str | None,
    representations: str,
    classifiers: str,
    dimensions: int,
    repeats: int,
    resamples: int,
    seed: int,
    run_folder: Path | None,
    out: Path | None,
    quiet: bool,
) -> None:
    """Compare representations of COHORT's people by how well classifiers tell a condition from them.

    Every representation and classifier is learnt on one half of the people and judged on the other, again and again.
    Prints the area under the ROC curve (AUROC; 0.5 is chance, higher is better) of each pair with an interval from
    resampling people, and how far it is ahead of the plain inputs with logistic regression. With --run, finished splits
    are kept, and the same command goes on where it stopped.
    """
    from holdfast.study.tasks.cohort_comparison import CohortComparison, compare_on_cohort, text_table

    asked = CohortComparison(
        cohort=str(cohort),
        condition=condition,
        years=years,
        without=names_of(without),
        representations=names_of(representations),
        classifiers=names_of(classifiers),
        dimensions=dimensions,
        repeats=repeats,
        resamples=resamples,
        seed=seed,
    )
    if out is not None:
        from holdfast.metric.tables.staging import check_free

        check_free(out, overwrite=True)
    show = step_progress(is_shown=not quiet)
    try:
        result = compare_on_cohort(asked, folder=run_folder, progress=lambda what, done, of: show(done, of, what))
    except KeyboardInterrupt:
        click.echo("\nStopped; with --run, what was done is kept.", err=True)
        ctx.exit(_INTERRUPTED)
    tell("", is_shown=not quiet)
    click.echo(text_table(result))
    if out is not None:
        from holdfast.staged import write_json

        write_json(out, result.to_json())
