"""The publisher's own files of 2013-2014, and the merged file of 2011-2018: the same people, the counts CDC gives."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.nhanes.build import build_nhanes
from holdfast.cohort.nhanes.mortality import read_mortality
from holdfast.cohort.nhanes.transport import read_transport
from holdfast.cohort.nhanes.transport_header import read_transport_header

TODAY = date(2026, 11, 22)


@pytest.fixture
def merged(real_data: Path, tmp_path: Path) -> Cohort:
    return build_nhanes([real_data / "nhanes_2011_2018.parquet"], tmp_path / "merged", today=TODAY)


@pytest.fixture
def published(real_data: Path) -> pl.DataFrame:
    """The merged file's rows of 2013-2014, as they are."""
    return pl.read_parquet(real_data / "nhanes_2011_2018.parquet").filter(pl.col("SDDSRVYR") == 8).sort("SEQN")


def test_every_number_of_every_transport_file_is_that_of_the_merged_file(
    real_data: Path, published: pl.DataFrame
) -> None:
    compared = 0
    for path in sorted((real_data / "nhanes_raw").glob("*.XPT")):
        header = read_transport_header(path)
        read = read_transport(path, header.numeric)
        assert read.height == header.rows
        theirs = read.select("SEQN").join(
            published.with_columns(pl.col("SEQN").cast(pl.Int64)), on="SEQN", how="left", maintain_order="left"
        )
        for column in sorted((header.numeric & set(published.columns)) - {"SEQN"}):
            assert read[column].equals(theirs[column], null_equal=True), (path.name, column)
            compared += 1
    assert compared > 180


def test_every_line_of_the_mortality_file_is_that_of_the_merged_file(real_data: Path, published: pl.DataFrame) -> None:
    read = read_mortality(real_data / "nhanes_raw" / "NHANES_2013_2014_MORT_2019_PUBLIC.dat").sort("SEQN")
    theirs = published.select(pl.col(name).cast(pl.Int64) for name in read.columns)
    assert read.equals(theirs, null_equal=True)


def test_both_layouts_make_the_same_cohort_person_by_person(real_data: Path, merged: Cohort, tmp_path: Path) -> None:
    raw = build_nhanes([real_data / "nhanes_raw"], tmp_path / "raw", today=TODAY)
    names = ["person", "visit", *(f.name for f in raw.schema.features), "WTMEC2YR", "WTINT2YR"]
    ours = raw.people().select(names).sort("person").collect()
    theirs = merged.people().filter(pl.col("CYCLE") == "H").select(names).sort("person").collect()
    for name in names:
        assert ours[name].equals(theirs[name], null_equal=True), name
    outcomes = merged.outcomes().join(merged.people().filter(pl.col("CYCLE") == "H"), on="person", how="semi")
    order = ["outcome", "person"]
    assert raw.outcomes().sort(order).collect().equals(outcomes.sort(order).collect())
    assert raw.people().select(pl.col("WTMEC").sum()).collect().item() == pytest.approx(
        4 * merged.people().filter(pl.col("CYCLE") == "H").select(pl.col("WTMEC").sum()).collect().item()
    )


def test_people_phq9_and_deaths_are_those_counted_in_the_published_file(real_data: Path, merged: Cohort) -> None:
    source = pl.read_parquet(real_data / "nhanes_2011_2018.parquet")
    examined = source.filter(pl.col("RIDSTATR") == 2)
    people, outcomes = merged.people().collect(), merged.outcomes().collect()
    assert (source.height, people.height, examined.height) == (39_156, 37_399, 37_399)
    assert (people["PHQ9"].count(), (people["PHQ9"] >= 10).sum()) == (20_499, 1_825)
    assert people["PHQ9_10_PLUS"].sum() == 1_825
    theirs = dict(zip(source["SEQN"].cast(pl.Int64).cast(pl.String), source["PHQ9"], strict=True))
    assert people["PHQ9"].to_list() == [theirs[person] for person in people["person"]]
    assert (source["MORTSTAT"].count(), source["MORTSTAT"].sum()) == (11_949, 1_095)
    death = outcomes.filter(pl.col("outcome") == "death")
    assert (death.height, death["event"].sum()) == (11_516, 1_024)
    by_cause = outcomes.filter(pl.col("outcome") != "death").group_by("outcome").agg(pl.col("event").sum())
    assert by_cause["event"].sum() == 1_024
    assert death["years"].min() == pytest.approx(0.5 / 12)
    assert merged.provenance.settings["followed_up"] == ["2011-2012", "2013-2014"]


def test_values_below_the_detection_limit_are_one_value_a_cycle_as_published(merged: Cohort) -> None:
    people = merged.people()
    for value, flag, limit in (("LBXBCD", "LBDBCDLC", 0.1), ("LBXTHG", "LBDTHGLC", 0.28)):
        below = people.filter((pl.col(flag) == 1) & (pl.col("CYCLE") != "G")).select(pl.col(value).unique()).collect()
        assert below[value].to_list() == [pytest.approx(limit / 2**0.5, abs=0.005)]


def test_merged_weights_add_up_to_the_civilian_population_once(merged: Cohort) -> None:
    """About 314 million people lived outside institutions in the middle of 2011-2018."""
    total = merged.people().select(pl.col("WTMEC").sum()).collect().item()
    assert total == pytest.approx(314e6, rel=0.01)
