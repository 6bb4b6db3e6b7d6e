"""Ids of people: what counts as none, and what is said where one is missing or repeated."""

import polars as pl

from holdfast.study.error import StudyError

__all__ = ["known_ids", "missing_ids", "repeated_ids"]


def known_ids(ids: pl.Series) -> pl.Series:
    """Return ids as text, null where there is none: empty, blank, or not a number, also where that is spelt out."""
    said = ids.cast(pl.String)
    return said.set((said.str.strip_chars() == "") | (said == "NaN"), None)


def missing_ids(table: str, missing: int, *, of: str) -> StudyError:
    """Return what is said of ids that are missing; ``of`` follows their number: "of 20 rows without"."""
    return StudyError(f"Persons in {table} must have an id", f"{missing} {of}", "add it", rows=missing)


def repeated_ids(table: str, repeated: int, *, rows: int, column: str) -> StudyError:
    """Return what is said of ids that are repeated."""
    return StudyError(
        f"Persons in {table} must be unique",
        f"{repeated} of {rows} rows repeated",
        "keep one visit a person",
        columns=(column,),
        rows=repeated,
    )
