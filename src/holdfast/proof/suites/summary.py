"""Sum up records into measurements: a share or a mean with its interval, or why there is none."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from holdfast.measured import Measurement, Unscored
from holdfast.proof.suites.estimate import clustered_mean, clustered_share
from holdfast.proof.suites.gap import PairedRecords, judge_gap
from holdfast.proof.suites.record import CaseRecord
from holdfast.proof.suites.suite import Case, Gap, Metric, Suite
from holdfast.proof.suites.trouble import trouble_of

__all__ = ["MetricResult", "Part", "summarise"]

Records = Mapping[str, CaseRecord | None]


@dataclass(frozen=True, kw_only=True)
class Part:
    """One group's own figure, or, under a gap, one comparison's difference: the first group less the second."""

    name: str
    measurement: Measurement


@dataclass(frozen=True, kw_only=True)
class MetricResult:
    """One metric of a run.

    Attributes:
        missed: Ids of cases that went the worse way, in the suite's order; under a gap, those that fared worse than
            their counterpart in the widest comparison.
        clusters: For each cluster with a missed case, how many it has.
        parts: The figure by group, or the comparisons that a gap is the worst of.
    """

    metric: Metric
    suite: str
    suite_version: int
    suite_sha256: str
    measurement: Measurement
    missed: tuple[str, ...]
    clusters: Mapping[str, int]
    parts: tuple[Part, ...] = ()


def summarise(suites: Iterable[Suite[Any]], records: Iterable[CaseRecord]) -> tuple[MetricResult, ...]:
    """Return every metric and gap of ``suites``, in their order.

    A metric is failed where any of its cases failed, and unscored where any has not been run or could not be told: a
    share over the rest would be a share of something else.
    """
    by_case = {(record.suite, record.case): record for record in records}
    return tuple(result for suite in suites for result in _results(suite, by_case))


def _results(suite: Suite[Any], by_case: Mapping[tuple[str, str], CaseRecord]) -> Iterator[MetricResult]:
    records = {case.id: by_case.get((suite.id, case.id)) for case in suite.cases}
    counted: dict[str, list[Case]] = defaultdict(list)
    for case in suite.cases:
        for name in suite.scorer.metrics_of(case):
            counted[name].append(case)
    for metric in suite.metrics:
        yield _of_metric(suite, metric, counted[metric.id], records)
    for gap in suite.gaps:
        yield _of_gap(suite, gap, counted[gap.of.id], records)


def _of_metric(suite: Suite[Any], metric: Metric, cases: Sequence[Case], records: Records) -> MetricResult:
    missed = tuple(case for case in cases if _is_missed(metric, records[case.id]))
    return _result(suite, metric, _measure(metric, cases, records), missed, _groups(metric, cases, records))


def _of_gap(suite: Suite[Any], gap: Gap, cases: Sequence[Case], records: Records) -> MetricResult:
    found = judge_gap(gap, PairedRecords.over(gap.of, cases, records))
    missed = tuple(case for case in cases if case.id in found.lost)
    parts = tuple(Part(name=name, measurement=measurement) for name, measurement in found.differences.items())
    return _result(suite, gap, found.measurement, missed, parts)


def _result(
    suite: Suite[Any], metric: Metric, measurement: Measurement, missed: tuple[Case, ...], parts: tuple[Part, ...]
) -> MetricResult:
    return MetricResult(
        metric=metric,
        suite=suite.id,
        suite_version=suite.version,
        suite_sha256=suite.sha256,
        measurement=measurement,
        missed=tuple(case.id for case in missed),
        clusters=Counter(case.cluster for case in missed),
        parts=parts,
    )


def _measure(metric: Metric, cases: Sequence[Case], records: Records) -> Measurement:
    if problem := trouble_of(metric, [records[case.id] for case in cases]):
        return problem
    answers = [(case.cluster, _number(metric, records[case.id])) for case in cases]
    return clustered_share(answers) if metric.unit == "share" else clustered_mean(answers)


def _groups(metric: Metric, cases: Iterable[Case], records: Records) -> tuple[Part, ...]:
    members: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        for dimension, group in case.groups.items():
            members[f"{dimension}: {group}"].append(case)
    return tuple(Part(name=name, measurement=_measure(metric, some, records)) for name, some in sorted(members.items()))


def _number(metric: Metric, record: CaseRecord | None) -> float:
    found = None if record is None else record.observed[metric.id]
    if found is None or isinstance(found, Unscored):
        raise ValueError(f"{metric.id} must be a number where it is summed up, got none; ask trouble_of first.")
    return float(found)


def _is_missed(metric: Metric, record: CaseRecord | None) -> bool:
    return record is not None and metric.id in record.observed and metric.is_miss(record.observed[metric.id])
