"""Methods of a comparison: each is what it says it is, worked out again by hand."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import spearmanr

from holdfast.errors import PeopleError, UnknownNameError
from holdfast.measured import Scored, Unscored
from holdfast.risk.baselines.cox import CoxBaseline, CoxSettings
from holdfast.risk.baselines.folds import fold_of_each
from holdfast.risk.survival.concordance import harrell_concordance
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.study.inputs import InputEncoding, InputSettings
from holdfast.study.methods.method import MethodSettings
from holdfast.study.methods.nplb_method import NplbMethod, TeachersMethod
from holdfast.study.methods.plain_rows import PlainRows
from holdfast.study.methods.registry import METHODS, make_methods
from holdfast.study.risk_model.fitting import fit_risk_model
from holdfast.study.risk_model.outcome_groups import outcome_groups
from holdfast.study.risk_model.risk_model import teaching_data
from holdfast.study.risk_model.settings import preset
from holdfast.study.risk_model.teachers.cox_teacher import CoxTeacher
from holdfast.study.risk_model.teachers.cross_fitting import cross_fit
from holdfast.study.risk_model.teachers.kernel_teacher import KernelTeacher
from holdfast.study.risk_model.visit_encoder import EncoderSettings
from holdfast.study.visits import Visits

SETTINGS = MethodSettings(age="age", dimensions=3)

CHEAP = ("age", "cox", "cox-hinges", "xgboost", "raw-centroid", "raw", "pca", "ica", "triplet", "nplb-relative")
"""Methods that learn in a moment."""


@pytest.fixture(scope="module")
def halves(make: Any) -> tuple[Visits, Visits]:
    """Two times 300 people: age and one of three markers foretell, some are missing, one column is words."""
    generator = np.random.default_rng(0)
    age, labs = generator.uniform(30, 80, 600), generator.normal(size=(600, 3))
    values = np.column_stack([age, labs, generator.integers(0, 3, 600)])
    values[generator.random(600) < 0.1, 1] = np.nan
    columns = (
        make.number("age"),
        *(make.number(f"lab {i}") for i in range(3)),
        make.words("w", "a", "b", "c", "never"),
    )
    eta = 0.08 * (age - 55) + 0.9 * labs[:, 1]
    visits = make.visits(values, columns, follow_up=make.follow_up(eta, seed=1), age=age)
    return visits.take(np.arange(300)), visits.take(np.arange(300, 600))


def risk_of(name: str, train: Visits, test: Visits, *, settings: MethodSettings = SETTINGS, seed: int = 0) -> Any:
    (method,) = make_methods([name], settings)
    assert method.name == name
    fitted = method.fit(train, seed=seed)
    return fitted if isinstance(fitted, Unscored) else fitted.risk(test)


def concordance(risk: NDArray[np.float64], follow_up: FollowUp) -> float:
    found = harrell_concordance(risk, follow_up).index
    assert isinstance(found, Scored)
    return found.value


def test_all_makes_every_method_in_order_with_a_name_and_a_title_of_its_own() -> None:
    made = make_methods(["all"], SETTINGS)
    assert tuple(method.name for method in made) == METHODS
    assert len({method.title for method in made}) == len(METHODS)


def test_methods_come_in_the_order_of_the_registry_whatever_order_they_are_named_in() -> None:
    assert [m.name for m in make_methods(["pca", "age", "pca"], SETTINGS)] == ["age", "pca"]


def test_an_unknown_method_is_refused_with_the_closest() -> None:
    with pytest.raises(UnknownNameError, match=r"^Method must be a known id, got 'xgbost'; did you mean xgboost\?$"):
        make_methods(["age", "xgbost"], SETTINGS)


@pytest.mark.parametrize("name", CHEAP)
def test_every_method_puts_a_finite_risk_to_new_people_and_higher_is_worse(halves: Any, name: str) -> None:
    train, test = halves
    risk = risk_of(name, train, test)
    assert risk.shape == (300,)
    assert np.isfinite(risk).all()
    assert concordance(risk, test.outcome) > 0.53


@pytest.mark.parametrize("name", CHEAP)
def test_what_became_of_test_people_changes_no_risk(halves: Any, name: str) -> None:
    train, test = halves
    risk = risk_of(name, train, test.take(np.arange(40)))
    unknown = replace(test, follow_up=None, age=None, is_healthy=None).take(np.arange(40))
    np.testing.assert_array_equal(risk_of(name, train, unknown), risk)


def test_age_alone_is_age(halves: Any) -> None:
    train, test = halves
    np.testing.assert_allclose(np.argsort(risk_of("age", train, test)), np.argsort(test.values[:, 0].astype(float)))


def test_without_an_age_the_method_is_unscored_and_says_so(halves: Any) -> None:
    train, test = halves
    assert risk_of("age", train, test, settings=MethodSettings()) == Unscored("no input holds age")


def test_a_missing_age_makes_age_alone_unscored_and_no_other_method(halves: Any) -> None:
    train, test = halves
    values = test.values.copy()
    values[0, 0] = np.nan
    gap = replace(test, values=values)
    found = risk_of("age", train, gap)
    assert isinstance(found, Unscored)
    assert "1 of 300" in found.reason
    assert np.isfinite(risk_of("cox", train, gap)).all()


def test_phenoage_is_unscored_where_its_markers_were_not_measured_and_names_them(halves: Any) -> None:
    found = risk_of("phenoage", *halves)
    assert isinstance(found, Unscored)
    assert "albumin, creatinine, glucose" in found.reason


@pytest.mark.parametrize(("name", "is_expanded"), [("cox", False), ("cox-hinges", True)])
def test_cox_is_the_baseline_on_plain_rows(halves: Any, name: str, is_expanded: bool) -> None:
    train, test = halves
    rows = [np.column_stack([v.values[:, :4], *(v.values[:, 4] == k for k in range(3))]).astype(float) for v in halves]
    columns = ("age", "lab 0", "lab 1", "lab 2", "w = a", "w = b", "w = c")
    baseline = CoxBaseline(CoxSettings(expand=is_expanded, seed=5))
    baseline.fit(rows[0], train.outcome, columns=columns)
    np.testing.assert_array_equal(risk_of(name, train, test, seed=5), baseline.risk(rows[1]))


def test_plain_rows_hold_numbers_as_they_are_and_a_column_a_level_that_somebody_had(halves: Any) -> None:
    train, test = halves
    rows = PlainRows.of(train)
    assert rows.columns == ("age", "lab 0", "lab 1", "lab 2", "w = a", "w = b", "w = c")
    odd = test.values[:3].copy()
    odd[:, 4] = [3, 9, np.nan]  # a level nobody had in training, one of no list, missing
    found = rows.transform(replace(test.take(np.arange(3)), values=odd))
    np.testing.assert_array_equal(found[:, :4], odd[:, :4].astype(float))
    np.testing.assert_array_equal(found[:, 4:], [[0, 0, 0], [0, 0, 0], [np.nan] * 3])


def raw_inputs(train: Visits, test: Visits) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Return inputs without hinges of both, and the groups of the training people."""
    encoding = InputEncoding.fit(train, InputSettings(has_hinges=False))
    x, new = (encoding.transform(v.values).astype(np.float64) for v in (train, test))
    return x, new, outcome_groups(train.outcome).codes


