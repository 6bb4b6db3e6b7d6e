"""Rows kept from training and scored by what they find among training rows; and how rows become embeddings."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from holdfast.measured import Scored
from holdfast.metric.encoder.input import Rows
from holdfast.metric.error import MetricError
from holdfast.metric.evaluation.report import map_at_r

__all__ = ["HeldOut", "checked_embeddings", "embed", "hold_out"]

MIN_HELD_OUT = 10
"""Fewer held-out rows than this say too little to stop on: then nothing is held out."""

MAX_QUERIES, MAX_REFERENCES = 1_000, 4_000
"""Held-out rows scored after each epoch, and training rows searched for each: bounds the cost of an epoch's score."""

EMBED_ROWS = 4_096
"""Rows a network embeds at a time outside training."""


def embed(
    network: nn.Module, rows: Rows, device: torch.device, *, dtype: torch.dtype | None = None
) -> NDArray[np.float32]:
    """Embed every row, as the network does outside training.

    Args:
        network: Lies on ``device``; left in the mode it was in.
        rows: What it reads.
        device: Where to compute.
        dtype: What to turn floating-point rows into before; by default they stay as they are.

    Raises:
        MetricError: An embedding is not finite.
    """
    was_training = network.training
    network.eval()
    parts = []
    try:
        with torch.inference_mode():
            for start in range(0, len(rows), EMBED_ROWS):
                taken = rows.take(np.arange(start, min(start + EMBED_ROWS, len(rows)))).to(device)
                taken = taken.to(dtype) if dtype is not None and taken.is_floating_point() else taken
                parts.append(checked_embeddings(network(taken), len(taken)).float().cpu().numpy())
    finally:
        network.train(was_training)
    embeddings = np.concatenate(parts)
    if not np.isfinite(embeddings).all():
        bad = int((~np.isfinite(embeddings)).any(axis=1).sum())
        raise MetricError(
            f"Embeddings must be finite, got NaN or infinity in {bad} of {len(embeddings)} rows; "
            "look for them in the rows, or lower learning_rate where training ran away."
        )
    return embeddings


def checked_embeddings(embeddings: object, n: int) -> Tensor:
    """Return what a network made of ``n`` rows, if it is one embedding a row.

    Raises:
        MetricError: It is not.
    """
    if not isinstance(embeddings, Tensor) or embeddings.ndim != 2 or len(embeddings) != n:
        shape = tuple(embeddings.shape) if isinstance(embeddings, Tensor) else type(embeddings).__name__
        raise MetricError(
            f"network must return one embedding a row, shape ({n}, dimensions), got `{shape}`; flatten it."
        )
    return embeddings


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Rows kept from training, scored by what they find among training rows.

    Attributes:
        rows: All rows, those for training included.
        codes: Classes of all rows.
        queries: Positions of the held-out rows that are scored.
        references: Positions of the training rows they are searched among.
    """

    rows: Rows
    codes: NDArray[np.int64]
    queries: NDArray[np.int64]
    references: NDArray[np.int64]

    def score(self, network: nn.Module, device: torch.device) -> float | None:
        """Return MAP@R, 0 to 1, higher is better; None where no query has its class among the references.

        It moves with every rank, where precision at 1 jumps by whole rows: small held-out sets tie less often.
        """
        found = embed(network, _Chosen(self.rows, np.concatenate([self.queries, self.references])), device)
        cut = len(self.queries)
        measured = map_at_r(
            found[:cut],
            self.codes[self.queries],
            reference=found[cut:],
            reference_labels=self.codes[self.references],
        )
        return measured.value if isinstance(measured, Scored) else None


@dataclass(frozen=True, eq=False)
class _Chosen:
    """Some rows of others."""

    rows: Rows
    positions: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.positions)

    def take(self, positions: NDArray[np.int64]) -> Tensor:
        return self.rows.take(self.positions[positions])


def hold_out(
    rows: Rows, codes: NDArray[np.int64], *, fraction: float, seed: int
) -> tuple[Rows, NDArray[np.int64], HeldOut | None]:
    """Split rows into those to train on and those held out.

    Each class keeps at least two rows for training, so a rare class is held out less than its share.

    Returns:
        The rows and classes to train on, and what is held out: None where that would be fewer than 10 rows.
    """
    generator = np.random.default_rng([seed, 0])
    order = generator.permutation(len(codes))
    place = np.empty(len(codes), dtype=np.int64)  # of each row among those of its class, in the drawn order
    by_class = order[np.argsort(codes[order], kind="stable")]
    counts = np.bincount(codes)
    place[by_class] = np.arange(len(codes)) - np.repeat(np.cumsum(counts) - counts, counts)
    held = order[place[order] >= 2][: int(fraction * len(codes))]
    if len(held) < MIN_HELD_OUT:
        return rows, codes, None
    kept = np.setdiff1d(np.arange(len(codes)), held)
    references = generator.permutation(kept)[:MAX_REFERENCES]
    return _Chosen(rows, kept), codes[kept], HeldOut(rows, codes, held[:MAX_QUERIES], references)
