"""Score a table, a batch at a time, with bounded memory; what is done outlives an interruption."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from holdfast.metric.tables.embedding_files import EmbeddingParts
from holdfast.metric.tables.reading import Table
from holdfast.metric.tables.staging import check_free
from holdfast.study.error import StudyError
from holdfast.study.risk_model.model_folder import StoredModel
from holdfast.study.scoring.lowering import lowering_columns
from holdfast.study.visits.column_values import column_types, feature_values, refuse_implausible

__all__ = ["TableScoring", "refuse_repeated"]


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
    """

    stored: StoredModel
    table: Table
    person: str
    out: Path
    batch_rows: int = 65_536
    with_interval: bool = False
    explain: int = 0

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
        check_free(self.out, overwrite=True)
        self._refuse_missing()
        refuse_repeated(self.table, self.person)
        with EmbeddingParts.open(self.out, inputs=self.inputs) as parts:
            progress(parts.rows, self.table.rows)
            for frame in self._scored(skip=parts.rows):
                parts.add(frame)
                progress(parts.rows, self.table.rows)
            rows = parts.rows
            parts.assemble()
        return rows

    def score(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Score the rows of a frame that has the ids and every column of the model."""
        model = self.stored.model
        values, _ = feature_values(frame, model.columns, table=self.table.path.name)
        refuse_implausible(values, model.columns)
        estimates = model.score(values, with_interval=self.with_interval)
        scored = estimates.to_frame(frame[self.person].cast(pl.String)).rename({"person": self.person}, strict=False)
        return scored if not self.explain else scored.with_columns(lowering_columns(model, values, most=self.explain))

    def _scored(self, *, skip: int) -> Iterator[pl.DataFrame]:
        types = self.table.types([], [self.person]) | column_types(self.stored.model.columns)
        for rows in self.table.batches(types, batch_rows=self.batch_rows, skip=skip):
            yield self.score(rows.frame)

    def _refuse_missing(self) -> None:
        missing = [c.name for c in self.stored.model.columns if c.name not in self.table.columns]
        if missing:
            raise StudyError(
                f"{self.table.path.name} must have every column that was learnt from",
                f"{len(missing)} of {len(self.stored.model.columns)} missing ({', '.join(missing[:5])})",
                "add them; a column nobody was measured on may be there empty",
                columns=missing,
            )


def refuse_repeated(table: Table, person: str) -> None:
    """Refuse ids that are missing or repeated, by a hash of eight bytes each: millions fit.

    Raises:
        StudyError: There are such.
    """
    types = table.types([], [person])
    hashes = []
    for rows in table.batches(types, batch_rows=1 << 20):
        if missing := rows.frame[person].null_count():
            raise StudyError(
                f"Persons in {table.path.name} must have an id",
                f"{missing} rows or more without",
                "add it",
                rows=missing,
            )
        hashes.append(rows.frame[person].hash(seed=0).to_numpy())
    everybody = np.concatenate(hashes) if hashes else np.empty(0, dtype=np.uint64)
    if repeated := len(everybody) - len(np.unique(everybody)):
        raise StudyError(
            f"Persons in {table.path.name} must be unique",
            f"{repeated} of {len(everybody)} rows repeated",
            "keep one visit a person",
            columns=(person,),
            rows=repeated,
        )
