"""Cohort -> visits, against joins by hand."""

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.error import CohortError
from holdfast.cohort.phenotypes import HealthyRule
from holdfast.cohort.schema import Kind
from holdfast.errors import UnknownNameError
from holdfast.study.error import StudyError
from holdfast.study.visits import Visits
from holdfast.study.visits.cohort_visits import CohortSelection, age_feature, input_features, read_cohort


def test_values_are_those_of_people_parquet_in_its_order(made_up: Cohort, people: Visits) -> None:
    table = pl.read_parquet(made_up.folder / "people.parquet")
    assert people.persons.tolist() == table["person"].to_list()
    assert people.names == tuple(f.name for f in made_up.schema.features)
    for place, column in enumerate(people.columns):
        said = table[column.name].cast(pl.Float64).to_numpy()
        if column.kind is Kind.CATEGORICAL:
            codes = [float(code) for code in column.levels or {}]
            said = np.array([np.nan if np.isnan(v) else codes.index(v) for v in said])
        np.testing.assert_array_equal(people.values[:, place], said.astype(np.float32), err_msg=column.name)


def test_the_outcome_is_that_of_outcomes_parquet_person_by_person(made_up: Cohort, people: Visits) -> None:
    rows = pl.read_parquet(made_up.folder / "outcomes.parquet").filter(pl.col("outcome") == "death")
    by_person = {row["person"]: row for row in rows.iter_rows(named=True)}
    assert people.outcome.years.tolist() == [by_person[p]["years"] for p in people.persons]
    assert people.outcome.event.tolist() == [by_person[p]["event"] for p in people.persons]
    assert people.notes == ()


def test_people_who_were_not_followed_up_for_an_outcome_are_left_out_and_counted(made_up: Cohort) -> None:
    """Nobody is followed up for a first diagnosis that they had already: it is not filled in as "no event"."""
    outcome = next(o.name for o in made_up.schema.outcomes if o.name != "death")
    rows = pl.read_parquet(made_up.folder / "outcomes.parquet").filter(pl.col("outcome") == outcome)
    visits = read_cohort(made_up, CohortSelection(outcome=outcome, healthy=None))
    assert 0 < rows.height < made_up.n_people
    assert set(visits.persons) == set(rows["person"])
    assert visits.outcome.n_events == rows["event"].sum()
    assert len(visits.values) == len(visits.outcome) == len(visits.age) == rows.height  # type: ignore[arg-type]
    left_out = made_up.n_people - rows.height
    assert visits.notes == (f"{left_out} of 3000 people were not followed up for {outcome!r} and are left out.",)


def test_groups_are_said_in_the_words_of_the_schema_and_age_in_bands(made_up: Cohort, people: Visits) -> None:
    table = pl.read_parquet(made_up.folder / "people.parquet")
    assert set(people.attributes) == {"Sex", "Ethnic background", "age band"}
    sex = {None: "not recorded", 0: "Female", 1: "Male"}
    assert people.attributes["Sex"].tolist() == [sex[v] for v in table["sex"]]
    ethnic = dict(made_up.schema.feature("ethnicity").levels or {}) | {None: "not recorded"}
    assert people.attributes["Ethnic background"].tolist() == [ethnic[v] for v in table["ethnicity"]]
    age = table["age"].to_numpy()
    np.testing.assert_array_equal(people.age, age)
    bands = {3: "under 40", 4: "40 to 49", 5: "50 to 59", 6: "60 to 69", 7: "70 to 79"}
    assert people.attributes["age band"].tolist() == [bands[int(a // 10)] for a in age]


def test_the_healthy_are_who_had_and_got_no_condition_for_five_years_and_lived(made_up: Cohort, people: Visits) -> None:
    conditions = pl.read_parquet(made_up.folder / "conditions.parquet").filter(pl.col("years") <= 5)
    deaths = pl.read_parquet(made_up.folder / "outcomes.parquet").filter(pl.col("outcome") == "death")
    lived = set(deaths.filter((pl.col("years") > 5) | ((pl.col("years") == 5) & ~pl.col("event")))["person"])
    ill = set(conditions["person"])
    by_hand = [p in lived and p not in ill for p in people.persons]
    assert people.is_healthy is not None
    assert people.is_healthy.tolist() == by_hand
    assert 0.1 < np.mean(by_hand) < 0.9


def test_without_an_outcome_or_a_rule_neither_is_made_up(made_up: Cohort) -> None:
    visits = read_cohort(made_up, CohortSelection(outcome=None, healthy=None, groups=("sex",), features=("age", "sex")))
    assert visits.follow_up is None
    assert visits.is_healthy is None
    assert visits.names == ("sex", "age")
    assert set(visits.attributes) == {"Sex", "age band"}
    with pytest.raises(StudyError, match=r"^People must have been followed up, got no times or events;"):
        _ = visits.outcome


def test_progress_counts_people(made_up: Cohort) -> None:
    told: list[int] = []
    read_cohort(made_up, CohortSelection(outcome=None, healthy=None), progress=told.append)
    assert told[-1] == 3_000


def test_an_empty_healthy_reference_is_refused_with_the_main_reason(made_up: Cohort) -> None:
    rule = HealthyRule(years_free=500)
    with pytest.raises(
        CohortError, match=r"^Healthy reference must hold people, got 0 of 3000 people; \d+ were refused"
    ):
        read_cohort(made_up, CohortSelection(healthy=rule))


def test_an_outcome_that_nobody_was_followed_up_for_is_refused(made_up: Cohort) -> None:
    schema = replace(
        made_up.schema, outcomes=(*made_up.schema.outcomes, replace(made_up.schema.outcomes[0], name="gout", title="G"))
    )
    with pytest.raises(
        StudyError, match=r"^Outcome 'gout' must have been followed up, got 0 of 3000 people with a time; choose"
    ):
        read_cohort(replace(made_up, schema=schema), CohortSelection(outcome="gout", healthy=None))


def test_unknown_names_are_refused_with_the_closest(made_up: Cohort) -> None:
    for selection, message in (
        (CohortSelection(outcome="deth"), r"^Outcome must be a known id, got 'deth'; did you mean death"),
        (CohortSelection(groups=("sexx",)), r"^Sensitive attribute must be a known id, got 'sexx'; did you mean sex"),
        (CohortSelection(features=("agee",)), r"^Feature must be a known id, got 'agee'; did you mean age"),
        (CohortSelection(without=("agee",)), r"^Feature must be a known id, got 'agee'; did you mean age"),
    ):
        with pytest.raises(UnknownNameError, match=message):
            read_cohort(made_up, replace(selection, healthy=None))


def test_features_that_describe_the_study_are_no_inputs_unless_asked_for(make: Any) -> None:
    from holdfast.cohort.schema import Schema

    schema = Schema(features=(make.number("psu", group="survey design"), make.number("RIDAGEYR"), make.number("x")))
    assert [f.name for f in input_features(schema)] == ["RIDAGEYR", "x"]
    assert [f.name for f in input_features(schema, ["x", "psu"])] == ["psu", "x"]
    assert [f.name for f in input_features(schema, without=["x"])] == ["RIDAGEYR"]
    assert age_feature(schema) == "RIDAGEYR"
    with pytest.raises(StudyError, match=r"^Inputs must be at least one feature, got none left; leave out fewer\.$"):
        input_features(schema, without=["x", "RIDAGEYR"])
