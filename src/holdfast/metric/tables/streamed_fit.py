"""Train an encoder on a table larger than memory: a seeded shuffle buffer, and ``partial_fit`` on what it draws.

Of ``stream_rows`` rows half lie in the buffer, and at most an eighth each are read ahead, drawn, held out and searched
for the held-out ones. These are our choices.
"""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from holdfast.metric.encoder.held_out import MAX_QUERIES, MAX_REFERENCES, MIN_HELD_OUT, HeldOut
from holdfast.metric.encoder.input import ArrayRows
from holdfast.metric.encoder.training import EpochRecord, TrainingSummary
from holdfast.metric.encoder.triplet_encoder import TripletEncoder
from holdfast.metric.error import MetricError
from holdfast.metric.tables.reading import Rows, Table
from holdfast.metric.tables.row_sample import is_chosen
from holdfast.metric.tables.shuffle_buffer import ShuffleBuffer
from holdfast.metric.tables.table_survey import Survey

__all__ = ["MIN_STREAM_ROWS", "StreamedFit"]

MIN_STREAM_ROWS = 1024
"""Fewer rows in memory than this would leave too little to draw from."""

Encoded = tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]


@dataclass(kw_only=True)
class StreamedFit:
    """Training on a stream.

    Attributes:
        encoder: Settings to train with: ``epochs``, ``patience`` and ``validation_fraction`` count as in ``fit``.
        table: Read once in each pass.
        survey: What an earlier pass over the table found.
        stream_rows: About how many rows to hold in memory, encoded as float32.
        seed: Same seed and table, same encoder.
        progress: Called with the number of rows of each batch read, and with a line on each pass that is over.
    """

    encoder: TripletEncoder
    table: Table
    survey: Survey
    stream_rows: int
    seed: int
    progress: Callable[[int, str | None], None]
    _held: list[Encoded] = field(default_factory=list)
    _records: list[EpochRecord] = field(default_factory=list)
    _best_epoch: int = 0

    def run(self) -> TripletEncoder:
        """Train, and return the encoder of the best pass.

        Ctrl-C ends training; the best pass so far is returned, if there is one.

        Raises:
            KeyboardInterrupt: Ctrl-C came before the first pass was over.
        """
        self.encoder.begin(self.survey.encoding, self.survey.classes)
        buffer = ShuffleBuffer(
            capacity=self.stream_rows // 2,
            columns=self.survey.encoding.n_outputs,
            classes=len(self.survey.counts),
            seed=self.seed,
        )
        best = self.encoder
        stopped: Literal["all epochs run", "no longer improving", "interrupted"] = "all epochs run"
        try:
            for epoch in range(1, self.encoder.epochs + 1):
                if self.encoder.patience is not None and epoch - 1 - self._best_epoch >= self.encoder.patience:
                    stopped = "no longer improving"
                    break
                best = self._one_pass(buffer, epoch, best)
        except KeyboardInterrupt:
            if not self._records:
                raise
            stopped = "interrupted"
        best.training_ = TrainingSummary(epochs=tuple(self._records), best_epoch=self._best_epoch, stopped=stopped)
        return best

    def _one_pass(self, buffer: ShuffleBuffer, epoch: int, best: TripletEncoder) -> TripletEncoder:
        """Train on every row about once; return the best encoder so far."""
        before = len(self.encoder.training_.epochs) if epoch > 1 else 0
        self._train_on_stream(buffer, epoch)
        loss = float(np.mean([record.loss for record in self.encoder.training_.epochs[before:]]))
        held_out = self._score(buffer)
        scores = [record.held_out for record in self._records if record.held_out is not None]
        self._records.append(EpochRecord(epoch=epoch, loss=loss, active=None, held_out=held_out))
        said = "" if held_out is None else f", held-out MAP@R {held_out:.4f}"
        self.progress(0, f"pass {epoch}: loss {loss:.4g}{said}")
        if held_out is None or not scores or held_out > max(scores):
            self._best_epoch = epoch
            return copy.deepcopy(self.encoder)
        return best

    def _train_on_stream(self, buffer: ShuffleBuffer, epoch: int) -> None:
        """Draw as many rows as come in; more than the buffer holds are not owed, or few rows would be drawn too often.

        Raises:
            MetricError: Of the rows not held out, no two classes with a pair in one of them were left.
        """
        step, owed = self.stream_rows // 8, 0
        least = 2 * max(len(self.survey.counts), self.encoder.batch_size // 2)
        for rows, codes in self._stream(epoch):
            buffer.add(rows, codes)
            owed = min(owed + len(codes), len(buffer))
            while owed >= step and buffer.is_ready and (epoch > 1 or buffer.is_full):
                owed -= self._learn(buffer, step)
        if not buffer.is_ready:
            raise MetricError("Table must have more rows of its smaller classes, got too few to train on; add some.")
        while owed > 0:
            owed -= self._learn(buffer, max(least, min(step, owed)))

    def _learn(self, buffer: ShuffleBuffer, count: int) -> int:
        """Train on rows drawn from the buffer; return how many."""
        rows, codes = buffer.draw(count)
        self.encoder.partial_fit(ArrayRows(rows), self.survey.classes[codes])
        return len(codes)

    def _stream(self, epoch: int) -> Iterator[Encoded]:
        """Yield the rows to train on, encoded; keep the held-out ones in the first pass."""
        share, batch_rows = self._held_out_share, self.stream_rows // 32
        for rows in self.table.shuffled(self.survey.types, batch_rows=batch_rows, seed=[self.seed, epoch]):
            chosen = is_chosen(rows, share=share, seed=self.seed)
            if epoch == 1 and chosen.any():
                self._held.append(self._encoded(rows, chosen))
            if not chosen.all():
                yield self._encoded(rows, ~chosen)
            self.progress(rows.frame.height, None)

    def _encoded(self, rows: Rows, chosen: npt.NDArray[np.bool_]) -> Encoded:
        """Encode some rows, those without a label left out."""
        labelled = self.survey.labelled(rows.frame.filter(chosen))
        codes = np.searchsorted(self.survey.classes, self.survey.label.values(labelled.labels))
        return self.survey.encoding.transform(labelled.frame), codes.astype(np.int64)

    @property
    def _held_out_share(self) -> float:
        """Return the share of rows to hold out: what was asked for, or what its part of memory has room for."""
        most = min(MAX_QUERIES, self.stream_rows // 8)
        share = min(self.encoder.validation_fraction, most / self.survey.rows)
        return share if share * self.survey.rows >= MIN_HELD_OUT else 0.0

    def _score(self, buffer: ShuffleBuffer) -> float | None:
        """Search for the held-out rows among rows of the buffer; None where nothing is held out."""
        if not self._held:
            return None
        queries, codes = (np.concatenate(part) for part in zip(*self._held, strict=True))
        pool, pool_codes = buffer.shown(min(MAX_REFERENCES, self.stream_rows // 8))
        held = HeldOut(
            ArrayRows(np.concatenate([queries, pool])),
            np.concatenate([codes, pool_codes]),
            np.arange(len(codes)),
            np.arange(len(codes), len(codes) + len(pool_codes)),
        )
        return held.score(self.encoder.network_, next(self.encoder.network_.parameters()).device)
