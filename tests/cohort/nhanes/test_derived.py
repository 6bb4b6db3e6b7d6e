"""Derived features against sums and means worked out by hand; a missing part makes the whole missing."""

from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest

from holdfast.cohort.error import CohortError
from holdfast.cohort.nhanes.derived import PHQ9_ITEMS, with_derived
from holdfast.cohort.nhanes.dictionary import load_dictionary

CYCLE = load_dictionary().cycles[1]


def derive(*, phq9_missing: int = 0, **columns: Any) -> pl.DataFrame:
    n = len(next(iter(columns.values())))
    columns = {"RIDAGEYR": [40.0] * n} | columns
    table = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.Float64))
    return with_derived(table, CYCLE, phq9_missing=phq9_missing)


def phq9(items: Sequence[float | None], **settings: int) -> tuple[float | None, float | None]:
    read = derive(**{name: [item] for name, item in zip(PHQ9_ITEMS, items, strict=True)}, **settings)
    return read["PHQ9"][0], read["PHQ9_10_PLUS"][0]


def test_the_phq9_total_needs_all_nine_items() -> None:
    assert phq9([1, 1, 1, 1, 1, 1, 1, 1, 1]) == (9, 0)
    assert phq9([2, 1, 1, 1, 1, 1, 1, 1, 1]) == (10, 1)
    assert phq9([3] * 9) == (27, 1)
    assert phq9([0] * 9) == (0, 0)
    assert phq9([3] * 8 + [None]) == (None, None)


def test_prorating_is_possible_when_asked_for() -> None:
    assert phq9([2] * 8 + [None], phq9_missing=1) == (18, 1)
    assert phq9([2] * 7 + [None] * 2, phq9_missing=1) == (None, None)
    assert phq9([None] * 9, phq9_missing=2) == (None, None)
    with pytest.raises(CohortError, match="must be 0 to 2, got 3"):
        phq9([1] * 9, phq9_missing=3)


def test_blood_pressure_is_the_mean_of_the_readings_there_are() -> None:
    read = derive(BPXSY1=[120, 130, None], BPXSY2=[110, None, None], BPXSY3=[106, None, None], BPXDI1=[70, None, None])
    assert read["SYSTOLIC_MEAN"].to_list() == [112, 130, None]
    assert read["DIASTOLIC_MEAN"].to_list() == [70, None, None]


def test_smoking_and_cigarettes_a_day() -> None:
    """Never; former; every day, 20 on 30 days; some days, 6 on 5 of 30; on no day; unknown now; unknown ever."""
    read = derive(
        SMQ020=[2, 1, 1, 1, 1, 1, None],
        SMQ040=[None, 3, 1, 2, 2, None, None],
        SMD641=[None, None, 30, 5, 0, None, None],
        SMD650=[None, None, 20, 6, None, None, None],
    )
    assert read["SMOKING"].to_list() == [0, 1, 2, 2, 2, None, None]
    assert read["CIGARETTES_PER_DAY"].to_list() == [0, 0, 20, 1, 0, None, None]


def test_alcohol_until_2016_is_counted_in_the_unit_that_was_said() -> None:
    """Twice a week; once a month; 5 a year; none; never in life; under 12 in life; unknown unit."""
    read = derive(
        ALQ101=[1, 1, 1, 1, 2, 2, 1],
        ALQ110=[None, None, None, None, 1, 2, None],
        ALQ120Q=[2, 1, 5, 0, 0, None, 3],
        ALQ120U=[1, 2, 3, None, None, None, None],
        ALQ130=[3, 1, 2, None, None, None, 2],
    )
    assert read["ALCOHOL_DAYS"].to_list() == [104, 12, 5, 0, 0, 0, None]
    assert read["ALCOHOL_DRINKS"].to_list() == pytest.approx([6, 12 / 52, 10 / 52, 0, 0, 0, None])


def test_alcohol_since_2017_is_the_middle_of_a_class() -> None:
    """Every day; 3 to 4 times a week; 1 or 2 times; not in the past year; never in life; unknown."""
    read = derive(ALQ111=[1, 1, 1, 1, 2, 1], ALQ121=[1, 3, 10, 0, None, None], ALQ130=[2, 2, 2, None, None, None])
    assert read["ALCOHOL_DAYS"].to_list() == [365, 182, 1.5, 0, 0, None]
    assert read["ALCOHOL_DRINKS"].to_list() == pytest.approx([730 / 52, 7, 3 / 52, 0, 0, None])


def test_activity_adds_up_weekly_met_minutes() -> None:
    """Nothing; vigorous work 5 days of 60 minutes; everything; minutes unknown; one question unanswered."""
    asked = {
        "PAQ605": [0, 1, 1, 1, 0],
        "PAQ620": [0, 0, 1, 0, 0],
        "PAQ635": [0, 0, 1, 0, None],
        "PAQ650": [0, 0, 1, 0, 0],
        "PAQ665": [0, 0, 1, 0, 0],
    }
    days = {name: [None, 5, 2, 5, None] for name in ("PAQ610", "PAQ625", "PAQ640", "PAQ655", "PAQ670")}
    minutes = {name: [None, 60, 30, None, None] for name in ("PAD615", "PAD630", "PAD645", "PAD660", "PAD675")}
    read = derive(**asked, **days, **minutes)
    assert read["ACTIVITY_MET"].to_list() == [0, 2400, 2 * 30 * (8 + 4 + 4 + 8 + 4), None, None]


def test_sleep_is_taken_from_whichever_question_was_asked() -> None:
    assert derive(SLD010H=[7, None, None], SLD012=[None, 7.5, None])["SLEEP_HOURS"].to_list() == [7, 7.5, None]


def test_age_80_is_marked_as_80_or_older() -> None:
    assert derive(RIDAGEYR=[79, 80, None])["AGE_80_PLUS"].to_list() == [0, 1, None]


def test_features_whose_columns_a_cycle_lacks_are_empty() -> None:
    read = derive(RIDAGEYR=[40])
    for name in ("PHQ9", "SYSTOLIC_MEAN", "SMOKING", "ALCOHOL_DAYS", "ACTIVITY_MET", "SLEEP_HOURS"):
        assert read[name].to_list() == [None]
