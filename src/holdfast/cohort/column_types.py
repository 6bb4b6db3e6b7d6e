"""The type each column of a cohort is stored as, and frames brought to it without losing a value."""

from collections.abc import Mapping

import polars as pl

from holdfast.cohort.error import CohortError
from holdfast.cohort.schema import Feature, Kind, Levels, Schema

__all__ = ["CONDITION_TYPES", "OUTCOME_TYPES", "Types", "fitted", "people_types"]

Types = Mapping[str, pl.DataType]

CONDITION_TYPES: Types = {
    "person": pl.String(),
    "condition": pl.String(),
    "years": pl.Float64(),
    "source": pl.String(),
}
OUTCOME_TYPES: Types = {"person": pl.String(), "outcome": pl.String(), "years": pl.Float64(), "event": pl.Boolean()}

_BY_KIND = {Kind.NUMERIC: pl.Float64(), Kind.ORDINAL: pl.Int32(), Kind.BINARY: pl.Int8()}


def people_types(schema: Schema) -> Types:
    """Return the type of every column of ``people.parquet``, in order."""
    sensitive = {s.name: pl.Float64() if s.levels is None else _level_type(s.levels) for s in schema.sensitive}
    features = {f.name: _feature_type(f) for f in schema.features}
    rest = dict.fromkeys(schema.weights, pl.Float64()) | ({schema.birth_year: pl.Int32()} if schema.birth_year else {})
    types: dict[str, pl.DataType] = {"person": pl.String(), "visit": pl.Date()}
    return {name: (types | rest | sensitive | features)[name] for name in schema.columns}


def _feature_type(feature: Feature) -> pl.DataType:
    if feature.kind is Kind.CATEGORICAL:
        return pl.String() if feature.levels is None else _level_type(feature.levels)
    return _BY_KIND[feature.kind]


def _level_type(levels: Levels) -> pl.DataType:
    return pl.String() if isinstance(next(iter(levels)), str) else pl.Int32()


def fitted(frame: pl.DataFrame, types: Types, *, table: str) -> pl.DataFrame:
    """Return ``frame`` with exactly the columns of ``types``, in their order and of their type.

    Raises:
        CohortError: A column is missing or not in the schema, or holds values that its type cannot.
    """
    missing = [name for name in types if name not in frame.columns]
    extra = [name for name in frame.columns if name not in types]
    if missing or extra:
        raise CohortError(
            f"Columns of {table} must be those of the schema",
            f"{len(missing)} missing{_some(missing)} and {len(extra)} unknown{_some(extra)}",
            "add and remove them, or change the schema",
            columns=(*missing, *extra),
        )
    cast = frame.select(pl.col(name).cast(dtype, strict=False) for name, dtype in types.items())
    _check_kept(frame, cast, table)
    return cast


def _check_kept(frame: pl.DataFrame, cast: pl.DataFrame, table: str) -> None:
    for name in cast.columns:
        before, after = frame[name], cast[name]
        lost = after.null_count() - before.null_count()
        if before.dtype.is_float() and after.dtype.is_integer():
            lost += int((before != after.cast(pl.Float64)).sum())
        if lost:
            raise CohortError(
                f"Column {name!r} of {table} must hold {after.dtype}",
                f"{lost} of {frame.height} rows that do not fit",
                "mend them, or leave them empty",
                columns=(name,),
                rows=lost,
            )


def _some(names: list[str]) -> str:
    """Name the first few."""
    return f" ({', '.join(names[:5])}{', ...' if len(names) > 5 else ''})" if names else ""
