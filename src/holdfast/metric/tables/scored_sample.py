"""Draw a labelled sample of embeddings from a table of any size, to be judged."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from holdfast.metric.error import MetricError
from holdfast.metric.tables.label_column import LabelColumn
from holdfast.metric.tables.reading import ColumnTypes, Rows, Table, open_table
from holdfast.metric.tables.row_sample import RowSample
from holdfast.metric.tables.table_embedding import open_encoder, reading_types

__all__ = ["SampleSettings", "ScoredSample", "sample_embedded", "sample_with_encoder"]

_BATCH_ROWS = 65536
_EMBED_ROWS = 8192
_IS_KNOWN = "__holdfast_is_known"


@dataclass(frozen=True, kw_only=True)
class SampleSettings:
    """How to draw.

    Attributes:
        label: Column that names the class.
        rows: Most rows to draw.
        seed: Same seed, same rows.
        is_dropping: Leave rows without a label out, rather than refusing them.
    """

    label: str
    rows: int
    seed: int
    is_dropping: bool = False


@dataclass(frozen=True, kw_only=True)
class ScoredSample:
    """Embeddings and their labels.

    Attributes:
        embeddings: (n, d) float32.
        labels: (n,) whole numbers, truth values or text.
        total: Labelled rows it was drawn from.
        dropped: Rows left out for want of a label.
    """

    embeddings: npt.NDArray[np.float32]
    labels: npt.NDArray[np.generic]
    total: int
    dropped: int


def sample_with_encoder(
    encoder: Path, table: Table, settings: SampleSettings, *, threads: int | None = None
) -> ScoredSample:
    """Draw rows of a table, uniformly, and embed them.

    Args:
        encoder: A folder or an ``.onnx`` file.
        table: Holds features and labels.
        settings: How to draw.
        threads: As for ``open_encoder``.

    Raises:
        MetricError: A column is missing or does not fit the encoder, labels are missing, or no row is left.
    """
    stored = open_encoder(encoder, threads=threads)
    types = reading_types(table, stored, [settings.label])
    column = LabelColumn.of(settings.label, types[settings.label])
    drawn = _Drawing(column, settings)
    for number, frame in _numbered(table, types):
        drawn.offer(frame, number)
    drawn_rows, labels = drawn.finish()
    features = list(stored.features)
    rows = drawn_rows.select(features)
    blocks = [stored.model.transform(rows[at : at + _EMBED_ROWS]) for at in range(0, rows.height, _EMBED_ROWS)]
    return ScoredSample(embeddings=np.concatenate(blocks), labels=labels, total=drawn.labelled, dropped=drawn.missing)


def sample_embedded(
    embeddings: Path, table: Table, settings: SampleSettings, *, ids: Sequence[str] = ()
) -> ScoredSample:
    """Draw rows of a file of embeddings, uniformly, with their labels from a table.

    Args:
        embeddings: Parquet that ``holdfast metric embed`` wrote.
        table: Holds the labels: row for row in the same order, or found by ``ids``.
        settings: How to draw.
        ids: Columns that both have and that name a row. Without them, both must have equally many rows.

    Raises:
        MetricError: The file holds no embeddings, the rows do not match, labels are missing, or no row is left.
    """
    vectors = open_table(embeddings)
    names = [name for name in vectors.columns if name.startswith("z_") and name.removeprefix("z_").isdigit()]
    if not names:
        raise MetricError(f"Embeddings must be in columns z_0, z_1, ..., got none in {embeddings.name!r}; embed first.")
    if settings.label in names:
        raise MetricError(f"Label must not be called like an embedding, got {settings.label!r}; rename it.")
    labels = table.types([], [*ids, settings.label])
    column = LabelColumn.of(settings.label, labels[settings.label])
    types = vectors.types(names, ids)
    drawn = _Drawing(column, settings)
    pairs = _by_ids(vectors, types, table, labels, ids) if ids else _by_order(vectors, types, table, labels)
    for number, frame in pairs:
        drawn.offer(frame, number)
    drawn_rows, found = drawn.finish()
    matrix = drawn_rows.select(pl.col(names).cast(pl.Float32)).to_numpy()
    return ScoredSample(embeddings=matrix, labels=found, total=drawn.labelled, dropped=drawn.missing)


class _Drawing:
    """Draws rows as they come by, and counts those without a label."""

    def __init__(self, column: LabelColumn, settings: SampleSettings) -> None:
        self._column, self._settings = column, settings
        self._sample = RowSample(settings.rows, seed=settings.seed)
        self.labelled, self.missing = 0, 0

    def offer(self, frame: pl.DataFrame, number: int) -> None:
        """Consider rows; ``number`` is that of the first."""
        labels = self._column.read(frame)
        has_label = labels.is_not_null()
        self.labelled += int(has_label.sum())
        self.missing += frame.height - int(has_label.sum())
        self._sample.offer(Rows(frame=frame, file=0, start=number), kept=has_label)

    def finish(self) -> tuple[pl.DataFrame, npt.NDArray[np.generic]]:
        """Return the rows drawn and their labels.

        Raises:
            MetricError: Labels are missing and not to be dropped, or there are fewer than two labelled rows.
        """
        name, total = self._column.name, self.labelled + self.missing
        if self.missing and not self._settings.is_dropping:
            raise MetricError(
                f"Label {name!r} must be known for every row, got {self.missing} of {total} rows without one; mend "
                "them, or give --drop-missing-labels to leave those rows out."
            )
        if self.labelled < 2:
            raise MetricError(f"Table must have two labelled rows or more, got {self.labelled}; give another.")
        frame = self._sample.rows()
        return frame, self._column.values(self._column.read(frame))


def _numbered(table: Table, types: ColumnTypes) -> Iterator[tuple[int, pl.DataFrame]]:
    """Yield all rows in order, with the number of the first of each batch in the whole table."""
    number = 0
    for rows in table.batches(types, batch_rows=_BATCH_ROWS):
        yield number, rows.frame
        number += rows.frame.height


def _by_order(
    vectors: Table, vector_types: ColumnTypes, table: Table, label_types: ColumnTypes
) -> Iterator[tuple[int, pl.DataFrame]]:
    """Yield embeddings beside the labels of the same rows."""
    waiting, number = pl.DataFrame(), 0
    labels = _numbered(table, label_types)
    for number, frame in _numbered(vectors, vector_types):
        while waiting.height < frame.height:
            _, more = next(labels, (0, None))
            if more is None:
                raise _unequal(vectors, table)
            waiting = pl.concat([waiting, more]) if waiting.height else more
        yield number, frame.hstack(waiting[: frame.height])
        waiting = waiting[frame.height :]
    if waiting.height or next(labels, None) is not None:
        raise _unequal(vectors, table)


def _unequal(vectors: Table, table: Table) -> MetricError:
    return MetricError(
        f"Embeddings and table must have equally many rows to be matched by order, got others in {vectors.path.name} "
        f"and {table.path.name}; name a column that both have with --id."
    )


def _by_ids(
    vectors: Table, vector_types: ColumnTypes, table: Table, label_types: ColumnTypes, ids: Sequence[str]
) -> Iterator[tuple[int, pl.DataFrame]]:
    """Yield embeddings beside the labels of the same ids. Labels and ids of the whole table are held in memory."""
    for name in ids:
        if vector_types[name] != label_types[name]:
            raise MetricError(
                f"Id {name!r} must have one type, got {vector_types[name]} in {vectors.path.name} and "
                f"{label_types[name]} in {table.path.name}; write both alike."
            )
    known = pl.concat([frame for _, frame in _numbered(table, label_types)])
    if known.select(ids).is_duplicated().any():
        raise MetricError(f"Ids must name one row each, got some twice in {table.path.name}; give all id columns.")
    known = known.with_columns(pl.lit(True).alias(_IS_KNOWN))
    for number, frame in _numbered(vectors, vector_types):
        found = frame.join(known, on=list(ids), how="left", maintain_order="left")
        unknown = int(found[_IS_KNOWN].null_count())
        if unknown:
            raise MetricError(
                f"Every id of {vectors.path.name} must be in {table.path.name}, got {unknown} or more that are not; "
                "give the table that was embedded."
            )
        yield number, found.drop(_IS_KNOWN)
