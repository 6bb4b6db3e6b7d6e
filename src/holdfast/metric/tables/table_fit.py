"""Train an encoder on a table of any size: in memory where it fits, streamed where it does not."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from holdfast.metric.encoder.objective import make_objective
from holdfast.metric.encoder.settings import EncoderSettings
from holdfast.metric.encoder.triplet_encoder import TripletEncoder
from holdfast.metric.error import MetricError
from holdfast.metric.tables.reading import Table
from holdfast.metric.tables.streamed_fit import MIN_STREAM_ROWS, StreamedFit
from holdfast.metric.tables.table_survey import Survey, TrainingColumns, survey

__all__ = ["TableFit", "fit_table"]

_ROWS_PER_CLASS = 16


@dataclass(frozen=True, kw_only=True)
class TableFit:
    """A trained encoder and what it was trained on.

    Attributes:
        encoder: The encoder of the best epoch.
        survey: The rows, classes and columns.
        is_streamed: Whether the table was larger than what may be held in memory.
    """

    encoder: TripletEncoder
    survey: Survey
    is_streamed: bool


def fit_table(
    encoder: TripletEncoder,
    table: Table,
    columns: TrainingColumns,
    *,
    stream_rows: int,
    seed: int,
    progress: Callable[[int, str | None], None],
) -> TableFit:
    """Train ``encoder`` on a table.

    Args:
        encoder: Settings to train with.
        table: Read once to survey it, then once if it fits in memory, else once for each epoch.
        columns: What to learn from.
        stream_rows: About how many rows may be in memory.
        seed: Of the buffer and the rows held out when streaming.
        progress: Called with the number of rows of each batch read, and with a line on each pass that is over.

    Raises:
        MetricError: Settings, columns or labels cannot be used.
        KeyboardInterrupt: Ctrl-C came before the first epoch was over.
    """
    if stream_rows < MIN_STREAM_ROWS:
        raise MetricError(f"Rows in memory must be at least {MIN_STREAM_ROWS}, got `{stream_rows}`; give more.")
    EncoderSettings.of(encoder)
    make_objective(encoder.loss, encoder.loss_settings)
    found = survey(
        table,
        columns,
        batch_rows=stream_rows // 4,
        max_classes=stream_rows // _ROWS_PER_CLASS,
        progress=lambda rows: progress(rows, None),
    )
    if found.rows + found.missing <= stream_rows:
        return TableFit(encoder=_fit_in_memory(encoder, table, found), survey=found, is_streamed=False)
    streamed = StreamedFit(
        encoder=encoder, table=table, survey=found, stream_rows=stream_rows, seed=seed, progress=progress
    )
    return TableFit(encoder=streamed.run(), survey=found, is_streamed=True)


def _fit_in_memory(encoder: TripletEncoder, table: Table, found: Survey) -> TripletEncoder:
    """Read all rows and train on them as ``fit`` does."""
    parts = [found.labelled(rows.frame) for rows in table.batches(found.types, batch_rows=found.rows + found.missing)]
    labels = found.label.values(pl.concat([part.labels for part in parts]))
    return encoder.fit(pl.concat([part.frame for part in parts]), labels)
