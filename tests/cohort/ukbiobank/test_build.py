"""What becomes of people whose records are known."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.schema import Kind
from holdfast.cohort.ukbiobank import Source
from holdfast.cohort.validation import FindingKind
from ukbiobank_extract import LAST_DAY, PEOPLE, classic_frame, platform_frame, six_people

Build = Callable[..., tuple[Cohort, Any]]


def years(start: str, end: str) -> float:
    return (date.fromisoformat(end) - date.fromisoformat(start)).days / 365.25


@pytest.fixture
def cohort(build: Build) -> Cohort:
    return build(platform_frame(six_people(), PEOPLE))[0]


def column(cohort: Cohort, name: str) -> list[Any]:
    return cohort.people().sort("person").select(name).collect().to_series().to_list()


def outcomes(cohort: Cohort, name: str) -> dict[str, tuple[float, bool]]:
    """Person's last digit -> years, event."""
    rows = cohort.outcomes().filter(pl.col("outcome") == name).collect().rows()
    return {person[-1]: (time, event) for person, _, time, event in rows}


def conditions(cohort: Cohort, person: str) -> dict[str, tuple[float, str]]:
    rows = cohort.conditions().filter(pl.col("person").str.ends_with(person)).collect().rows()
    return {condition: (time, source) for _, condition, time, source in rows}


def test_values_are_those_of_the_visit(cohort: Cohort) -> None:
    assert column(cohort, "glycated_haemoglobin") == [36.5, 48.1, 33.0, None, 40.2, 35.0]
    assert column(cohort, "sex") == [0, 1, 0, 1, 0, 1]
    assert column(cohort, "visit")[0] == date(2009, 3, 14)
    assert column(cohort, "birth_year") == [1950, 1945, 1960, 1955, 1948, 1952]


def test_readings_are_averaged_and_the_manual_one_stands_in(cohort: Cohort) -> None:
    assert column(cohort, "systolic_blood_pressure") == [132.0, 150.0, 124.0, None, 140.0, 119.0]


def test_special_codes_are_missing_or_the_value_they_stand_for(cohort: Cohort) -> None:
    assert column(cohort, "tea") == [3.0, 0.5, None, None, 0.0, 6.0]
    assert column(cohort, "walking_days") == [7.0, 0.0, None, 3.0, None, 0.0]
    assert column(cohort, "depressed_mood") == [1, 2, 3, 4, None, None]


def test_a_result_below_detection_is_the_limit_over_root_two(cohort: Cohort) -> None:
    low, *others = column(cohort, "urine_microalbumin")
    assert low == pytest.approx(6.7 / 2**0.5, abs=0.005)
    assert others == [12.5, low, None, 30.0, None]


def test_ethnicity_is_counted_in_the_groups_at_the_top_of_the_tree(cohort: Cohort) -> None:
    assert column(cohort, "ethnicity") == [1, 1, 3, 4, None, None]
    levels = cohort.schema.feature("ethnicity").levels
    assert levels is not None
    assert list(levels.items())[:2] == [(1, "White"), (2, "Mixed")]
    assert len(levels) == 6


def test_the_schema_says_unit_source_and_levels(cohort: Cohort) -> None:
    hba1c, pressure = (cohort.schema.feature(n) for n in ("glycated_haemoglobin", "systolic_blood_pressure"))
    assert (hba1c.kind, hba1c.unit, hba1c.source) == (Kind.NUMERIC, "mmol/mol", "30750")
    assert pressure.source == "4080 or 93"
    assert cohort.schema.feature("self_rated_health").levels == {1: "Excellent", 2: "Good", 3: "Fair", 4: "Poor"}
    assert {s.name for s in cohort.schema.sensitive} == {
        "sex", "age", "ethnicity", "townsend_deprivation", "assessment_centre",
    }  # fmt: skip


def test_the_earliest_source_of_a_condition_counts(cohort: Cohort) -> None:
    first = conditions(cohort, "1")
    assert first["type_2_diabetes"][1] == "self-report"  # 2001.5, before the hospital's 2005
    assert first["type_2_diabetes"][0] == pytest.approx(2001.5 - 2009.2, abs=0.01)
    assert first["coronary_disease"] == (years("2009-03-14", "2016-06-06"), "hospital")
    assert conditions(cohort, "2")["coronary_disease"] == (years("2008-07-01", "2014-05-05"), "death")
    assert conditions(cohort, "4")["breast_cancer"] == (years("2007-11-30", "2003-04-05"), "cancer")
    assert conditions(cohort, "6")["lung_cancer"] == (years("2008-02-29", "2018-01-01"), "cancer")


def test_a_self_report_without_a_year_is_prevalent_at_the_visit(cohort: Cohort) -> None:
    assert conditions(cohort, "2")["depression"] == (0.0, "self-report")
    assert conditions(cohort, "1")["hypertension"] == (0.0, "self-report")  # the hospital's record is later


