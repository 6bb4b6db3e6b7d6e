"""Tables larger than memory: one Parquet or CSV file, or a folder of parts, read in bounded batches.

Rows have one order: the files by name, then the rows of each file. Every reader here keeps it, so that a row can be
named by its number, except ``shuffled``, which says which rows it yields.
"""

import difflib
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import polars as pl

from holdfast.metric.error import MetricError
from holdfast.metric.tables.csv_files import CSV_SUFFIXES, CsvFile
from holdfast.metric.tables.parquet_files import PARQUET_SUFFIXES, ParquetFile

__all__ = ["ColumnTypes", "Rows", "Table", "TableFile", "open_table"]

ColumnTypes = Mapping[str, pl.DataType]
"""Column -> the type it is read as: Float64 or String for features; whatever the file holds for ids and labels."""

_OPEN_AT_ONCE = 2  # each holds a page of every column
_DIGEST_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Rows:
    """A run of consecutive rows of one file. ``start`` is the first row's number within that file, from 0."""

    frame: pl.DataFrame
    file: int
    start: int


class TableFile(Protocol):
    """One file of a table, whatever its format."""

    @property
    def path(self) -> Path:
        """Return where the file lies."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of its columns, in order."""

    @property
    def groups(self) -> tuple[int | None, ...]:
        """Return the rows of each part that can be read on its own; None where only reading tells."""

    def types(self, features: Sequence[str], keys: Sequence[str]) -> dict[str, pl.DataType]:
        """Return the type each column is to be read as. A CSV is read once for it."""

    def read(self, types: ColumnTypes, *, batch_rows: int, group: int | None = None) -> Iterator[pl.DataFrame]:
        """Yield the columns named in ``types``, at most ``batch_rows`` rows at a time."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """The files of one table, all with the same columns. Nothing is held in memory but their schemas."""

    path: Path
    files: tuple[TableFile, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns, in order."""
        return self.files[0].columns

    @property
    def rows(self) -> int | None:
        """Return how many rows there are, or None where only reading tells (CSV)."""
        counts = [count for file in self.files for count in file.groups]
        return sum(c for c in counts if c is not None) if None not in counts else None

    def require(self, names: Iterable[str]) -> None:
        """Check that every column exists.

        Raises:
            MetricError: One does not; the message names it and the closest ones.
        """
        for name in names:
            if name not in self.columns:
                close = difflib.get_close_matches(name, self.columns, n=3, cutoff=0.5)
                listed = ", ".join(self.columns[:20]) + (", ..." if len(self.columns) > 20 else "")
                hint = f"did you mean {' or '.join(close)}?" if close else f"it has: {listed}."
                hint += self._separator_hint()
                raise MetricError(f"Column must be one of {self.path.name}, got {name!r}; {hint}")

    def _separator_hint(self) -> str:
        """Say what it means when a file seems to have one column with several names in it."""
        only = self.columns[0] if len(self.columns) == 1 else ""
        found = next((mark for mark in ";\t|" if mark in only), None)
        return f" It seems to be separated by {found!r}: write it with commas." if found else ""

    def types(self, features: Sequence[str], keys: Sequence[str]) -> dict[str, pl.DataType]:
        """Find what each column is to be read as, the same for every file.

        Args:
            features: Columns to learn from: numbers become Float64, words String. A column that holds numbers in one
                file and words in another is words.
            keys: Ids and labels: kept as they are.

        Raises:
            MetricError: A column does not exist, holds something that is neither numbers nor words, or is a key whose
                type differs between files.
        """
        self.require([*features, *keys])
        found = [file.types(features, keys) for file in self.files]
        merged = dict(found[0])
        for file, types in zip(self.files[1:], found[1:], strict=True):
            for name in (n for n, t in types.items() if t != merged[n]):
                if name in keys:
                    raise MetricError(
                        f"Column {name!r} must have one type in every file, got {merged[name]} and, in "
                        f"{file.path.name}, {types[name]}; write the files with the same type."
                    )
                merged[name] = pl.String()
        return merged

    def batches(self, types: ColumnTypes, *, batch_rows: int, skip: int = 0) -> Iterator[Rows]:
        """Yield all rows from row number ``skip`` on, in order, at most ``batch_rows`` at a time."""
        for number, file in enumerate(self.files):
            start = 0
            for group, rows in enumerate(file.groups):
                if rows is not None and skip >= rows:
                    skip, start = skip - rows, start + rows
                    continue
                for frame in file.read(types, batch_rows=batch_rows, group=group):
                    kept = frame.slice(min(skip, frame.height))
                    if kept.height:
                        yield Rows(frame=kept, file=number, start=start + frame.height - kept.height)
                    skip, start = max(0, skip - frame.height), start + frame.height

    def shuffled(self, types: ColumnTypes, *, batch_rows: int, seed: Sequence[int]) -> Iterator[Rows]:
        """Yield every row once: row groups in a seeded order, a few of them read side by side.

        A CSV file has one group only: its rows come in order, and mixing is left to a ``ShuffleBuffer``.
        """
        random = np.random.default_rng(list(seed))
        groups = [(n, g) for n, file in enumerate(self.files) for g in range(len(file.groups))]
        waiting = [groups[i] for i in random.permutation(len(groups))]
        reading: list[Iterator[Rows]] = []
        while waiting or reading:
            while waiting and len(reading) < _OPEN_AT_ONCE:
                reading.append(self._group(*waiting.pop(), types=types, batch_rows=batch_rows))
            at = int(random.integers(len(reading)))
            rows = next(reading[at], None)
            if rows is None:
                reading.pop(at)
            else:
                yield rows

    def _group(self, number: int, group: int, *, types: ColumnTypes, batch_rows: int) -> Iterator[Rows]:
        """Yield the rows of one group of one file."""
        file = self.files[number]
        start = sum(rows or 0 for rows in file.groups[:group])
        for frame in file.read(types, batch_rows=batch_rows, group=group):
            yield Rows(frame=frame, file=number, start=start)
            start += frame.height

    def fingerprint(self) -> list[dict[str, str | int]]:
        """Describe the files so that a change is noticed: name, bytes, time of change, digest of both ends.

        It is cheap at any size; content changed in the middle is noticed by the time of change only.
        """
        return [_fingerprint(file.path) for file in self.files]


