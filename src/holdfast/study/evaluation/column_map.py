"""Columns of another study, under the names and units of the one that was learnt from."""

from pathlib import Path
from typing import Annotated

import polars as pl
from pydantic import Field, field_validator

from holdfast.content import ContentModel, load_yaml
from holdfast.study.error import StudyError

__all__ = ["ColumnMap", "MappedColumn", "load_column_map"]


class MappedColumn(ContentModel):
    """Where a column's values are in the other study: ``value = factor * column + offset``."""

    column: str
    factor: Annotated[float, Field(allow_inf_nan=False)] = 1.0
    offset: Annotated[float, Field(allow_inf_nan=False)] = 0.0

    @field_validator("factor")
    @classmethod
    def _is_not_zero(cls, factor: float) -> float:
        if factor == 0.0:
            raise ValueError("must not be 0, which makes everybody alike")
        return factor


class ColumnMap(ContentModel):
    """Name as learnt -> where it is. Columns that are not named keep their names."""

    version: Annotated[int, Field(ge=1)]
    source: str
    columns: dict[str, MappedColumn]

    def renamed(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the frame with the columns as learnt.

        Raises:
            StudyError: A column of the map is not there, or is to be converted and holds no numbers.
        """
        made = []
        for name, mapped in self.columns.items():
            if mapped.column not in frame.columns:
                raise StudyError(
                    "Map must name columns of the table", f"no {mapped.column!r} for {name!r}", "mend the map"
                )
            series = frame[mapped.column]
            is_converted = mapped.factor != 1.0 or mapped.offset != 0.0
            if is_converted and not series.dtype.is_numeric():
                raise StudyError(
                    f"Column {mapped.column!r} must hold numbers to be converted", str(series.dtype), "mend it"
                )
            made.append((series * mapped.factor + mapped.offset if is_converted else series).alias(name))
        return frame.with_columns(made)


def load_column_map(path: Path) -> ColumnMap:
    """Read a map from YAML.

    Raises:
        ContentError: It does not fit.
    """
    return load_yaml(path, ColumnMap).value