def test_the_plain_definition_on_raw_inputs_is_the_distance_to_the_healthy_mean(halves: Any) -> None:
    x, new, codes = raw_inputs(*halves)
    by_hand = np.linalg.norm(new - x[codes == 0].mean(axis=0), axis=1)
    found = risk_of("raw-centroid", *halves)
    assert np.corrcoef(found, by_hand)[0, 1] > 0.999


def test_raw_is_the_mean_over_groups_of_how_much_closer_they_are_than_the_healthy(halves: Any) -> None:
    x, new, codes = raw_inputs(*halves)
    to_healthy = ((new - x[codes == 0].mean(axis=0)) ** 2).sum(axis=1)
    closer = [to_healthy - ((new - x[codes == k].mean(axis=0)) ** 2).sum(axis=1) for k in (1, 2, 3)]
    found = risk_of("raw", *halves)
    assert np.corrcoef(found, np.mean(closer, axis=0))[0, 1] > 0.9999


def test_more_dimensions_than_inputs_are_not_asked_for(halves: Any) -> None:
    train, test = (half.select(["age", "lab 1"]) for half in halves)
    wide = risk_of("pca", train, test, settings=MethodSettings(age="age", dimensions=50))
    np.testing.assert_allclose(wide, risk_of("pca", train, test, settings=MethodSettings(age="age", dimensions=2)))