def test_death_is_an_event_and_the_living_are_censored_on_the_last_day(cohort: Cohort) -> None:
    died = outcomes(cohort, "death")
    assert died["2"] == (years("2008-07-01", "2014-05-05"), True)
    assert died["6"] == (years("2008-02-29", "2019-12-31"), True)
    assert died["1"] == (years("2009-03-14", str(LAST_DAY)), False)


def test_loss_to_follow_up_censors_and_a_later_diagnosis_is_no_event(cohort: Cohort) -> None:
    lost = years("2010-01-20", "2015-01-01")
    assert outcomes(cohort, "death")["3"] == (lost, False)
    assert outcomes(cohort, "depression")["3"] == (lost, False)  # diagnosed in 2016
    assert outcomes(cohort, "copd")["3"] == (years("2010-01-20", "2013-03-03"), True)


def test_death_censors_every_other_outcome(cohort: Cohort) -> None:
    assert outcomes(cohort, "dementia")["2"] == (years("2008-07-01", "2014-05-05"), False)


def test_who_had_a_condition_at_the_visit_is_not_followed_up_for_it(cohort: Cohort) -> None:
    assert "1" not in outcomes(cohort, "type_2_diabetes")
    assert "4" not in outcomes(cohort, "breast_cancer")
    assert set(outcomes(cohort, "lung_cancer")) == set("123456")


def test_a_condition_without_a_day_is_neither_prevalent_nor_an_outcome(cohort: Cohort) -> None:
    assert "depression" not in conditions(cohort, "5")
    assert "5" not in outcomes(cohort, "depression")
    assert pl.read_parquet(cohort.folder / "undated_conditions.parquet").rows() == [
        ("1000005", "depression", "hospital")
    ]


def test_a_day_after_the_visit_does_not_stand_beside_an_unknown_one(build: Build) -> None:
    values = six_people()
    values[41270, 0, 1][4], values[41280, 0, 1][4] = "F331", "2015-01-01"
    cohort = build(platform_frame(values, PEOPLE))[0]
    assert "depression" not in conditions(cohort, "5")
    assert "5" not in outcomes(cohort, "depression")


@pytest.mark.parametrize("day", ["1900-01-01", "1901-01-01", "1909-09-09", "2037-07-07"])
def test_dates_that_mean_unknown_are_unknown(build: Build, day: str) -> None:
    values = six_people()
    values[41280, 0, 0][2] = day
    cohort = build(platform_frame(values, PEOPLE))[0]
    assert "copd" not in conditions(cohort, "3")
    assert "3" not in outcomes(cohort, "copd")


@pytest.mark.parametrize("day", ["1902-02-02", "1903-03-03"])
def test_dates_that_mean_birth_are_prevalent_since_birth(build: Build, day: str) -> None:
    values = six_people()
    values[41280, 0, 0][2] = day
    cohort = build(platform_frame(values, PEOPLE))[0]
    assert conditions(cohort, "3")["copd"] == (pytest.approx(years("2010-01-20", "1960-12-15")), "hospital")
    assert "3" not in outcomes(cohort, "copd")


def test_an_event_after_the_last_day_of_its_source_is_none(build: Build) -> None:
    ends = {Source.HOSPITAL: date(2015, 1, 1), Source.CANCER: LAST_DAY, Source.DEATH: date(2016, 1, 1)}
    cohort, report = build(platform_frame(six_people(), PEOPLE), censored=ends)
    assert "coronary_disease" not in conditions(cohort, "1")
    assert outcomes(cohort, "coronary_disease")["1"] == (years("2009-03-14", "2015-01-01"), False)
    assert outcomes(cohort, "death")["6"] == (years("2008-02-29", "2016-01-01"), False)
    assert report.ends == ends


def test_tumours_are_followed_until_the_first_of_their_sources_ends(build: Build) -> None:
    ends = {Source.HOSPITAL: LAST_DAY, Source.CANCER: date(2017, 6, 1), Source.DEATH: LAST_DAY}
    cohort = build(platform_frame(six_people(), PEOPLE), censored=ends)[0]
    assert outcomes(cohort, "lung_cancer")["6"] == (years("2008-02-29", "2017-06-01"), False)
    assert outcomes(cohort, "stroke")["1"] == (years("2009-03-14", str(LAST_DAY)), False)


def test_without_dates_of_censoring_a_source_ends_with_its_last_record(build: Build) -> None:
    report = build(platform_frame(six_people(), PEOPLE), censored={})[1]
    assert report.ends == {
        Source.HOSPITAL: date(2020, 2, 2),
        Source.CANCER: date(2018, 1, 1),
        Source.DEATH: date(2019, 12, 31),
    }
    assert set(report.ends_seen) == set(report.ends)


def test_without_deaths_nobody_has_an_outcome(build: Build) -> None:
    values = {key: held for key, held in six_people().items() if key[0] not in {40000, 40001}}
    cohort = build(platform_frame(values, PEOPLE))[0]
    assert cohort.schema.outcomes == ()
    assert cohort.outcomes().collect().height == 0
    assert conditions(cohort, "1")["coronary_disease"][1] == "hospital"


