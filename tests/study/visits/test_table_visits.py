"""Any table -> visits: every input that is bad, and what becomes of it."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from holdfast.metric.error import MetricError
from holdfast.study.error import StudyError
from holdfast.study.visits import Visits
from holdfast.study.visits.table_visits import Roles, inferred_columns, read_table

Read = Callable[..., Visits]

OUTCOME = {"time": [1.5, 2.0, 3.0], "event": [1, 0, 0]}


@pytest.fixture(params=["csv", "parquet"])
def kind(request: pytest.FixtureRequest) -> str:
    """What the table is written as."""
    return str(request.param)


def written(frame: pl.DataFrame, path: Path) -> Path:
    """Write a table as its suffix says."""
    if path.suffix == ".csv":
        frame.write_csv(path)
    else:
        frame.write_parquet(path)
    return path


@pytest.fixture
def read(tmp_path: Path, kind: str) -> Read:
    """Write columns, then read them with feature x, or with the roles and columns that are given."""

    def _read(columns: dict[str, Any], roles: Roles | None = None, learnt: Any = None) -> Visits:
        path = written(pl.DataFrame(columns, strict=False), tmp_path / f"t.{kind}")
        roles = roles or Roles(features=("x",), time="time", event="event")
        return read_table(path, learnt or inferred_columns(path, roles), roles)

    return _read


def test_a_table_becomes_visits(read: Read) -> None:
    roles = Roles(
        features=("x", "smokes"), time="time", event="event", person="id", sex="sex", age="age", groups=("region",)
    )
    visits = read(
        {
            "id": ["a", "b", "c"],
            "x": [0.5, None, 2.0],
            "smokes": ["no", "yes", None],
            "sex": [1, 2, None],
            "age": [39.5, None, 80.0],
            "region": ["north", None, "south"],
            **OUTCOME,
        },
        roles,
    )
    np.testing.assert_array_equal(visits.values, np.array([[0.5, 0], [np.nan, 1], [2, np.nan]], dtype=np.float32))
    assert [dict(c.levels) if c.levels else None for c in visits.columns] == [None, {"no": "no", "yes": "yes"}]
    assert visits.persons.tolist() == ["a", "b", "c"]
    np.testing.assert_array_equal(visits.age, [39.5, np.nan, 80])
    assert {name: group.tolist() for name, group in visits.attributes.items()} == {
        "sex": ["1", "2", "not recorded"],
        "region": ["north", "not recorded", "south"],
        "age band": ["under 40", "not recorded", "80 and over"],
    }
    assert visits.outcome.years.tolist() == [1.5, 2, 3]
    assert visits.outcome.event.tolist() == [True, False, False]
    assert visits.is_healthy is None
    assert visits.notes == ()


def test_csv_parquet_and_a_folder_of_parts_give_the_same_visits(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    frame = pl.DataFrame(
        {
            "id": [f"{i:03d}" for i in range(40)],
            "x": np.where(generator.random(40) < 0.2, np.nan, generator.normal(size=40)).round(6),
            "w": generator.choice(["low", "middle", "high"], 40),
            "sex": generator.choice([1.0, 2.0], 40),
            "age": generator.uniform(20, 90, 40).round(1),
            "t": generator.uniform(0.1, 9, 40).round(3),
            "e": generator.choice([0.0, 1.0], 40),
        }
    ).with_columns(pl.col("x").fill_nan(None))
    (tmp_path / "parts").mkdir()
    paths = [
        written(frame, tmp_path / "t.csv"),
        written(frame, tmp_path / "t.parquet"),
        written(frame[:17], tmp_path / "parts" / "a.parquet").parent,
        written(frame[17:], tmp_path / "parts" / "b.parquet").parent,
    ]
    roles = Roles(features=("x", "w"), time="t", event="e", person="id", sex="sex", age="age", time_unit="months")
    first, *others = [read_table(path, inferred_columns(path, roles), roles) for path in paths]
    assert first.persons[7] == "007"
    for other in others:
        assert other.columns == first.columns
        np.testing.assert_array_equal(other.values, first.values)
        assert other.persons.tolist() == first.persons.tolist()
        np.testing.assert_array_equal(other.age, first.age)
        np.testing.assert_array_equal(other.outcome.years, first.outcome.years)
        np.testing.assert_array_equal(other.outcome.event, first.outcome.event)
        assert {n: g.tolist() for n, g in other.attributes.items()} == {
            n: g.tolist() for n, g in first.attributes.items()
        }


@pytest.mark.parametrize(("unit", "per_year"), [("years", 1), ("months", 12), ("days", 365.25)])
def test_times_are_turned_into_years(read: Read, unit: str, per_year: float) -> None:
    roles = Roles(features=("x",), time="time", event="event", time_unit=unit)
    visits = read({"x": [1.0, 2, 3], **OUTCOME}, roles)
    np.testing.assert_allclose(visits.outcome.years * per_year, OUTCOME["time"])


def test_without_ids_rows_are_numbered_from_1(read: Read) -> None:
    assert read({"x": [1.0, 2, 3], **OUTCOME}).persons.tolist() == ["1", "2", "3"]


def test_a_missing_time_or_event_leaves_a_person_out_with_a_count_and_is_never_filled_in(read: Read) -> None:
    visits = read({"x": [1.0, 2, 3, 4], "time": [1.5, None, 2.5, 3.0], "event": [1, 0, None, 0]})
    assert visits.persons.tolist() == ["1", "4"]
    assert visits.values[:, 0].tolist() == [1, 4]
    assert visits.outcome.years.tolist() == [1.5, 3]
    assert visits.notes == ("2 of 4 people have no time or event and are left out.",)


def test_an_event_before_the_visit_is_refused(read: Read) -> None:
    message = (
        r"^Event or end of follow-up in 'time' must come after the visit, got 2 of 3 times below 0; "
        r"leave out people who had the event before the visit\.$"
    )
    with pytest.raises(StudyError, match=message) as refused:
        read({"x": [1.0, 2, 3], "time": [-0.5, 2, -3], "event": [1, 0, 0]})
    assert (refused.value.columns, refused.value.rows) == (("time",), 2)


def test_a_time_of_0_is_half_of_the_shortest_above_it_and_said_so(read: Read) -> None:
    visits = read({"x": [1.0, 2, 3], "time": [0.0, 0.5, 3], "event": [1, 0, 0]})
    assert visits.outcome.years.tolist() == [0.25, 0.5, 3]
    assert visits.notes == ("1 times of 0 are counted as half of the shortest time above 0.",)
    with pytest.raises(
        StudyError, match=r"^Times must be above 0, got 2 of 2 that are 0; check the column of times\.$"
    ):
        read({"x": [1.0, 2], "time": [0, 0], "event": [1, 0]})


def test_infinite_times_are_refused(read: Read) -> None:
    with pytest.raises(StudyError, match=r"^Times in 'time' must be finite, got 1 infinite; leave them empty\.$"):
        read({"x": [1.0, 2, 3], "time": [float("inf"), 1.0, 2.0], "event": [0, 1, 1]})


def test_all_censored_is_read_as_such(read: Read) -> None:
    visits = read({"x": [1.0, 2, 3], "time": [1, 2, 3], "event": [0, 0, 0]})
    assert visits.outcome.n_events == 0
    assert visits.outcome.n_people == 3


def test_nobody_followed_up_is_refused(read: Read) -> None:
    message = r"^People must have been followed up, got 0 of 2 rows with time and event; check the names"
    with pytest.raises(StudyError, match=message):
        read({"x": [1.0, 2], "time": [None, None], "event": [0, 1]})
    with pytest.raises(StudyError, match=message):
        read({"x": [1.0, 2], "time": [None, 1.5], "event": [0, None]})


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ([0, 1, 2], r"^Events in 'event' must be 0 or 1, got 1 of 3 values of another; write 1 where it happened"),
        ([0.5, 1, 0], r"^Events in 'event' must be 0 or 1, got 1 of 3 values of another; write 1 where it happened"),
        (["yes", "no", "no"], r"^Events in 'event' must be 0 or 1, got String; write 1 where it happened, 0 where not"),
    ],
)
def test_events_other_than_0_and_1_are_refused(read: Read, event: list[Any], message: str) -> None:
    with pytest.raises(StudyError, match=message):
        read({"x": [1.0, 2, 3], "time": [1, 2, 3], "event": event})


@pytest.mark.parametrize("event", [[True, False, None], [1.0, 0.0, None], [1, 0, None]])
def test_events_may_be_truth_values_or_numbers(read: Read, event: list[Any]) -> None:
    visits = read({"x": [1.0, 2, 3], "time": [1, 2, 3], "event": event})
    assert visits.outcome.event.tolist() == [True, False]


def test_dates_as_times_are_refused(read: Read, kind: str) -> None:
    said = "String" if kind == "csv" else "Date"
    message = rf"^Times in 'time' must be numbers from the visit on, got {said}; turn dates into the time between"
    with pytest.raises(StudyError, match=message):
        read({"x": [1.0, 2], "time": [date(2011, 1, 1), date(2012, 1, 1)], "event": [0, 1]})


def test_dates_as_inputs_are_refused_and_cannot_pass_for_numbers(tmp_path: Path) -> None:
    path = written(pl.DataFrame({"x": [date(2011, 1, 1)]}), tmp_path / "t.parquet")
    with pytest.raises(MetricError, match=r"^Column 'x' must hold numbers or words, got Date"):
        inferred_columns(path, Roles(features=("x",)))


def test_ids_must_be_there_and_unique_and_are_not_told(read: Read) -> None:
    roles = Roles(features=("x",), person="id")
    with pytest.raises(
        StudyError, match=r"^Persons in t\.\w+ must be unique, got 2 of 4 rows repeated; keep one visit a person\.$"
    ) as repeated:
        read({"id": ["secret", "secret", "secret", "b"], "x": [1.0, 2, 3, 4]}, roles)
    assert "secret" not in str(repeated.value)
    with pytest.raises(StudyError, match=r"^Persons in t\.\w+ must have an id, got 1 of 3 rows without; add it\.$"):
        read({"id": ["a", None, "b"], "x": [1.0, 2, 3]}, roles)
    with pytest.raises(StudyError, match=r"^Persons in t\.\w+ must have an id, got 2 of 3 rows without; add it\.$"):
        read({"id": ["a", "  ", ""], "x": [1.0, 2, 3]}, roles)


def test_an_id_that_is_not_a_number_is_missing(tmp_path: Path) -> None:
    path = written(pl.DataFrame({"id": [1.0, float("nan")], "x": [1, 2]}), tmp_path / "t.parquet")
    roles = Roles(features=("x",), person="id")
    with pytest.raises(StudyError, match=r"must have an id, got 1 of 2 rows without"):
        read_table(path, inferred_columns(path, roles), roles)


def test_groups_are_words_whole_numbers_without_a_point(read: Read) -> None:
    roles = Roles(features=("x",), groups=("whole", "parts"))
    visits = read({"x": [1.0, 2, 3], "whole": [1.0, 2.0, None], "parts": [1.5, 2.0, None]}, roles)
    assert visits.attributes["whole"].tolist() == ["1", "2", "not recorded"]
    assert visits.attributes["parts"].tolist() == ["1.5", "2.0", "not recorded"]


def test_a_group_of_nan_is_not_recorded(tmp_path: Path) -> None:
    frame = pl.DataFrame({"x": [1, 2, 3], "g": [1.5, float("nan"), None]})
    path = written(frame, tmp_path / "t.parquet")
    roles = Roles(features=("x",), groups=("g",))
    visits = read_table(path, inferred_columns(path, roles), roles)
    assert visits.attributes["g"].tolist() == ["1.5", "not recorded", "not recorded"]


def test_too_many_groups_are_refused(read: Read) -> None:
    columns = {"x": list(range(70)), "g": [f"g{i}" for i in range(70)]}
    with pytest.raises(
        StudyError, match=r"^Column 'g' must hold at most 64 groups, got 70; break figures down by some"
    ):
        read(columns, Roles(features=("x",), groups=("g",)))


def test_too_many_words_are_no_category(read: Read) -> None:
    message = r"^Column 'x' must hold at most 64 words to be a category, got more than 64; leave it out of the features"
    with pytest.raises(StudyError, match=message):
        read({"x": [f"w{i}" for i in range(65)]}, Roles(features=("x",)))
    visits = read({"x": [f"w{i}" for i in range(64)]}, Roles(features=("x",)))
    assert len(visits.columns[0].levels or {}) == 64


@pytest.mark.parametrize("age", [[-1.0, 30.0], [30.0, 131.0], [30.0, float("inf")]])
def test_impossible_ages_are_refused(read: Read, age: list[float]) -> None:
    with pytest.raises(
        StudyError, match=r"^Age in t\.\w+ must lie in 0 to 130 years, got 1 of 2 values outside; check its unit\.$"
    ):
        read({"x": [1.0, 2], "age": age}, Roles(features=("x",), age="age"))


def test_ages_that_are_words_are_refused_and_none_at_all_are_missing(read: Read) -> None:
    roles = Roles(features=("x",), age="age")
    with pytest.raises(StudyError, match=r"^Age in t\.\w+ must be a number of years, got String; write it as a number"):
        read({"x": [1.0, 2], "age": ["old", "young"]}, roles)
    visits = read({"x": [1.0, 2], "age": [None, None]}, roles)
    assert visits.attributes["age band"].tolist() == ["not recorded", "not recorded"]


def test_a_wrong_unit_is_refused_where_the_range_is_known(read: Read, make: Any) -> None:
    glucose = make.number("x", title="Glucose", unit="mmol/L", plausible=(1.0, 40.0))
    columns = {"x": [90.0, 100, 110, 95, 105], "time": [1, 2, 3, 4, 5], "event": [1, 0, 0, 1, 0]}
    with pytest.raises(StudyError, match=r"got 5 of 5 values outside, as mg/dL would be; convert it from mg/dL\.$"):
        read(columns, learnt=(glucose,))
    in_unit = read({**columns, "x": [5.0, 5.5, 6.1, 5.3, 5.8]}, learnt=(glucose,))
    np.testing.assert_allclose(in_unit.values[:, 0], [5.0, 5.5, 6.1, 5.3, 5.8], rtol=1e-6)


def test_infinite_inputs_are_refused(read: Read) -> None:
    with pytest.raises(StudyError, match=r"^Column 'x' of t\.\w+ must be finite, got 1 of 3 values that are not"):
        read({"x": [1.0, float("inf"), 2.0], **OUTCOME})


def test_a_category_not_seen_in_training_is_declared_and_in_no_category(read: Read, make: Any) -> None:
    visits = read({"x": ["a", "new", None], **OUTCOME}, learnt=(make.words("x", "a", "b"),))
    np.testing.assert_array_equal(visits.values[:, 0], [0, 2, np.nan])
    assert visits.notes == (
        "1 values of 'x' are of a category not seen in training: they are read as such, and take part in no category.",
    )


def test_inputs_that_are_missing_at_scoring_are_all_named(read: Read, make: Any) -> None:
    learnt = tuple(make.number(name) for name in ("x", "albumin", "urea"))
    with pytest.raises(
        StudyError,
        match=r"^t\.\w+ must have every column that was learnt from, got 2 of 3 missing \(albumin, urea\); add them; "
        r"a column nobody was measured on may be there empty\.$",
    ) as refused:
        read({"x": [1.0, 2, 3], **OUTCOME}, learnt=learnt)
    assert refused.value.columns == ("albumin", "urea")


def test_a_column_nobody_was_measured_on_may_be_there_empty(read: Read, make: Any) -> None:
    learnt = (make.number("x"), make.words("w", "a"))
    visits = read({"x": [None] * 3, "w": pl.Series([None] * 3, dtype=pl.String), **OUTCOME}, learnt=learnt)
    assert np.isnan(visits.values).all()
    inferred = read({"x": pl.Series([None] * 3, dtype=pl.String), **OUTCOME})
    assert np.isnan(inferred.values).all()


def test_text_in_a_column_of_numbers_is_refused_at_scoring(read: Read, make: Any) -> None:
    message = r"^Column 'x' of t\.\w+ must (hold one type|be readable as Float64), got "
    with pytest.raises(MetricError, match=message) as refused:
        read({**OUTCOME, "x": ["1", "high", "3"]}, learnt=(make.number("x"),))
    assert "high" not in str(refused.value)


def test_an_unknown_column_is_refused_with_the_closest(read: Read) -> None:
    with pytest.raises(MetricError, match=r"^Column must be one of t\.\w+, got 'tme'; did you mean time\?$"):
        read({"x": [1.0, 2, 3], **OUTCOME}, Roles(features=("x",), time="tme", event="event"))


def test_an_empty_table_is_refused(read: Read) -> None:
    with pytest.raises(StudyError, match=r"^t\.\w+ must hold people, got 0 rows; give a table with a row a person\.$"):
        read({"x": [], "time": [], "event": []})


@pytest.mark.parametrize(
    ("roles", "message"),
    [
        ({"features": ("x", "y", "x")}, r"^Features must be named once each, got 1 repeated of 3; list them anew\.$"),
        ({"features": ()}, r"^Features must be named once each, got 0 repeated of 0; list them anew\.$"),
        (
            {"features": ("x", "t"), "time": "t", "event": "e"},
            r"^Features must not hold the outcome, got 't'; leave it out of the features\.$",
        ),
        (
            {"features": ("x", "e"), "time": "t", "event": "e"},
            r"^Features must not hold the outcome, got 'e'; leave it out of the features\.$",
        ),
        (
            {"features": ("x",), "time": "t"},
            r"^Time and event must be named together, got one of them; name both columns, or neither\.$",
        ),
        (
            {"features": ("x",), "time": "t", "event": "t"},
            r"^Time and event must be two columns, got 't'; name the other\.$",
        ),
        (
            {"features": ("x",), "time_unit": "weeks"},
            r"^Unit of time must be one of years, months, days, got 'weeks'; name one\.$",
        ),
    ],
)
def test_roles_that_contradict_themselves_are_refused(roles: dict[str, Any], message: str) -> None:
    with pytest.raises(StudyError, match=message):
        Roles(**roles)


def test_without_an_outcome_nothing_is_known_of_it(read: Read) -> None:
    assert read({"x": [1.0, 2]}, Roles(features=("x",))).follow_up is None
