"""Bad input is refused with counts and columns, and never with a person's id."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest

from holdfast.cohort import CohortError, Feature, Kind
from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.cohort_writer import CohortWriter
from holdfast.cohort.units import CONVERSIONS, conversions_for
from holdfast.cohort.validation import FindingKind

TODAY = date(2026, 11, 22)
Written = Callable[..., Cohort]
D = date(2008, 1, 1)

WRONG = [
    ("people", {"person": ["p1", "p2", "p2", "p4", "p2", "p6"]}, "Person must be unique, got 2 of 6 rows", ("person",)),
    ("people", {"person": ["p1", None, "", "p4", "p5", "p6"]}, "Person must be given, got 2 of 6 rows", ("person",)),
    ("people", {"visit": [D, D, D, D, D, date(2026, 11, 23)]}, "after 2026-11-22, got 1 of 6 rows", ("visit",)),
    ("people", {"born": [1950, 2010, 2011, 1955, 1940, 1962]}, "before birth, got 1 of 6 rows", ("visit", "born")),
    ("people", {"rating": [1, 2, 3, 4, 9, 1]}, "among the 3 that the schema lists, got 2 of 6 rows", ("rating",)),
    ("people", {"sex": [0, 1, 2, 0, 1, 1]}, "Codes of 'sex' .* got 1 of 6 rows", ("sex",)),
    ("people", {"group": ["a", "b", "c", "b", "a", "a"]}, "Codes of 'group' .* got 1 of 6 rows", ("group",)),
    ("people", {"glucose": [5, float("inf"), float("nan"), 5, 5, 5]}, "be finite, got 2 of 6 rows", ("glucose",)),
    ("people", {"weight": [1, -1, 1, 1, 1, 1.0]}, "Weights 'weight' must be 0 or more, got 1 of 6", ("weight",)),
    ("conditions", {"condition": ["depression", "measles"]}, "Conditions must be .* got 1 of 2 rows", ("condition",)),
    ("conditions", {"years": [-200.0, None]}, "within 130 of the visit, got 2 of 2 rows", ("years",)),
    ("conditions", {"person": ["p1", "q7"]}, r"People in conditions.parquet .* got 1 of 2 rows", ("person",)),
    (
        "conditions",
        {"person": ["p1", "p1"], "condition": ["stroke", "stroke"]},
        "Person and condition must be unique, got 1 of 2 rows",
        ("person", "condition"),
    ),
    ("outcomes", {"outcome": ["death", "fame", "death"]}, "Outcomes must be .* got 1 of 3 rows", ("outcome",)),
    ("outcomes", {"years": [0.0, -1.0, 2.0]}, "come after the visit, got 2 of 3 rows", ("years",)),
    ("outcomes", {"years": [None, 1.0, 2.0]}, "a time in years and an event, got 1 of 3 rows", ("years", "event")),
    ("outcomes", {"event": [None, True, None]}, "nothing is filled in for an outcome", ("years", "event")),
    (
        "outcomes",
        {"person": ["p1", "p1", "p2"]},
        "Person and outcome must be unique, got 1 of 3",
        ("person", "outcome"),
    ),
    ("outcomes", {"person": ["p1", "q1", "q2"]}, r"People in outcomes.parquet .* got 2 of 3 rows", ("person",)),
]


@pytest.mark.parametrize(("table", "columns", "message", "named"), WRONG)
def test_what_is_wrong_is_counted_and_its_columns_named(
    written: Written, table: str, columns: dict[str, object], message: str, named: tuple[str, ...]
) -> None:
    with pytest.raises(CohortError, match=message) as caught:
        written(**{table: columns})
    assert caught.value.columns == named
    assert not any(person in str(caught.value) for person in ("p1", "p2", "q1", "q7"))


def test_nobody_is_no_cohort(begin: Callable[..., AbstractContextManager[CohortWriter]]) -> None:
    with pytest.raises(CohortError, match="Cohort must hold people, got 0 rows"), begin():
        pass


def test_glucose_in_mg_dl_is_refused_and_the_unit_named(written: Written) -> None:
    with pytest.raises(CohortError, match="6 of 6 values outside, as mg/dL would be; convert it from mg/dL"):
        written(people={"glucose": [90.0, 99.0, 105.0, 86.0, 108.0, 135.0]})


def test_values_that_no_known_unit_explains_are_refused_without_naming_one(written: Written) -> None:
    with pytest.raises(CohortError, match="3 of 6 values outside; check its unit"):
        written(people={"glucose": [5.0, 5.0, 5.0, -3.0, -2.0, -8.0]})


def test_a_few_values_outside_are_said_and_kept(written: Written) -> None:
    cohort = written(people={"glucose": [5.0, 5.5, 5.1, 4.8, 6.0, 55.0]})
    (finding,) = cohort.validate(today=TODAY)
    assert (finding.kind, finding.name, finding.rows, finding.total) == (
        FindingKind.OUTSIDE_PLAUSIBLE,
        "glucose",
        1,
        6,
    )
    assert cohort.people().collect()["glucose"].max() == 55.0


def test_an_outcome_that_nobody_had_is_said(written: Written) -> None:
    (finding,) = written(outcomes={"event": [False, False, False]}).validate(today=TODAY)
    assert (finding.kind, finding.rows, finding.total) == (FindingKind.ALL_CENSORED, 3, 6)


def test_a_sound_cohort_has_no_findings(written: Written) -> None:
    assert written().validate(today=TODAY) == ()


@pytest.mark.parametrize(
    ("title", "unit", "other", "theirs", "ours"),
    [
        ("Glucose", "mmol/L", "mg/dL", 126.0, 7.0),  # WHO's threshold in both units
        ("Cholesterol", "mmol/L", "mg/dL", 200.0, 5.17),
        ("LDL direct", "mmol/L", "mg/dL", 100.0, 2.59),
        ("Triglycerides", "mmol/L", "mg/dL", 150.0, 1.69),
        ("Creatinine", "umol/L", "mg/dL", 1.0, 88.4),
        ("Urate", "umol/L", "mg/dL", 6.0, 357.0),
        ("Total bilirubin", "umol/L", "mg/dL", 1.0, 17.1),
        ("Calcium", "mmol/L", "mg/dL", 10.0, 2.50),
        ("Glycated haemoglobin (HbA1c)", "mmol/mol", "percent", 6.5, 47.5),
        ("Vitamin D", "nmol/L", "ng/mL", 20.0, 50.0),
        ("Albumin", "g/L", "g/dL", 4.5, 45.0),
        ("Standing height", "cm", "in", 70.0, 177.8),
        ("Weight", "Kg", "lb", 150.0, 68.0),
    ],
)
def test_units_convert_as_published_tables_have_it(
    title: str, unit: str, other: str, theirs: float, ours: float
) -> None:
    feature = Feature(name="x", kind=Kind.NUMERIC, title=title, unit=unit, group="body", source="1")
    (found,) = [c for c in conversions_for(feature) if c.from_unit == other][:1]
    assert theirs * found.factor + found.offset == pytest.approx(ours, rel=0.005)


def test_every_conversion_has_its_inverse() -> None:
    known = {(c.analyte, c.unit, c.from_unit): c for c in CONVERSIONS}
    for conversion in CONVERSIONS:
        back = known.get((conversion.analyte, conversion.from_unit, conversion.unit))
        if back is not None:
            there = 7.0 * conversion.factor + conversion.offset
            assert there * back.factor + back.offset == pytest.approx(7.0)
