"""What every representation does: learn from rows of numbers, embed others, be kept without pickle."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.metric.error import MetricError

__all__ = ["Classes", "Progress", "Representation", "Rows"]

Rows = NDArray[np.float32]
"""(people, inputs), finite: standardised and filled in before they come here."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is over and, at most, how much there is: ("vae epoch", 3, 100).

What ends early (training that no longer improves) is told as whole at its end.
"""


@dataclass(frozen=True, kw_only=True, eq=False)
class Classes:
    """The rows that have a class, and which.

    A row without a class (a person censored too early to say, say) is simply not among ``rows``.

    Attributes:
        rows: Places among the training rows, (m,), each at most once.
        codes: The class of each, (m,), 0 or more.
    """

    rows: NDArray[np.int64]
    codes: NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.rows.ndim != 1 or self.rows.shape != self.codes.shape:
            raise MetricError(
                f"Classes must name one class a row, got shapes `{self.rows.shape}` and `{self.codes.shape}`; "
                "give two columns of one length."
            )
        if len(np.unique(self.rows)) != len(self.rows):
            raise MetricError("Classes must name a row at most once, got repeats; keep one class a row.")
        if len(self.codes) and (self.codes.min() < 0 or self.rows.min() < 0):
            raise MetricError("Classes must hold places and codes of 0 or more, got negatives; leave such rows out.")


class Representation(Protocol):
    """Learns an embedding of rows."""

    @property
    def name(self) -> str:
        """Return its name in ``REPRESENTATIONS``: "pca"."""

    @property
    def uses_classes(self) -> bool:
        """Say whether ``fit`` needs classes. One that does not ignores them."""

    def fit(self, rows: Rows, classes: Classes | None = None) -> Self:
        """Learn from ``rows``; equal rows, classes and settings give equal weights on one machine.

        Raises:
            MetricError: The rows cannot be learnt from, or classes are needed and missing or fewer than two.
        """

    def transform(self, rows: Rows) -> NDArray[np.float32]:
        """Embed rows: (people, dimensions). A row's embedding does not depend on the rows beside it.

        No rows give no embeddings. Memory beyond the result does not grow with the rows.

        Raises:
            MetricError: Nothing was learnt yet, other columns than in training, or values that are not finite.
        """

    def save(self, folder: Path) -> None:
        """Write what was learnt into a new folder: JSON and safetensors, never pickle.

        Raises:
            MetricError: The folder is there already and not empty, or nothing was learnt yet.
            StorageError: The disk is full or cannot be written to.
        """
