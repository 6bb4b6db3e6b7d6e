"""The columns of a SAS transport file as a table."""

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from holdfast.cohort.error import CohortError
from holdfast.cohort.nhanes.transport_header import CARD, TransportHeader, read_transport_header
from holdfast.optional import require

__all__ = ["numbered", "read_transport", "zeros"]

TINY = 1e-70
"""SAS's zero, read as a number of another kind, is about 5.4e-79: anything below this is 0."""


def read_transport(path: Path, columns: Iterable[str]) -> pl.DataFrame:
    """Read columns of numbers from a transport file.

    Args:
        path: The file.
        columns: Which, in upper case; those that it lacks are left out. ``SEQN`` is always read.

    Returns:
        ``SEQN`` (Int64) and the columns (Float64), in the file's order. Missing values of every SAS kind (. ._ .A to
        .Z) are null.

    Raises:
        CohortError: The file is not whole (see ``read_transport_header``), lacks ``SEQN`` or repeats one, or a column
            holds text.
    """
    header = read_transport_header(path)
    wanted = [c for c in header.columns if c in {"SEQN", *columns}]
    text = sorted(set(wanted) - header.numeric)
    if text:
        raise CohortError(
            f"Columns of {path.name} must hold numbers", f"text in {', '.join(text)}", "download it again"
        )
    if "SEQN" not in wanted:
        raise CohortError(f"{path.name} must hold SEQN", "none", "leave the file out", columns=["SEQN"])
    frame = _read(path, header)
    frame.columns = [str(c).upper() for c in frame.columns]
    table = pl.DataFrame({c: frame[c].to_numpy(dtype=np.float64) for c in wanted}).fill_nan(None)
    return numbered(table.with_columns(zeros(pl.all())), path.name)


def _read(path: Path, header: TransportHeader) -> Any:
    """Read with pandas, past its miscount of narrow observations.

    Where an observation fits into one record, ``read_sas`` takes every eight blanks in the last record for filling, an
    empty text among them, and drops the last people. A further record of blanks keeps them; what it reads of the
    filling is cut off again.
    """
    data = path if header.width > CARD else BytesIO(path.read_bytes() + b" " * CARD)
    frame = require("pandas", extra="cohort").read_sas(data, format="xport", encoding="latin-1")[: header.rows]
    if len(frame) != header.rows:
        raise CohortError(
            f"{path.name} must be read whole", f"{len(frame)} of {header.rows} observations", "download it again"
        )
    return frame


def zeros(column: pl.Expr) -> pl.Expr:
    """Turn SAS's zero, about 5.4e-79 once read, into 0."""
    return pl.when(column.abs() < TINY).then(0.0).otherwise(column).name.keep()


def numbered(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """Bring ``SEQN`` to whole numbers, and check that it names each row."""
    seqn = table["SEQN"]
    bad = int((seqn.is_null() | (seqn != seqn.round()) | (seqn <= 0)).fill_null(value=True).sum())
    if bad:
        raise CohortError(f"SEQN of {name} must be whole numbers", f"{bad} rows without", "download it again", rows=bad)
    repeated = table.height - seqn.n_unique()
    if repeated:
        raise CohortError(
            f"SEQN of {name} must be unique",
            f"{repeated} of {table.height} rows repeated",
            "leave the file out if it holds several rows a person",
            columns=["SEQN"],
            rows=repeated,
        )
    return table.with_columns(pl.col("SEQN").cast(pl.Int64))
