"""One CSV file, read in bounded batches, with types that hold for all of it and not for its first block only.

Missing is: nothing between two commas, or an unquoted ``NA``, ``N/A``, ``NaN``, ``nan``, ``NULL`` or ``null``.
Messages give row numbers, never what a row holds.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import polars as pl

from holdfast.metric.error import MetricError
from holdfast.optional import require

__all__ = ["CSV_SUFFIXES", "MISSING", "CsvFile"]

CSV_SUFFIXES = (".csv", ".tsv", ".csv.gz", ".tsv.gz")

MISSING = ("", "NA", "N/A", "NaN", "nan", "NULL", "null")

_BLOCK_BYTES = 4 << 20
_WHOLE = r"^-?(0|[1-9][0-9]{0,17})$"  # "007" is a word: as a number it would lose its zeros
_TRUTH = ("true", "false", "True", "False", "TRUE", "FALSE")
_CONVERSION = re.compile(r"In CSV column #(\d+): (?:Row #(\d+): )?")


@dataclass(frozen=True, kw_only=True)
class CsvFile:
    """The header of a CSV file. ``columns`` are its names, in order."""

    path: Path
    columns: tuple[str, ...]
    groups: tuple[int | None, ...] = (None,)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read the header.

        Raises:
            MetricError: The file is empty, its first rows are ragged, or it is not UTF-8 text.
        """
        with _Reading(path).mending() as reading:
            return cls(path=path, columns=tuple(reading.open(None).schema.names))

    def types(self, features: Sequence[str], keys: Sequence[str]) -> dict[str, pl.DataType]:
        """Return the type each column is to be read as, having read all of it; see ``Table.types``."""
        return self._feature_types(features) | {name: self._key_type(name) for name in keys}

    def _feature_types(self, names: Sequence[str]) -> dict[str, pl.DataType]:
        """Take a column for what its first block holds (numbers, truth values, words), and for words if that fails."""
        types = {name: _feature_type(first) for name, first in self._first_block(names).items()}
        while True:
            try:
                for _ in self._batches(types):
                    pass
            except _NotANumberError as error:
                if types[error.column] == pl.String():
                    raise
                types[error.column] = pl.String()
            else:
                return types

    def _first_block(self, names: Sequence[str]) -> Mapping[str, pl.DataType]:
        """Have Arrow guess types from the first block, so that words are seldom found late."""
        if not names:
            return {}
        with _Reading(self.path, self.columns).mending() as reading:
            for batch in reading.open(dict.fromkeys(names)):
                return pl.DataFrame(pl.from_arrow(batch)).schema
        return dict.fromkeys(names, pl.Float64())

    def _key_type(self, name: str) -> pl.DataType:
        """Find whether all values are whole numbers or truth values as they are written; else they are words."""
        whole = truth = True
        for frame in self._batches({name: pl.String()}):
            values = frame[name].drop_nulls()
            whole = whole and bool(values.str.contains(_WHOLE).all())
            truth = truth and bool(values.is_in(_TRUTH).all())
            if not whole and not truth:
                return pl.String()
        return pl.Boolean() if truth else pl.Int64()

    def _batches(self, types: Mapping[str, pl.DataType]) -> Iterator[pl.DataFrame]:
        """Yield frames as Arrow cuts them: about one block each."""
        with _Reading(self.path, self.columns).mending() as reading:
            for batch in reading.open({name: _arrow_type(dtype) for name, dtype in types.items()}):
                if batch.num_rows:
                    yield pl.DataFrame(pl.from_arrow(batch))

    def read(
        self, types: Mapping[str, pl.DataType], *, batch_rows: int, group: int | None = None
    ) -> Iterator[pl.DataFrame]:
        """Yield the columns named in ``types``, at most ``batch_rows`` rows at a time.

        Raises:
            MetricError: A row is ragged, or a column does not fit its type; the row's number is given.
        """
        del group
        held = pl.DataFrame()
        for frame in self._batches(types):
            held = frame if held.is_empty() else pl.concat([held, frame])
            while held.height >= batch_rows:
                yield held.slice(0, batch_rows)
                held = held.slice(batch_rows)
        if held.height:
            yield held


class _NotANumberError(MetricError):
    """A column taken for one type holds another."""

    def __init__(self, message: str, column: str) -> None:
        super().__init__(message)
        self.column = column


@dataclass
class _Reading:
    """One pass over a file, which knows afterwards which row was ragged."""

    path: Path
    columns: tuple[str, ...] = ()
    ragged: list[tuple[int | None, int, int]] = field(default_factory=list)

    def open(self, types: Mapping[str, Any] | None) -> Any:
        """Open the file, all columns for None; a type of None is guessed from the first block."""
        csv = require("pyarrow.csv", extra="metric")
        tab = self.path.name.lower().endswith((".tsv", ".tsv.gz"))
        convert = csv.ConvertOptions(
            include_columns=list(types or ()),
            column_types={name: t for name, t in (types or {}).items() if t is not None},
            null_values=list(MISSING),
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        )
        parse = csv.ParseOptions(
            delimiter="\t" if tab else ",", newlines_in_values=True, invalid_row_handler=self._refuse
        )
        read = csv.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES)
        return csv.open_csv(self.path, read_options=read, parse_options=parse, convert_options=convert)

    def _refuse(self, row: Any) -> str:
        self.ragged.append((row.number, row.expected_columns, row.actual_columns))
        return "error"

    @contextmanager
    def mending(self) -> Iterator[Self]:
        """Say in one line, and without quoting the file, what Arrow says."""
        arrow = require("pyarrow", extra="metric")
        try:
            yield self
        except PermissionError as error:
            raise MetricError(
                f"Table must be readable, got {self.path.name!r}: {error.strerror}; change its mode."
            ) from error
        except (arrow.ArrowException, OSError, UnicodeDecodeError) as error:  # the last: of a header
            raise self._refusal(str(error)) from None

    def _refusal(self, said: str) -> MetricError:
        """Turn Arrow's message into ours."""
        name = self.path.name
        if self.ragged:
            row, expected, got = self.ragged[0]
            where = "A row" if row is None else f"Row {row}"
            return MetricError(
                f"{where} of {name} must have {expected} fields, got {got}; mend that row (the header is row 1)."
            )
        found = _CONVERSION.search(said)
        if found and "UTF8" not in said:
            column, row_number = self.columns[int(found[1])], found[2]
            where = f" in row {row_number}" if row_number else ""
            return _NotANumberError(
                f"Column {column!r} of {name} must hold one type, got another{where}; mend that value or leave the "
                "column out.",
                column,
            )
        if "mpty CSV" in said:
            return MetricError(f"{name} must have a header and rows, got an empty file; write it again.")
        if "straddling" in said:
            return MetricError(f"Rows of {name} must be shorter than 4 MiB, got a longer one; look for an open quote.")
        return MetricError(f"{name} must be CSV text in UTF-8, got something else; write it again as UTF-8.")


def _feature_type(guessed: pl.DataType) -> pl.DataType:
    """Return numbers for numbers and for nothing at all, truth values for those, words for anything else."""
    if guessed.is_numeric() or guessed == pl.Null():
        return pl.Float64()
    return guessed if guessed == pl.Boolean() else pl.String()


def _arrow_type(dtype: pl.DataType) -> Any:
    """Return Arrow's name for the few types a CSV is read as."""
    arrow = require("pyarrow", extra="metric")
    known = {pl.Float64(): arrow.float64(), pl.Int64(): arrow.int64(), pl.Boolean(): arrow.bool_()}
    return known.get(dtype, arrow.large_string())
