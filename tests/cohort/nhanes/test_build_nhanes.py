"""From files to a cohort's folder: what it holds, and what is refused on the way."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from holdfast.cli.cohort_build_nhanes import nhanes
from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.error import CohortError
from holdfast.cohort.nhanes.build import NhanesSettings, build_nhanes

Write = Callable[..., Path]
Line = Callable[..., str]
Demo = Callable[..., dict[str, Any]]
TODAY = date(2026, 11, 22)
MORTALITY = [  # the first person has a status without eligibility
    *(pl.when(pl.col("SEQN") > 73557).then(1.0).alias("ELIGSTAT"), pl.lit(0.0).alias("MORTSTAT")),
    *(pl.lit(None, dtype=pl.Float64).alias("UCOD_LEADING"), pl.lit(9.0).alias("PERMTH_INT")),
    pl.lit(9.0).alias("PERMTH_EXM"),
]


@pytest.fixture
def release(tmp_path: Path, write_transport: Write, write_mortality: Write, line: Line, demo: Demo) -> Path:
    """A cycle of four people: the last was not examined, the third is a child and the second died."""
    folder = tmp_path / "nhanes"
    people = demo(RIDSTATR=[2, 2, 2, 1], RIDAGEYR=[80, 50, 10, 30], WTMEC2YR=[1100.0, 1200.0, 1300.0, 0.0])
    write_transport("DEMO_H.XPT", people, folder=folder)
    phq9 = {f"DPQ0{i}0": [1, 2] for i in range(1, 10)}
    write_transport("DPQ_H.XPT", {"SEQN": [73558, 73557], **phq9}, folder=folder)
    write_transport("PBCD_H.XPT", {"SEQN": [73557], "LBXBCD": [0.07], "LBDBCDLC": [1]}, folder=folder)
    write_transport("RXQ_RX_H.XPT", {"SEQN": [73557, 73557], "RXDUSE": [1, 1]}, folder=folder)
    lines = [
        line(73557),
        line(73558, died="1", cause="002", months="13 12"),
        line(73559, eligible="2", died=".", months=". ."),
        line(73560, months="80 ."),
    ]
    write_mortality(lines, folder=folder)
    return folder


def build(inputs: list[Path], out: Path, **settings: Any) -> Cohort:
    return build_nhanes(inputs, out, today=TODAY, settings=NhanesSettings(**settings))


def test_a_cohort_holds_who_was_examined_what_was_measured_and_who_died(release: Path, tmp_path: Path) -> None:
    cohort = build([release], tmp_path / "cohort")
    people = cohort.people().collect().rows_by_key("person", named=True, unique=True)
    assert list(people) == ["73557", "73558", "73559"]
    first, second = people["73557"], people["73558"]
    assert (first["PHQ9"], first["PHQ9_10_PLUS"], first["AGE_80_PLUS"]) == (18, 1, 1)
    assert (second["PHQ9"], second["PHQ9_10_PLUS"], second["AGE_80_PLUS"]) == (9, 0, 0)
    assert (first["LBXBCD"], first["LBDBCDLC"], second["LBXBCD"], second["LBDBCDLC"]) == (0.07, 1, None, None)
    assert (first["CYCLE"], first["visit"], first["SDMVSTRA"], first["SDMVPSU"]) == ("H", None, "104", "1")
    assert (first["WTMEC"], first["WTMEC2YR"]) == (1100, 1100)
    deaths = cohort.outcomes().filter(pl.col("outcome") == "death").collect()
    assert deaths.rows() == [("73557", "death", 6.5, False), ("73558", "death", 1.0, True)]
    died_of = cohort.outcomes().filter("event").collect()["outcome"].to_list()
    assert sorted(died_of) == ["death", "death_cancer"]
    assert cohort.conditions().collect().is_empty()
    assert cohort.schema.conditions == ()


def test_the_flow_says_who_was_left_out(release: Path, tmp_path: Path) -> None:
    adults = build([release], tmp_path / "adults", min_age=50)
    assert [(s.step, s.removed, s.left) for s in adults.flow] == [
        ("source", 0, 4),
        ("not examined", 1, 3),
        ("too young", 1, 2),
    ]
    everybody = build([release], tmp_path / "everybody", examined_only=False)
    assert everybody.n_people == 4
    followed = everybody.outcomes().collect()["person"].unique().to_list()
    assert "73560" not in followed


def test_features_without_a_column_in_any_file_are_not_in_the_schema(release: Path, tmp_path: Path) -> None:
    names = {f.name for f in build([release], tmp_path / "cohort").schema.features}
    assert {"PHQ9", "LBXBCD", "LBDBCDLC", "RIDAGEYR"} <= names
    assert not {"LBXSAL", "SMOKING", "SYSTOLIC_MEAN", "ALCOHOL_DRINKS", "LBDBPBLC"} & names


def test_provenance_names_files_hashes_and_what_was_followed_up(release: Path, tmp_path: Path) -> None:
    said = build([release], tmp_path / "cohort").provenance
    assert said.loader == "nhanes"
    names = {"DEMO_H.XPT", "DPQ_H.XPT", "PBCD_H.XPT", "NHANES_2013_2014_MORT_2019_PUBLIC.dat"}
    assert set(said.inputs) == names
    assert said.settings["followed_up"] == said.settings["cycles"] == ["2013-2014"]


def test_cycles_are_merged_and_their_weights_divided(
    release: Path, tmp_path: Path, write_transport: Write, demo: Demo
) -> None:
    later = tmp_path / "later"
    write_transport("DEMO_I.XPT", demo(3, first=83732, survey=9), folder=later)
    cohort = build([later, release], tmp_path / "cohort")
    people = cohort.people().collect()
    assert people["CYCLE"].to_list() == ["H"] * 3 + ["I"] * 3
    assert people["WTMEC"].to_list() == [550, 600, 650, 550, 550, 550]
    assert people.filter(pl.col("CYCLE") == "I")["PHQ9"].null_count() == 3
    assert cohort.outcomes().collect().join(people.filter(pl.col("CYCLE") == "I"), on="person", how="semi").is_empty()
    assert cohort.provenance.settings["followed_up"] == ["2013-2014"]


def test_merged_parquet_gives_the_same_people_as_the_files_it_was_merged_from(
    tmp_path: Path, write_transport: Write, demo: Demo
) -> None:
    columns = demo(LBXHGB=[13.0, 14.0, None, 12.0], INDFMPIR=[5.397605346934028e-79, 1.0, 2.0, 5.0])
    write_transport("DEMO_H.XPT", columns, folder=tmp_path / "raw")
    merged = tmp_path / "merged.parquet"
    pl.DataFrame(columns).with_columns(pl.col("SEQN").cast(pl.Float64)).write_parquet(merged)
    raw, again = (build([i], tmp_path / n) for i, n in ((tmp_path / "raw", "a"), (merged, "b")))
    assert raw.people().collect().equals(again.people().collect())
    assert again.people().collect()["INDFMPIR"].to_list() == [0, 1, 2, 5]


@pytest.mark.parametrize(
    ("name", "columns", "said"),
    [
        ("CBC_H.XPT", {"SEQN": [73557, 73557], "LBXHGB": [13, 14]}, "SEQN of CBC_H.XPT must be unique"),
        ("CBC_H.XPT", {"SEQN": [62161], "LBXHGB": [13]}, "must be in the DEMO file of 2013-2014, got 1 of 1 who are"),
        ("CBC_I.XPT", {"SEQN": [73557], "LBXHGB": [13]}, "Cycle 2015-2016 must have its DEMO file"),
        ("X_H.XPT", {"SEQN": [73557], "RIDAGEYR": [79]}, "must say what the other files of 2013-2014 say, got 1 that"),
        ("BIO_H.XPT", {"SEQN": [73557], "LBXSAL": [41], "LBDSALSI": [41]}, "LBXSAL of 2013-2014 must be in g/dL"),
        ("BIO_H.XPT", {"SEQN": [73557], "LBDSALSI": [41]}, "must be there in conventional units"),
        ("SLQ_H.XPT", {"SEQN": [73557], "SLQ050": [4]}, "Codes of SLQ050 must be 1, 2"),
    ],
)
def test_a_bad_file_beside_good_ones_is_refused_and_nothing_is_left(
    release: Path, tmp_path: Path, write_transport: Write, name: str, columns: dict[str, Any], said: str
) -> None:
    write_transport(name, columns, folder=release)
    with pytest.raises(CohortError, match=said):
        build([release], tmp_path / "cohort")
    assert not list(tmp_path.glob("*cohort*"))


def test_a_demo_file_of_another_cycle_under_this_name_is_refused(
    release: Path, tmp_path: Path, write_transport: Write, demo: Demo
) -> None:
    write_transport("DEMO_H.XPT", demo(survey=9), folder=release)
    with pytest.raises(CohortError, match=r"SDDSRVYR of DEMO_H\.XPT must be 8, .* got 4 of 4 rows of another cycle"):
        build([release], tmp_path / "cohort")


def test_a_demo_file_without_weights_is_refused(
    release: Path, tmp_path: Path, write_transport: Write, demo: Demo
) -> None:
    columns = demo()
    del columns["WTMEC2YR"]
    write_transport("DEMO_H.XPT", columns, folder=release)
    with pytest.raises(CohortError, match=r"DEMO_H\.XPT must hold WTMEC2YR"):
        build([release], tmp_path / "cohort")


@pytest.mark.parametrize(
    ("seqns", "said"),
    [
        (range(62161, 62165), "must be in the DEMO file of 2013-2014, got 4 of 4 who are not"),
        (range(73557, 73560), "must have a line for each of the 4 people of 2013-2014, got 3 lines"),
    ],
)
def test_a_mortality_file_of_other_people_or_cut_short_is_refused(
    release: Path, tmp_path: Path, write_mortality: Write, line: Line, seqns: range, said: str
) -> None:
    write_mortality([line(seqn) for seqn in seqns], folder=release)
    with pytest.raises(CohortError, match=said):
        build([release], tmp_path / "cohort")


def test_the_same_people_in_two_cycles_are_refused(tmp_path: Path, write_transport: Write, demo: Demo) -> None:
    for letter, survey in (("H", 8), ("I", 9)):
        write_transport(f"DEMO_{letter}.XPT", demo(survey=survey), folder=tmp_path / "both")
    with pytest.raises(CohortError, match="Person must be unique, got 4 of 8 rows repeated"):
        build([tmp_path / "both"], tmp_path / "cohort")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (pl.lit(4.0).alias("SDDSRVYR"), "SDDSRVYR of merged.parquet must be of the cycles read"),
        (pl.lit("low").alias("LBXHGB"), "must hold numbers, got text in LBXHGB"),
        (pl.lit(73557.0).alias("SEQN"), "SEQN of merged.parquet must be unique, got 3 of 4 rows repeated"),
        (pl.col("RIDSTATR").alias("RIDSTATR2"), None),
        (MORTALITY, "ELIGSTAT must be 1, 2 or 3 in merged.parquet .*, got 1 of 4 rows"),
    ],
)
def test_merged_parquet_that_does_not_fit_is_refused(
    tmp_path: Path, demo: Demo, change: pl.Expr | list[pl.Expr], said: str | None
) -> None:
    path = tmp_path / "merged.parquet"
    pl.DataFrame(demo()).with_columns(change).write_parquet(path)
    if said is None:
        assert build([path], tmp_path / "cohort").n_people == 4
        return
    with pytest.raises(CohortError, match=said):
        build([path], tmp_path / "cohort")


def test_a_broken_parquet_file_is_refused(tmp_path: Path, demo: Demo) -> None:
    path = tmp_path / "merged.parquet"
    pl.DataFrame(demo()).write_parquet(path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(CohortError, match=r"merged\.parquet must be a whole Parquet file"):
        build([path], tmp_path / "cohort")
    pl.DataFrame(demo()).drop("WTMEC2YR").write_parquet(path)
    with pytest.raises(CohortError, match=r"merged\.parquet must hold WTMEC2YR"):
        build([path], tmp_path / "cohort")


def test_one_cycle_in_two_merged_files_is_refused(tmp_path: Path, demo: Demo) -> None:
    for name, first in (("a", 1), ("b", 100)):
        pl.DataFrame(demo(first=first)).write_parquet(tmp_path / f"{name}.parquet")
    with pytest.raises(CohortError, match="Cycle must be given once, got H twice"):
        build([tmp_path], tmp_path / "cohort")


def test_nobody_left_is_refused(release: Path, tmp_path: Path) -> None:
    with pytest.raises(CohortError, match="Cohort must hold people, got nobody left"):
        build([release], tmp_path / "cohort", min_age=81)


def test_the_command_builds_and_says_who_is_in_it(release: Path, tmp_path: Path) -> None:
    out = tmp_path / "cohort"
    done = CliRunner().invoke(nhanes, ["--in", str(release), "--out", str(out), "--min-age", "20"])
    assert done.exit_code == 0, done.output
    assert "2 people" in done.stdout
    assert "1 left out (not examined)" in done.stderr
    assert Cohort.open(out).n_people == 2
