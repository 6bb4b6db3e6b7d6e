"""The truth that lies beside a made-up cohort explains what happened in it, by the equations that are documented."""

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.phenotypes import find_healthy, load_healthy_rule
from holdfast.cohort.synthetic import load_settings
from holdfast.cohort.synthetic.events import Events
from holdfast.cohort.synthetic.process import Process, WhoTheyAre

Array = npt.NDArray[np.float64]


@pytest.fixture(scope="module")
def known(made_up: Cohort) -> pl.DataFrame:
    """Everyone's truth, death and measurements in one frame."""
    death = made_up.outcomes().filter(pl.col("outcome") == "death")
    truth = pl.scan_parquet(made_up.folder / "truth.parquet")
    return made_up.people().join(truth, on="person").join(death, on="person").collect()


def concordance(risk: Array, years: Array, event: Array) -> float:
    """Harrell's concordance, counted pair by pair."""
    concordant = pairs = 0.0
    for i in np.flatnonzero(event):
        later = years > years[i]
        pairs += float(later.sum())
        concordant += float((risk[i] > risk[later]).sum()) + 0.5 * float((risk[i] == risk[later]).sum())
    return concordant / pairs


def of(known: pl.DataFrame, name: str) -> float:
    return concordance(known[name].to_numpy(), known["years"].to_numpy(), known["event"].to_numpy())


def test_true_risk_and_true_health_foretell_death_and_risk_does_so_best(known: pl.DataFrame) -> None:
    found = {name: of(known, name) for name in ("death_log_hazard", "health", "age", "c_reactive_protein", "lipids")}
    assert found["death_log_hazard"] > 0.75
    assert found["health"] > 0.70
    assert max(found, key=lambda name: found[name]) == "death_log_hazard"
    assert found["lipids"] == pytest.approx(0.5, abs=0.06)


def test_health_tells_deaths_apart_among_people_of_one_age(known: pl.DataFrame) -> None:
    band = known.filter(pl.col("age").is_between(60, 64))
    assert of(band, "health") > 0.57
    assert of(band, "age") < of(band, "health")


def test_deaths_come_at_the_true_rate(known: pl.DataFrame) -> None:
    """The hazard cumulated over what each person was followed for adds up to the number of deaths."""
    growth = load_settings().process.death.growth
    years, log_hazard = known["years"].to_numpy(), known["death_log_hazard"].to_numpy()
    expected = float(np.sum(np.exp(log_hazard) * np.expm1(growth * years) / growth))
    deaths = int(known["event"].sum())
    assert abs(deaths - expected) < 4 * np.sqrt(expected)
    riskiest = known["death_log_hazard"].to_numpy() > np.quantile(known["death_log_hazard"].to_numpy(), 0.9)
    part = float(np.sum((np.exp(log_hazard) * np.expm1(growth * years) / growth)[riskiest]))
    assert abs(int(known["event"].to_numpy()[riskiest].sum()) - part) < 4 * np.sqrt(part)


def test_observed_death_is_the_earlier_of_true_death_and_censoring(known: pl.DataFrame) -> None:
    first = np.minimum(known["death_years"].to_numpy(), known["censoring_years"].to_numpy())
    assert known["years"].to_numpy() == pytest.approx(first)
    assert (known["event"].to_numpy() == (known["death_years"] <= known["censoring_years"]).to_numpy()).all()
    assert known["years"].min() > 0  # type: ignore[operator]


def test_factors_have_mean_0_and_variance_1(known: pl.DataFrame) -> None:
    for name in load_settings().process.factors:
        assert known[name].mean() == pytest.approx(0, abs=0.04)
        assert known[name].std() == pytest.approx(1, abs=0.04)


@pytest.mark.parametrize(
    ("measured", "factor", "weakest"),
    [
        ("c_reactive_protein", "inflammation", 0.6),
        ("cystatin_c", "kidney", 0.6),
        ("glycated_haemoglobin", "metabolic", 0.5),
        ("depressed_mood", "mind", 0.5),
        ("self_rated_health", "health", 0.4),
        ("haemoglobin", "anaemia", -0.5),
    ],
)
def test_measurements_show_the_factor_behind_them(
    known: pl.DataFrame, measured: str, factor: str, weakest: float
) -> None:
    rows = known.select(measured, factor).drop_nulls()
    found = rows.select(pl.corr(measured, factor, method="spearman")).item()
    assert np.sign(found) == np.sign(weakest)
    assert abs(found) > abs(weakest)


def test_depression_comes_of_the_mind_and_not_of_the_lipids(made_up: Cohort, known: pl.DataFrame) -> None:
    ill = made_up.conditions().filter(pl.col("condition") == "depression").select("person").collect()
    people = known.with_columns(is_ill=pl.col("person").is_in(ill["person"].to_list()))
    gaps = {
        name: people.filter("is_ill")[name].mean() - people.filter(~pl.col("is_ill"))[name].mean()  # type: ignore[operator]
        for name in ("mind", "lipids")
    }
    assert gaps["mind"] > 0.7
    assert abs(gaps["lipids"]) < 0.1


def test_the_healthy_reference_is_truly_healthier(made_up: Cohort, known: pl.DataFrame) -> None:
    found = find_healthy(made_up, load_healthy_rule())
    both = known.join(found.people, on="person")
    healthy, others = both.filter("is_healthy"), both.filter(~pl.col("is_healthy"))
    assert 0.05 < found.n_healthy / found.n_people < 0.3
    assert healthy["health"].mean() < others["health"].mean() - 0.4  # type: ignore[operator]
    assert healthy.filter(pl.col("event") & (pl.col("years") <= 5)).is_empty()


def test_outcomes_are_those_of_people_who_did_not_have_it_and_agree_with_conditions(made_up: Cohort) -> None:
    conditions = made_up.conditions().collect()
    for name in load_settings().process.outcomes:
        outcome = made_up.outcomes().filter(pl.col("outcome") == name).collect()
        rows = conditions.filter(pl.col("condition") == name)
        prevalent, incident = rows.filter(pl.col("years") <= 0), rows.filter(pl.col("years") > 0)
        assert outcome.height == made_up.n_people - prevalent.height
        assert set(outcome["person"]).isdisjoint(prevalent["person"])
        events = outcome.filter("event").select("person", "years").sort("person")
        assert events.equals(incident.select("person", "years").sort("person"))


def test_onset_has_the_survival_function_of_the_documented_hazard() -> None:
    """For one person drawn many times: P(T <= t) = 1 - exp(-(e^l / g)(e^(g t) - e^(-g A)))."""
    process = Process(load_settings().process)
    events, n = Events(process), 40_000
    one = process.draw(np.random.default_rng(3), 1)
    who = WhoTheyAre(*(np.repeat(part, n, axis=0) for part in vars(one).values()))
    course = events.draw(np.random.default_rng(4), who)
    log_hazard = events.log_hazards(one)[0]
    settings = process.settings
    for place, name in [(1, "type_2_diabetes"), (2, "hypertension")]:
        g, adult = settings.conditions[name].growth, one.age[0] - 18
        for t in (-10.0, 0.0, 12.0):
            expected = 1 - np.exp(-np.exp(log_hazard[place]) / g * (np.exp(g * t) - np.exp(-g * adult)))
            assert float(np.mean(course.onset[name] <= t)) == pytest.approx(expected, abs=0.012)
    g = settings.death.growth
    expected = 1 - np.exp(-np.exp(log_hazard[0]) / g * np.expm1(g * 15))
    assert float(np.mean(course.death <= 15)) == pytest.approx(expected, abs=0.012)
