"""One Parquet file, read in batches whose memory does not grow with the file or its row groups."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import polars as pl

from holdfast.metric.error import MetricError
from holdfast.optional import require

__all__ = ["PARQUET_SUFFIXES", "ParquetFile"]

PARQUET_SUFFIXES = (".parquet", ".pq")

_BUFFER_BYTES = 1 << 18  # per column: pages are streamed, or a large row group would be read whole


@dataclass(frozen=True, kw_only=True)
class ParquetFile:
    """The schema and row groups of a Parquet file.

    Attributes:
        path: Where it lies.
        schema: Column -> type, in order.
        groups: Rows of each row group.
    """

    path: Path
    schema: Mapping[str, pl.DataType]
    names: tuple[str, ...]
    groups: tuple[int, ...]

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read the footer.

        Raises:
            MetricError: The file is empty, truncated or not Parquet.
        """
        with _mending(path):
            file = _parquet(path)
            groups = tuple(file.metadata.row_group(i).num_rows for i in range(file.num_row_groups))
            arrow = file.schema_arrow
            named = dict(zip(arrow.names, arrow.types, strict=True))
            schema = {name: _polars_type(arrow_type) for name, arrow_type in named.items()}
            return cls(path=path, schema=schema, names=tuple(arrow.names), groups=groups)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns, in order, twice where the file has them twice."""
        return self.names

    def types(self, features: Sequence[str], keys: Sequence[str]) -> dict[str, pl.DataType]:
        """Return the type each column is to be read as; see ``Table.types``."""
        return {n: _feature_type(n, self.schema[n]) for n in features} | {n: _key_type(self.schema[n]) for n in keys}

    def read(
        self, types: Mapping[str, pl.DataType], *, batch_rows: int, group: int | None = None
    ) -> Iterator[pl.DataFrame]:
        """Yield the columns named in ``types``, of all row groups or one, at most ``batch_rows`` rows at a time.

        Raises:
            MetricError: The file is damaged, or a column does not fit its type.
        """
        wanted = None if group is None else [group]
        with _mending(self.path):
            for batch in _parquet(self.path).iter_batches(batch_rows, row_groups=wanted, columns=list(types)):
                if batch.num_rows:
                    yield self._cast(batch, types)

    def _cast(self, batch: Any, types: Mapping[str, pl.DataType]) -> pl.DataFrame:
        """Turn an Arrow batch into a frame of the types asked for."""
        frame = pl.DataFrame(pl.from_arrow(batch)).select(list(types))
        for name, wanted in types.items():
            if frame.schema[name] == wanted:
                continue
            try:
                frame = frame.with_columns(frame[name].cast(wanted))
            except pl.exceptions.PolarsError:
                raise MetricError(
                    f"Column {name!r} of {self.path.name} must be readable as {wanted}, got {frame.schema[name]}; "
                    "write it as the encoder was trained on it."
                ) from None
        return frame


def _parquet(path: Path) -> Any:
    """Open the file so that reading streams."""
    parquet = require("pyarrow.parquet", extra="metric")
    return parquet.ParquetFile(path, buffer_size=_BUFFER_BYTES, pre_buffer=False)


def _polars_type(arrow_type: Any) -> pl.DataType:
    """Return the type a frame gives to an Arrow type."""
    arrow = require("pyarrow", extra="metric")
    return pl.Series(pl.from_arrow(arrow.array([], arrow_type))).dtype


def _feature_type(name: str, dtype: pl.DataType) -> pl.DataType:
    """Read numbers and truth values as Float64, words as String."""
    if dtype.is_numeric() or dtype == pl.Boolean() or dtype == pl.Null():
        return pl.Float64()
    if dtype == pl.String() or isinstance(dtype, pl.Categorical | pl.Enum):
        return pl.String()
    raise MetricError(
        f"Column {name!r} must hold numbers or words, got {dtype}; leave it out with --exclude {name}, or turn it into "
        "numbers."
    )


def _key_type(dtype: pl.DataType) -> pl.DataType:
    """Keep an id or label as it is; categories become their words."""
    return pl.String() if isinstance(dtype, pl.Categorical | pl.Enum) else dtype


@contextmanager
def _mending(path: Path) -> Iterator[None]:
    """Say in one line what Arrow says in many."""
    arrow = require("pyarrow", extra="metric")
    try:
        yield
    except PermissionError as error:
        raise MetricError(f"Table must be readable, got {path.name!r}: {error.strerror}; change its mode.") from error
    except (arrow.ArrowException, OSError) as error:
        what = "an empty file" if path.is_file() and path.stat().st_size == 0 else "one that is cut short or damaged"
        raise MetricError(f"{path.name} must be a whole Parquet file, got {what}; write or copy it again.") from error
