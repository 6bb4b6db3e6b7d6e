"""An encoding survives JSON exactly, and nothing else is taken for one."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.metric.error import MetricError
from holdfast.metric.tabular.columns import CategoricalColumn, Column, EmptyColumn, NumericColumn
from holdfast.metric.tabular.encoding import TabularEncoding

names = st.text(max_size=8)
floats = st.floats(allow_nan=False, allow_infinity=False)
numeric = st.builds(
    NumericColumn,
    name=names,
    centre=floats,
    scale=floats.map(abs),
    is_missing_seen=st.booleans(),
)
categorical = st.builds(
    CategoricalColumn,
    name=names,
    categories=st.sets(st.text(max_size=5), min_size=1).map(lambda found: tuple(sorted(found))),
    is_missing_seen=st.booleans(),
)
columns = st.lists(st.one_of(numeric, categorical, st.builds(EmptyColumn, name=names)), min_size=1, max_size=6)


@given(columns=columns, is_named=st.booleans())
def test_an_encoding_survives_json_exactly(columns: list[Column], is_named: bool) -> None:
    encoding = TabularEncoding(columns=tuple(columns), is_named=is_named)
    assert TabularEncoding.from_json(json.loads(json.dumps(encoding.to_json()))) == encoding


def test_a_fitted_encoding_encodes_the_same_after_json() -> None:
    X = np.random.default_rng(0).normal(5, 3, (500, 6))  # noqa: N806
    encoding = TabularEncoding.fit(X)
    again = TabularEncoding.from_json(json.loads(json.dumps(encoding.to_json())))
    np.testing.assert_array_equal(again.transform(X), encoding.transform(X))


def stored(**changes: Any) -> dict[str, Any]:
    return {**TabularEncoding.fit(np.eye(2)).to_json(), **changes}


NUMERIC = {"kind": "numeric", "name": "a", "centre": 0.0, "scale": 1.0, "is_missing_seen": False}


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ({}, "must be of format 'holdfast-tabular-encoding'"),
        (stored(format_version=2), "must be of format_version 1, got `2`"),
        (stored(is_named="yes"), "must say is_named"),
        (stored(columns=[]), "list its columns"),
        (stored(columns=["a"]), "must be an object, got `str`"),
        (stored(columns=[{"kind": "other"}]), "numeric, categorical or empty"),
        (stored(columns=[NUMERIC | {"scale": float("inf")}]), "numeric, categorical or empty"),
        (stored(columns=[NUMERIC | {"scale": -1.0}]), "numeric, categorical or empty"),
        (stored(columns=[NUMERIC | {"extra": 1}]), "must say is_missing_seen"),
        (stored(columns=[{"kind": "categorical", "name": "a", "categories": ["b", "a"]}]), "numeric, categorical or"),
    ],
)
def test_what_is_not_an_encoding_is_refused(what: dict[str, Any], message: str) -> None:
    with pytest.raises(MetricError, match=message):
        TabularEncoding.from_json(what)
