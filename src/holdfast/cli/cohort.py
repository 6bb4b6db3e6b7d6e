"""``holdfast cohort``: build tables of people in one format from the files of a study, or make a cohort up."""

import click

from holdfast.cli.lazy_group import LazyGroup, Verbs
from holdfast.optional import require

__all__ = ["COHORT_SOURCES", "build", "cohort"]

COHORT_SOURCES: Verbs = {
    "nhanes": ("holdfast.cli.cohort_build_nhanes:nhanes", "From the files of a US health survey, as published."),
    "synthetic": ("holdfast.cli.cohort_build_synthetic:synthetic", "Made up, with a known truth beside it."),
    "ukbiobank": ("holdfast.cli.cohort_build_ukbiobank:ukbiobank", "From UK Biobank tables, in either layout."),
}


class SourceGroup(LazyGroup):
    """Says which extra is missing before a command that needs it is imported."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command of a source, or return None for an unknown one.

        Raises:
            MissingExtraError: polars, pyarrow or numpy is not installed; the message carries the pip line.
        """
        if cmd_name in self.verbs:
            for module in ("polars", "pyarrow", "numpy"):
                require(module, extra="cohort")
        return super().get_command(ctx, cmd_name)


@click.group()
def cohort() -> None:
    """Turn the files of a study into people as tables, checked and in one format.

    Needs the cohort extra: pip install 'holdfast[cohort]'.
    """


@cohort.group(cls=SourceGroup, verbs=COHORT_SOURCES)
def build() -> None:
    """Build a cohort: a folder of Parquet and JSON that the other commands read."""
