"""A case that raises fails alone and on record; a run goes on where it stopped; shares are never of something else."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from holdfast.errors import EvidenceError
from holdfast.measured import Failed, Scored, Unscored, wilson
from holdfast.proof.suites.record import CaseRecord
from holdfast.proof.suites.runner import Progress, run_suites
from holdfast.proof.suites.summary import summarise

NOBODY: Any = None


def done(case: str, **observed: bool) -> CaseRecord:
    return CaseRecord(suite="numbers", case=case, observed={f"numbers.{k}": v for k, v in observed.items()})


async def test_every_case_is_run_once_and_kept_as_it_finishes(make_suite: Callable[..., Any], solver: Any) -> None:
    kept: list[CaseRecord] = []
    shown: list[Progress] = []
    records = await run_suites([make_suite(1, 2, 12)], NOBODY, keep=kept.append, progress=shown.append)
    assert solver.asked == ["case-1", "case-2", "case-12"]
    assert records == tuple(kept)
    assert kept[0] == done("case-1", even=False, low=True)
    assert [(p.done, p.total) for p in shown] == [(1, 3), (2, 3), (3, 3)]


async def test_a_case_that_raises_is_a_failure_with_a_type_and_no_words(
    make_suite: Callable[..., Any], solver: Any
) -> None:
    solver.breaks["case-2"] = ValueError("what somebody wrote")
    records = await run_suites([make_suite(1, 2, 12)], NOBODY, keep=lambda _: None)
    assert [record.is_failed for record in records] == [False, True, False]
    assert records[1].to_dict() == {"suite": "numbers", "case": "case-2", "outcome": "failed", "error": "ValueError"}


async def test_a_scorer_that_leaves_a_metric_out_fails_the_case(make_suite: Callable[..., Any]) -> None:
    (record,) = await run_suites([make_suite(1, forgets=True)], NOBODY, keep=lambda _: None)
    assert record.error == "ObservationsMismatch"


async def test_known_cases_are_not_run_again_and_a_failure_is_not_tried_again(
    make_suite: Callable[..., Any], solver: Any
) -> None:
    known = (done("case-1", even=False, low=True), CaseRecord(suite="numbers", case="case-2", error="ValueError"))
    kept: list[CaseRecord] = []
    records = await run_suites([make_suite(1, 2, 12)], NOBODY, known=known, keep=kept.append)
    assert solver.asked == ["case-12"]
    assert kept == [done("case-12", even=True)]
    assert records == (*known, *kept)


async def test_an_interruption_stops_between_two_cases_and_loses_none(
    make_suite: Callable[..., Any], solver: Any
) -> None:
    kept: list[CaseRecord] = []

    def keep(record: CaseRecord) -> None:
        kept.append(record)
        if record.case == "case-2":
            task.cancel()

    task = asyncio.ensure_future(run_suites([make_suite(1, 2, 12)], NOBODY, keep=keep))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [record.case for record in kept] == ["case-1", "case-2"] == solver.asked


def test_a_share_is_over_the_cases_that_count_towards_it(make_suite: Callable[..., Any]) -> None:
    records = [done("case-1", even=False, low=True), done("case-2", even=True, low=False), done("case-12", even=True)]
    even, low = summarise([make_suite(1, 2, 12)], records)
    assert (even.measurement, even.missed) == (wilson(2, 3), ("case-1",))
    assert (low.measurement, low.missed) == (wilson(1, 2), ("case-1",))


def test_a_metric_with_a_failed_case_is_failed_and_others_are_not(make_suite: Callable[..., Any]) -> None:
    records = [
        done("case-1", even=False, low=True),
        done("case-2", even=True, low=False),
        CaseRecord(suite="numbers", case="case-12", error="KeyError"),
    ]
    even, low = summarise([make_suite(1, 2, 12)], records)
    assert even.measurement == Failed("1 of 3 cases failed (1 KeyError)")
    assert isinstance(low.measurement, Scored)


def test_a_metric_with_cases_left_to_run_is_unscored(make_suite: Callable[..., Any]) -> None:
    even, _ = summarise([make_suite(1, 2, 12)], [done("case-2", even=True, low=False)])
    assert even.measurement == Unscored("1 of 3 cases were run")


def test_a_case_that_could_not_be_told_leaves_the_metric_unscored_and_not_zero(make_suite: Callable[..., Any]) -> None:
    untold = CaseRecord(suite="numbers", case="case-14", observed={"numbers.even": Unscored("no words")})
    even, _ = summarise([make_suite(12, 14)], [untold, done("case-12", even=True)])
    assert even.measurement == Unscored("1 of 2 cases could not be told (1 no words)")
    assert even.missed == ()


@pytest.mark.parametrize(
    "record",
    [
        done("case-1", even=True),
        CaseRecord(suite="s", case="c", error="KeyError"),
        CaseRecord(suite="s", case="c", observed={"m": 0.5, "n": Unscored("no words"), "o": False}),
    ],
)
def test_a_record_survives_a_round_trip(record: CaseRecord) -> None:
    assert CaseRecord.from_dict(record.to_dict()) == record


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"suite": "s", "case": "c", "outcome": "done"},
        {"suite": "s", "case": "c", "outcome": "done", "observed": {"m": 1}},
        {"suite": "s", "case": "c", "outcome": "failed", "error": None},
    ],
)
def test_a_damaged_record_is_refused(data: object) -> None:
    with pytest.raises(EvidenceError, match="Case record must be as the runner wrote it"):
        CaseRecord.from_dict(data)
