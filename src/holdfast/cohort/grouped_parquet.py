"""A Parquet file whose row groups do not depend on how its rows arrived, so that equal rows give equal bytes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from holdfast.optional import require

__all__ = ["ROWS_A_GROUP", "GroupedParquet"]

ROWS_A_GROUP = 131_072


class GroupedParquet:
    """Collects rows and writes them in groups of ``ROWS_A_GROUP``, the last one shorter. At most one group is held.

    Args:
        path: The file to write.
        types: Its columns.
    """

    def __init__(self, path: Path, types: Mapping[str, pl.DataType]) -> None:
        self.rows = 0
        self._held: list[pl.DataFrame] = []
        self._count = 0
        self._empty = pl.DataFrame(schema=dict(types))
        self._file: Any = require("pyarrow.parquet", extra="cohort").ParquetWriter(
            path, self._arrow(self._empty).schema, compression="zstd", compression_level=3
        )

    def write(self, frame: pl.DataFrame) -> None:
        """Take rows in. Column names and types must be those of the file."""
        self.rows += frame.height
        while self._count + frame.height >= ROWS_A_GROUP:
            room = ROWS_A_GROUP - self._count
            self._hold(frame.slice(0, room))
            self._flush()
            frame = frame.slice(room)
        self._hold(frame)

    def close(self) -> None:
        """Write what is held and end the file."""
        if self._count:
            self._flush()
        self.abandon()

    def abandon(self) -> None:
        """Let go of the file as it is."""
        self._file.close()

    def _hold(self, frame: pl.DataFrame) -> None:
        if frame.height:
            self._held.append(frame)
            self._count += frame.height

    def _flush(self) -> None:
        self._file.write_table(self._arrow(pl.concat(self._held)), row_group_size=ROWS_A_GROUP)
        self._held, self._count = [], 0

    def _arrow(self, frame: pl.DataFrame) -> Any:
        """Return one chunk a column: how rows were cut before must not show in the pages."""
        return frame.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
