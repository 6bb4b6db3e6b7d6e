"""Where a score stands among healthy people: a percentile from 0 to 100, kept as a short table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.embeddings import Scores
from holdfast.risk.error import RiskError

__all__ = ["HealthyPercentile"]

_MOST_KNOTS = 1001


@dataclass(frozen=True, kw_only=True, eq=False)
class HealthyPercentile:
    """The distribution of healthy people's scores.

    ::

        percentile(s) = 100 (healthy below s + half of the healthy at s) / healthy

    at each kept score, and linear between them. Up to 1001 distinct scores are all kept, and their percentiles are
    exact; of more, 1001 evenly spread by rank are, which errs by 0.1 at most, and beside a score that many share by
    half their share more. Below the lowest healthy score it is 0, above the highest 100: exactly, and alike for all
    who lie there.

    Attributes:
        values: Scores, (q,), ascending and distinct.
        percents: Their percentiles, (q,), 0 to 100; higher is worse.
        n_healthy: How many people it is of.
    """

    values: Scores
    percents: NDArray[np.float64]
    n_healthy: int

    @classmethod
    def fit(cls, scores: Scores, *, most: int = _MOST_KNOTS) -> Self:
        """Learn the distribution.

        Args:
            scores: Of healthy people, (n,), each left out of, or held out from, the reference that scored them.
            most: Scores to keep.

        Raises:
            RiskError: There are no scores, or some are not finite.
        """
        if scores.ndim != 1 or len(scores) == 0 or not np.isfinite(scores).all():
            bad = int(np.sum(~np.isfinite(scores)))
            raise RiskError(
                "Healthy scores must be a column of finite numbers, at least one",
                f"shape {scores.shape} with {bad} that are not finite",
                "score the healthy people left out",
            )
        values, counts = np.unique(scores.astype(np.float64), return_counts=True)
        middles = np.cumsum(counts) - counts / 2
        kept = np.arange(len(values))
        if len(values) > most:
            ranks = np.linspace(middles[0], middles[-1], most)
            kept = np.unique(np.minimum(np.searchsorted(middles, ranks), len(values) - 1))
        return cls(values=values[kept], percents=100.0 * middles[kept] / len(scores), n_healthy=len(scores))

    def of(self, scores: Scores) -> NDArray[np.float64]:
        """Return percentiles, (n,), 0 to 100; higher is worse."""
        return np.interp(scores, self.values, self.percents, left=0.0, right=100.0)

    def score_at(self, percent: float) -> float:
        """Return the score at a percentile: the lowest or highest healthy score beyond the table.

        Raises:
            RiskError: The percentile lies outside 0 to 100.
        """
        if not 0.0 <= percent <= 100.0:
            raise RiskError("Percentile must lie in 0 to 100", repr(percent), "90 is usual")
        return float(np.interp(percent, self.percents, self.values))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the table, for safetensors."""
        return {"values": self.values, "percents": self.percents, "n_healthy": np.array([self.n_healthy])}

    @classmethod
    def from_stored(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read what ``arrays`` returned."""
        return cls(values=arrays["values"], percents=arrays["percents"], n_healthy=int(arrays["n_healthy"][0]))
