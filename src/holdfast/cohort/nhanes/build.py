"""From NHANES files to a cohort's folder, one cycle in memory at a time.

The visit is the exam in the mobile centre. Its date is not published (only the half of the year, ``RIDEXMON``), so
``visit`` is empty; times run from the exam all the same, as the linkage counts them from there. Doctor-told conditions
are in files that are not read, so the cohort looks for no condition: none is listed, and none may be taken as absent.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import polars as pl

from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.cohort_writer import CohortWriter
from holdfast.cohort.error import CohortError
from holdfast.cohort.nhanes.codes import decoded
from holdfast.cohort.nhanes.cycle_source import CycleSource, cycle_sources
from holdfast.cohort.nhanes.derived import with_derived
from holdfast.cohort.nhanes.dictionary import Dictionary, load_dictionary
from holdfast.cohort.nhanes.nhanes_schema import nhanes_schema
from holdfast.cohort.nhanes.outcomes import outcome_rows
from holdfast.cohort.nhanes.release import find_release
from holdfast.cohort.nhanes.selection import Selection
from holdfast.cohort.nhanes.units import check_pairs_present, check_units
from holdfast.cohort.nhanes.weights import with_weights
from holdfast.cohort.provenance import Provenance, file_sha256
from holdfast.cohort.schema import Kind, Schema
from holdfast.cohort.staging import check_free

__all__ = ["NhanesSettings", "build_nhanes"]


@dataclass(frozen=True, kw_only=True)
class NhanesSettings:
    """How a cohort is made.

    Attributes:
        examined_only: Leave people out who were interviewed but not examined. They have no measurements, no exam
            weight and no follow-up from the exam.
        min_age: Youngest age in years.
        phq9_missing: Most PHQ-9 items that may be missing, 0 to 2. 0: a total needs all nine.
        zero_months: Months that stand for a follow-up of 0 months, above 0 and at most 1.
    """

    examined_only: bool = True
    min_age: int = 0
    phq9_missing: int = 0
    zero_months: float = 0.5


def build_nhanes(
    inputs: Sequence[Path],
    out: Path,
    *,
    today: date,
    settings: NhanesSettings | None = None,
    overwrite: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Cohort:
    """Build a cohort from NHANES files.

    Args:
        inputs: Folders or files: .XPT with the .dat of linked mortality, or merged .parquet in CDC variable names.
        out: The cohort's folder.
        today: For the check that no visit lies in the future.
        settings: How; None: the defaults.
        overwrite: Replace a cohort that lies there.
        progress: Called with a line as each cycle is done.

    Raises:
        CohortError: An input is not as published (see the modules of this package), or nobody is left.
        StorageError: The disk refuses.
    """
    settings = settings or NhanesSettings()
    check_free(out, overwrite=overwrite)
    dictionary = load_dictionary()
    sources = cycle_sources(find_release(inputs, dictionary), dictionary)
    for source in sources:
        check_pairs_present(source.columns, dictionary, years=source.cycle.years)
    columns = frozenset[str]().union(*(source.columns for source in sources))
    schema = nhanes_schema(columns, [source.cycle for source in sources], dictionary)
    provenance = _provenance(sources, settings)
    selection = Selection(examined_only=settings.examined_only, min_age=settings.min_age)
    with CohortWriter.open(out, schema=schema, provenance=provenance, today=today, overwrite=overwrite) as writer:
        for source in sources:
            rows = _rows(source, dictionary, settings, n_cycles=len(sources))
            kept = selection.kept(rows)
            writer.add_people(_people(kept, schema))
            writer.add_outcomes(outcome_rows(kept, dictionary, zero_months=settings.zero_months))
            if progress is not None:
                progress(f"{source.cycle.years}: {kept.height} of {rows.height} people")
        selection.write(writer)
    return Cohort.open(out)


def _rows(source: CycleSource, dictionary: Dictionary, settings: NhanesSettings, *, n_cycles: int) -> pl.DataFrame:
    """Read one cycle, check it and work out its features."""
    table, years = source.table(), source.cycle.years
    decoded_table = decoded(table, dictionary)
    check_units(decoded_table, dictionary, years=years)
    derived = with_derived(decoded_table, source.cycle, phq9_missing=settings.phq9_missing)
    return with_weights(derived, n_cycles=n_cycles).with_columns(
        pl.col("SEQN").cast(pl.String).alias("person"), pl.lit(None, dtype=pl.Date).alias("visit")
    )


def _people(table: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """Return the columns of the schema; a column that this cycle lacks is empty."""
    absent = (name for name in schema.columns if name not in table.columns)
    codes = [f.name for f in schema.features if f.kind is Kind.CATEGORICAL and f.levels is None]
    return (
        table.with_columns(pl.lit(None, dtype=pl.Float64).alias(name) for name in absent)
        .with_columns(pl.col(name).cast(pl.Int64).cast(pl.String) for name in codes)
        .select(schema.columns)
    )


def _provenance(sources: Sequence[CycleSource], settings: NhanesSettings) -> Provenance:
    paths = dict.fromkeys(path for source in sources for path in source.paths)
    if len({path.name for path in paths}) < len(paths):
        raise CohortError("Input files must have names of their own", f"{len(paths)} files", "rename one")
    return Provenance(
        loader="nhanes",
        inputs={path.name: file_sha256(path) for path in paths},
        settings={
            **asdict(settings),
            "cycles": [source.cycle.years for source in sources],
            "followed_up": [source.cycle.years for source in sources if source.linked],
            "weights_divided_by": len(sources),
        },
    )
