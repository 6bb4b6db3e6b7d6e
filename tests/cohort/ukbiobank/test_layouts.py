"""However an extract is laid out and cut, the cohort is the same."""

import json
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from holdfast.cohort.cohort_folder import Cohort
from ukbiobank_extract import PEOPLE, classic_frame, platform_frame, six_people

Build = Callable[..., tuple[Cohort, Any]]


def tables(cohort: Cohort) -> tuple[Any, ...]:
    """Everything of a cohort but where it came from, sorted."""
    return (
        cohort.schema,
        cohort.flow,
        cohort.people().collect().sort("person").rows(),
        cohort.conditions().collect().sort("person", "condition").rows(),
        cohort.outcomes().collect().sort("person", "outcome").rows(),
        pl.read_parquet(cohort.folder / "undated_conditions.parquet").sort("person", "condition").rows(),
    )


@pytest.fixture
def expected(build: Build) -> tuple[Any, ...]:
    return tables(build(platform_frame(six_people(), PEOPLE), out="expected")[0])


def typed(frame: pl.DataFrame) -> pl.DataFrame:
    """Give dates their type, as the platform's Parquet has them."""
    return frame.with_columns(
        pl.col(name).str.to_date() for name in frame.columns if name.startswith(("p53_", "p191", "p400", "p41280"))
        and frame[name].dtype == pl.String and name not in {"p40001_i0", "p40006_i0"}
    )  # fmt: skip


@pytest.mark.parametrize("suffix", ["csv", "parquet", "tab"])
@pytest.mark.parametrize("layout", ["classic", "for R", "with a prefix"])
def test_every_layout_and_format_gives_the_same_cohort(
    build: Build, expected: tuple[Any, ...], layout: str, suffix: str
) -> None:
    values = six_people()
    frame = {
        "classic": lambda: classic_frame(values, PEOPLE),
        "for R": lambda: classic_frame(values, PEOPLE, pattern="f.{}.{}.{}", eid="f.eid"),
        "with a prefix": lambda: platform_frame(values, PEOPLE).rename(lambda name: f"participant.{name}"),
    }[layout]()
    assert tables(build(frame, suffix=suffix)[0]) == expected


def test_dates_and_times_of_parquet_are_read_as_such(build: Build, expected: tuple[Any, ...]) -> None:
    frame = typed(platform_frame(six_people(), PEOPLE))
    assert tables(build(frame, suffix="parquet")[0]) == expected
    timed = frame.with_columns(pl.col(pl.Date).cast(pl.Datetime))
    assert tables(build(timed, suffix="parquet", out="timed")[0]) == expected


@pytest.mark.parametrize("form", ["json", "commas", "arrays"])
def test_the_list_of_diagnoses_may_be_written_in_any_form(build: Build, expected: tuple[Any, ...], form: str) -> None:
    frame = platform_frame(six_people(), PEOPLE)
    if form == "arrays":
        values = six_people()
        arrays = {f"p41270_a{a}": held for (field, _, a), held in values.items() if field == 41270}
        frame = frame.drop("p41270").with_columns(pl.Series(name, held) for name, held in arrays.items())
    else:
        lists = [None if text is None else text.split("|") for text in frame["p41270"]]
        write = json.dumps if form == "json" else ",".join
        frame = frame.with_columns(pl.Series("p41270", [None if row is None else write(row) for row in lists]))
    assert tables(build(frame)[0]) == expected


def test_a_parquet_list_of_diagnoses_is_read_as_one(build: Build, expected: tuple[Any, ...]) -> None:
    frame = platform_frame(six_people(), PEOPLE).with_columns(pl.col("p41270").str.split("|"))
    assert tables(build(frame, suffix="parquet")[0]) == expected


def test_codes_with_dots_and_in_small_letters_are_the_same_codes(build: Build, expected: tuple[Any, ...]) -> None:
    frame = platform_frame(six_people(), PEOPLE).with_columns(
        pl.col("p41270").str.replace_all(r"\b([A-Z]\d\d)(\d)\b", "$1.$2").str.to_lowercase()
    )
    assert "e11.9" in frame["p41270"][0]
    assert tables(build(frame)[0]) == expected


def test_files_cut_by_columns_are_joined(build: Build, expected: tuple[Any, ...]) -> None:
    frame = platform_frame(six_people(), PEOPLE)
    half = len(frame.columns) // 2
    left = frame.select(frame.columns[:half])
    right = frame.select("eid", *frame.columns[half:]).sample(fraction=1.0, shuffle=True, seed=3)
    assert tables(build(left, right)[0]) == expected


def test_files_cut_by_rows_are_put_below_each_other(build: Build, expected: tuple[Any, ...]) -> None:
    frame = classic_frame(six_people(), PEOPLE)
    assert tables(build(frame[:2], frame[2:])[0]) == expected


def test_files_cut_both_ways_are_put_together(build: Build, expected: tuple[Any, ...]) -> None:
    frame = classic_frame(six_people(), PEOPLE)
    half = len(frame.columns) // 2
    left, right = frame.select(frame.columns[:half]), frame.select("eid", *frame.columns[half:])
    assert tables(build(left[:4], right[:1], left[4:], right[1:])[0]) == expected


@pytest.mark.parametrize("batch_rows", [1, 4])
def test_the_size_of_a_batch_shows_nowhere(build: Build, batch_rows: int) -> None:
    frame = platform_frame(six_people(), PEOPLE)[::-1]
    whole = build(frame, out="whole")[0]
    cut = build(frame, out="cut", batch_rows=batch_rows)[0]
    for name in ("people", "conditions", "outcomes", "undated_conditions"):
        assert (cut.folder / f"{name}.parquet").read_bytes() == (whole.folder / f"{name}.parquet").read_bytes(), name


def test_an_array_of_self_reports_may_be_one_list(build: Build, expected: tuple[Any, ...]) -> None:
    frame = platform_frame(six_people(), PEOPLE).drop("p20002_i0_a0", "p20002_i0_a1")
    frame = frame.with_columns(pl.Series("p20002_i0", ["1223|1065", "1286", None, None, "1065", None]))
    assert tables(build(frame)[0]) == expected
