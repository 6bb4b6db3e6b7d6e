"""Why a metric has no value over some cases: one failed, was not run, or could not be told."""

from collections import Counter
from collections.abc import Sequence

from holdfast.measured import Failed, Unscored
from holdfast.proof.suites.record import CaseRecord
from holdfast.proof.suites.suite import Metric

__all__ = ["trouble_of"]


def trouble_of(metric: Metric, records: Sequence[CaseRecord | None]) -> Unscored | Failed | None:
    """Return why ``metric`` has no value over ``records``, None standing for a case not run; None where it has one."""
    ran = [record for record in records if record is not None]
    if len(ran) < len(records):
        return Unscored(f"{len(ran)} of {len(records)} cases were run")
    if errors := [record.error for record in ran if record.error is not None]:
        return Failed(f"{len(errors)} of {len(ran)} cases failed ({_counted(errors)})")
    found = [record.observed[metric.id] for record in ran]
    if reasons := [one.reason for one in found if isinstance(one, Unscored)]:
        return Unscored(f"{len(reasons)} of {len(ran)} cases could not be told ({_counted(reasons)})")
    return None


def _counted(words: Sequence[str]) -> str:
    return ", ".join(f"{count} {word}" for word, count in sorted(Counter(words).items()))
