"""``holdfast cohort build nhanes``: a cohort from NHANES files as CDC publishes them, or merged into Parquet."""

from datetime import UTC, datetime
from pathlib import Path

import click

__all__ = ["nhanes"]


@click.command("nhanes")
@click.option(
    "--in",
    "inputs",
    required=True,
    multiple=True,
    type=click.Path(path_type=Path),
    help="Folder of .XPT files and the linked-mortality .dat, or a merged .parquet. May repeat, once a cycle.",
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to write the cohort to.")
@click.option("--min-age", default=0, show_default=True, help="Youngest age in years.")
@click.option("--not-examined", is_flag=True, help="Keep people who were interviewed but not examined.")
@click.option(
    "--phq9-missing",
    default=0,
    show_default=True,
    help="Most PHQ-9 items that may be missing, 0 to 2; 0: no prorating.",
)
@click.option("--overwrite", is_flag=True, help="Replace a cohort that lies there.")
def nhanes(
    inputs: tuple[Path, ...], out: Path, min_age: int, not_examined: bool, phq9_missing: int, overwrite: bool
) -> None:
    """Build a cohort from NHANES 2011-2018.

    Cycles are merged and their survey weights divided by the number of cycles. Units, codes and sources of every column
    are in the dictionary that comes with Holdfast, and in the cohort's schema.json.
    """
    from holdfast.cohort.nhanes.build import NhanesSettings, build_nhanes

    settings = NhanesSettings(examined_only=not not_examined, min_age=min_age, phq9_missing=phq9_missing)
    cohort = build_nhanes(
        inputs,
        out,
        today=datetime.now(UTC).date(),
        settings=settings,
        overwrite=overwrite,
        progress=lambda line: click.echo(line, err=True),
    )
    for step in cohort.flow:
        click.echo(f"{step.left:>9,} left, {step.removed:,} left out ({step.step}): {step.why}", err=True)
    click.echo(f"{cohort.n_people:,} people, {len(cohort.schema.features)} features in {out}")