def test_without_hospital_records_only_tumours_are_followed_up(build: Build) -> None:
    values = {key: held for key, held in six_people().items() if key[0] not in {41270, 41280}}
    cohort = build(platform_frame(values, PEOPLE))[0]
    names = {o.name for o in cohort.schema.outcomes}
    assert {"death", "lung_cancer", "cancer"} <= names
    assert {"stroke", "depression"}.isdisjoint(names)
    assert "depression" in cohort.schema.conditions  # self-report can say it was there
    assert "obesity" not in cohort.schema.conditions  # nothing here can


def test_who_withdrew_is_left_out_and_counted(build: Build, tmp_path: Path) -> None:
    listed = tmp_path / "withdrawn.csv"
    listed.write_text('eid\n"1000002"\n1000005\n\n7777777\n')
    cohort, report = build(platform_frame(six_people(), PEOPLE), withdrawn=listed)
    assert [person[-1] for person in column(cohort, "person")] == ["1", "3", "4", "6"]
    assert (report.withdrawn, report.withdrawn_not_found) == (2, 1)
    assert [(s.step, s.removed, s.left) for s in cohort.flow if s.removed] == [("withdrawn", 2, 4)]
    for table in (cohort.conditions(), cohort.outcomes()):
        assert table.filter(pl.col("person").is_in(["1000002", "1000005"])).collect().height == 0


def test_who_did_not_attend_or_is_in_one_file_only_is_left_out_and_counted(build: Build) -> None:
    values = six_people()
    values[53, 0, 0][0] = None
    frame = classic_frame(values, PEOPLE)
    left, right = frame.select(frame.columns[:9]), frame.select("eid", *frame.columns[9:])
    cohort, report = build(left, right[:5])
    assert [(s.step, s.removed, s.left) for s in cohort.flow if s.removed] == [
        ("not in every file", 1, 5),
        ("no visit", 1, 4),
    ]
    assert report.people == cohort.n_people == 4


def test_a_later_visit_takes_its_own_values(build: Build) -> None:
    values = six_people()
    values |= {
        (53, 1, 0): ["2012-08-01", None, None, None, None, None],
        (21003, 1, 0): [62, None, None, None, None, None],
        (30750, 1, 0): [44.0, None, None, None, None, None],
    }
    cohort = build(platform_frame(values, PEOPLE), visit=1)[0]
    assert column(cohort, "glycated_haemoglobin") == [44.0]
    assert column(cohort, "sex") == [0]
    assert conditions(cohort, "1")["coronary_disease"] == (years("2012-08-01", "2016-06-06"), "hospital")
    assert "self-report" not in {source for _, source in conditions(cohort, "1").values()}


def test_who_was_lost_before_the_visit_has_no_outcome(build: Build) -> None:
    values = six_people()
    values[191, 0, 0][3] = "2007-11-30"
    cohort, report = build(platform_frame(values, PEOPLE))
    assert report.lost_at_visit == 1
    assert cohort.outcomes().filter(pl.col("person") == "1000004").collect().height == 0


def test_cancers_without_an_icd10_code_are_counted_and_not_used(build: Build) -> None:
    values = six_people()
    values[40005, 0, 0][0] = "1991-01-01"
    cohort, report = build(platform_frame(values, PEOPLE))
    assert report.uncoded == 1
    assert "cancer" not in conditions(cohort, "1")


def test_what_was_read_and_how_is_on_record(cohort: Cohort) -> None:
    said = json.loads((cohort.folder / "provenance.json").read_text())
    assert said["loader"] == "ukbiobank"
    assert said["settings"]["censored"] == dict.fromkeys(["hospital", "cancer", "death"], "2022-10-31")
    assert {"cohort-0.csv", "df_lkp_fields.tsv.gz", "field list fields.yaml"} <= set(said["inputs"])


def test_columns_that_are_no_field_are_reported(build: Build) -> None:
    frame = platform_frame(six_people(), PEOPLE).with_columns(pl.lit(1).alias("p31_typo"))
    report = build(frame)[1]
    assert report.ignored == ("p31_typo",)
    assert "albumin" in report.absent


def test_a_few_implausible_values_are_said_and_kept(build: Build) -> None:
    values = six_people()
    values[30750, 0, 0][0] = 5.6
    cohort, report = build(platform_frame(values, PEOPLE))
    assert column(cohort, "glycated_haemoglobin")[0] == 5.6
    found = [f for f in report.findings if f.kind is FindingKind.OUTSIDE_PLAUSIBLE]
    assert [(f.name, f.rows, f.total) for f in found] == [("glycated_haemoglobin", 1, 5)]


def test_a_field_list_of_ones_own_is_used(build: Build, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "version: 1\ncodings: {}\nspecial_dates: {1900-01-01: {means: unknown, says: no date}}\nfeatures:\n"
        "  - {name: hba1c, field: 30750, kind: numeric, group: biochemistry, unit: mmol/mol}\n"
    )
    cohort = build(platform_frame(six_people(), PEOPLE), fields=own)[0]
    assert [f.name for f in cohort.schema.features] == ["hba1c"]
