"""Published codes made into values: refused and don't know become missing, unknown codes are refused."""

from collections.abc import Iterable

import polars as pl

from holdfast.cohort.error import CohortError
from holdfast.cohort.nhanes.dictionary import Dictionary, Variable

__all__ = ["decoded"]


def decoded(table: pl.DataFrame, dictionary: Dictionary) -> pl.DataFrame:
    """Return ``table`` with missing codes as null, and binary columns as 0 and 1.

    A detection-limit comment keeps its 0 and 1; the value beside a 1 is the limit over the square root of 2, as
    published, and is left as it is.

    Raises:
        CohortError: A column with levels holds a code that is neither a level nor means missing.
    """
    table = table.with_columns(
        pl.when(pl.col(name).is_in(list(column.missing))).then(None).otherwise(pl.col(name)).alias(name)
        for name, column in dictionary.published.items()
        if column.missing and name in table.columns
    )
    coded = [v for v in dictionary.variables if v.name in table.columns and _codes(v)]
    for variable in coded:
        _check_codes(table, variable.name, _codes(variable), variable.missing)
    for comment in dictionary.comments:
        if comment in table.columns:
            _check_codes(table, comment, (0, 1), ())
    binary = (v for v in coded if v.present is not None)
    return table.with_columns((pl.col(v.name) == v.present).cast(pl.Float64).alias(v.name) for v in binary)


def _codes(variable: Variable) -> tuple[int, ...]:
    if variable.present is not None and variable.absent is not None:
        return (variable.present, variable.absent)
    return tuple(int(code) for code in variable.levels or ())


def _check_codes(table: pl.DataFrame, name: str, codes: Iterable[int], missing: Iterable[float]) -> None:
    known = [float(code) for code in codes]
    unknown = int((~table[name].is_in(known)).fill_null(value=False).sum())
    if unknown:
        also = ", ".join(f"{code:g}" for code in missing) or "none"
        raise CohortError(
            f"Codes of {name} must be {', '.join(f'{code:g}' for code in known)} (missing: {also})",
            f"{unknown} of {table.height} rows with others",
            "check that the file is the published one",
            columns=[name],
            rows=unknown,
        )
