"""Run suites case by case: what raises becomes a failure of its own, and a run can be stopped and gone on with."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from holdfast.proof.suites.record import CaseRecord
from holdfast.proof.suites.served import Served
from holdfast.proof.suites.suite import Case, Observations, Suite

__all__ = ["Progress", "run_suites"]


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a run has come: cases done of all, and the suite of the latest."""

    suite: str
    done: int
    total: int


async def run_suites(
    suites: Iterable[Suite[Any]],
    served: Served,
    *,
    known: Iterable[CaseRecord] = (),
    keep: Callable[[CaseRecord], None],
    progress: Callable[[Progress], None] = lambda _: None,
) -> tuple[CaseRecord, ...]:
    """Run every case that ``known`` does not hold yet, one after the other, in the suites' order.

    Args:
        suites: What to run.
        served: The system under test.
        known: Records of an earlier, interrupted run. Failures among them are kept and not tried again.
        keep: Called with each record as soon as there is one.
        progress: Called after each case.

    Returns:
        The records of all cases, known ones included, in the suites' order.
    """
    chosen = tuple(suites)
    records: dict[tuple[str, str], CaseRecord] = {(record.suite, record.case): record for record in known}
    total = sum(len(suite.cases) for suite in chosen)
    done: list[CaseRecord] = []
    for suite in chosen:
        for case in suite.cases:
            record = records.get((suite.id, case.id))
            if record is None:
                record = await _run_case(suite, case, served)
                keep(record)
                await asyncio.sleep(0)  # lets an interruption in between two cases
            done.append(record)
            progress(Progress(suite=suite.id, done=len(done), total=total))
    return tuple(done)


async def _run_case(suite: Suite[Any], case: Case, served: Served) -> CaseRecord:
    try:
        observed = suite.scorer.score(case, await suite.solver.solve(case, served))
    except Exception as error:  # noqa: BLE001 - whatever a case does, it fails alone and on record
        return CaseRecord(suite=suite.id, case=case.id, error=type(error).__name__)
    if problem := _mismatch(observed, suite, case):
        return CaseRecord(suite=suite.id, case=case.id, error=problem)
    return CaseRecord(suite=suite.id, case=case.id, observed=observed)


def _mismatch(observed: Observations, suite: Suite[Any], case: Case) -> str | None:
    """Return what is wrong with the observations: a scorer that leaves a metric out must not improve it."""
    promised = set(suite.scorer.metrics_of(case))
    return None if set(observed) == promised else "ObservationsMismatch"
