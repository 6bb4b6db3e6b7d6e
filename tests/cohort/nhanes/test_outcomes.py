"""Death after the exam: who has a row, for how long, and of what."""

from collections.abc import Sequence

import polars as pl
import pytest

from holdfast.cohort.error import CohortError
from holdfast.cohort.nhanes.dictionary import load_dictionary
from holdfast.cohort.nhanes.outcomes import outcome_rows, outcomes_of

DICTIONARY = load_dictionary()
COLUMNS = ("person", "ELIGSTAT", "MORTSTAT", "UCOD_LEADING", "PERMTH_INT", "PERMTH_EXM")
PEOPLE = [
    ("alive", 1, 0, None, 79, 78),
    ("of the heart", 1, 1, 1, 25, 24),
    ("at once", 1, 1, 10, 1, 0),
    ("of no published cause", 1, 1, None, 13, 12),
    ("a child", 2, None, None, None, None),
    ("not identifiable", 3, None, None, None, None),
    ("not examined", 1, 0, None, 80, None),
    ("of a cycle without linkage", None, None, None, None, None),
]


def rows(zero_months: float = 0.5, people: Sequence[tuple[object, ...]] = PEOPLE) -> pl.DataFrame:
    types = {"person": pl.String} | dict.fromkeys(COLUMNS[1:], pl.Int64)
    table = pl.DataFrame(people, schema=types, orient="row")
    return outcome_rows(table, DICTIONARY, zero_months=zero_months)


def test_death_from_any_cause_has_a_row_for_everybody_followed_up_and_for_nobody_else() -> None:
    assert rows().filter(pl.col("outcome") == "death").drop("outcome").rows() == [
        ("alive", 6.5, False),
        ("of the heart", 2.0, True),
        ("at once", 0.5 / 12, True),
        ("of no published cause", 1.0, True),
    ]


def test_months_that_stand_for_0_can_be_set_and_stay_above_0() -> None:
    assert rows(zero_months=1.0)["years"].min() == 1 / 12
    for wrong in (0, -1, 1.5):
        with pytest.raises(CohortError, match="must be above 0 and at most 1"):
            rows(zero_months=wrong)


def test_for_one_cause_other_deaths_are_censored_and_unknown_ones_absent() -> None:
    read = rows()
    for outcome in (o.name for o in outcomes_of(DICTIONARY)[1:]):
        said = read.filter(pl.col("outcome") == outcome)
        died = {"death_heart": "of the heart", "death_other": "at once"}.get(outcome)
        assert said["person"].to_list() == ["alive", "of the heart", "at once"]
        assert said.filter("event")["person"].to_list() == ([died] if died else [])


def test_there_is_one_row_a_person_and_outcome() -> None:
    read = rows()
    assert read.select("person", "outcome").is_unique().all()
    assert read["event"].null_count() == read["years"].null_count() == 0


def test_months_without_eligibility_count_for_nothing() -> None:
    assert rows(people=[("a", None, 0, None, 9, 9)]).is_empty()


def test_an_unknown_cause_is_refused() -> None:
    with pytest.raises(CohortError, match="UCOD_LEADING must be a leading cause, 1 to 10, got 1 of 1 rows"):
        rows(people=[("a", 1, 1, 54, 3, 3)])
