"""Open a cohort's folder and read it lazily."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Self

import polars as pl

from holdfast.cohort.column_types import CONDITION_TYPES, OUTCOME_TYPES, Types, people_types
from holdfast.cohort.error import CohortError
from holdfast.cohort.flow import FlowStep, flow_from_json
from holdfast.cohort.provenance import Provenance
from holdfast.cohort.schema import Schema

if TYPE_CHECKING:
    from holdfast.cohort.validation import Finding

__all__ = ["Cohort"]


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """People at one visit each, what they had and what became of them. Open one with ``Cohort.open``.

    Attributes:
        folder: Where it lies.
        schema: What its columns are.
        flow: Who was left out, and why.
        provenance: What it was made from.
        n_people: How many people it holds.
    """

    folder: Path
    schema: Schema
    flow: tuple[FlowStep, ...]
    provenance: Provenance
    n_people: int

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Read the schema and the headers of the tables, but no rows.

        Raises:
            CohortError: The folder is no cohort, a file of it is missing or damaged, or a table does not fit the
                schema.
        """
        schema = Schema.from_json(_text(folder, "schema.json"))
        types = {"people": people_types(schema), "conditions": CONDITION_TYPES, "outcomes": OUTCOME_TYPES}
        for name, expected in types.items():
            _check_columns(folder / f"{name}.parquet", expected)
        return cls(
            folder=folder,
            schema=schema,
            flow=flow_from_json(_text(folder, "flow.json")),
            provenance=Provenance.from_json(_text(folder, "provenance.json")),
            n_people=pl.scan_parquet(folder / "people.parquet").select(pl.len()).collect().item(),
        )

    def people(self) -> pl.LazyFrame:
        """Return one row a person: ``person``, ``visit`` and the columns of the schema. Empty means not measured."""
        return pl.scan_parquet(self.folder / "people.parquet")

    def conditions(self) -> pl.LazyFrame:
        """Return ``person``, ``condition``, ``years`` (at or below 0: prevalent; above: incident) and ``source``."""
        return pl.scan_parquet(self.folder / "conditions.parquet")

    def outcomes(self) -> pl.LazyFrame:
        """Return ``person``, ``outcome``, ``years`` (above 0, to event or censoring) and ``event``.

        A person without a row was not followed up for that outcome; nothing is to be filled in.
        """
        return pl.scan_parquet(self.folder / "outcomes.parquet")

    def validate(self, *, today: date) -> "tuple[Finding, ...]":
        """Check every row; see ``holdfast.cohort.validation.validate``."""
        from holdfast.cohort.validation import validate

        return validate(self, today=today)


def _text(folder: Path, name: str) -> str:
    try:
        return (folder / name).read_text(encoding="utf-8")
    except OSError as error:
        raise CohortError(
            f"{str(folder)!r} must be a cohort's folder", f"no readable {name}", "build it with holdfast cohort build"
        ) from error
    except UnicodeDecodeError as error:
        raise CohortError(f"{name} must be UTF-8", "other bytes", "build the cohort again") from error


def _check_columns(path: Path, expected: Types) -> None:
    try:
        found = pl.scan_parquet(path).collect_schema()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise CohortError(
            f"{path.name} must be a whole Parquet file", f"a {type(error).__name__}", "build the cohort again"
        ) from error
    wrong = sorted({n for n in [*expected, *found] if expected.get(n) != found.get(n)})
    if wrong:
        raise CohortError(
            f"Columns of {path.name} must be those of schema.json",
            f"{len(wrong)} that differ ({', '.join(wrong[:5])})",
            "build the cohort again",
            columns=wrong,
        )
