"""What a table becomes: compared with scikit-learn, with plain loops, and between kinds of table."""

import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from holdfast.metric.tabular.columns import CategoricalColumn, EmptyColumn, NumericColumn
from holdfast.metric.tabular.encoding import TabularEncoding

ROWS = {
    "age": [31.0, None, 58.0, 44.0],
    "visits": [1, 2, 2, 7],
    "region": ["north", "south", None, "north"],
    "is_new": [True, False, True, True],
}


def encoded_by_loop(rows: list[list[object]]) -> list[list[float]]:
    """Encode ``ROWS`` cell by cell, as the docstrings say."""
    columns = list(zip(*rows, strict=True))
    numeric, flags = [], []
    for index in (0, 1, 3):
        seen = [float(v) for v in columns[index] if v is not None]
        mean = sum(seen) / len(seen)
        spread = (sum((v - mean) ** 2 for v in seen) / len(seen)) ** 0.5
        numeric.append([0.0 if v is None else (float(v) - mean) / spread for v in columns[index]])
        if None in columns[index]:
            flags.append([float(v is None) for v in columns[index]])
    regions = [[float(v == name) for v in columns[2]] for name in ("north", "south")]
    regions.append([float(v is None) for v in columns[2]])
    return [list(row) for row in zip(*numeric, *flags, *regions, strict=True)]


def as_objects() -> np.ndarray:
    return np.array(list(zip(*ROWS.values(), strict=True)), dtype=object)


@pytest.mark.parametrize("kind", ["object", "pandas", "polars", "pandas nullable", "list"])
def test_every_kind_of_table_is_encoded_as_a_plain_loop_does(kind: str) -> None:
    tables = {
        "object": as_objects(),
        "pandas": pd.DataFrame(ROWS),
        "polars": pl.DataFrame(ROWS),
        "pandas nullable": pd.DataFrame(ROWS).convert_dtypes(),
        "list": as_objects().tolist(),
    }
    encoding = TabularEncoding.fit(tables[kind])
    expected = encoded_by_loop(as_objects().tolist())
    np.testing.assert_allclose(encoding.transform(tables[kind]), expected, rtol=1e-6)
    assert encoding.transform(tables[kind]).dtype == np.float32
    assert encoding.n_outputs == len(expected[0]) == len(encoding.feature_names_out)


def test_outputs_are_named_after_what_they_say() -> None:
    assert TabularEncoding.fit(pl.DataFrame(ROWS)).feature_names_out == (
        "age",
        "visits",
        "is_new",
        "age is missing",
        "region = north",
        "region = south",
        "region is missing",
    )


def test_numbers_are_standardised_as_scikit_learn_does() -> None:
    X = np.random.default_rng(0).normal(3, 8, (10_000, 7))  # noqa: N806
    np.testing.assert_allclose(TabularEncoding.fit(X).transform(X), StandardScaler().fit_transform(X), atol=1e-6)


def test_categories_are_those_of_scikit_learn_and_unseen_ones_are_zeros() -> None:
    X = np.random.default_rng(0).choice(["a", "b", "ü"], (100, 2)).astype(object)  # noqa: N806
    new = np.array([["b", "never"], ["never", "ü"]], dtype=object)
    theirs = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(X)
    ours = TabularEncoding.fit(X)
    np.testing.assert_array_equal(ours.transform(X), theirs.transform(X))
    np.testing.assert_array_equal(ours.transform(new), theirs.transform(new))


@pytest.mark.parametrize("offset", [0.0, 40.0, 1e5])
def test_single_and_double_precision_give_the_same_encoding(offset: float) -> None:
    single = (np.random.default_rng(0).integers(0, 9, (5_000, 4)) + offset).astype(np.float32)
    encoding = TabularEncoding.fit(single)
    np.testing.assert_allclose(encoding.transform(single), encoding.transform(single.astype(np.float64)), atol=2e-6)


@pytest.mark.parametrize("dtype", [bool, np.int8, np.int64, np.uint16, np.float16, np.float32])
def test_every_numeric_type_means_its_values(dtype: type) -> None:
    X = np.array([[0, 1], [1, 0], [1, 1]], dtype=dtype)  # noqa: N806
    expected = StandardScaler().fit_transform(X.astype(np.float64))
    np.testing.assert_allclose(TabularEncoding.fit(X).transform(X), expected, atol=1e-6)


