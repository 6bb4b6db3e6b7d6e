"""How an embedding is judged: everything that changes a figure without changing its meaning."""

from dataclasses import dataclass

import numpy as np

from holdfast.metric.error import MetricError
from holdfast.metric.evaluation.neighbours import MAX_BYTES

__all__ = ["EvaluationSettings"]


@dataclass(frozen=True, kw_only=True)
class EvaluationSettings:
    """Seed, intervals, samples and memory of an evaluation.

    Attributes:
        resamples: Bootstrap resamples of each interval; 0 for no intervals.
        level: Nominal coverage of the intervals, between 0 and 1.
        seed: Of every random choice: same seed, same figures.
        sample: Most points that silhouette and uniformity look at, at least 2: they compare all pairs, so larger sets
            are sampled without replacement, and ``n`` of the result says how many points it rests on.
        kmeans_starts: Starts of k-means for NMI, of which the best by inertia counts.
        max_bytes: About the memory to use beside the embeddings themselves (held once more, as float64).

    Raises:
        MetricError: A number is out of its range.
    """

    resamples: int = 1000
    level: float = 0.95
    seed: int = 0
    sample: int = 5000
    kmeans_starts: int = 3
    max_bytes: int = MAX_BYTES

    def __post_init__(self) -> None:
        least = {"resamples": 0, "seed": 0, "sample": 2, "kmeans_starts": 1, "max_bytes": 1}
        for name, lowest in least.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < lowest:
                raise MetricError(f"Setting {name} must be a whole number from {lowest}, got {value!r}.")
        if not 0.0 < self.level < 1.0:
            raise MetricError(f"Setting level must lie between 0 and 1, got {self.level!r}; 0.95 is usual.")

    def generator(self) -> np.random.Generator:
        """Start a generator from the seed."""
        return np.random.default_rng(self.seed)

    def sampled_rows(self, n: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Choose the rows to look at of ``n``: all, or ``sample`` of them without replacement, in order."""
        if n <= self.sample:
            return np.arange(n)
        return np.sort(self.generator().choice(n, size=self.sample, replace=False))
