"""A training's own checkpoint: written after every epoch, taken up only by the training it belongs to."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from holdfast.metric.encoder.input import Rows
from holdfast.metric.encoder.storing import read_checkpoint, write_checkpoint
from holdfast.metric.encoder.training import Course, EpochRecord, part_of
from holdfast.metric.error import MetricError

__all__ = ["Checkpoint", "digest_of"]

DIGEST_ROWS = 100


@dataclass(frozen=True)
class Checkpoint:
    """Where a training is kept, and what tells it from others.

    Attributes:
        folder: The folder.
        belongs: Settings and digest of the rows, as JSON-ready values: both must be the same to continue.
    """

    folder: Path
    belongs: Mapping[str, Any]

    def read(self) -> Course | None:
        """Return where the training stood; None where nothing was written yet.

        Raises:
            MetricError: The folder holds something else, or the checkpoint of another training.
        """
        found = read_checkpoint(self.folder)
        if found is None:
            return None
        card, tensors = found
        differing = [name for name, value in self.belongs.items() if card["belongs"].get(name) != value]
        if differing:
            raise MetricError(
                f"Checkpoint must belong to this training, got one with other {', '.join(sorted(differing))} in "
                f"`{self.folder}`; choose a new folder, or give the same settings and rows."
            )
        state = part_of(tensors, "state.")
        return Course(
            state=state,
            best=part_of(tensors, "best.") or state,
            best_epoch=card["best_epoch"],
            begun_after=card["begun_after"],
            records=[EpochRecord(**record) for record in card["records"]],
        )

    def write(self, course: Course) -> None:
        """Write where the training stands over what was written before."""
        tensors = {f"state.{name}": value for name, value in course.state.items()}
        if course.best is not course.state:
            tensors |= {f"best.{name}": value for name, value in course.best.items()}
        card = {
            "belongs": dict(self.belongs),
            "best_epoch": course.best_epoch,
            "begun_after": course.begun_after,
            "records": [asdict(record) for record in course.records],
        }
        write_checkpoint(self.folder, card, tensors)


def digest_of(rows: Rows, codes: NDArray[np.int64]) -> str:
    """Return a SHA-256 digest of all classes and of up to 100 rows spread over all."""
    spread = np.unique(np.linspace(0, len(rows) - 1, DIGEST_ROWS).astype(np.int64))
    taken = np.concatenate([rows.take(position[None]).numpy() for position in spread])
    return hashlib.sha256(codes.tobytes() + np.ascontiguousarray(taken).tobytes()).hexdigest()
