"""Columns as numbers: categories, what is refused, and units."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from holdfast.cohort.schema import Kind
from holdfast.study.error import StudyError
from holdfast.study.visits.column_values import column_types, feature_values, refuse_implausible, refuse_missing


def test_a_category_is_the_place_of_its_level_and_one_not_listed_the_place_after_the_last(make: Any) -> None:
    column = make.words("drinks", "never", "daily")
    frame = pl.DataFrame({"drinks": ["daily", None, "weekly", "never", ""]})
    values, unseen = feature_values(frame, [column], table="t")
    np.testing.assert_array_equal(values[:, 0], [1, np.nan, 2, 0, 2])
    assert unseen == {"drinks": 2}


def test_codes_that_are_numbers_are_found_whatever_type_they_come_in(make: Any) -> None:
    column = make.number("ethnicity", kind=Kind.CATEGORICAL, levels={4: "a", 1: "b"})
    for values in ([4, 1, None, 9], [4.0, 1.0, float("nan"), 9.0]):
        found, unseen = feature_values(pl.DataFrame({"ethnicity": values}), [column], table="t")
        np.testing.assert_array_equal(found[:, 0], [0, 1, np.nan, 2])
        assert unseen == {"ethnicity": 1}


def test_types_are_words_only_where_levels_are_words(make: Any) -> None:
    codes = make.number("e", kind=Kind.CATEGORICAL, levels={4: "a"})
    assert column_types([make.number("x"), make.words("w", "a"), codes]) == {
        "x": pl.Float64(),
        "w": pl.String(),
        "e": pl.Float64(),
    }


def test_what_is_missing_stays_missing_and_truth_values_are_0_and_1(make: Any) -> None:
    frame = pl.DataFrame({"x": [True, None, False], "y": [None, None, None]})
    values, unseen = feature_values(frame, [make.number("x"), make.number("y")], table="t")
    np.testing.assert_array_equal(values, [[1, np.nan], [np.nan, np.nan], [0, np.nan]])
    assert unseen == {}


def test_infinite_values_are_refused_and_counted_once(make: Any) -> None:
    frame = pl.DataFrame({"x": [1.0, float("inf"), float("-inf"), 1e39, float("nan")]})
    with pytest.raises(
        StudyError, match=r"^Column 'x' of t must be finite, got 3 of 5 values that are not; leave them empty\.$"
    ) as refused:
        feature_values(frame, [make.number("x")], table="t")
    assert (refused.value.columns, refused.value.rows) == (("x",), 3)


def test_words_in_a_column_of_numbers_are_refused(make: Any) -> None:
    with pytest.raises(
        StudyError, match=r"^Column 'x' of t must hold numbers, got String; write its numbers as numbers\.$"
    ):
        feature_values(pl.DataFrame({"x": ["1", "high"]}), [make.number("x")], table="t")


def test_missing_columns_are_named_five_at_most(make: Any) -> None:
    columns = [make.number(f"x{i}") for i in range(8)]
    message = (
        r"^t must have every column that was learnt from, got 7 of 8 missing \(x1, x2, x3, x4, x5, ...\); add them"
    )
    for refuse in (
        lambda: refuse_missing(["x0"], columns, table="t"),
        lambda: feature_values(pl.DataFrame({"x0": [1.0]}), columns, table="t"),
    ):
        with pytest.raises(StudyError, match=message) as refused:
            refuse()
        assert refused.value.columns == tuple(f"x{i}" for i in range(1, 8))
    refuse_missing([f"x{i}" for i in range(8)], columns, table="t")


GLUCOSE = {"title": "Glucose", "unit": "mmol/L", "plausible": (1.0, 40.0)}


@pytest.mark.parametrize(
    ("said", "values", "message"),
    [
        (
            GLUCOSE,
            [90.0, 95, 110, 120, 250, 80],
            r"^Column 'x' \(Glucose\) must lie in 1 to 40 mmol/L, got 6 of 6 values outside, as mg/dL would be; "
            r"convert it from mg/dL\.$",
        ),
        (
            {"title": "Standing height", "unit": "cm", "plausible": (100.0, 230.0)},
            [1.6, 1.7, 1.8, 1.75, 1.9],
            r"^Column 'x' \(Standing height\) must lie in 100 to 230 cm, got 5 of 5 values outside, as m would be; "
            r"convert it from m\.$",
        ),
        (
            {"title": "Glycated haemoglobin (HbA1c)", "unit": "mmol/mol", "plausible": (15.0, 195.0)},
            [5.1, 5.6, 6.1, 7.9, 5.4],
            r"got 5 of 5 values outside, as percent would be; convert it from percent\.$",
        ),
        (
            {"title": "Score", "unit": None, "plausible": (0.0, 10.0)},
            [11.0, 12, 13, 14, 15],
            r"^Column 'x' \(Score\) must lie in 0 to 10, got 5 of 5 values outside; check its unit\.$",
        ),
    ],
)
def test_a_wrong_unit_is_named(make: Any, said: dict[str, Any], values: list[float], message: str) -> None:
    with pytest.raises(StudyError, match=message):
        refuse_implausible(np.array([values], dtype=np.float32).T, [make.number("x", **said)])


def test_a_fifth_of_the_values_may_be_odd_and_a_handful_is_not_judged(make: Any) -> None:
    column = make.number("x", **GLUCOSE)
    fifth = np.array([[99.0, 5, 5, 5, 5, np.nan, np.nan]], dtype=np.float32).T
    refuse_implausible(fifth, [column])
    refuse_implausible(np.full((4, 1), 99, dtype=np.float32), [column])
    more = np.array([[99.0, 99, 5, 5, 5, np.nan, np.nan]], dtype=np.float32).T
    with pytest.raises(StudyError, match=r"got 2 of 5 values outside, as mg/dL would be"):
        refuse_implausible(more, [column])


def test_the_bounds_themselves_are_plausible(make: Any) -> None:
    column = make.number("x", title="t", unit="u", plausible=(0.1, 0.3))
    refuse_implausible(np.array([[0.1, 0.3, 0.1, 0.3, 0.1]], dtype=np.float32).T, [column])


def test_only_numbers_with_a_plausible_range_have_a_unit_to_be_wrong(make: Any) -> None:
    far = np.full((9, 2), 1e6, dtype=np.float32)
    refuse_implausible(far, [make.number("x"), make.number("k", kind=Kind.ORDINAL, plausible=(0.0, 3.0))])