@pytest.mark.parametrize("name", ["cox", "cox-hinges", "xgboost", "raw", "nplb-relative", "teachers", "nplb"])
def test_the_all_censored_are_refused_by_every_method_that_learns_from_events(halves: Any, name: str) -> None:
    train, test = halves
    censored = replace(train, follow_up=FollowUp(train.outcome.years, np.zeros(300, dtype=np.bool_)))
    with pytest.raises(PeopleError, match=r"^(Follow-up|Training people) must hold .*event"):
        risk_of(name, censored, test)


def test_ours_is_the_risk_model_of_its_settings(halves: Any) -> None:
    train, test = halves
    fast = preset("fast")
    settings = replace(fast, encoder=EncoderSettings(steps=5), risk=replace(fast.risk, horizons_years=()))
    settings = replace(settings, risk=replace(settings.risk, interval=replace(settings.risk.interval, replicates=0)))
    fitted = NplbMethod(name="nplb", title="ours", settings=settings, age="age").fit(train, seed=3)
    assert not isinstance(fitted, Unscored)
    by_hand = fit_risk_model(train, settings, age="age", seed=3).risk_of(test.values)
    np.testing.assert_array_equal(fitted.risk(test), by_hand)


def test_the_teachers_alone_are_the_mean_of_their_standardised_log_hazards(halves: Any) -> None:
    train, test = halves
    settings = replace(preset("fast"), teachers=("cox", "kernel"), is_led=True)
    fitted = TeachersMethod(name="teachers", title="", settings=settings, age=None).fit(train, seed=3)
    assert not isinstance(fitted, Unscored)
    encoding = InputEncoding.fit(train, settings.inputs)
    data, new = (teaching_data(encoding, encoding.transform(v.values), v.values, None) for v in halves)
    folds = fold_of_each(train.outcome, folds=3, seed=3)
    standardised = []
    for teacher in (CoxTeacher(), KernelTeacher()):
        taught = cross_fit(teacher, data, train.outcome, folds, seed=3, threads=1)
        standardised.append((taught.taught.log_hazard(new) - taught.log_hazard.mean()) / taught.log_hazard.std())
    assert np.corrcoef(fitted.risk(test), np.mean(standardised, axis=0))[0, 1] > 0.99999


def test_phenoage_orders_people_as_its_published_formula_does(people: Visits, make: Any) -> None:
    """Coefficients of Levine and others 2018, Aging 10:573-591, table 1; CRP there in mg/dL, in the table in mg/L."""
    some = people.take(np.arange(1_200))
    volume = np.random.default_rng(0).normal(90, 5, 1_200).astype(np.float32)
    with_volume = replace(
        some,
        columns=(*some.columns, make.number("mean_corpuscular_volume", unit="fL")),
        values=np.column_stack([some.values, volume]),
    )
    published = {
        "albumin": -0.0336,
        "creatinine": 0.0095,
        "glucose": 0.1953,
        "lymphocyte_percentage": -0.0120,
        "mean_corpuscular_volume": 0.0268,
        "red_cell_distribution_width": 0.3306,
        "alkaline_phosphatase": 0.00188,
        "white_blood_cells": 0.0554,
        "age": 0.0804,
    }
    x = {name: with_volume.select([name]).values[:, 0].astype(float) for name in (*published, "c_reactive_protein")}
    by_hand = sum(b * x[name] for name, b in published.items()) + 0.0954 * np.log(x["c_reactive_protein"] / 10)
    is_whole = ~np.isnan(by_hand)
    found = risk_of("phenoage", with_volume, with_volume)
    assert found.shape == (1_200,)  # a median stands in for a marker that somebody lacks
    assert is_whole.sum() > 500
    assert spearmanr(found[is_whole], by_hand[is_whole]).statistic > 0.9999
