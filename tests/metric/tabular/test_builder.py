"""Learning from chunks gives what learning from the whole table gives."""

import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.metric.error import MetricError
from holdfast.metric.tabular.columns import CategoricalColumn, NumericColumn
from holdfast.metric.tabular.encoding import TabularEncoding, TabularEncodingBuilder


def frame(n_rows: int) -> pl.DataFrame:
    rng = np.random.default_rng(0)
    numbers = rng.normal(1000, 0.1, n_rows)
    return pl.DataFrame(
        {
            "score": numbers,
            "gappy": pl.Series(numbers).set(pl.Series(rng.random(n_rows) < 0.3), None),
            "region": rng.choice(["north", "south", "west"], n_rows),
        }
    )


@given(cuts=st.lists(st.integers(0, 300), max_size=6))
def test_chunks_of_any_size_give_the_encoding_of_the_whole(cuts: list[int]) -> None:
    whole = frame(300)
    builder, edges = TabularEncodingBuilder(), [0, *sorted(cuts), 300]
    for first, last in itertools.pairwise(edges):
        builder.update(whole[first:last])
    for ours, theirs in zip(builder.finish().columns, TabularEncoding.fit(whole).columns, strict=True):
        if isinstance(ours, NumericColumn) and isinstance(theirs, NumericColumn):
            np.testing.assert_allclose([ours.centre, ours.scale], [theirs.centre, theirs.scale], rtol=1e-11)
            assert ours.is_missing_seen == theirs.is_missing_seen
        else:
            assert ours == theirs


def test_mean_and_spread_are_those_of_numpy_even_far_from_zero() -> None:
    values = 1e9 + np.random.default_rng(0).normal(0, 1e-2, 20_000)
    builder = TabularEncodingBuilder()
    for chunk in np.array_split(values, 7):
        builder.update(chunk[:, None])
    column = builder.finish().columns[0]
    assert isinstance(column, NumericColumn)
    exact = values - 1e9
    assert column.centre - 1e9 == pytest.approx(exact.mean(), abs=3e-7)  # one rounding of 1e9 is 1.2e-7
    assert 1 / column.scale == pytest.approx(exact.std(), rel=1e-6)


def test_a_column_missing_in_the_first_chunk_takes_its_kind_from_a_later_one() -> None:
    builder = TabularEncodingBuilder()
    builder.update(pl.DataFrame({"a": [None, None], "b": [1.0, 2.0]}, schema={"a": pl.Float64, "b": pl.Float64}))
    builder.update(pl.DataFrame({"a": ["x"], "b": [3.0]}))
    assert builder.finish().columns[0] == CategoricalColumn(name="a", categories=("x",), is_missing_seen=True)


def test_chunks_in_another_column_order_are_read_by_name() -> None:
    builder = TabularEncodingBuilder().update(pl.DataFrame({"a": [1.0], "b": [5.0]}))
    encoding = builder.update(pl.DataFrame({"b": [7.0], "a": [3.0]})).finish()
    assert [column.centre for column in encoding.columns if isinstance(column, NumericColumn)] == [2.0, 6.0]


def test_numbers_in_one_chunk_and_text_in_another_are_refused() -> None:
    builder = TabularEncodingBuilder().update(pl.DataFrame({"a": [1.0]}))
    with pytest.raises(MetricError, match="'a' must hold numbers or text throughout, got both"):
        builder.update(pl.DataFrame({"a": ["x"]}))


def test_text_then_numbers_are_refused_too() -> None:
    builder = TabularEncodingBuilder().update(pl.DataFrame({"a": ["x"]}))
    with pytest.raises(MetricError, match="'a' must hold numbers or text throughout, got both"):
        builder.update(pl.DataFrame({"a": [1.0]}))


def test_a_chunk_with_other_columns_is_refused() -> None:
    builder = TabularEncodingBuilder().update(pl.DataFrame({"a": [1.0], "b": [1.0]}))
    with pytest.raises(MetricError, match="got 'b' missing and 'c' unknown"):
        builder.update(pl.DataFrame({"a": [1.0], "c": [1.0]}))


def test_nothing_cannot_be_learnt_from() -> None:
    with pytest.raises(MetricError, match="must have rows"):
        TabularEncodingBuilder().finish()