def open_table(path: Path) -> Table:
    """Open a Parquet or CSV file (also ``.tsv``, and compressed as ``.gz``), or a flat folder of such parts.

    In a folder, names that begin with ``.`` or ``_`` are passed over; all other files must be parts of one format.

    Raises:
        MetricError: Nothing lies there, the format is unknown, or the file is empty, truncated or damaged.
    """
    files = tuple(_open_file(part) for part in _parts(path))
    for file in files[1:]:
        if set(file.columns) != set(files[0].columns):
            odd = sorted(set(file.columns) ^ set(files[0].columns))
            raise MetricError(
                f"Files of {path.name} must have the same columns, got {odd[0]!r} in only one of "
                f"{files[0].path.name} and {file.path.name}; give tables one by one."
            )
    return Table(path=path, files=files)


def _parts(path: Path) -> list[Path]:
    """List the files of a table, sorted by name."""
    try:
        is_there = path.exists()
        around = [p.name for p in path.parent.iterdir()] if not is_there and path.parent.is_dir() else []
    except OSError as error:  # a folder that may not be entered, or a name no file can have
        raise MetricError(f"Table must be within reach, got {path.name[:80]!r}: {error.strerror}; check it.") from error
    if not is_there:
        close = difflib.get_close_matches(path.name, around, n=1, cutoff=0.6)
        hint = f"did you mean {close[0]}?" if close else "check the path."
        raise MetricError(f"Table must be an existing file or folder, got {str(path)!r}; {hint}")
    if not path.is_dir():
        return [path]
    parts = sorted(p for p in path.iterdir() if p.is_file() and p.name[0] not in "._")
    if not parts:
        raise MetricError(f"Folder must hold Parquet or CSV files, got none in {str(path)!r}; name the file itself.")
    if len({p.name.endswith(PARQUET_SUFFIXES) for p in parts}) > 1:
        raise MetricError(f"Folder must hold files of one format, got several in {str(path)!r}; move the others out.")
    return parts


def _open_file(path: Path) -> TableFile:
    """Open one file by its suffix."""
    name = path.name.lower()
    if name.endswith(PARQUET_SUFFIXES):
        file: TableFile = ParquetFile.open(path)
    elif name.endswith(CSV_SUFFIXES):
        file = CsvFile.open(path)
    else:
        known = ", ".join((*PARQUET_SUFFIXES, *CSV_SUFFIXES))
        raise MetricError(f"Table must end in one of {known}, got {path.name!r}; write it as Parquet or CSV.")
    twice = sorted({c for c in file.columns if file.columns.count(c) > 1})
    if twice:
        raise MetricError(f"Columns of {path.name} must have different names, got {twice[0]!r} twice; rename one.")
    return file


def _fingerprint(path: Path) -> dict[str, str | int]:
    """Describe one file."""
    about = path.stat()
    with path.open("rb") as file:
        digest = hashlib.sha256(file.read(_DIGEST_BYTES))
        file.seek(max(0, about.st_size - _DIGEST_BYTES))
        digest.update(file.read(_DIGEST_BYTES))
    return {"name": path.name, "bytes": about.st_size, "changed_ns": about.st_mtime_ns, "ends": digest.hexdigest()}
