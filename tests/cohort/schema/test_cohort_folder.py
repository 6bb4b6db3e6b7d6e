"""A cohort's folder: what comes back, what is left when writing stops, and what is refused."""

# ruff: noqa: PT012 - the writer refuses on leaving its block, so the block is the single statement

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal

from holdfast.cohort import CohortError, Feature, Kind, Schema
from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.cohort_writer import CohortWriter
from holdfast.cohort.flow import FlowStep, flow_to_json

Begin = Callable[..., AbstractContextManager[CohortWriter]]
Written = Callable[..., Cohort]

ONE = Schema(features=(Feature(name="x", kind=Kind.NUMERIC, title="X", group="body", source="1"),))


def rows(first: int, count: int) -> pl.DataFrame:
    numbers = range(first, first + count)
    return pl.DataFrame(
        {"person": [f"p{i}" for i in numbers], "visit": [date(2008, 1, 1)] * count, "x": [float(i) for i in numbers]}
    )


def test_what_is_written_comes_back(written: Written) -> None:
    cohort = written()
    assert cohort.n_people == 6
    assert cohort.people().collect()["glucose"].to_list() == [5.0, 5.5, None, 4.8, 6.0, 7.5]
    assert cohort.people().collect_schema()["rating"] == pl.Int32()
    assert cohort.conditions().collect().rows() == [("p1", "depression", -2.5, "41280"), ("p2", "stroke", 3.0, "41280")]
    assert cohort.outcomes().collect()["event"].to_list() == [True, False, False]
    assert cohort.flow == (FlowStep(step="source", removed=0, left=6, why="Everyone in the source."),)


def test_the_bytes_do_not_depend_on_how_rows_arrive_and_groups_are_bounded(tmp_path: Path, begin: Begin) -> None:
    total, kept = 200_000, []
    for size in (total, 70_001, 131_072):
        with begin(ONE, overwrite=True) as writer:
            for first in range(0, total, size):
                writer.add_people(rows(first, min(size, total - first)))
        path = tmp_path / "cohort" / "people.parquet"
        found = pq.ParquetFile(path).metadata
        assert [found.row_group(i).num_rows for i in range(found.num_row_groups)] == [131_072, 68_928]
        kept.append(path.read_bytes())
    assert kept[0] == kept[1] == kept[2]
    assert_frame_equal(pl.read_parquet(tmp_path / "cohort" / "people.parquet"), rows(0, total))


def test_a_build_that_breaks_leaves_nothing(tmp_path: Path, begin: Begin) -> None:
    with pytest.raises(RuntimeError, match="stop"), begin(ONE) as writer:
        writer.add_people(rows(0, 10))
        raise RuntimeError("stop")
    assert list(tmp_path.iterdir()) == []


def test_a_build_that_breaks_leaves_the_cohort_that_was_there(tmp_path: Path, begin: Begin) -> None:
    with begin(ONE) as writer:
        writer.add_people(rows(0, 10))
    with pytest.raises(CohortError, match="Person must be unique"), begin(ONE, overwrite=True) as writer:
        writer.add_people(rows(0, 10))
        writer.add_people(rows(0, 1))
    assert Cohort.open(tmp_path / "cohort").n_people == 10
    assert [path.name for path in tmp_path.iterdir()] == ["cohort"]


def test_a_cohort_is_replaced_only_when_asked_to(begin: Begin) -> None:
    with begin(ONE) as writer:
        writer.add_people(rows(0, 10))
    with pytest.raises(CohortError, match="must be a new folder"), begin(ONE):
        pass


def test_a_folder_that_is_no_cohort_is_never_replaced(tmp_path: Path, begin: Begin) -> None:
    (tmp_path / "cohort").mkdir()
    (tmp_path / "cohort" / "thesis.txt").write_text("dear")
    with pytest.raises(CohortError, match="the place of nothing but a cohort"), begin(ONE, overwrite=True):
        pass
    assert (tmp_path / "cohort" / "thesis.txt").read_text() == "dear"


def test_missing_and_unknown_columns_are_named(begin: Begin) -> None:
    with (
        pytest.raises(CohortError, match=r"1 missing \(x\) and 1 unknown \(y\)") as caught,
        begin(ONE) as writer,
    ):
        writer.add_people(rows(0, 3).rename({"x": "y"}))
    assert caught.value.columns == ("x", "y")


@pytest.mark.parametrize(
    ("kind", "values", "lost"),
    [(Kind.NUMERIC, ["1.5", "secret", None], 1), (Kind.ORDINAL, [1.5, 2.0, None], 1), (Kind.BINARY, [1, 300, 900], 2)],
)
def test_values_that_a_column_cannot_hold_are_counted_and_not_quoted(
    begin: Begin, kind: Kind, values: list[object], lost: int
) -> None:
    schema = Schema(features=(Feature(name="x", kind=kind, title="X", group="body", source="1"),))
    frame = rows(0, 3).with_columns(pl.Series("x", values))
    with (
        pytest.raises(CohortError, match=f"Column 'x' of people.parquet .* got {lost} of 3 rows") as caught,
        begin(schema) as writer,
    ):
        writer.add_people(frame)
    assert "secret" not in str(caught.value)


def test_a_further_table_lies_beside_the_others(tmp_path: Path, begin: Begin) -> None:
    with begin(ONE) as writer:
        writer.add_people(rows(0, 2))
        writer.start_table("truth", {"person": pl.String(), "h": pl.Float64()})
        writer.add_rows("truth", pl.DataFrame({"person": ["p0"], "h": [1.0]}))
    assert pl.read_parquet(tmp_path / "cohort" / "truth.parquet").rows() == [("p0", 1.0)]


def test_flow_must_end_with_the_people_there_are(begin: Begin) -> None:
    with pytest.raises(CohortError, match="the 2 people of the cohort, got 3 left"), begin(ONE) as writer:
        writer.add_people(rows(0, 2))
        writer.add_flow(step="source", removed=0, left=3, why="All.")


def test_flow_must_add_up() -> None:
    steps = [FlowStep(step="a", removed=0, left=9, why="."), FlowStep(step="b", removed=2, left=8, why=".")]
    with pytest.raises(CohortError, match="'b' must leave 7 of 9 people, got 8"):
        flow_to_json(steps)


def test_a_folder_that_is_no_cohort_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CohortError, match=r"must be a cohort's folder, got no readable schema.json"):
        Cohort.open(tmp_path)


def test_a_damaged_table_is_refused(tmp_path: Path, written: Written) -> None:
    written()
    path = tmp_path / "cohort" / "outcomes.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(CohortError, match=r"outcomes.parquet must be a whole Parquet file"):
        Cohort.open(tmp_path / "cohort")


def test_a_schema_that_is_not_the_tables_is_refused(tmp_path: Path, written: Written) -> None:
    written()
    path = tmp_path / "cohort" / "schema.json"
    said = json.loads(path.read_text())
    said["features"][0]["name"] = "sugar"
    path.write_text(json.dumps(said))
    with pytest.raises(CohortError, match=r"2 that differ \(glucose, sugar\)"):
        Cohort.open(tmp_path / "cohort")
