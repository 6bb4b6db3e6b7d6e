"""Phenotypic age against its published equations, an independent implementation's digits, and every wrong unit."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from holdfast.errors import ContentError
from holdfast.risk.baselines import PhenoAge, load_baseline
from holdfast.risk.baselines.markers import load_markers
from holdfast.risk.error import RiskError
from holdfast.risk.survival.follow_up import FollowUp

FORMULA = ("albumin_gL", "creat_umol", "glucose_mmol", "lncrp", "lymph", "mcv", "rdw", "alp", "wbc", "age")
PERSON = dict(zip(FORMULA, (44.0, 75.0, 5.2, math.log(0.15), 30.0, 90.0, 13.0, 70.0, 6.5, 50.0), strict=True))

NHANES = {
    "LBXSAL": 4.4,
    "LBXSCR": 75.0 / 88.4017,
    "LBXSGL": 5.2 / 0.0555,
    "LBXHSCRP": 1.5,
    "LBXLYPCT": 30.0,
    "LBXMCVSI": 90.0,
    "LBXRDW": 13.0,
    "LBXSAPSI": 70.0,
    "LBXWBCSI": 6.5,
    "RIDAGEYR": 50.0,
}
NHANES3 = {
    "AMP": 4.4,
    "CEP": 75.0 / 88.4017,
    "SGP": 5.2 / 0.0555,
    "CRP": 0.15,
    "LMPPCNT": 30.0,
    "MVPSI": 90.0,
    "RWP": 13.0,
    "APPSI": 70.0,
    "WCPSI": 6.5,
    "HSAGEIR": 50.0,
}
COHORT = {
    "albumin": 44.0,
    "creatinine": 75.0,
    "glucose": 5.2,
    "c_reactive_protein": 1.5,
    "lymphocyte_percentage": 30.0,
    "mean_corpuscular_volume": 90.0,
    "red_cell_distribution_width": 13.0,
    "alkaline_phosphatase": 70.0,
    "white_blood_cells": 6.5,
    "age": 50.0,
}


def published(x: dict[str, float]) -> float:
    """The equations as printed, mortality score and all."""
    xb = (
        -19.907
        - 0.0336 * x["albumin_gL"]
        + 0.0095 * x["creat_umol"]
        + 0.1953 * x["glucose_mmol"]
        + 0.0954 * x["lncrp"]
        - 0.0120 * x["lymph"]
        + 0.0268 * x["mcv"]
        + 0.3306 * x["rdw"]
        + 0.00188 * x["alp"]
        + 0.0554 * x["wbc"]
        + 0.0804 * x["age"]
    )
    mortality = 1 - math.exp(-math.exp(xb) * (math.exp(120 * 0.0076927) - 1) / 0.0076927)
    return 141.50225 + math.log(-0.00553 * math.log(1 - mortality)) / 0.090165


def unrounded(x: dict[str, float]) -> float:
    """The digits that the R package BioAge carries (Kwon and Belsky 2021, phenoage_calc with orig = TRUE)."""
    weights = (
        -0.03359355,
        0.009506491,
        0.1953192,
        0.09536762,
        -0.01199984,
        0.02676401,
        0.3306156,
        0.001868778,
        0.05542406,
        0.08035356,
    )
    xb = -19.90667 + sum(weight * x[name] for weight, name in zip(weights, FORMULA, strict=True))
    mortality = 1 - math.exp(-1.51714 * math.exp(xb) / 0.007692696)
    return math.log(-0.0055305 * math.log(1 - mortality)) / 0.090165 + 141.50225


def spread(person: dict[str, float], n: int = 200, *, seed: int = 0) -> tuple[np.ndarray[Any, Any], tuple[str, ...]]:
    """People around one: every value within 10% of it."""
    factors = np.random.default_rng(seed).uniform(0.9, 1.1, size=(n, len(person)))
    return np.array(list(person.values())) * factors, tuple(person)


def follow_up(n: int) -> FollowUp:
    return FollowUp(np.ones(n), np.zeros(n, dtype=bool))


def test_a_person_worked_out_by_hand() -> None:
    """xb: -19.907 -1.4784 +0.7125 +1.01556 -0.180986 -0.36 +2.412 +4.2978 +0.1316 +0.3601 +4.02 = -8.976826;
    M: 1 - exp(-0.000126312 x 197.218) = 0.0246039; age: 141.50225 + ln(0.00553 x 0.0249116) / 0.090165."""
    age = PhenoAge().risk(np.array([list(PERSON.values())]), columns=FORMULA)

    assert age[0] == pytest.approx(42.905, abs=0.01)


@pytest.mark.parametrize("seed", range(3))
def test_ages_are_those_of_the_published_equations(seed: int) -> None:
    rows, columns = spread(PERSON, seed=seed)

    ages = PhenoAge().risk(rows, columns=columns)

    np.testing.assert_allclose(ages, [published(dict(zip(columns, row, strict=True))) for row in rows], rtol=1e-8)


def test_the_printed_rounding_costs_less_than_a_fifth_of_a_year() -> None:
    rows, columns = spread(PERSON)

    ages = PhenoAge().risk(rows, columns=columns)

    np.testing.assert_allclose(ages, [unrounded(dict(zip(columns, row, strict=True))) for row in rows], atol=0.2)


@pytest.mark.parametrize("named", [NHANES, NHANES3, COHORT], ids=["nhanes", "nhanes3", "holdfast cohort"])
def test_columns_of_every_study_give_one_age(named: dict[str, float]) -> None:
    age = PhenoAge().risk(np.array([list(named.values())]), columns=tuple(named))

    assert age[0] == pytest.approx(published(PERSON), abs=1e-6)


@pytest.mark.parametrize(("name", "sign"), [(name, -1 if name in ("albumin_gL", "lymph") else 1) for name in FORMULA])
def test_more_of_a_marker_ages_except_albumin_and_lymphocytes(name: str, sign: int) -> None:
    step = {"lncrp": 0.5}.get(name, 0.1 * PERSON[name])
    rows = np.array([list(PERSON.values()), list({**PERSON, name: PERSON[name] + step}.values())])

    ages = PhenoAge().risk(rows, columns=FORMULA)

    assert np.sign(ages[1] - ages[0]) == sign


def test_ages_go_on_rising_where_the_chance_of_death_rounds_to_one() -> None:
    ill = [{**PERSON, "glucose_mmol": glucose, "age": 95.0} for glucose in (40.0, 60.0, 80.0)]

    ages = PhenoAge().risk(np.array([list(person.values()) for person in ill]), columns=FORMULA)

    assert np.isfinite(ages).all()
    assert (np.diff(ages) > 0).all()


def test_in_nhanes_it_goes_with_age_as_published(nhanes: Path) -> None:
    """0.94 in NHANES III and 0.96 in NHANES 1999-2010, adults of 20 to 84 years (Levine 2018, Liu 2018).

    Values beyond 5 standard deviations are left out, as BioAge does; with them it is 0.89 here.
    """
    adults = pl.read_parquet(nhanes, columns=list(NHANES)).filter(pl.col("RIDAGEYR") >= 20)
    rows = adults.cast(pl.Float64).to_numpy().copy()
    rows[np.abs(rows - np.nanmean(rows, axis=0)) > 5 * np.nanstd(rows, axis=0)] = np.nan

    ages = PhenoAge().estimate(rows, columns=tuple(NHANES))

    lived = rows[ages.scored, list(NHANES).index("RIDAGEYR")]
    assert len(lived) > 9000
    assert 0.92 < np.corrcoef(ages.years, lived)[0, 1] < 0.97
    assert abs(np.median(ages.years - lived)) < 6


def test_somebody_without_a_marker_has_no_age_and_is_counted() -> None:
    rows, columns = spread(PERSON)
    rows[[3, 7], columns.index("rdw")] = np.nan
    rows[[7, 9, 11], columns.index("alp")] = np.nan

    ages = PhenoAge().estimate(rows, columns=columns)

    assert np.flatnonzero(~ages.scored).tolist() == [3, 7, 9, 11]
    assert ages.missing == {"red cell distribution width": 2, "alkaline phosphatase": 3}
    assert ages.note == "not measured for 4 of 200 people"
    complete = np.delete(rows, [3, 7, 9, 11], axis=0)
    np.testing.assert_array_equal(ages.years, PhenoAge().risk(complete, columns=columns))
    with pytest.raises(
        RiskError, match=r"every marker of everybody, got 4 of 200 rows .*red cell distribution width in 2"
    ):
        PhenoAge().risk(rows, columns=columns)


def test_filling_is_asked_for_uses_the_training_median_and_says_so() -> None:
    training, columns = spread(PERSON, 201)
    rows, _ = spread(PERSON, 50, seed=1)
    place = columns.index("rdw")
    rows[:5, place] = np.nan

    filled = PhenoAge(fill="training median").fit(training, follow_up(201), columns=columns)
    ages = filled.estimate(rows)

    assert ages.note == "training median in place of a missing marker for 5 of 50 people"
    assert ages.missing == {"red cell distribution width": 5}
    assert ages.scored.all()
    by_hand = rows.copy()
    by_hand[:5, place] = np.sort(training[:, place])[100]
    np.testing.assert_allclose(filled.risk(rows), PhenoAge().risk(by_hand, columns=columns))


def test_nobody_missing_a_marker_leaves_nothing_to_note() -> None:
    rows, columns = spread(PERSON)

    assert PhenoAge().estimate(rows, columns=columns).note == ""


def test_without_crp_it_is_not_phenoage() -> None:
    rows, columns = spread({name: value for name, value in NHANES.items() if name != "LBXHSCRP"})

    with pytest.raises(RiskError, match="missing marker: CRP; add the column"):
        PhenoAge().fit(rows, follow_up(200), columns=columns)
    with pytest.raises(RiskError, match="missing markers: CRP, age; add the column"):
        PhenoAge().estimate(rows[:, :-1], columns=columns[:-1])


def test_a_crp_column_without_a_value_is_not_filled_either() -> None:
    rows, columns = spread(NHANES)
    rows[:, columns.index("LBXHSCRP")] = np.nan

    with pytest.raises(RiskError, match="missing marker: CRP, without a value in any row"):
        PhenoAge(fill="training median").fit(rows, follow_up(200), columns=columns)
    assert not PhenoAge().estimate(rows, columns=columns).scored.any()


def test_of_two_columns_the_one_that_is_measured_counts_in_its_own_unit() -> None:
    person = {**NHANES, "LBXCRP": 0.15}
    rows = np.array([list(person.values())] * 2)
    rows[0, list(person).index("LBXHSCRP")] = np.nan
    rows[1, list(person).index("LBXCRP")] = np.nan

    np.testing.assert_allclose(PhenoAge().risk(rows, columns=tuple(person)), published(PERSON), atol=1e-6)


def test_codes_of_nhanes_3_for_no_value_are_no_values() -> None:
    rows = np.array([list({**NHANES3, "CRP": 8888.8, "AMP": 888.0}.values())])

    ages = PhenoAge().estimate(rows, columns=tuple(NHANES3))

    assert ages.missing == {"albumin": 1, "CRP": 1}


WRONG_UNITS = [
    ("albumin", 4.4, r"Median albumin .* got 4\.4\d over 200 rows, as if it were in g/dL"),
    ("creatinine", 0.85, "Median creatinine .* as if it were in mg/dL"),
    ("glucose", 94.0, "Median glucose .* as if it were in mg/dL"),
    ("c_reactive_protein", 0.15, r"Median CRP .* as if it were in mg/dL; say its unit with named=\{'crp'"),
    ("lymphocyte_percentage", 0.3, "Median lymphocyte percentage .* as if it were in share"),
    ("red_cell_distribution_width", 43.0, "Median red cell distribution width .* must lie in 6 to 32 %"),
    ("alkaline_phosphatase", 1.2, "Median alkaline phosphatase .* as if it were in ukat/L"),
    ("white_blood_cells", 6500.0, "Median white blood cells .* as if it were in cells/uL"),
    ("age", 600.0, "Median age .* as if it were in months"),
]


@pytest.mark.parametrize(("column", "value", "message"), WRONG_UNITS)
def test_a_marker_in_another_unit_is_refused_and_the_unit_named(column: str, value: float, message: str) -> None:
    rows, columns = spread({**COHORT, column: value})

    with pytest.raises(RiskError, match=message):
        PhenoAge().fit(rows, follow_up(200), columns=columns)


def test_the_logarithm_of_crp_in_the_wrong_unit_is_refused_too() -> None:
    rows, columns = spread({**PERSON, "lncrp": math.log(1.5)})

    with pytest.raises(RiskError, match=r"Median CRP \(lncrp\) .* as if it were in mg/L"):
        PhenoAge().estimate(rows, columns=columns)


def test_a_few_people_may_be_as_ill_as_they_are() -> None:
    rows, columns = spread({**COHORT, "c_reactive_protein": 60.0}, 19)

    assert PhenoAge().estimate(rows, columns=columns).scored.all()


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_a_crp_that_has_no_logarithm_is_refused_with_counts(value: float) -> None:
    rows, columns = spread(COHORT)
    rows[[1, 5], columns.index("c_reactive_protein")] = value

    with pytest.raises(
        RiskError, match=r"CRP \(c_reactive_protein\) must be 0.0001 mg/dL or more, got less in 2 of 200"
    ):
        PhenoAge().estimate(rows, columns=columns)


def test_a_group_that_is_ill_is_believed_once_its_unit_is_stated() -> None:
    rows, columns = spread({**COHORT, "c_reactive_protein": 15.0})

    with pytest.raises(RiskError, match=r"Median CRP \(c_reactive_protein\) must lie in 0.04 to 1 mg/dL, got 1\.\d+"):
        PhenoAge().estimate(rows, columns=columns)
    stated = PhenoAge(named={"crp": ("c_reactive_protein", "mg/L")})
    assert stated.estimate(rows, columns=columns).scored.all()


def test_a_stated_unit_that_cannot_be_is_refused_all_the_same() -> None:
    rows, columns = spread(COHORT)

    with pytest.raises(RiskError, match=r"Median albumin .* must lie in 7 to 250 g/L, got 4\d\d .* in g/L"):
        PhenoAge(named={"albumin": ("albumin", "g/dL")}).estimate(rows, columns=columns)


def test_a_column_of_another_name_is_named_with_its_unit() -> None:
    mine = {**{name: value for name, value in COHORT.items() if name != "albumin"}, "alb": 4.4}

    age = PhenoAge(named={"albumin": ("alb", "g/dL")}).risk(np.array([list(mine.values())]), columns=tuple(mine))

    assert age[0] == pytest.approx(published(PERSON), abs=1e-6)


def test_what_is_named_must_be_known_and_there() -> None:
    row = np.array([list(COHORT.values())])

    with pytest.raises(RiskError, match="Named markers must be known, got `ferritin`"):
        PhenoAge(named={"ferritin": ("f", "ug/L")})
    with pytest.raises(RiskError, match="Unit of albumin must be one of g/L, g/dL, got `'stone'`"):
        PhenoAge(named={"albumin": ("albumin", "stone")}).risk(row, columns=tuple(COHORT))
    with pytest.raises(RiskError, match="missing marker: albumin"):
        PhenoAge(named={"albumin": ("elsewhere", "g/L")}).risk(row, columns=tuple(COHORT))
    with pytest.raises(RiskError, match="Fill must be None or 'training median', got `'zero'`"):
        PhenoAge(fill="zero")  # type: ignore[arg-type]


def test_before_a_fit_the_columns_must_be_given() -> None:
    row = np.array([list(COHORT.values())])

    with pytest.raises(RiskError, match="PhenoAge must be fitted, or told the columns"):
        PhenoAge().risk(row)
    with pytest.raises(RiskError, match="PhenoAge must be fitted"):
        PhenoAge(fill="training median").risk(row, columns=tuple(COHORT))


def test_a_kept_phenoage_remembers_its_columns_units_and_medians(tmp_path: Path) -> None:
    rows, columns = spread({**COHORT, "albumin": 4.4})
    kept = PhenoAge(named={"albumin": ("albumin", "g/dL")}, fill="training median")
    kept.fit(rows, follow_up(200), columns=columns).save(tmp_path / "kept")

    loaded = load_baseline(tmp_path / "kept")

    some = np.where(np.random.default_rng(3).random(rows.shape) < 0.2, np.nan, rows)
    np.testing.assert_array_equal(loaded.risk(some), kept.risk(some))
    np.testing.assert_array_equal(loaded.risk(some[:, ::-1], columns=columns[::-1]), kept.risk(some))


def test_a_marker_file_with_an_unknown_unit_is_refused(tmp_path: Path) -> None:
    text = (Path(load_markers.__globals__["PATH"])).read_text(encoding="utf-8")
    (tmp_path / "markers.yaml").write_text(text.replace("LBXSAL, unit: g/dL", "LBXSAL, unit: stone"), encoding="utf-8")

    with pytest.raises(ContentError, match="albumin: units must list stone"):
        load_markers(tmp_path / "markers.yaml")
