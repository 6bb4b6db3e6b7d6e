"""Score a table, a batch at a time, with bounded memory; what is done outlives an interruption.

Memory holds a few batches, and eight bytes a person to find repeated ids by: nothing else grows with the table.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from holdfast.metric.tables.embedding_files import EmbeddingParts
from holdfast.metric.tables.reading import Table
from holdfast.metric.tables.staging import check_free
from holdfast.optional import require
from holdfast.study.error import StudyError
from holdfast.study.risk_model.model_folder import StoredModel
from holdfast.study.scoring.lowering import lowering_columns
from holdfast.study.visits.column_values import (
    column_types,
    feature_values,
    implausible_counts,
    refuse_missing,
    refuse_often_implausible,
)
from holdfast.study.visits.person_ids import known_ids, missing_ids, repeated_ids
from holdfast.study.visits.visits import Values

__all__ = ["ScoredBatch", "TableScoring", "refuse_repeated"]

_SHOWN = 1_000


@dataclass(frozen=True, kw_only=True, eq=False)
class ScoredBatch:
    """Some rows of a table, scored.

    Attributes:
        frame: A row a person, in the order of the table.
        implausible: See ``implausible_counts``.
        values: What was read of the first of them, to guess a wrong unit from.
    """

    frame: pl.DataFrame
    implausible: NDArray[np.int64]
    values: Values


@dataclass(frozen=True, kw_only=True)
class TableScoring:
    """What is to be scored, with what, and where to.

    Attributes:
        stored: The model.
        table: A row a person.
        person: The column with ids.
        out: The Parquet file to be.
        batch_rows: Rows in memory at a time, and in a part.
        with_interval: Whether to give intervals.
        explain: How many inputs to name that, moved to healthy values, lower a person's risk most; 0: none.
        threads: Batches that are scored at once, each on one core. The result is the same.
    """

    stored: StoredModel
    table: Table
    person: str
    out: Path
    batch_rows: int = 65_536
    with_interval: bool = False
    explain: int = 0
    threads: int = 1

    @property
    def inputs(self) -> Mapping[str, Any]:
        """Describe what the result is made from."""
        return {
            "table": self.table.fingerprint(),
            "model": self.stored.digest,
            "person": self.person,
            "with_interval": self.with_interval,
            "explain": self.explain,
        }

    def run(self, progress: Callable[[int, int | None], None]) -> int:
        """Score every row that is not scored yet, put the result in place, and return how many rows it has.

        Args:
            progress: Called with the rows done and all rows (None while unknown), first with those found done.

        Raises:
            StudyError: The table does not fit the model, ids are missing or repeated, or a unit cannot be right.
            MetricError: The table cannot be read, or earlier parts are made from something else.
            StorageError: The disk is full; what was done is kept.
            KeyboardInterrupt: Ctrl-C; what was done is kept.
        """
        return self.run_with(self._scored, progress)

    def run_with(
        self, scored: Callable[[int], Iterator[ScoredBatch]], progress: Callable[[int, int | None], None]
    ) -> int:
        """Do what ``run`` does, with batches that something else scores.

        Args:
            scored: Told how many rows are done, yields the batches of the others, in order.
            progress: See ``run``.
        """
        check_free(self.out, overwrite=True)
        refuse_missing(self.table.columns, self.stored.model.columns, table=self.table.path.name)
        refuse_repeated(self.table, self.person)
        columns = self.stored.model.columns
        implausible = np.zeros((len(columns), 2), dtype=np.int64)
        with EmbeddingParts.open(self.out, inputs=self.inputs) as parts:
            progress(parts.rows, self.table.rows)
            for batch in scored(parts.rows):
                implausible += batch.implausible
                refuse_often_implausible(implausible, batch.values, columns)
                parts.add(batch.frame)
                progress(parts.rows, self.table.rows)
            rows = parts.rows
            if not rows:
                raise StudyError(f"{self.table.path.name} must hold people", "0 rows", "give a row a person")
            parts.assemble()
        return rows

    def score(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Score the rows of a frame that has the ids and every column of the model.

        Raises:
            StudyError: The frame does not fit the model, or a unit cannot be right.
        """
        batch = self.score_batch(frame)
        refuse_often_implausible(batch.implausible, batch.values, self.stored.model.columns)
        return batch.frame

    def score_batch(self, frame: pl.DataFrame) -> ScoredBatch:
        """Score rows and count what is implausible in them: a unit is judged by all rows of a table so far."""
        model = self.stored.model
        values, _ = feature_values(frame, model.columns, table=self.table.path.name)
        estimates = model.score(values, with_interval=self.with_interval)
        scored = estimates.to_frame(frame[self.person].cast(pl.String)).rename({"person": self.person}, strict=False)
        if self.explain:
            scored = scored.with_columns(lowering_columns(model, values, most=self.explain))
        counts = implausible_counts(values, model.columns)
        return ScoredBatch(frame=scored, implausible=counts, values=values[:_SHOWN].copy())

    @property
    def types(self) -> dict[str, pl.DataType]:
        """The columns that are read, and as what."""
        return self.table.types([], [self.person]) | column_types(self.stored.model.columns)

    def frames(self, *, skip: int) -> Iterator[pl.DataFrame]:
        """Read the rows from row number ``skip`` on, at most ``batch_rows`` at a time."""
        for rows in self.table.batches(self.types, batch_rows=self.batch_rows, skip=skip):
            yield rows.frame

    def _scored(self, skip: int) -> Iterator[ScoredBatch]:
        """Score batches, so many at once as there are threads, and yield them in order."""
        frames = self.frames(skip=skip)
        waiting: deque[Future[ScoredBatch]] = deque()
        limits = require("threadpoolctl", extra="risk").threadpool_limits
        workers = ThreadPoolExecutor(self.threads)
        try:
            with limits(1, user_api="blas"):  # threads are spent on batches: a tile is too small to be shared out
                for frame in frames:
                    waiting.append(workers.submit(self.score_batch, frame))
                    if len(waiting) > self.threads:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
        finally:
            workers.shutdown(cancel_futures=True)


def refuse_repeated(table: Table, person: str) -> None:
    """Refuse ids that are missing or repeated, by a hash of eight bytes each: millions fit.

    Raises:
        StudyError: There are such.
    """
    types = table.types([], [person])
    if types[person].is_nested():
        raise StudyError(
            f"Persons in {table.path.name} must be words or numbers", str(types[person]), "name another column"
        )
    hashes, done = np.empty(table.rows or 0, dtype=np.uint64), 0
    for rows in table.batches(types, batch_rows=1 << 18):
        if missing := known_ids(rows.frame[person]).null_count():
            raise missing_ids(table.path.name, missing, of="rows or more without")
        if (end := done + rows.frame.height) > len(hashes):  # a CSV says how many only at its end
            hashes = np.concatenate([hashes, np.empty(end, dtype=np.uint64)])
        hashes[done:end] = rows.frame[person].hash(seed=0).to_numpy()
        done = end
    everybody = hashes[:done]
    everybody.sort()
    if repeated := int((everybody[1:] == everybody[:-1]).sum()):
        raise repeated_ids(table.path.name, repeated, rows=done, column=person)
