"""The difference of two shares measured on the same cases, with its interval."""

import math
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from statistics import NormalDist

from holdfast.measured import Interval, Measurement, Scored, Unscored

__all__ = ["paired_difference"]

_HALVINGS = 60


def paired_difference(
    first: Sequence[bool],
    second: Sequence[bool],
    *,
    level: float = 0.95,
    clusters: Sequence[Hashable] | None = None,
) -> Measurement:
    """Return the share true in ``first`` less that in ``second``, case by case, with Tango's score interval.

    The interval holds the differences d for which ``(b - c - n d) / sqrt(n (2 q + d (1 - d)))`` lies within the normal
    quantile, where b and c count the cases true in one only and q is the most likely share of c given d. It has a
    width even where the two agree on every case. Without cases it is unscored.

    ``clusters`` names, case by case, what hangs together: each cluster then counts as one case and its mean goes in, so
    that saying one thing over and over makes nothing surer. A mean of differences varies no more than one difference
    does: the interval is not too narrow.

    Source: Tango, Equivalence test and confidence interval for the difference in proportions for the paired-sample
    design, Statistics in Medicine 1998;17:891-908.

    Raises:
        ValueError: They are not of one length.
    """
    named = range(len(first)) if clusters is None else clusters
    cases = list(zip(first, second, named, strict=True))
    sizes = Counter(cluster for _, _, cluster in cases)
    n = len(sizes)
    if n == 0:
        return Unscored("no cases")
    b = math.fsum(1 / sizes[cluster] for one, other, cluster in cases if one and not other)
    c = math.fsum(1 / sizes[cluster] for one, other, cluster in cases if other and not one)
    z = NormalDist().inv_cdf(0.5 + level / 2)
    estimate = (b - c) / n
    low = -1.0 if c >= n else _crossing(lambda d: _statistic(b, c, n, d) > z, -1.0, estimate)
    high = 1.0 if b >= n else _crossing(lambda d: _statistic(b, c, n, d) > -z, estimate, 1.0)
    return Scored(value=estimate, n=n, interval=Interval(low, high, level))


def _statistic(b: float, c: float, n: int, difference: float) -> float:
    """Return Tango's statistic; it falls as ``difference`` grows."""
    bb = -b - c + (2 * n - b + c) * difference
    cc = -c * difference * (1 - difference)
    q = (math.sqrt(max(0.0, bb * bb - 8 * n * cc)) - bb) / (4 * n)
    spread = n * (2 * q + difference * (1 - difference))
    return (b - c - n * difference) / math.sqrt(spread) if spread > 0 else math.copysign(math.inf, b - c)


def _crossing(is_below: Callable[[float], bool], low: float, high: float) -> float:
    """Return where ``is_below`` turns from true to false between ``low`` and ``high``."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if is_below(middle) else (low, middle)
    return (low + high) / 2
