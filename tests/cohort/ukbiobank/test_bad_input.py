"""Every extract that cannot be used is refused with counts, and leaves nothing behind."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.error import CohortError
from holdfast.cohort.ukbiobank import Source
from ukbiobank_extract import PEOPLE, Values, build_paths, classic_frame, platform_frame, six_people

Build = Callable[..., tuple[Cohort, Any]]


def with_value(key: tuple[int, int, int], person: int, value: Any) -> Values:
    values = six_people()
    values[key][person] = value
    return values


@pytest.mark.parametrize(
    ("key", "person", "value", "said"),
    [
        ((53, 0, 0), 0, "2027-01-01", r"visits in the future: 1"),
        ((53, 0, 0), 0, "2001-01-01", r"visits before recruitment began: 1"),
        ((34, 0, 0), 0, 2011, r"visits before birth: 1"),
        ((21003, 0, 0), 0, 40, r"ages that do not fit birth and visit: 1"),
        ((40000, 0, 0), 1, "2008-07-01", r"deaths at or before the visit: 1"),
        ((40000, 0, 0), 1, "2026-11-23", r"deaths in the future: 1"),
        ((41280, 0, 0), 0, "1949-12-31", r"hospital records dated before birth: 1"),
        ((41280, 0, 0), 0, "2026-12-31", r"hospital records dated in the future: 1"),
        ((40005, 0, 0), 3, "1954-01-01", r"cancer records dated before birth: 1"),
        ((41280, 0, 2), 0, None, r"diagnoses and dates of different number: 1"),
        ((41280, 0, 1), 1, "2014-01-01", r"diagnoses and dates of different number: 1"),
        ((20008, 0, 0), 2, 2001.5, r"self-reported years without an illness: 1"),
        ((20008, 0, 0), 0, 2011.5, r"self-reported illnesses after the visit: 1"),
        ((20008, 0, 0), 0, 1930.5, r"self-reported illnesses before birth: 1"),
    ],
)
def test_records_that_cannot_all_be_true_are_refused_or_left_out(
    build: Build, key: tuple[int, int, int], person: int, value: Any, said: str
) -> None:
    frame = platform_frame(with_value(key, person, value), PEOPLE)
    with pytest.raises(CohortError, match=rf"got 1 of 6 people whose are not \(.*{said}") as caught:
        build(frame)
    assert str(PEOPLE[person]) not in str(caught.value)
    cohort, report = build(frame, out="left_out", is_leaving_out_contradictory=True)
    assert (cohort.n_people, sum(report.contradictory.values())) == (5, 1) or said.startswith(("visits", "ages"))
    assert str(PEOPLE[person]) not in cohort.people().collect()["person"].to_list()
    assert [(s.step, s.removed) for s in cohort.flow if s.removed] == [("contradictory", 1)]


def test_several_contradictions_are_reported_together(build: Build) -> None:
    values = with_value((40000, 0, 0), 1, "2001-01-01")
    values[53, 0, 0][0] = "2030-01-01"
    with pytest.raises(CohortError, match=r"got 2 of 6 people .*deaths at or before.*visits in the future") as caught:
        build(platform_frame(values, PEOPLE))
    assert {"53", "40000"} <= set(caught.value.columns)
    assert caught.value.rows == 2


@pytest.mark.parametrize(
    ("key", "factor", "said"),
    [
        ((30750, 0, 0), 1 / 10.93, r"glycated_haemoglobin.*5 of 5 values outside"),
        ((30500, 0, 0), 1000, r"urine_microalbumin.*must lie in 3 to 20000 mg/L"),
        ((4080, 0, 0), 0.1333, r"systolic_blood_pressure.*must lie in 60 to 280 mmHg"),
    ],
)
def test_a_column_in_another_unit_is_refused(build: Build, key: tuple[int, int, int], factor: float, said: str) -> None:
    values = six_people()
    values[key] = [None if v is None else v * factor for v in values[key]]
    values[4080, 0, 1] = [None] * 6
    with pytest.raises(CohortError, match=said):
        build(platform_frame(values, PEOPLE))


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ((30750, 0, 0), "high", r"Field 30750 must hold numbers, got 1 of 6 values that are none"),
        ((30750, 0, 0), "inf", r"Field 30750 must hold numbers"),
        ((31, 0, 0), "Female", r"Field 31 must hold codes, got 1 of 6 .*export raw codes"),
        ((2050, 0, 0), "1.5", r"Field 2050 must hold codes"),
        ((53, 0, 0), "14/03/2009", r"Field 53 must hold dates such as 2009-03-14"),
        ((53, 0, 0), "2009-02-30", r"Field 53 must hold dates"),
        ((41280, 0, 0), "yesterday", r"Field 41280 must hold dates"),
        ((41270, 0, 0), "E11.9 Without complications", r"Field 41270 must hold raw ICD-10 codes such as E119, got 1"),
        ((20002, 0, 0), "diabetes", r"Field 20002 must hold codes"),
        ((20008, 0, 0), "long ago", r"Field 20008 must hold numbers"),
        ((2050, 0, 0), 9, r"Codes of 'depressed_mood' must be among the 4 that the schema lists, got 1 of 6"),
        ((31, 0, 0), 2, r"Codes of 'sex' must be among the 2"),
    ],
)
def test_a_value_of_another_kind_is_refused(build: Build, key: tuple[int, int, int], value: Any, said: str) -> None:
    values = {k: [None if v is None else str(v) for v in held] for k, held in six_people().items()}
    values[key][0] = str(value)
    with pytest.raises(CohortError, match=said):
        build(classic_frame(values, PEOPLE))


def test_repeated_people_are_refused(build: Build) -> None:
    frame = platform_frame(six_people(), PEOPLE)
    with pytest.raises(CohortError, match=r"eid must be unique, got 2 of 8 rows repeated in cohort-0.csv") as caught:
        build(pl.concat([frame, frame[1:3]]))
    assert caught.value.rows == 2


def test_people_repeated_across_files_of_the_same_columns_are_refused(build: Build) -> None:
    frame = platform_frame(six_people(), PEOPLE)
    with pytest.raises(CohortError, match=r"got 1 of 7 rows repeated in cohort-0.csv, cohort-1.csv"):
        build(frame[:4], frame[3:])


def test_a_row_without_an_id_is_refused(build: Build) -> None:
    frame = platform_frame(six_people(), PEOPLE)
    nameless = frame.with_columns(pl.when(pl.col("eid") != PEOPLE[0]).then("eid"))
    with pytest.raises(CohortError, match="eid must be given, got 1 of 6 rows without one"):
        build(nameless)


def test_unknown_fields_are_refused_with_the_closest_or_left_aside(build: Build) -> None:
    frame = platform_frame(six_people(), PEOPLE).rename({"p30750_i0": "p307501_i0"})
    with pytest.raises(CohortError, match=r"1 unknown \(307501, closest: .*30750 \(Glycated haemoglobin \(HbA1c\)\)"):
        build(frame)
    report = build(frame, out="aside", is_allowing_unknown_fields=True)[1]
    assert report.ignored == ("p307501_i0",)
    assert "glycated_haemoglobin" in report.absent


def test_layouts_are_not_mixed(build: Build) -> None:
    platform, classic = platform_frame(six_people(), PEOPLE), classic_frame(six_people(), PEOPLE)
    mixed = platform.with_columns(classic["30750-0.0"])
    with pytest.raises(CohortError, match=r"one layout, got classic \(30750-0.0\) and research analysis platform"):
        build(mixed)
    with pytest.raises(CohortError, match=r"one layout, got classic"):
        build(platform.drop("p30750_i0"), classic.select("eid", "30750-0.0"))


def test_a_column_in_two_files_is_refused(build: Build) -> None:
    frame = platform_frame(six_people(), PEOPLE)
    with pytest.raises(CohortError, match=r"Column must be in one file only.*1 fields in several \(31\)"):
        build(frame, frame.select("eid", "p31"))


@pytest.mark.parametrize("missing", ["eid", "every field"])
def test_a_file_that_is_no_extract_is_refused(build: Build, missing: str) -> None:
    frame = platform_frame(six_people(), PEOPLE)
    frame = frame.drop("eid") if missing == "eid" else frame.select("eid", pl.lit(1).alias("age"))
    with pytest.raises(CohortError, match=r"must have an identifier and fields.*no (eid|field) among them"):
        build(frame)


@pytest.mark.parametrize(
    ("dropped", "said"),
    [
        ([53], r"Extract must have the date of visit 0 \(field 53\)"),
        ([41280], "41270 without 41280"),
        ([40005], "40006 without 40005"),
        ([40000], "40001 without 40000"),
        ([20002], "20008 without 20002"),
    ],
)
def test_codes_without_their_dates_are_refused(build: Build, dropped: list[int], said: str) -> None:
    values = {key: held for key, held in six_people().items() if key[0] not in dropped}
    with pytest.raises(CohortError, match=said):
        build(platform_frame(values, PEOPLE))


def test_a_visit_nobody_has_values_of_is_refused(build: Build) -> None:
    with pytest.raises(CohortError, match=r"date of visit 2 \(field 53\)"):
        build(platform_frame(six_people(), PEOPLE), visit=2)


def test_nobody_left_is_refused(build: Build) -> None:
    values = six_people()
    values[53, 0, 0] = [None] * 6
    with pytest.raises(CohortError, match="Cohort must hold people, got 0 rows"):
        build(platform_frame(values, PEOPLE))


@pytest.mark.parametrize("share", [0.3, 0.9])
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_truncated_file_is_refused(tmp_path: Path, dictionary: Path, suffix: str, share: float) -> None:
    path = tmp_path / f"extract.{suffix}"
    frame = platform_frame(six_people(), PEOPLE)
    frame.write_csv(path) if suffix == "csv" else frame.write_parquet(path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(CohortError, match=rf"extract.{suffix} must be a whole (text|Parquet) table"):
        build_paths([path], tmp_path / "cohort", dictionary=dictionary)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_parquet_file_damaged_within_is_refused(tmp_path: Path, dictionary: Path) -> None:
    path = tmp_path / "extract.parquet"
    platform_frame(six_people(), PEOPLE).write_parquet(path)
    raw = bytearray(path.read_bytes())
    raw[4:600] = bytes(596)
    path.write_bytes(bytes(raw))
    with pytest.raises(CohortError, match=r"extract\.parquet must be a whole Parquet table"):
        build_paths([path], tmp_path / "cohort", dictionary=dictionary)


@pytest.mark.parametrize(
    ("name", "said"), [("none.csv", "a file that exists"), ("extract.xlsx", "Parquet, CSV or tab")]
)
def test_a_file_of_no_known_kind_is_refused(tmp_path: Path, dictionary: Path, name: str, said: str) -> None:
    (tmp_path / "extract.xlsx").write_bytes(b"x")
    with pytest.raises(CohortError, match=said):
        build_paths([tmp_path / name], tmp_path / "cohort", dictionary=dictionary)


def test_a_list_of_withdrawn_people_that_is_none_is_refused(build: Build, tmp_path: Path) -> None:
    listed = tmp_path / "withdrawn.txt"
    listed.write_text("1000001\nsomebody\n")
    with pytest.raises(CohortError, match="one identifier a line, got 1 of 2 lines that are none") as caught:
        build(platform_frame(six_people(), PEOPLE), withdrawn=listed)
    assert "somebody" not in str(caught.value)
    with pytest.raises(CohortError, match=r"must be a readable text file, got 'absent\.txt'"):
        build(platform_frame(six_people(), PEOPLE), withdrawn=tmp_path / "absent.txt")


def test_a_last_day_must_be_known_and_past(build: Build) -> None:
    with pytest.raises(CohortError, match=r"hospital records must be known and not in the future, got 2030-01-01"):
        build(platform_frame(six_people(), PEOPLE), censored={Source.HOSPITAL: date(2030, 1, 1)})
    values = {**six_people(), (40000, 0, 0): [None] * 6, (40001, 0, 0): [None] * 6}
    with pytest.raises(CohortError, match=r"death records must be known.*no dated record; give --censored death="):
        build(platform_frame(values, PEOPLE), censored={})


def test_a_refusal_leaves_nothing_behind_and_spares_what_was_there(build: Build, tmp_path: Path) -> None:
    first = build(platform_frame(six_people(), PEOPLE))[0]
    before = (first.folder / "people.parquet").read_bytes()
    bad = platform_frame(with_value((40000, 0, 0), 1, "2001-01-01"), PEOPLE)
    with pytest.raises(CohortError, match="Cohort must be a new folder"):
        build(bad)
    with pytest.raises(CohortError, match="deaths at or before the visit"):
        build(bad, out="other")
    assert not (tmp_path / "other").exists()
    assert not [entry for entry in tmp_path.iterdir() if entry.name.startswith(".")]
    assert (first.folder / "people.parquet").read_bytes() == before
