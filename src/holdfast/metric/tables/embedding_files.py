"""Embeddings written as Parquet in parts, so that a run that was cut off goes on where it stopped.

Beside the result ``z.parquet`` lies, while it is being made, a folder ``z.parquet.parts``: a ledger of what it is made
from and of each finished part with its SHA-256, and the parts. A part gets its name only once it is whole. When all
rows are there the parts are put together, the result gets its name, and the folder goes away.
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import polars as pl

from holdfast.errors import StorageError
from holdfast.metric.error import MetricError
from holdfast.optional import require
from holdfast.staged import staged

__all__ = ["EmbeddingParts", "embedding_frame", "made_from"]

FORMAT_VERSION = 1

_LEDGER = "ledger.jsonl"
_MADE_FROM = b"holdfast.made_from"


def embedding_frame(ids: pl.DataFrame, embeddings: npt.NDArray[np.float32]) -> pl.DataFrame:
    """Put ids and embeddings side by side: the id columns as they are, then ``z_0`` to ``z_{d-1}`` as Float32.

    An id column must not be called like an embedding.
    """
    names = [f"z_{i}" for i in range(embeddings.shape[1])]
    columns = [pl.Series(name, np.ascontiguousarray(embeddings[:, i])) for i, name in enumerate(names)]
    return ids.with_columns(columns) if ids.width else pl.DataFrame(columns)


def made_from(path: Path) -> Mapping[str, Any] | None:
    """Return what a finished file of embeddings was made from, or None where the file is not one."""
    arrow, parquet = require("pyarrow", extra="metric"), require("pyarrow.parquet", extra="metric")
    try:
        said = (parquet.read_schema(path).metadata or {}).get(_MADE_FROM)
    except (arrow.ArrowException, OSError):
        return None
    return None if said is None else dict(json.loads(said))


@dataclass(frozen=True, kw_only=True)
class _Part:
    """A finished part: its file, its rows and the digest of its bytes."""

    name: str
    rows: int
    sha256: str


@dataclass(kw_only=True)
class EmbeddingParts:
    """The parts of one result, those of earlier runs included.

    Attributes:
        out: Where the result will lie.
        inputs: What it is made from: a description that changes when the table, the encoder or the ids change.
        parts: The finished parts, in row order.
    """

    out: Path
    inputs: Mapping[str, Any]
    parts: list[_Part] = field(default_factory=list)

    @classmethod
    @contextmanager
    def open(cls, out: Path, *, inputs: Mapping[str, Any]) -> Iterator[Self]:
        """Begin, or go on with what an earlier run left.

        Parts whose bytes are no longer what the ledger says are made again, as is everything after them.

        Raises:
            MetricError: The parts there were made from something else, or another run is at work on them.
            StorageError: The folder cannot be written.
        """
        found = cls(out=out, inputs=inputs)
        try:
            found.folder.mkdir(exist_ok=True)
            lock = (found.folder / "lock").open("w")
        except OSError as error:
            raise StorageError(
                f"{str(found.folder)!r} must be writable, got: {error.strerror}; name another --out."
            ) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise MetricError(
                    f"Only one run may write {str(out)!r} at a time, got a second; wait for the first to end."
                ) from None
            found._recall()
            yield found

    @property
    def folder(self) -> Path:
        """Return the folder the parts lie in."""
        return self.out.with_name(self.out.name + ".parts")

    @property
    def rows(self) -> int:
        """Return how many rows are finished."""
        return sum(part.rows for part in self.parts)

    def add(self, frame: pl.DataFrame) -> None:
        """Write the next rows as one part. Afterwards they outlive any interruption.

        Raises:
            StorageError: The disk is full or cannot be written to; the parts before are kept.
        """
        name = f"part-{len(self.parts):06d}.parquet"
        with staged(self.folder / name) as beside:
            with _writer(beside, frame.to_arrow(compat_level=pl.CompatLevel.oldest()).schema) as writer:
                writer.write_table(frame.to_arrow(compat_level=pl.CompatLevel.oldest()))
            part = _Part(name=name, rows=frame.height, sha256=_sha256(beside))
        self._note({"name": part.name, "rows": part.rows, "sha256": part.sha256})
        self.parts.append(part)

    def assemble(self) -> None:
        """Put the parts together as the result, and remove them.

        Raises:
            MetricError: There are no rows.
            StorageError: The disk is full or cannot be written to; the parts are kept.
        """
        if not self.parts:
            raise MetricError("Table must have rows, got none; nothing was embedded.")
        parquet = require("pyarrow.parquet", extra="metric")
        schema = parquet.read_schema(self.folder / self.parts[0].name)
        said = {_MADE_FROM: json.dumps(self.inputs, sort_keys=True).encode()}
        with staged(self.out) as beside, _writer(beside, schema.with_metadata(said)) as writer:
            for part in self.parts:
                writer.write_table(parquet.read_table(self.folder / part.name).replace_schema_metadata(said))
        self.discard()

    def discard(self) -> None:
        """Remove all parts."""
        shutil.rmtree(self.folder)

    def _recall(self) -> None:
        """Read the ledger of an earlier run, or begin one."""
        lines = _whole_lines(self.folder / _LEDGER)
        head = {"format_version": FORMAT_VERSION, "made_from": self.inputs}
        if lines and lines[0] != head:
            raise MetricError(
                f"Parts in {str(self.folder)!r} must be made from the same table, encoder and ids, got others; run the "
                "earlier command again to finish it, or give --restart to begin anew."
            )
        self.parts = list(self._verified(lines[1:]))
        with staged(self.folder / _LEDGER) as beside:
            kept = [{"name": p.name, "rows": p.rows, "sha256": p.sha256} for p in self.parts]
            beside.write_text("".join(json.dumps(line) + "\n" for line in [head, *kept]), encoding="utf-8")

    def _verified(self, lines: Sequence[Mapping[str, Any]]) -> Iterator[_Part]:
        """Yield parts as long as their bytes are what the ledger says."""
        for line in lines:
            part = _Part(**line)
            path = self.folder / part.name
            if not path.is_file() or _sha256(path) != part.sha256:
                return
            yield part

    def _note(self, line: Mapping[str, Any]) -> None:
        """Append to the ledger, and have the disk hold it."""
        with (self.folder / _LEDGER).open("a", encoding="utf-8") as ledger:
            ledger.write(json.dumps(line) + "\n")
            ledger.flush()
            os.fsync(ledger.fileno())


def _whole_lines(path: Path) -> list[Any]:
    """Read JSON lines up to the first that was cut off."""
    lines: list[Any] = []
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                lines.append(json.loads(line))
            except ValueError:
                break
    return lines


def _writer(path: Path, schema: Any) -> Any:
    """Open a Parquet writer: floating numbers as they are, as packing gains nothing, all else compressed."""
    arrow, parquet = require("pyarrow", extra="metric"), require("pyarrow.parquet", extra="metric")
    floats = [field.name for field in schema if arrow.types.is_floating(field.type)]
    others = [name for name in schema.names if name not in floats]
    compression = dict.fromkeys(others, "ZSTD") | dict.fromkeys(floats, "NONE")
    return parquet.ParquetWriter(path, schema, compression=compression, use_dictionary=others)


def _sha256(path: Path) -> str:
    """Return the digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
