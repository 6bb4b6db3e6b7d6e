"""Diagnoses become conditions, before or after a visit, as a slow reading of the same rules has it."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.cohort import CohortError
from holdfast.cohort.phenotypes import first_conditions, incident, load_phenotypes, match_codes, prevalent

VISIT = date(2008, 6, 1)
PHENOTYPES = load_phenotypes()

CODES = st.sampled_from(
    ["E11.9", "e119", "I110", "I11.9", "C44.1", "C50", "F10.2", "F17", "F32", "X70", "Z99", "G30.1"]
)
DIAGNOSES = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c"]),
        CODES,
        st.none() | st.integers(-4000, 4000),
        st.sampled_from(["41270", "40006"]),
    ),
    max_size=30,
)


def table(rows: list[tuple[str, str, int | None, str]]) -> pl.LazyFrame:
    dated = [(p, c, None if d is None else VISIT + timedelta(days=d), s) for p, c, d, s in rows]
    types = {"person": pl.String, "code": pl.String, "date": pl.Date, "source": pl.String}
    return pl.LazyFrame(dated, schema=types, orient="row")


VISITS = pl.LazyFrame({"person": ["a", "b", "d"], "visit": [VISIT, VISIT, None]})


@settings(max_examples=60, deadline=None)
@given(DIAGNOSES)
def test_the_first_diagnosis_of_each_condition_counts_as_a_loop_finds_it(
    rows: list[tuple[str, str, int | None, str]],
) -> None:
    expected: dict[tuple[str, str], tuple[int, str]] = {}
    for person, code, day, source in rows:
        for name, phenotype in PHENOTYPES.items():
            if day is not None and person in ("a", "b") and phenotype.holds(code):
                expected[person, name] = min(expected.get((person, name), (day, source)), (day, source))
    found = first_conditions(table(rows), VISITS, PHENOTYPES).collect()
    assert found.select("person", "condition", "source").rows() == [
        (p, c, s) for (p, c), (_, s) in sorted(expected.items())
    ]
    assert found["years"].to_list() == pytest.approx([day / 365.25 for _, (day, _) in sorted(expected.items())])


def test_the_day_of_the_visit_is_prevalent_and_the_day_after_incident() -> None:
    rows = table([("a", "F32", 0, "x"), ("a", "E11", 1, "x"), ("b", "I21", 731, "x"), ("b", "J44", -1, "x")])
    found = first_conditions(rows, VISITS, PHENOTYPES)
    assert prevalent(found).collect()["condition"].to_list() == ["depression", "copd"]
    assert incident(found).collect()["condition"].to_list() == ["type_2_diabetes", "coronary_disease"]
    assert incident(found, within_years=2).collect()["condition"].to_list() == ["type_2_diabetes"]


def test_a_diagnosis_is_counted_once_for_each_phenotype_and_keeps_its_columns() -> None:
    found = match_codes(pl.LazyFrame({"code": ["F10.2", "C44", "I50"], "n": [1, 2, 3]}), PHENOTYPES).collect()
    assert sorted(found.select("n", "condition").rows()) == [
        (1, "alcohol_use"),
        (1, "substance_use"),
        (3, "heart_failure"),
    ]


def test_a_missing_column_is_named() -> None:
    with pytest.raises(CohortError, match="none called date") as caught:
        first_conditions(table([]).drop("date"), VISITS, PHENOTYPES)
    assert caught.value.columns == ("date",)
