"""How far groups are apart who said the same: the worst of several paired differences, with an interval for it.

The upper end is the largest upper end of all comparisons at the nominal level. It is below the truth only where the
interval of the truly worst comparison is, so it needs no correction for looking at many. The lower end does, since
among many comparisons some look far apart by chance: it is the largest lower end with the level shared out among them
(Bonferroni).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from holdfast.measured import Interval, Measurement, Scored, Unscored
from holdfast.proof.suites.estimate import clustered_mean
from holdfast.proof.suites.record import CaseRecord
from holdfast.proof.suites.suite import Case, Comparison, Gap, Metric, Pair
from holdfast.proof.suites.trouble import trouble_of
from holdfast.safety.report.paired import paired_difference

__all__ = ["GapFound", "PairedRecords", "judge_gap"]

_LEVEL = 0.95


@dataclass(frozen=True, kw_only=True)
class GapFound:
    """A gap, the differences it is the worst of by the comparison's name, and who fared worse in the widest one."""

    measurement: Measurement
    differences: Mapping[str, Measurement]
    lost: frozenset[str] = frozenset()


@dataclass(frozen=True)
class PairedRecords:
    """What each case came to in ``metric``, by case id, or why that has no value."""

    metric: Metric
    found: Mapping[str, float] = field(repr=False)
    trouble: Measurement | None

    @classmethod
    def over(cls, metric: Metric, cases: Sequence[Case], records: Mapping[str, CaseRecord | None]) -> "PairedRecords":
        """Read ``metric`` off the records of ``cases``."""
        trouble = trouble_of(metric, [records[case.id] for case in cases])
        if trouble is not None:
            return cls(metric, {}, trouble)
        observed = {case.id: record.observed[metric.id] for case in cases if (record := records[case.id])}
        return cls(metric, {k: float(v) for k, v in observed.items() if not isinstance(v, Unscored)}, None)

    def pairs(self, comparison: Comparison) -> list[Pair]:
        """Return the pairs of which both cases count towards the metric."""
        return [pair for pair in comparison.pairs if pair.first in self.found and pair.second in self.found]

    def difference(self, pairs: Sequence[Pair], level: float) -> Measurement:
        """Return the mean of the first less the second, each cluster counting once."""
        if self.metric.unit != "share":
            apart = [(pair.cluster, self.found[pair.first] - self.found[pair.second]) for pair in pairs]
            return clustered_mean(apart, level=level)
        first, second = ([self.found[getattr(pair, side)] > 0 for pair in pairs] for side in ("first", "second"))
        return paired_difference(first, second, level=level, clusters=[pair.cluster for pair in pairs])

    def lost(self, pairs: Iterable[Pair]) -> frozenset[str]:
        """Return the cases that fared worse than their counterpart. In numbers that are no share nobody did."""
        if self.metric.unit != "share":
            return frozenset()
        sign = _sign(self.metric)
        apart = ((pair, sign * (self.found[pair.first] - self.found[pair.second])) for pair in pairs)
        return frozenset(pair.first if difference < 0 else pair.second for pair, difference in apart if difference)


Pairs = Mapping[str, Sequence[Pair]]
"""The pairs of each comparison, by its name."""

Distance = Callable[[Interval], tuple[float, float]]
"""The least and the greatest distance from no difference that an interval of differences allows."""


def judge_gap(gap: Gap, records: PairedRecords) -> GapFound:
    """Return the worst difference among the gap's comparisons. Where one has no value, neither has the gap."""
    pairs = {comparison.name: records.pairs(comparison) for comparison in gap.comparisons}
    if records.trouble is not None:
        return GapFound(measurement=records.trouble, differences=dict.fromkeys(pairs, records.trouble))
    found = {name: records.difference(some, _LEVEL) for name, some in pairs.items()}
    scored = {name: one for name, one in found.items() if isinstance(one, Scored) and one.interval is not None}
    if len(scored) < len(found) or not found:
        return GapFound(measurement=Unscored("a comparison has too few pairs"), differences=found)
    distance = _either if gap.counts == "either" else _worse(_sign(gap.of))
    apart = {name: distance(Interval(one.value, one.value))[1] for name, one in scored.items()}
    worst = max(apart, key=apart.__getitem__)
    lost = records.lost(pairs[worst]) if apart[worst] > 0 else frozenset()
    return GapFound(
        measurement=Scored(
            value=apart[worst],
            n=min(one.n for one in scored.values()),
            interval=Interval(
                min(_low(records, pairs, distance), apart[worst]),
                max(distance(one.interval)[1] for one in scored.values() if one.interval is not None),
                _LEVEL,
            ),
        ),
        differences=found,
        lost=lost if gap.counts == "either" else lost & {pair.first for pair in pairs[worst]},
    )


def _low(records: PairedRecords, pairs: Pairs, distance: Distance) -> float:
    """Return the largest lower end with the level shared out among the comparisons."""
    shared = 1 - (1 - _LEVEL) / len(pairs)
    found = (records.difference(some, shared) for some in pairs.values())
    return max(distance(one.interval)[0] for one in found if isinstance(one, Scored) and one.interval is not None)


def _sign(metric: Metric) -> float:
    """Return 1 where more is better and -1 where less is."""
    return 1.0 if metric.better == "higher" else -1.0


def _either(interval: Interval) -> tuple[float, float]:
    is_astride = interval.low <= 0 <= interval.high
    ends = sorted((abs(interval.low), abs(interval.high)))
    return (0.0 if is_astride else ends[0], ends[1])


def _worse(sign: float) -> Distance:
    """Return what measures how far the first group is worse off; being better off is no distance."""

    def distance(interval: Interval) -> tuple[float, float]:
        low, high = sorted((-sign * interval.low, -sign * interval.high))
        return (max(0.0, low), max(0.0, high))

    return distance
