"""``holdfast cohort``: build tables of people in one format from the files of a study, or make a cohort up."""

import click

from holdfast.cli.lazy_group import LazyGroup, Verbs

__all__ = ["COHORT_SOURCES", "build", "cohort"]

COHORT_SOURCES: Verbs = {
    "nhanes": ("holdfast.cli.cohort_build_nhanes:nhanes", "From the files of a US health survey, as published."),
    "synthetic": ("holdfast.cli.cohort_build_synthetic:synthetic", "Made up, with a known truth beside it."),
    "ukbiobank": ("holdfast.cli.cohort_build_ukbiobank:ukbiobank", "From UK Biobank tables, in either layout."),
}


@click.group()
def cohort() -> None:
    """Turn the files of a study into people as tables, checked and in one format.

    Needs the cohort extra: pip install 'holdfast[cohort]'.
    """


@cohort.group(cls=LazyGroup, verbs=COHORT_SOURCES, needs=(("polars", "pyarrow", "numpy"), "cohort"))
def build() -> None:
    """Build a cohort: a folder of Parquet and JSON that the other commands read."""
