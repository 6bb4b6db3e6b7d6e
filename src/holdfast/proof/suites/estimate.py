"""Estimate a share or a mean from answers of which some hang together.

Saying one thing a hundred times makes nothing surer. So each cluster counts once, with the mean of its answers, and
intervals rest on the number of clusters. For shares that is careful: a mean of answers of 0 to 1 varies no more than
one answer does, so the interval of single answers, over as many of them as there are clusters, is not too narrow.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import NormalDist, fmean, stdev

from holdfast.measured import Interval, Measurement, Scored, Unscored, wilson

__all__ = ["clustered_mean", "clustered_share"]


def clustered_share(answers: Iterable[tuple[str, float]]) -> Measurement:
    """Estimate the share from pairs of cluster and answer (0 to 1), with Wilson's interval over clusters."""
    means = _means(answers)
    return wilson(math.fsum(means), len(means))


def clustered_mean(answers: Iterable[tuple[str, float]], *, level: float = 0.95) -> Measurement:
    """Estimate a mean of numbers from pairs of cluster and number, with Student's interval over clusters.

    With one cluster alone there is a value and no interval.
    """
    means = _means(answers)
    n = len(means)
    if n == 0:
        return Unscored("no cases")
    centre = fmean(means)
    if n == 1:
        return Scored(value=centre, n=1)
    half = _student(level, n - 1) * stdev(means) / math.sqrt(n)
    return Scored(value=centre, n=n, interval=Interval(centre - half, centre + half, level))


def _means(answers: Iterable[tuple[str, float]]) -> Sequence[float]:
    members: dict[str, list[float]] = defaultdict(list)
    for cluster, answer in answers:
        members[cluster].append(float(answer))
    return [fmean(some) for some in members.values()]


def _student(level: float, freedom: int) -> float:
    """Return Student's two-sided quantile by its expansion in powers of 1 / ``freedom`` (Abramowitz and Stegun 26.7.5).

    From 5 degrees of freedom on it is right to 1 % at a level of 0.95.
    """
    z = NormalDist().inv_cdf(0.5 + level / 2)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3
