"""The schema: what it refuses, and that it comes back from JSON as it went."""

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.cohort import CohortError, Feature, Kind, Outcome, Schema, SensitiveAttribute
from holdfast.errors import UnknownNameError

WORDS = st.text("abcdefgh_", min_size=1, max_size=8)


def feature(name: str, **settings: object) -> Feature:
    given = {"kind": Kind.NUMERIC, "title": name, "group": "body", "source": "1"} | settings
    return Feature(name=name, **given)  # type: ignore[arg-type]


@st.composite
def features(draw: st.DrawFn) -> Feature:
    code = draw(st.sampled_from([st.integers(-9, 99), WORDS]))
    low = draw(st.floats(-1e6, 1e6))
    return feature(
        draw(WORDS),
        kind=draw(st.sampled_from(Kind)),
        unit=draw(st.none() | WORDS),
        plausible=draw(st.none() | st.just((low, low + 1.5))),
        levels=draw(st.none() | st.dictionaries(code, WORDS, min_size=1)),
    )


@given(st.lists(features(), unique_by=lambda f: f.name), st.lists(WORDS, unique=True))
def test_a_schema_comes_back_from_json_equal_with_its_order_and_the_types_of_its_codes(
    found: list[Feature], words: list[str]
) -> None:
    schema = Schema(
        features=tuple(found),
        sensitive=(SensitiveAttribute(name="sex", title="Sex", levels={0: "Female", 1: "Male"}),),
        outcomes=tuple(Outcome(name=word, title=word) for word in words),
        conditions=tuple(words),
        weights=("WEIGHT",),
        birth_year="BORN",
    )
    text = schema.to_json()
    again = Schema.from_json(text)
    assert again == schema
    assert again.to_json() == text
    assert [list((f.levels or {}).items()) for f in again.features] == [list((f.levels or {}).items()) for f in found]


def test_a_schema_travels_to_another_process() -> None:
    schema = Schema(features=(feature("a", levels={1: "x"}, kind=Kind.ORDINAL),))
    assert pickle.loads(pickle.dumps(schema)) == schema


def test_columns_are_listed_once_with_those_that_are_not_measured_first_and_last() -> None:
    schema = Schema(
        features=(feature("age"), feature("bmi")),
        sensitive=(SensitiveAttribute(name="sex", title="Sex"), SensitiveAttribute(name="age", title="Age")),
        weights=("w",),
        birth_year="born",
    )
    assert schema.columns == ("person", "visit", "age", "bmi", "sex", "w", "born")


def test_an_unknown_feature_is_refused_with_the_closest_name() -> None:
    with pytest.raises(UnknownNameError, match="did you mean albumin"):
        Schema(features=(feature("albumin"),)).feature("albumen")


def test_two_features_of_one_name_are_refused() -> None:
    with pytest.raises(CohortError, match="Features must have names of their own, got 1 repeated") as caught:
        Schema(features=(feature("a"), feature("a")))
    assert caught.value.columns == ("a",)


@pytest.mark.parametrize("name", ["person", "visit", "", " a"])
def test_names_that_are_taken_or_hard_to_type_are_refused(name: str) -> None:
    with pytest.raises(CohortError, match="name must be a word other than person, visit"):
        feature(name)


def test_a_range_from_high_to_low_is_refused() -> None:
    with pytest.raises(CohortError, match="must run from low to high"):
        feature("a", plausible=(2.0, 1.0))


@pytest.mark.parametrize("levels", [{}, {1: "a", "b": "b"}])
def test_codes_of_two_types_or_none_at_all_are_refused(levels: dict[object, str]) -> None:
    with pytest.raises(CohortError, match="all numbers or all words"):
        feature("a", levels=levels)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}'])
def test_other_json_is_refused(text: str) -> None:
    with pytest.raises(CohortError, match="Schema must be the JSON that to_json writes"):
        Schema.from_json(text)


def test_a_later_format_is_refused() -> None:
    later = json.loads(Schema(features=()).to_json()) | {"format": 2}
    with pytest.raises(CohortError, match="format 1, got 2"):
        Schema.from_json(json.dumps(later))
