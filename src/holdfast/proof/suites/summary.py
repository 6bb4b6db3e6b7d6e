"""Sum up records into measurements: a share with its interval, or why there is none."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from holdfast.measured import Failed, Measurement, Unscored, wilson
from holdfast.proof.suites.record import CaseRecord
from holdfast.proof.suites.suite import Metric, Suite

__all__ = ["MetricResult", "summarise"]


@dataclass(frozen=True, kw_only=True)
class MetricResult:
    """One metric of a run. ``missed`` are the ids of cases that went the worse way, in the suite's order."""

    metric: Metric
    suite: str
    suite_version: int
    suite_sha256: str
    measurement: Measurement
    missed: tuple[str, ...]


def summarise(suites: Iterable[Suite[Any]], records: Iterable[CaseRecord]) -> tuple[MetricResult, ...]:
    """Return every metric of ``suites``, in their order.

    A metric is failed where any of its cases failed, and unscored where any has not been run: a share over the rest
    would be a share of something else.
    """
    by_case = {(record.suite, record.case): record for record in records}
    return tuple(_result(suite, metric, by_case) for suite in suites for metric in suite.metrics)


def _result(suite: Suite[Any], metric: Metric, by_case: dict[tuple[str, str], CaseRecord]) -> MetricResult:
    counted = [case.id for case in suite.cases if metric.id in suite.scorer.metrics_of(case)]
    records = [by_case.get((suite.id, case)) for case in counted]
    return MetricResult(
        metric=metric,
        suite=suite.id,
        suite_version=suite.version,
        suite_sha256=suite.sha256,
        measurement=_measure(metric, records),
        missed=tuple(_missed(metric, records)),
    )


def _measure(metric: Metric, records: list[CaseRecord | None]) -> Measurement:
    ran = [record for record in records if record is not None]
    if len(ran) < len(records):
        return Unscored(f"{len(ran)} of {len(records)} cases were run")
    if errors := [record.error for record in ran if record.error is not None]:
        kinds = ", ".join(f"{count} {error}" for error, count in sorted(Counter(errors).items()))
        return Failed(f"{len(errors)} of {len(ran)} cases failed ({kinds})")
    return wilson(sum(record.observed[metric.id] for record in ran), len(ran))


def _missed(metric: Metric, records: list[CaseRecord | None]) -> Iterator[str]:
    for record in records:
        if record is not None and metric.id in record.observed and metric.is_miss(record.observed[metric.id]):
            yield record.case
