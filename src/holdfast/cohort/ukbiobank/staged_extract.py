"""One Parquet file with the columns a cohort needs, written by streaming, from every file of an extract."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any, Self

import polars as pl

from holdfast.cohort.error import CohortError
from holdfast.cohort.ukbiobank.column_name import ColumnName
from holdfast.cohort.ukbiobank.extract import Extract, ExtractFile, damaged
from holdfast.cohort.ukbiobank.wanted import Wanted
from holdfast.optional import require

__all__ = ["StagedExtract"]

_FILE = "extract.parquet"
_ROWS_A_GROUP = 16_384


@dataclass(frozen=True, kw_only=True)
class StagedExtract:
    """The staged file.

    Attributes:
        path: Where it lies.
        rows: People in it.
        apart: People left out because one of the files beside each other does not have them.
    """

    path: Path
    rows: int
    apart: int

    @classmethod
    def write(cls, extract: Extract, wanted: Wanted, folder: Path) -> Self:
        """Write the columns that are ``wanted`` to ``folder``.

        Raises:
            CohortError: A file is damaged, or people are missing an id or repeated.
        """
        parts = []
        for number, group in enumerate(extract.parts()):
            path = folder / f"part{number}.parquet"
            _sink(pl.concat([_selected(file, wanted) for file in group]), path, group)
            _check_people(path, group)
            parts.append(path)
        staged = parts[0] if len(parts) == 1 else _joined(parts, folder / _FILE)
        rows = _height(staged)
        return cls(path=staged, rows=rows, apart=0 if len(parts) == 1 else _everyone(parts) - rows)

    def batches(self, size: int) -> Iterator[pl.DataFrame]:
        """Yield the rows, ``size`` at a time."""
        reader = require("pyarrow.parquet", extra="cohort").ParquetFile(self.path)
        batches: Any = reader.iter_batches(batch_size=size)
        for batch in batches:
            frame = pl.from_arrow(batch)
            if isinstance(frame, pl.DataFrame):
                yield frame

    def scan(self) -> pl.LazyFrame:
        """Return every row lazily."""
        return pl.scan_parquet(self.path)


def _selected(file: ExtractFile, wanted: Wanted) -> pl.LazyFrame:
    here = {column.text for column in file.columns}
    schema = file.rows.collect_schema()
    values = [
        pl.col(column.text).alias(f"{field}_{place}")
        for field, columns in wanted.values.items()
        for place, column in enumerate(columns)
        if column.text in here
    ]
    records = [
        _record(columns, schema).alias(str(field))
        for field, columns in wanted.records.items()
        if columns[0].text in here
    ]
    for field, columns in wanted.records.items():
        if 0 < len({column.text for column in columns} & here) < len(columns):
            raise CohortError(
                f"Columns of field {field} must lie in one file",
                f"{len(columns)} in several",
                "export the field again",
                columns=(str(field),),
            )
    person = pl.col(file.identifier).cast(pl.String).str.strip_chars().alias("person")
    return file.rows.select(person, *values, *records)


def _record(columns: tuple[ColumnName, ...], schema: pl.Schema) -> pl.Expr:
    """Return one list a person, as text, in order and without the empty places at its end."""
    if len(columns) == 1 and columns[0].array is None:  # p41270: a list; p40000_i0: a register's single record
        return _listed(pl.col(columns[0].text), schema[columns[0].text])
    texts = [pl.col(column.text).cast(pl.String) for column in columns]
    filled = pl.max_horizontal(
        pl.when(text.is_not_null()).then(place + 1).otherwise(0) for place, text in enumerate(texts)
    )
    return pl.concat_list(texts).list.head(filled)


def _listed(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Read a list column: a real list, or text such as ``I10|E119`` or ``["I10","E119"]``."""
    if isinstance(dtype, pl.List):
        return column.cast(pl.List(pl.String))
    text = column.cast(pl.String).str.replace_all(r"[\[\]\"']", "").str.replace_all(",", "|", literal=True)
    return pl.when(text.str.strip_chars() != "").then(text.str.split("|"))


def _sink(rows: pl.LazyFrame, path: Path, group: list[ExtractFile]) -> None:
    try:
        rows.sink_parquet(path, compression="zstd", compression_level=1, row_group_size=_ROWS_A_GROUP)
    except pl.exceptions.PolarsError as error:
        raise damaged(group[0].path, error) from error


def _check_people(path: Path, group: list[ExtractFile]) -> None:
    person = pl.col("person")
    counts = (
        pl.scan_parquet(path)
        .select(pl.len().alias("rows"), person.n_unique().alias("people"), (person.is_null() | (person == "")).sum())
        .collect(engine="streaming")
    )
    rows, people, empty = counts.row(0)
    names = ", ".join(file.path.name for file in group)
    if not rows:
        raise CohortError(f"{names} must hold people", "0 rows", "export it again", rows=0)
    if empty:
        raise CohortError("eid must be given", f"{empty} of {rows} rows without one in {names}", "export it again")
    if people < rows:
        raise CohortError(
            "eid must be unique", f"{rows - people} of {rows} rows repeated in {names}", "keep one row a person",
            columns=("eid",), rows=rows - people,
        )  # fmt: skip


def _joined(parts: list[Path], path: Path) -> Path:
    frames = [pl.scan_parquet(part) for part in parts]
    joined = reduce(lambda left, right: left.join(right, on="person", how="inner", maintain_order="left"), frames)
    joined.sink_parquet(path, compression="zstd", compression_level=1, row_group_size=_ROWS_A_GROUP)
    return path


def _everyone(parts: list[Path]) -> int:
    people = pl.concat([pl.scan_parquet(part).select("person") for part in parts])
    return int(people.select(pl.col("person").n_unique()).collect(engine="streaming").item())


def _height(path: Path) -> int:
    return int(pl.scan_parquet(path).select(pl.len()).collect().item())
