"""Score a table on a Ray cluster: Ray Data hands runs of rows to actors that hold the model.

The batches are those of one machine, each is scored on one core, and they come back in the order of the table and are
kept as the same parts: the result is the same to the bit, and either engine goes on with what the other left. The
table must be where every machine of the cluster can read it under the same path. An actor that is lost is started
again, and does its runs again.
"""

import io
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from holdfast.errors import HoldfastError
from holdfast.optional import require
from holdfast.study.ray_engine.refusal import Refusal
from holdfast.study.ray_engine.session import ray_session
from holdfast.study.scoring.table_scoring import ScoredBatch, TableScoring

__all__ = ["RowRun", "row_runs", "score_on_ray"]

_RUN_BATCHES = 4
"""Batches of a run: within a row group, all rows before a run are read and passed over."""


@dataclass(frozen=True, kw_only=True)
class RowRun:
    """Consecutive rows of one row group of one file.

    Attributes:
        file: The file's place in the table.
        group: The row group.
        start, stop: Rows within the group; None to its end, where only reading tells where that is.
    """

    file: int
    group: int
    start: int
    stop: int | None


def score_on_ray(job: TableScoring, show: Callable[[int, int | None], None]) -> int:
    """Do what ``job.run(show)`` does, on a cluster, and return how many rows the result has.

    Raises:
        MissingExtraError: Ray is not installed.
        StudyError, MetricError, StorageError: As for ``TableScoring.run``.
    """
    with ray_session() as ray:
        return job.run_with(lambda skip: _scored(ray, job, skip), show)


def row_runs(job: TableScoring, *, skip: int) -> list[RowRun]:
    """Cut the rows from row number ``skip`` on, a boundary of batches, into runs of a few batches, in order."""
    long = _RUN_BATCHES * job.batch_rows
    runs = []
    for number, file in enumerate(job.table.files):
        for group, rows in enumerate(file.groups):
            if rows is None:
                runs.append(RowRun(file=number, group=group, start=skip, stop=None))
                continue
            starts = range(min(skip, rows), rows, long)
            runs += [RowRun(file=number, group=group, start=s, stop=min(s + long, rows)) for s in starts]
            skip = max(0, skip - rows)
    return runs


def _scored(ray: Any, job: TableScoring, skip: int) -> Iterator[ScoredBatch]:
    runs = row_runs(job, skip=skip)
    if not runs:
        return
    data = require("ray.data", extra="ray")
    with _in_order(data.DataContext.get_current()):
        kept = ray.put(job)  # held here as long as actors may be started with it
        rows = [
            {"file": r.file, "group": r.group, "start": r.start, "stop": -1 if r.stop is None else r.stop} for r in runs
        ]
        workers = max(1, min(len(runs), int(ray.cluster_resources().get("CPU", 1))))
        scored = data.from_items(rows, override_num_blocks=len(rows)).map_batches(
            _Scorer, fn_constructor_args=[kept], batch_size=1, num_cpus=1, compute=data.ActorPoolStrategy(size=workers)
        )
        for row in scored.iter_rows():
            if row["refused"]:
                raise ray.cloudpickle.loads(row["refused"]).error
            yield _unpacked(row)


@contextmanager
def _in_order(context: Any) -> Iterator[None]:
    """Have Ray Data keep the order of rows, and its progress to itself, while the block runs."""
    options, log = context.execution_options, logging.getLogger("ray.data")
    before = options.preserve_order, context.enable_progress_bars, log.level
    options.preserve_order, context.enable_progress_bars = True, False
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        options.preserve_order, context.enable_progress_bars = before[:2]
        log.setLevel(before[2])


class _Scorer:
    """Holds the model on one core of the cluster."""

    def __init__(self, kept: Any) -> None:
        self.job: TableScoring = require("ray", extra="ray").get(kept)

    def __call__(self, run: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Score a run: a row of bytes a batch; or, last, one that says what is refused."""
        try:
            with require("threadpoolctl", extra="risk").threadpool_limits(1, user_api="blas"):
                for frame in self._frames(*(int(run[name][0]) for name in ("file", "group", "start", "stop"))):
                    yield _packed(self.job.score_batch(frame))
        except HoldfastError as error:
            refused = require("ray", extra="ray").cloudpickle.dumps(Refusal.of(error))
            yield {"frame": [b""], "implausible": [b""], "values": [b""], "columns": [0], "refused": [refused]}

    def _frames(self, file: int, group: int, start: int, stop: int) -> Iterator[pl.DataFrame]:
        """Read the batches of a run; a negative ``stop`` is the end of the group."""
        done = 0
        for frame in self.job.table.files[file].read(self.job.types, batch_rows=self.job.batch_rows, group=group):
            if 0 <= stop <= done:
                return
            kept = frame.slice(max(0, start - done))
            done += frame.height
            if kept.height:
                yield kept


def _packed(batch: ScoredBatch) -> dict[str, Any]:
    frame = io.BytesIO()
    batch.frame.write_ipc(frame)
    values = np.ascontiguousarray(batch.values)
    return {
        "frame": [frame.getvalue()],
        "implausible": [batch.implausible.tobytes()],
        "values": [values.tobytes()],
        "columns": [values.shape[1]],
        "refused": [b""],
    }


def _unpacked(row: dict[str, Any]) -> ScoredBatch:
    return ScoredBatch(
        frame=pl.read_ipc(io.BytesIO(row["frame"])),
        implausible=np.frombuffer(row["implausible"], dtype=np.int64).reshape(-1, 2),
        values=np.frombuffer(row["values"], dtype=np.float32).reshape(-1, row["columns"]),
    )
