"""Embeddings made elsewhere: a person and numbers, read from Parquet, CSV or NumPy's own format."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from holdfast.optional import require
from holdfast.risk.embeddings import Embeddings
from holdfast.risk.error import RiskError

if TYPE_CHECKING:
    import polars as pl

__all__ = ["EmbeddingTable", "read_embeddings"]


@dataclass(frozen=True, kw_only=True, eq=False)
class EmbeddingTable:
    """Embeddings of people.

    Attributes:
        persons: Their ids, distinct, in the order of the rows. Of a NumPy file: the numbers of its rows from 0.
        embeddings: Shape (n, d), float32 or float64, finite.
        columns: Names of the dimensions, in the order of the file.
    """

    persons: tuple[str, ...]
    embeddings: Embeddings
    columns: tuple[str, ...]


def read_embeddings(path: Path, *, person: str = "person") -> EmbeddingTable:
    """Read a table of embeddings: ``.parquet``, ``.csv`` or ``.npy``.

    Every column but the person's is a dimension. Single precision is kept; other numbers become float64. Nothing is
    filled in.

    Args:
        path: The file.
        person: The column with the ids; a NumPy file has none.

    Raises:
        RiskError: The file cannot be read as what its name says, there are no rows, the person is missing or repeats,
            or a column holds text, is empty somewhere or is not finite.
    """
    readers = {".npy": _read_numpy, ".parquet": _read_table, ".csv": _read_table}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise RiskError("Embeddings must be a .parquet, .csv or .npy file", repr(path.name), "write one of these")
    return reader(path, person)


def _read_numpy(path: Path, _: str) -> EmbeddingTable:
    try:
        values = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise _unreadable(path, error) from error
    if not isinstance(values, np.ndarray) or values.ndim != 2 or not np.issubdtype(values.dtype, np.floating):
        raise RiskError(
            "Embeddings must be (people, dimensions) of floating numbers",
            f"shape {getattr(values, 'shape', None)}",
            "save one row a person",
        )
    columns = tuple(f"z_{place}" for place in range(values.shape[1]))
    embeddings: Embeddings = values if values.dtype == np.float32 else values.astype(np.float64)
    _check_rows(embeddings)
    return EmbeddingTable(persons=tuple(map(str, range(len(values)))), embeddings=embeddings, columns=columns)


def _read_table(path: Path, person: str) -> EmbeddingTable:
    polars = require("polars", extra="risk")
    try:
        if path.suffix.lower() == ".csv":
            table = polars.read_csv(path, schema_overrides={person: polars.String})
        else:
            table = polars.read_parquet(path)
    except (OSError, polars.exceptions.PolarsError) as error:
        raise _unreadable(path, error) from error
    persons = _persons(table, person)
    numbers = table.drop(person)
    _check_columns(numbers)
    single = all(kind == polars.Float32 for kind in numbers.dtypes)
    embeddings = numbers.cast(polars.Float32 if single else polars.Float64).to_numpy(order="c")
    _check_rows(embeddings)
    return EmbeddingTable(persons=persons, embeddings=embeddings, columns=tuple(numbers.columns))


def _persons(table: "pl.DataFrame", person: str) -> tuple[str, ...]:
    if person not in table.columns:
        raise RiskError(
            f"Embeddings must have a column {person!r}",
            f"{table.width} columns without it",
            "name the person's column",
            columns=(person,),
        )
    ids = table[person]
    missing, repeated = ids.null_count(), len(ids) - ids.n_unique()
    if missing:
        raise RiskError("Person must be given", f"{missing} of {len(ids)} rows without", "leave them out", rows=missing)
    if repeated:
        raise RiskError(
            "Person must be unique",
            f"{repeated} of {len(ids)} rows repeated",
            "keep one row a person",
            columns=(person,),
            rows=repeated,
        )
    return tuple(str(one) for one in ids.to_list())


def _check_columns(numbers: "pl.DataFrame") -> None:
    text = [name for name, kind in numbers.schema.items() if not kind.is_numeric()]
    if text or not numbers.width:
        raise RiskError(
            "Embeddings must be numbers",
            f"{len(text)} of {numbers.width} columns that are not",
            "keep the person and the dimensions only",
            columns=text,
        )
    empty = [name for name in numbers.columns if numbers[name].null_count()]
    if empty:
        rows = int(numbers.select(numbers[name].is_null() for name in empty).max_horizontal().sum())
        raise RiskError(
            "Embeddings must be complete",
            f"{rows} of {numbers.height} rows with an empty cell in {len(empty)} columns",
            "leave these people out",
            columns=empty,
            rows=rows,
        )


def _check_rows(embeddings: Embeddings) -> None:
    if not len(embeddings):
        raise RiskError("Embeddings must have rows", "0", "check the file")
    rows = int(np.sum(~np.isfinite(embeddings).all(axis=1)))
    if rows:
        raise RiskError(
            "Embeddings must be finite", f"{rows} of {len(embeddings)} rows that are not", "leave them out", rows=rows
        )


def _unreadable(path: Path, error: Exception) -> RiskError:
    return RiskError(
        f"{path.name} must be a readable {path.suffix.lower()} file", f"a {type(error).__name__}", "write it again"
    )
