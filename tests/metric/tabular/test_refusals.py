"""Tables that cannot be encoded are refused, by name, and never by quoting what a cell holds."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse

from holdfast.metric.error import MetricError
from holdfast.metric.tabular.encoding import TabularEncoding


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_infinities_are_refused_with_column_and_rows(dtype: type) -> None:
    X = np.random.default_rng(0).normal(size=(4_000, 3)).astype(dtype)  # noqa: N806
    encoding = TabularEncoding.fit(X)
    X[[1, 3_000], 2] = [np.inf, -np.inf]
    with pytest.raises(MetricError, match="'x2' must be finite, got infinity in 2 of 4000 rows"):
        encoding.transform(X)
    with pytest.raises(MetricError, match="'x2' must be finite, got infinity in 2 of 4000 rows"):
        TabularEncoding.fit(X)


def test_infinities_beside_missing_values_are_refused_too() -> None:
    frame = pd.DataFrame({"age": [1.0, np.nan, 2.0]})
    encoding = TabularEncoding.fit(frame)
    with pytest.raises(MetricError, match="'age' must be finite, got infinity in 1 of 2 rows"):
        encoding.transform(pd.DataFrame({"age": [np.inf, np.nan]}))


def test_an_infinity_in_a_constant_column_is_refused() -> None:
    encoding = TabularEncoding.fit(np.array([[1.0, 2.0], [1.0, 3.0]]))
    with pytest.raises(MetricError, match="'x0' must be finite"):
        encoding.transform(np.array([[np.inf, 2.0]]))


def test_numbers_that_would_overflow_are_refused() -> None:
    with pytest.raises(MetricError, match="'x0' must stay below 1e37"):
        TabularEncoding.fit(np.array([[1e40], [1.0]]))
    with pytest.raises(MetricError, match="'x0' must stay below 1e37"):
        TabularEncoding.fit(np.array([[1.0], [2.0]])).transform(np.array([[1e300]]))


def test_large_but_representable_numbers_are_encoded() -> None:
    X = np.array([[1e25], [3e25]], dtype=np.float32)  # noqa: N806
    np.testing.assert_allclose(TabularEncoding.fit(X).transform(X), [[-1.0], [1.0]], rtol=1e-6)
    usual = TabularEncoding.fit(np.array([[-1.0], [1.0]], dtype=np.float32))
    np.testing.assert_allclose(usual.transform(X), X)  # their squares overflow, they do not


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_columns_missing_or_unknown_are_refused_by_name(frame: type) -> None:
    encoding = TabularEncoding.fit(frame({"age": [1, 2], "visits": [3, 4]}))
    with pytest.raises(MetricError, match="got 'visits' missing and 'sleep' unknown"):
        encoding.transform(frame({"age": [1], "sleep": [2]}))
    with pytest.raises(MetricError, match="got none missing and 'sleep' unknown"):
        encoding.transform(frame({"age": [1], "visits": [2], "sleep": [2]}))
    with pytest.raises(MetricError, match="got 'visits' missing and none unknown"):
        encoding.transform(frame({"age": [1]}))


def test_another_count_of_columns_is_refused() -> None:
    with pytest.raises(MetricError, match="must have 3 columns, as in training, got `2`"):
        TabularEncoding.fit(np.eye(3)).transform(np.eye(2))


def test_too_many_categories_are_refused_with_a_remedy() -> None:
    frame = pl.DataFrame({"id": [f"person {index}" for index in range(300)]})
    with pytest.raises(MetricError, match="'id' must have at most 256 categories, got more; group the rare ones"):
        TabularEncoding.fit(frame)
    assert TabularEncoding.fit(frame, max_categories=300).n_outputs == 300


def test_text_where_training_had_numbers_is_refused_without_quoting_it() -> None:
    encoding = TabularEncoding.fit(pl.DataFrame({"age": [1, 2]}))
    with pytest.raises(MetricError, match="'age' must hold numbers, as in training, got text") as caught:
        encoding.transform(pl.DataFrame({"age": ["private words"]}))
    assert "private" not in str(caught.value)


@pytest.mark.parametrize(
    "table",
    [
        np.array([[1, "private words"], ["a", "b"]], dtype=object),
        pd.DataFrame({"x0": [1, "private words"]}),
        pl.DataFrame({"x0": [[1], [2]]}),
        pl.DataFrame({"x0": [date(2026, 1, 1)]}),
        pd.DataFrame({"x0": pd.to_datetime(["2026-01-01"])}),
        pd.DataFrame({"x0": pd.to_timedelta([3], unit="D")}),
    ],
)
def test_mixed_cells_dates_and_lists_are_refused_by_type(table: Any) -> None:
    with pytest.raises(MetricError, match="'x0' must hold numbers or text, not both or anything else") as caught:
        TabularEncoding.fit(table)
    assert "private" not in str(caught.value)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (np.ones(3), "Reshape your data"),
        (np.float64(1.0), "must be 2-D"),
        (np.ones((3, 0)), "0 feature"),
        (np.ones((0, 3)), "0 sample"),
        (np.ones((2, 2), dtype=complex), "Complex data not supported"),
        (np.array([["2026-01-01"]], dtype="datetime64[D]"), "turn dates into numbers"),
        (np.array([[b"a"]]), "must hold numbers or text"),
        ([[1.0, 2.0], [3.0]], "rows of different lengths"),
        (scipy.sparse.csr_array(np.eye(2)), "must be dense, got a sparse matrix"),
        (np.ma.masked_equal(np.eye(2), 0), "masked array"),
        (np.full((3, 2), np.nan), "must hold a value somewhere"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), r"names of their own, got \['a'\] more than once"),
    ],
)
def test_what_is_no_table_is_refused(table: Any, message: str) -> None:
    with pytest.raises(MetricError, match=message):
        TabularEncoding.fit(table)


@pytest.mark.parametrize("declared", ["sleep", 2, -1, True, 1.5])
def test_declaring_a_column_that_is_not_there_is_refused(declared: Any) -> None:
    with pytest.raises(MetricError, match="categorical must name columns of X"):
        TabularEncoding.fit(pl.DataFrame({"age": [1], "visits": [2]}), categorical=[declared])


@pytest.mark.parametrize("limit", [0, True])
def test_a_limit_below_one_category_is_refused(limit: int) -> None:
    with pytest.raises(MetricError, match="max_categories must be at least 1"):
        TabularEncoding.fit(np.eye(2), max_categories=limit)


@pytest.mark.parametrize("cell", [pd.Timestamp("2020-01-01"), [1], 1 + 2j], ids=lambda cell: type(cell).__name__)
def test_a_category_that_is_neither_text_nor_a_number_is_refused_when_it_is_met(cell: object) -> None:
    encoding = TabularEncoding.fit(pd.DataFrame({"a": ["x", "y"]}))
    met = pd.DataFrame({"a": pd.Series([cell, "x"], dtype=object)})
    with pytest.raises(MetricError, match=f"column of categories, got {type(cell).__name__}"):
        encoding.transform(met)


def test_a_whole_number_too_large_for_any_float_is_refused_as_infinite() -> None:
    table = np.array([[10**400], [1]], dtype=object)
    with pytest.raises(MetricError, match="must be finite, got infinity in 1 of 2 rows"):
        TabularEncoding.fit(table)
    encoding = TabularEncoding.fit(pd.DataFrame({"a": ["x", "y"]}))
    assert not encoding.transform(pd.DataFrame({"a": pd.Series([10**400], dtype=object)})).any(), "a new category"
