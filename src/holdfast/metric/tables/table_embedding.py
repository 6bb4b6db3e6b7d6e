"""Embed a table of any size with a stored encoder, in bounded batches, going on where an earlier run stopped."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from holdfast.metric.error import MetricError
from holdfast.metric.tables.csv_files import CsvFile
from holdfast.metric.tables.embedding_files import EmbeddingParts, embedding_frame
from holdfast.metric.tables.reading import ColumnTypes, Table
from holdfast.metric.tables.staging import check_free
from holdfast.metric.tabular.columns import CategoricalColumn, NumericColumn
from holdfast.metric.tabular.encoding import TabularEncoding

__all__ = ["StoredEncoder", "TableEmbedding", "open_encoder", "reading_types"]


class Transforming(Protocol):
    """Anything that turns rows into embeddings."""

    def transform(self, X: Any) -> npt.NDArray[np.float32]:  # noqa: N803 -- scikit-learn's name
        """Return an embedding for each row."""


@dataclass(frozen=True, kw_only=True)
class StoredEncoder:
    """An encoder read from disk, whichever way it was stored.

    Attributes:
        path: Where it lies.
        encoding: What it keeps of each column.
        model: Turns rows into embeddings.
        sha256: Digest of its files, by which a change is noticed.
    """

    path: Path
    encoding: TabularEncoding
    model: Transforming
    sha256: str

    @property
    def features(self) -> tuple[str, ...]:
        """Return the columns it reads, in order.

        Raises:
            MetricError: It was trained on an array, whose columns have no names.
        """
        names = self.encoding.feature_names_in
        if names is None:
            raise MetricError(
                f"Encoder must know its columns by name to read a table, got {self.path.name!r}, trained on an array; "
                "train it on a data frame, or with `holdfast metric fit`."
            )
        return names


def open_encoder(path: Path, *, threads: int | None = None) -> StoredEncoder:
    """Read an encoder folder, or a single ``.onnx`` file (which needs no torch).

    Args:
        path: Where it lies.
        threads: Of an ``.onnx`` file; None for its default. A folder's are torch's.

    Raises:
        MetricError: Nothing lies there, it is not an encoder, or not one for tables.
    """
    if not path.exists():
        raise MetricError(f"Encoder must be a folder or an .onnx file, got nothing at {str(path)!r}; check the path.")
    if path.suffix == ".onnx":
        return _open_onnx(path, threads)
    if not path.is_dir():
        raise MetricError(f"Encoder must be a folder or an .onnx file, got {path.name!r}; see holdfast metric fit.")
    from holdfast.metric.encoder.triplet_encoder import TripletEncoder

    model = TripletEncoder.load(path)
    if model.encoding_ is None:
        raise MetricError(f"Encoder must be one for tables, got {path.name!r} with a network of its own; use Python.")
    files = sorted(p for p in path.iterdir() if p.is_file())
    return StoredEncoder(path=path, encoding=model.encoding_, model=model, sha256=_sha256(files))


def _open_onnx(path: Path, threads: int | None) -> StoredEncoder:
    from holdfast.metric.onnx.encoder import OnnxEncoder

    model = OnnxEncoder.load(path, threads=threads)
    encoding = model.card.encoding
    if encoding is None:
        raise MetricError(f"Encoder must be one for tables, got {path.name!r}, which reads arrays; use Python.")
    return StoredEncoder(path=path, encoding=encoding, model=model, sha256=_sha256([path]))


def _sha256(files: Sequence[Path]) -> str:
    """Return one digest of several files."""
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def reading_types(table: Table, encoder: StoredEncoder, keys: Sequence[str]) -> dict[str, pl.DataType]:
    """Find how to read a table so that every column holds what it held in training.

    Raises:
        MetricError: A column does not exist, or holds words where training had numbers.
    """
    types = table.types(encoder.features, keys)
    for column in encoder.encoding.columns:
        found = types[column.name]
        if isinstance(column, NumericColumn) and found == pl.String():
            raise MetricError(
                f"Column {column.name!r} of {table.path.name} must hold numbers, as in training, got words; mend it."
            )
        if isinstance(column, CategoricalColumn) and isinstance(table.files[0], CsvFile):
            types[column.name] = pl.String()
    return types


@dataclass(frozen=True, kw_only=True)
class TableEmbedding:
    """What is to be embedded, with what, and where to.

    Attributes:
        encoder: Makes the embeddings.
        table: Holds the rows.
        ids: Columns carried along, as they are.
        out: The Parquet file to be.
        batch_rows: Rows in memory at a time, and in a part.
    """

    encoder: StoredEncoder
    table: Table
    ids: tuple[str, ...]
    out: Path
    batch_rows: int

    @property
    def inputs(self) -> Mapping[str, Any]:
        """Describe what the result is made from."""
        return {"table": self.table.fingerprint(), "encoder": self.encoder.sha256, "ids": list(self.ids)}

    def run(self, progress: Callable[[int, int | None], None]) -> int:
        """Embed every row that is not embedded yet, and put the result in place.

        Args:
            progress: Called with the rows done and all rows (None while unknown), first with those found done.

        Returns:
            How many rows the result has.

        Raises:
            MetricError: The table does not fit the encoder, or earlier parts are made from something else.
            StorageError: The disk is full; what was done is kept.
            KeyboardInterrupt: Ctrl-C; what was done is kept.
        """
        check_free(self.out, overwrite=True)
        types = self._types()
        with EmbeddingParts.open(self.out, inputs=self.inputs) as parts:
            progress(parts.rows, self.table.rows)
            for frame in self._embedded(types, skip=parts.rows):
                parts.add(frame)
                progress(parts.rows, self.table.rows)
            rows = parts.rows
            parts.assemble()
        return rows

    def _types(self) -> ColumnTypes:
        """Find how to read the table, refusing before any work what could not be written."""
        taken = [name for name in self.ids if name.startswith("z_") and name.removeprefix("z_").isdigit()]
        if taken:
            raise MetricError(f"Id column must not be called like an embedding, got {taken[0]!r}; rename it.")
        return reading_types(self.table, self.encoder, self.ids)

    def _embedded(self, types: ColumnTypes, *, skip: int) -> Iterator[pl.DataFrame]:
        """Yield ids and embeddings, a batch at a time."""
        features = list(self.encoder.features)
        for rows in self.table.batches(types, batch_rows=self.batch_rows, skip=skip):
            yield embedding_frame(
                rows.frame.select(self.ids), self.encoder.model.transform(rows.frame.select(features))
            )
