"""Units that do not fit: conventional columns are read, and nothing is converted.

NHANES publishes many analytes twice, in conventional (``LBXSAL``, g/dL) and in SI units (``LBDSALSI``, g/L). The
conventional column is the measured one and the one read here. Where the SI column is there too, every row must agree
with it; where only the SI column is there, it is refused rather than converted. Other columns are held against the
plausible range of the dictionary, cycle by cycle, so that one cycle in another unit cannot hide in several.
"""

from collections.abc import Collection

import polars as pl

from holdfast.cohort.error import CohortError
from holdfast.cohort.nhanes.dictionary import Dictionary, SiColumn, Variable

__all__ = ["check_pairs_present", "check_units"]

TOLERANCE = 0.03
"""Share by which two columns of one measurement may differ. Published values differ by rounding, 0.5 % at most."""

DISAGREEING_SHARE = 0.001
"""Share of rows that may disagree all the same: publishers' slips."""

OUTSIDE_SHARE = 0.2
"""Share of a cycle's values outside the plausible range from which the column is taken to be in another unit."""

_FEWEST = 10


def check_pairs_present(columns: Collection[str], dictionary: Dictionary, *, years: str) -> None:
    """Check that no measurement is there in SI units alone.

    Raises:
        CohortError: One is.
    """
    alone = [v for v in dictionary.paired if v.si is not None and v.si.name in columns and v.name not in columns]
    if alone:
        names = ", ".join(v.name for v in alone)
        raise CohortError(
            f"Measurements of {years} must be there in conventional units",
            f"{len(alone)} in SI units alone",
            f"add {names}",
            columns=[v.name for v in alone],
        )


def check_units(table: pl.DataFrame, dictionary: Dictionary, *, years: str) -> None:
    """Check the units of one cycle's columns.

    Raises:
        CohortError: Two columns of one measurement disagree, body mass index is not weight over height squared, or
            most of a column lies outside its plausible range.
    """
    for variable in dictionary.paired:
        if variable.si is not None and {variable.name, variable.si.name} <= set(table.columns):
            _check_pair(table, variable, variable.si, years)
    if {"BMXWT", "BMXHT", "BMXBMI"} <= set(table.columns):
        _check_body(table, years)
    for variable in dictionary.variables:
        if variable.plausible is not None and variable.name in table.columns:
            _check_range(table[variable.name].drop_nulls(), variable, variable.plausible, years)


def _check_pair(table: pl.DataFrame, variable: Variable, si: SiColumn, years: str) -> None:
    expected = table[variable.name] * si.factor
    wrong = int(((table[si.name] - expected).abs() > TOLERANCE * expected.abs() + si.rounding).sum())
    _refuse(
        wrong,
        int((table[variable.name].is_not_null() & table[si.name].is_not_null()).sum()),
        f"{variable.name} of {years} must be in {variable.unit}, {si.name} being {si.factor:g} times as much",
        f"put {variable.unit} into {variable.name} and {si.unit} into {si.name}, in every row",
        [variable.name, si.name],
    )


def _check_body(table: pl.DataFrame, years: str) -> None:
    expected = table["BMXWT"] / (table["BMXHT"] / 100) ** 2
    wrong = int(((table["BMXBMI"] - expected).abs() > TOLERANCE * expected.abs()).sum())
    _refuse(
        wrong,
        int((table["BMXBMI"].is_not_null() & expected.is_not_null()).sum()),
        f"BMXBMI of {years} must be BMXWT (kg) over BMXHT (m) squared",
        "put weight in kg and height in cm",
        ["BMXWT", "BMXHT", "BMXBMI"],
    )


def _refuse(wrong: int, n: int, subject: str, remedy: str, columns: list[str]) -> None:
    if wrong > DISAGREEING_SHARE * n:
        raise CohortError(subject, f"{wrong} of {n} rows that disagree", remedy, columns=columns, rows=wrong)


def _check_range(values: pl.Series, variable: Variable, plausible: tuple[float, float], years: str) -> None:
    outside = values.filter(~values.is_between(*plausible))
    if len(values) < _FEWEST or len(outside) <= OUTSIDE_SHARE * len(values):
        return
    likely = _likely(outside, variable, plausible)
    low, high = plausible
    raise CohortError(
        f"{variable.name} of {years} ({variable.title}) must lie in {low:g} to {high:g} {variable.unit or ''}".rstrip(),
        f"{len(outside)} of {len(values)} values outside" + (f", as {likely} would be" if likely else ""),
        f"convert it from {likely} to {variable.unit}" if likely else "check its unit",
        columns=[variable.name],
        rows=len(outside),
    )


def _likely(outside: pl.Series, variable: Variable, plausible: tuple[float, float]) -> str | None:
    """Return the unit that brings nine in ten of the values outside in, if there is one."""
    units = dict(variable.other_units) | ({variable.si.unit: variable.si.factor} if variable.si else {})
    inside = {unit: (outside / factor).is_between(*plausible).mean() for unit, factor in units.items()}
    return next((unit for unit, share in inside.items() if isinstance(share, float) and share >= 0.9), None)