def test_a_constant_column_is_zero_whatever_comes_later() -> None:
    encoding = TabularEncoding.fit(np.array([[0.1, 1.0], [0.1, 2.0], [0.1, 4.0]]))
    np.testing.assert_array_equal(encoding.transform(np.array([[0.1, 1.0], [1e9, 1.0]]))[:, 0], [0.0, 0.0])
    assert encoding.columns[0] == NumericColumn(name="x0", centre=0.1, scale=0.0, is_missing_seen=False)


def test_a_column_with_no_value_in_training_has_no_outputs_and_takes_anything_later() -> None:
    encoding = TabularEncoding.fit(pl.DataFrame({"a": [1.0, 2.0], "b": [None, None]}))
    assert encoding.columns[1] == EmptyColumn(name="b")
    assert encoding.transform(pl.DataFrame({"a": [1.0], "b": ["text"]})).shape == (1, 1)


def test_a_number_missing_only_later_is_the_mean() -> None:
    encoding = TabularEncoding.fit(np.array([[1.0], [3.0]]))
    assert encoding.transform(np.array([[np.nan], [2.0]])).tolist() == [[0.0], [0.0]]


def test_missing_numbers_are_flagged_where_training_had_some() -> None:
    X = np.random.default_rng(0).normal(size=(5_000, 3)).astype(np.float32)  # noqa: N806
    X[::3, 1] = np.nan
    out = TabularEncoding.fit(X).transform(X)
    assert out.shape == (5_000, 4)
    np.testing.assert_array_equal(out[:, 3], np.isnan(X[:, 1]))
    assert (out[::3, 1] == 0).all()


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_the_same_columns_in_another_order_are_put_in_order(frame: type) -> None:
    encoding = TabularEncoding.fit(frame(ROWS))
    turned = frame(dict(reversed(ROWS.items())))
    np.testing.assert_array_equal(encoding.transform(turned), encoding.transform(frame(ROWS)))
    assert encoding.feature_names_in == tuple(ROWS)


def test_pandas_and_polars_categories_are_categories() -> None:
    text = {"region": ["south", None, "north"]}
    by_pandas = TabularEncoding.fit(pd.DataFrame(text).astype("category"))
    by_polars = TabularEncoding.fit(pl.DataFrame(text, schema={"region": pl.Categorical}))
    expected = CategoricalColumn(name="region", categories=("north", "south"), is_missing_seen=True)
    assert by_pandas.columns == by_polars.columns == (expected,)


def test_numbers_declared_as_categories_are_read_as_such_whatever_their_type() -> None:
    encoding = TabularEncoding.fit(np.array([[1, 5], [2, 6], [1, 7]]), categorical=[0])
    assert encoding.columns[0] == CategoricalColumn(name="x0", categories=("1", "2"), is_missing_seen=False)
    assert encoding.transform(np.array([[2.0, 6.0], [3.0, 6.0]])).tolist() == [[0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]


def test_rows_can_be_encoded_a_few_at_a_time_into_a_matrix_at_hand() -> None:
    frame = pl.DataFrame(ROWS)
    encoding = TabularEncoding.fit(frame)
    rows, out = encoding.open(frame), np.full((2, encoding.n_outputs), 9.0, dtype=np.float32)
    rows.write(1, 3, out)
    np.testing.assert_array_equal(out, encoding.transform(frame)[1:3])


def test_the_table_is_left_as_it_was() -> None:
    X = np.array([[1.0, np.nan], [2.0, 5.0]])  # noqa: N806
    X.flags.writeable = False
    TabularEncoding.fit(X).transform(X)
    np.testing.assert_array_equal(X, [[1.0, np.nan], [2.0, 5.0]])


def test_encoding_loads_neither_torch_nor_scikit_learn_nor_a_frame_library() -> None:
    code = (
        "import sys, numpy; from holdfast.metric.tabular.encoding import TabularEncoding;"
        "TabularEncoding.fit(numpy.eye(3)).transform(numpy.eye(3));"
        "print(sorted({'torch', 'sklearn', 'pandas', 'polars', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
