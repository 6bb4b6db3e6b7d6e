"""Open the files of an extract: their layout, their columns, and every row lazily.

An extract may be cut by columns (several files with other fields about the same people: joined on the identifier) or by
rows (several files with the same columns: put below each other), or both.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from holdfast.cohort.error import CohortError
from holdfast.cohort.ukbiobank.column_name import ColumnName, Layout

__all__ = ["Extract", "ExtractFile"]

_SEPARATORS = {".csv": ",", ".tsv": "\t", ".tab": "\t", ".txt": "\t"}
_EMPTY = ["", "NA"]
"""What stands for no value in text files; NA is what R writes."""


@dataclass(frozen=True, kw_only=True)
class ExtractFile:
    """One file.

    Attributes:
        path: The file.
        identifier: Its column that names the person.
        columns: Its columns that are fields.
        others: Its columns that are neither.
        rows: Every row; all columns of a text file are text.
    """

    path: Path
    identifier: str
    columns: tuple[ColumnName, ...]
    others: tuple[str, ...]
    rows: pl.LazyFrame

    @classmethod
    def open(cls, path: Path) -> "ExtractFile":
        """Read a file's header.

        Raises:
            CohortError: It is missing, of another kind, damaged, or has no identifier or no field.
        """
        rows = _scan(path)
        try:
            names = rows.collect_schema().names()
        except (OSError, pl.exceptions.PolarsError) as error:
            raise damaged(path, error) from error
        identifier = ColumnName.identifier(names)
        read = {name: ColumnName.read(name) for name in names if name != identifier}
        columns = tuple(column for column in read.values() if column is not None)
        if identifier is None or not columns:
            raise CohortError(
                f"{path.name} must have an identifier and fields",
                f"{len(names)} columns, {'no eid' if identifier is None else 'no field'} among them",
                "export it with field ids as column names (p31, 31-0.0 or f.31.0.0) and eid",
            )
        others = tuple(name for name, column in read.items() if column is None)
        return cls(path=path, identifier=identifier, columns=columns, others=others, rows=rows)


@dataclass(frozen=True, kw_only=True)
class Extract:
    """All files of an extract, in one layout."""

    files: tuple[ExtractFile, ...]
    layout: Layout

    @classmethod
    def open(cls, paths: Sequence[Path]) -> "Extract":
        """Read the header of every file.

        Raises:
            CohortError: No file is given, layouts are mixed, a column is in two files that differ in others, or a file
                cannot be read.
        """
        if not paths:
            raise CohortError("Extract must have a file", "none", "name one with --in")
        files = tuple(ExtractFile.open(path) for path in paths)
        found = sorted({column.layout for file in files for column in file.columns})
        if len(found) > 1:
            raise CohortError(
                "Extract must be in one layout", " and ".join(found), "export every file in the same layout"
            )
        extract = cls(files=files, layout=found[0])
        extract._check_once()
        return extract

    @property
    def columns(self) -> Iterator[ColumnName]:
        """Every field column, each once."""
        for group in self.parts():
            yield from group[0].columns

    def parts(self) -> list[list[ExtractFile]]:
        """Return files grouped by their columns: those of a group lie below each other, groups beside each other."""
        groups: dict[frozenset[str], list[ExtractFile]] = {}
        for file in self.files:
            groups.setdefault(frozenset(column.text for column in file.columns), []).append(file)
        return list(groups.values())

    def _check_once(self) -> None:
        names = [(column.field, column.instance, column.array) for column in self.columns]
        repeated = sorted({f"{field}" for field, instance, array in names if names.count((field, instance, array)) > 1})
        if repeated:
            raise CohortError(
                "Column must be in one file only, or files must have the same columns",
                f"{len(repeated)} fields in several ({', '.join(repeated[:5])})",
                "leave the column out of all but one",
                columns=repeated,
            )


def damaged(path: Path, error: Exception) -> CohortError:
    """Say that a file cannot be read as what its name says."""
    return CohortError(
        f"{path.name} must be a whole {'Parquet' if path.suffix == '.parquet' else 'text'} table",
        f"a {type(error).__name__} on reading it",
        "fetch or export it again",
    )


def _scan(path: Path) -> pl.LazyFrame:
    if not path.is_file():
        raise CohortError("Extract must be a file that exists", repr(str(path)), "check its name")
    if path.suffix == ".parquet":
        return pl.scan_parquet(path)
    separator = _SEPARATORS.get(path.suffix)
    if separator is None:
        raise CohortError(
            "Extract must be Parquet, CSV or tab-separated", repr(path.name), "name it .parquet, .csv, .tsv or .tab"
        )
    _check_last_line(path, separator)
    return pl.scan_csv(path, separator=separator, infer_schema=False, null_values=_EMPTY, low_memory=True)


def _check_last_line(path: Path, separator: str) -> None:
    """Refuse a text file that breaks off within its last line, which reads as empty fields otherwise."""
    with path.open("rb") as opened:
        header = opened.readline()
        opened.seek(0, 2)
        size = opened.tell()
        opened.seek(max(len(header), size - 2**22))
        tail = opened.read().rstrip(b"\r\n").rsplit(b"\n", 1)[-1]
    counts = [_cells(line, separator) for line in (header, tail) if line.strip()]
    if len(set(counts)) > 1:
        raise CohortError(
            f"{path.name} must be a whole text table",
            f"a last line of {counts[1]} of {counts[0]} cells",
            "fetch or export it again",
        )


def _cells(line: bytes, separator: str) -> int:
    text = line.decode("utf-8", errors="replace").rstrip("\r\n")
    return len(next(csv.reader([text], delimiter=separator), []))
