"""A gap is that of the worst comparison, pair by pair, and has no value where one of its cases has none."""

from collections.abc import Mapping
from typing import Any

import pytest

from holdfast.measured import Failed, Scored, Unscored
from holdfast.proof.suites.gap import GapFound, PairedRecords, judge_gap
from holdfast.proof.suites.record import CaseRecord
from holdfast.proof.suites.suite import Case, Comparison, Gap, Metric, Observation, Pair
from holdfast.safety.report.paired import paired_difference

HELPED = Metric(id="m", title="Helped")
ALARM = Metric(id="m", title="Alarm", better="lower")
WORDS = Metric(id="m", title="Words", unit="words")

COUNT = 20


def judged(
    found: Mapping[str, list[Observation]],
    *names: str,
    of: Metric = HELPED,
    counts: Any = "either",
    others: Mapping[str, CaseRecord | None] | None = None,
) -> GapFound:
    """Judge groups against ``plain``; the nth case of each group says the nth thing. ``others`` replace records."""
    cases = [Case(id=f"{group}-{n}") for group, answers in found.items() for n in range(len(answers))]
    known: dict[str, CaseRecord | None] = {
        f"{group}-{n}": CaseRecord(suite="s", case=f"{group}-{n}", observed={"m": answer})
        for group, answers in found.items()
        for n, answer in enumerate(answers)
    }
    comparisons = tuple(
        Comparison(name, tuple(Pair(f"{name}-{n}", f"plain-{n}", str(n)) for n in range(len(found["plain"]))))
        for name in names
    )
    gap = Gap(id="g", title="Gap", of=of, unit=of.unit, counts=counts, comparisons=comparisons)
    return judge_gap(gap, PairedRecords.over(of, cases, known | dict(others or {})))


def scored(found: GapFound) -> Scored:
    assert isinstance(found.measurement, Scored)
    assert found.measurement.interval is not None
    return found.measurement


def answers(held: int, count: int = COUNT) -> list[Observation]:
    return [n < held for n in range(count)]


def test_the_worst_of_the_comparisons_is_the_gap_and_names_who_lost() -> None:
    found = judged({"plain": answers(20), "near": answers(19), "far": answers(15)}, "near", "far")
    assert scored(found).value == pytest.approx(0.25)
    assert found.lost == {f"far-{n}" for n in range(15, 20)}
    assert found.differences["far"] == paired_difference([n < 15 for n in range(20)], [True] * 20)


def test_the_upper_end_is_the_largest_of_all_and_the_lower_end_allows_for_looking_at_many() -> None:
    one = scored(judged({"plain": answers(20), "far": answers(10)}, "far"))
    many = scored(
        judged({"plain": answers(20), "far": answers(10), "a": answers(20), "b": answers(20)}, "far", "a", "b")
    )
    assert one.interval is not None
    assert many.interval is not None
    assert many.interval.high == pytest.approx(one.interval.high)
    assert 0 < many.interval.low < one.interval.low


def test_groups_that_are_alike_have_no_gap_but_an_interval() -> None:
    found = scored(judged({"plain": answers(12), "alike": answers(12)}, "alike"))
    assert found.interval is not None
    assert (found.value, found.interval.low) == (0.0, 0.0)
    assert found.interval.high == pytest.approx(3.8414588 / (COUNT + 3.8414588), abs=1e-4)


@pytest.mark.parametrize(("of", "gap"), [(HELPED, 0.0), (ALARM, 0.5)])
def test_one_that_counts_only_disadvantages_knows_which_way_is_worse(of: Metric, gap: float) -> None:
    """More help is no disadvantage, more alarm is."""
    assert scored(judged({"plain": answers(10), "more": answers(20)}, "more", of=of, counts="worse")).value == gap


def test_numbers_are_compared_by_their_means() -> None:
    found = judged({"plain": [10.0, 20.0, 30.0], "longer": [15.0, 24.0, 36.0]}, "longer", of=WORDS)
    assert scored(found).value == pytest.approx(5.0)
    assert found.lost == frozenset()


def test_a_case_that_could_not_be_told_leaves_the_gap_unscored_and_not_zero() -> None:
    unknown: list[Observation] = [Unscored("the reply has no words"), *answers(19, 19)]
    found = judged({"plain": answers(20), "other": unknown}, "other")
    assert found.measurement == Unscored("1 of 40 cases could not be told (1 the reply has no words)")
    assert found.differences == {"other": found.measurement}


def test_a_case_that_failed_leaves_the_gap_failed() -> None:
    broken = {"other-3": CaseRecord(suite="s", case="other-3", error="KeyError")}
    found = judged({"plain": answers(20), "other": answers(20)}, "other", others=broken)
    assert found.measurement == Failed("1 of 40 cases failed (1 KeyError)")


def test_a_case_that_was_not_run_leaves_the_gap_unscored() -> None:
    found = judged({"plain": answers(20), "other": answers(20)}, "other", others={"other-3": None})
    assert found.measurement == Unscored("39 of 40 cases were run")


def test_a_comparison_of_nobody_has_no_value() -> None:
    assert isinstance(judged({"plain": answers(20)}, "nobody").measurement, Unscored)
