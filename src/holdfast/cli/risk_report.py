"""``holdfast risk report``: judge a fitted risk on people it has not seen, as one page to read."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.risk_fit import names_of
from holdfast.cli.risk_progress import step_progress, tell

if TYPE_CHECKING:
    from holdfast.study.report.model_report import ModelReport

__all__ = ["report"]

_INTERRUPTED = 130


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("cohort", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="HTML file to write.")
@click.option("--json", "figures", type=click.Path(path_type=Path), help="Write the same figures here.")
@click.option(
    "--methods", default="age,cox,xgboost,phenoage", show_default=True, help="Compared with, by comma, or all."
)
@click.option("--resamples", default=1000, show_default=True, type=click.IntRange(min=1), help="Of the bootstrap.")
@click.option("--horizon", type=float, help="Years of the absolute risks.  [default: chosen by follow-up]")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0))
@click.option("--threads", default=1, show_default=True, type=click.IntRange(min=1), help="Of boosted trees.")
@click.option("--overwrite", is_flag=True, help="Replace files that lie there.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@click.pass_context
def report(  # noqa: PLR0913 -- one parameter an option
    ctx: click.Context,
    model: Path,
    cohort: Path,
    out: Path,
    figures: Path | None,
    methods: str,
    resamples: int,
    horizon: float | None,
    seed: int,
    threads: int,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Judge MODEL on people of COHORT that it has not seen, and write a page about it.

    Where COHORT is the one that the model was fitted to, only people who were held out are judged on. Any other cohort
    is an external validation: everybody of it is. The page needs nothing but itself, and holds nothing of one person
    but an unnamed dot in a picture. The same input gives the same bytes.
    """
    from holdfast.study.judging.settings import JudgingSettings
    from holdfast.study.report.model_report import check_free_for_page, report_model

    settings = JudgingSettings(
        methods=names_of(methods), horizon_years=horizon, resamples=resamples, seed=seed, threads=threads
    )
    for path in (out, *([figures] if figures is not None else [])):
        check_free_for_page(path, overwrite=overwrite)
    try:
        found = report_model(model, cohort, settings, progress=step_progress(is_shown=not quiet))
    except KeyboardInterrupt:
        click.echo("\nStopped; nothing was written.", err=True)
        ctx.exit(_INTERRUPTED)
    found.write(out, figures)
    tell("", is_shown=not quiet)
    _tell(found, out)


def _tell(found: "ModelReport", out: Path) -> None:
    from holdfast.study.report.wording import figure, interval

    people, ranking = found.judgement.people.everyone, found.judgement.ranking.ours
    click.echo(
        f"{people.people:,} people judged on ({found.about.kind}), {people.events:,} events; "
        f"concordance {figure(ranking.concordance)} ({interval(ranking.concordance)}); {out}"
    )
