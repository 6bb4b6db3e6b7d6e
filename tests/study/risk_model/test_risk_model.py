"""The risk model, on made-up people whose true hazard is known."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import ks_2samp, kstest, spearmanr

from holdfast.errors import UnknownNameError
from holdfast.measured import Scored, Unscored
from holdfast.risk.cox import fit_cox
from holdfast.risk.survival.concordance import harrell_concordance
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.study.error import StudyError
from holdfast.study.inputs import InputEncoding, InputSettings
from holdfast.study.risk_model.fitting import fit_risk_model
from holdfast.study.risk_model.risk_model import RiskModel
from holdfast.study.risk_model.settings import PRESETS, RiskModelSettings, preset
from holdfast.study.risk_model.visit_encoder import EncoderSettings
from holdfast.study.visits import Visits


def concordance(risk: NDArray[np.float64], follow_up: FollowUp) -> float:
    found = harrell_concordance(risk, follow_up).index
    assert isinstance(found, Scored)
    return found.value


def with_truth(risk: NDArray[np.float64], log_hazard: NDArray[np.float64]) -> float:
    """Return how often the risk orders two people as their true hazards do: chance plays no part in it."""
    return concordance(risk, FollowUp(np.exp(-log_hazard), np.ones(len(risk), dtype=np.bool_)))


def quick(settings: RiskModelSettings, **more: Any) -> RiskModelSettings:
    """Return settings without resamples and with few steps."""
    risk = replace(settings.risk, interval=replace(settings.risk.interval, replicates=0))
    return replace(settings, encoder=EncoderSettings(steps=20), folds=3, risk=risk, **more)


@pytest.mark.parametrize(("name", "short_of_cox"), [("accurate", 0.0), ("fast", 0.04)])
def test_people_are_ranked_by_their_true_hazard_about_as_well_as_by_cox(
    name: str, short_of_cox: float, split: Any, request: pytest.FixtureRequest
) -> None:
    """Ridge Cox is the true form: hazards are linear in what lies behind the measurements."""
    encoding = InputEncoding.fit(split.train, InputSettings(has_hinges=False))
    x, new = (encoding.transform(v.values).astype(np.float64) for v in (split.train, split.test))
    cox = max(with_truth(new @ fit_cox(x, split.train.outcome, ridge=r), split.test_truth) for r in (0.1, 0.3, 1.0))
    risk = request.getfixturevalue(name).risk_of(split.test.values)
    assert with_truth(risk, split.test_truth) > cox - short_of_cox - 0.005
    assert spearmanr(risk, split.test_truth).statistic > 0.8


def test_led_by_teachers_they_are_ranked_better_than_by_age(accurate: RiskModel, split: Any) -> None:
    by_age = with_truth(split.test.age, split.test_truth)
    assert with_truth(accurate.risk_of(split.test.values), split.test_truth) > by_age + 0.01


def test_higher_is_worse_in_every_figure(model: RiskModel, split: Any) -> None:
    found = model.score(split.test.values)
    order = np.argsort(found.score)
    assert (np.diff(found.percentile[order]) >= 0).all()
    assert (np.diff(found.group[order].astype(int)) >= 0).all()
    assert not isinstance(found.absolute, Unscored)
    assert (np.diff(found.absolute.risks[order], axis=0) >= -1e-12).all()
    assert (np.diff(found.absolute.risks, axis=1) >= 0).all()  # a longer horizon
    died = split.test.outcome.event[found.rows]
    rates = [died[found.group == group].mean() for group in np.unique(found.group)]
    assert rates == sorted(rates)
    assert rates[-1] > rates[0] + 0.05


def test_percentiles_of_healthy_people_who_were_not_seen_are_uniform(model: RiskModel, split: Any) -> None:
    found = model.score(split.test.values)
    percentiles = found.percentile[split.test.is_healthy[found.rows]]
    assert len(percentiles) > 300
    assert kstest(percentiles / 100, "uniform").statistic < 0.1
    ill = found.percentile[~split.test.is_healthy[found.rows]]
    assert np.median(ill) > 55


def test_absolute_risks_add_up_to_the_deaths_there_were(model: RiskModel, split: Any) -> None:
    found = model.score(split.test.values)
    assert not isinstance(found.absolute, Unscored)
    assert found.absolute.horizons_years == (2.0, 5.0, 10.0)
    died = split.test.outcome.event_by(10.0)[found.rows]
    assert found.absolute.risks[:, 2].sum() == pytest.approx(died.sum(), rel=0.3)


def test_nobodys_score_depends_on_who_is_scored_beside_them(model: RiskModel, split: Any) -> None:
    values = split.test.values[:200]
    together = model.risk_of(values)
    assert np.std(together) > 0.3
    np.testing.assert_allclose(model.risk_of(values[::-1])[::-1], together, atol=2e-3)
    np.testing.assert_allclose([model.risk_of(values[k : k + 1])[0] for k in range(20)], together[:20], atol=2e-3)


def test_risk_of_is_the_score_where_there_is_one(model: RiskModel, split: Any) -> None:
    found = model.score(split.test.values)
    np.testing.assert_allclose(model.risk_of(split.test.values)[found.rows], found.score, rtol=1e-9)


def test_it_abstains_where_too_much_is_missing_and_says_why(model: RiskModel, split: Any) -> None:
    values = split.test.values[:50].copy()
    values[:7, 3:] = np.nan
    found = model.score(values)
    assert found.abstention[:7].tolist() == [2] * 7
    assert found.reasons["too many inputs are missing"] >= 7
    assert (found.rows >= 7).all()
    assert len(model.risk_of(values)) == 50  # for comparisons everybody has a score


def test_it_abstains_far_from_everybody_it_learnt_from(model: RiskModel, split: Any) -> None:
    numbers = [i for i, c in enumerate(split.test.columns) if c.levels is None and c.name != "age"]
    values = split.test.values[:60].copy()
    signs = np.random.default_rng(0).choice([-1, 1], size=len(numbers))
    values[:10, numbers] = np.nan_to_num(values[:10, numbers]) + signs * 1e5
    found = model.score(values)
    assert (found.abstention[:10] == 1).mean() >= 0.8
    assert (found.abstention[10:] == 1).mean() < 0.1


def test_what_is_odd_neither_warns_nor_breaks(model: RiskModel, split: Any) -> None:
    values = split.test.values[:6].copy()
    values[0], values[1], values[2], values[3] = np.nan, 3e38, -3e38, 0
    category = next(i for i, c in enumerate(split.test.columns) if c.name == "ethnicity")
    values[4, category] = len(split.test.columns[category].levels or {})  # a level not seen in training
    assert np.isfinite(model.risk_of(values)).all()


def test_values_of_other_columns_and_nobody_at_all_are_refused(model: RiskModel, split: Any) -> None:
    for values in (split.test.values[:, :5], np.column_stack([split.test.values, split.test.values])):
        with pytest.raises(StudyError, match=r"^Values must have 69 columns, got shape \(\d+, \d+\); give those of"):
            model.score(values)
    with pytest.raises(StudyError, match=r"^People to score must be at least one, got 0; give a table with a row"):
        model.score(split.test.values[:0])


def test_intervals_hold_the_score_when_asked_for(accurate: RiskModel, split: Any) -> None:
    values = split.test.values[:80]
    assert accurate.score(values).intervals == Unscored("not asked for")
    found = accurate.score(values, with_interval=True)
    assert not isinstance(found.intervals, Unscored)
    low, high = found.intervals.score_low, found.intervals.score_high
    assert (low < high).all()
    assert ((low <= found.score) & (found.score <= high)).mean() > 0.8


def test_the_median_healthy_person_is_at_low_risk(model: RiskModel, split: Any) -> None:
    assert model.reference.shape == (69,)
    assert np.isfinite(model.reference).all()
    at_reference = model.risk_of(model.reference[None])[0]
    assert (model.risk_of(split.test.values) > at_reference).mean() > 0.6


@pytest.mark.parametrize("name", PRESETS)
def test_held_out_scores_know_nothing_of_what_became_of_people(name: str, split: Any, fit: Any) -> None:
    """Where nothing can be foretold, held-out scores are at chance, and absolute risks alike or not given."""
    train = split.train.take(np.arange(1_400))
    shuffled = train.outcome.take(np.random.default_rng(3).permutation(train.n_people))
    settings = quick(preset(name), teachers=("cox", "kernel") if name == "accurate" else ("cox",))
    found = fit(replace(train, follow_up=shuffled), settings)
    assert abs(concordance(found.held_out, shuffled) - 0.5) < 0.07
    absolute = found.model.score(split.test.values).absolute
    if not isinstance(absolute, Unscored):
        low, high = np.quantile(absolute.risks[:, 2], [0.1, 0.9])
        assert high < 2.5 * low


@pytest.mark.parametrize("name", PRESETS)
def test_held_out_scores_are_no_better_than_those_of_new_people_where_much_is_noise(
    name: str, fit: Any, make: Any
) -> None:
    """One input of forty foretells. An encoder that learns grades by teachers that have seen the people held out
    scores them at 0.68, where it scores new people at 0.60.
    """
    x = np.random.default_rng(0).normal(size=(2_600, 40))
    visits = make.visits(x, follow_up=make.follow_up(0.6 * x[:, 0], seed=1))
    train, new = visits.take(np.arange(600)), visits.take(np.arange(600, 2_600))
    found = fit(train, quick(preset(name), teachers=("cox",), inputs=InputSettings(has_hinges=False)), age=None, seed=0)
    held_out = concordance(found.held_out, train.outcome)
    of_new = concordance(found.model.risk_of(new.values), new.outcome)
    assert of_new > 0.57
    assert of_new - 0.07 < held_out < of_new + 0.03


def test_held_out_scores_are_about_as_good_as_those_of_new_people(fitted: Any, split: Any) -> None:
    held_out = concordance(fitted.held_out, split.train.outcome)
    new = concordance(fitted.model.risk_of(split.test.values), split.test.outcome)
    assert held_out == pytest.approx(new, abs=0.07)
    assert held_out > 0.6


def test_held_out_scores_are_on_the_scale_of_those_of_new_people(fitted: Any, split: Any) -> None:
    assert ks_2samp(fitted.held_out, fitted.model.risk_of(split.test.values)).statistic < 0.07


def test_how_it_is_calibrated_changes_percentiles_and_not_the_order_of_people(split: Any) -> None:
    """Scores that leave a person out of the centres alone know them still: they are further apart than new ones."""
    few = split.train.take(np.arange(700))
    settings = quick(preset("fast"))
    plain, cross = (
        fit_risk_model(few, replace(settings, calibration=how), age="age", seed=4)
        for how in ("leave-one-out", "cross-fitted")
    )
    values = split.test.values[:100]
    assert plain.risk_of(values).tobytes() == cross.risk_of(values).tobytes()
    assert (plain.score(values).percentile != cross.score(values).percentile).any()


def test_the_same_seed_gives_the_same_model_and_another_does_not(split: Any) -> None:
    few = split.train.take(np.arange(600))
    settings = replace(quick(preset("accurate"), teachers=("cox",)), calibration="leave-one-out")
    scores = [fit_risk_model(few, settings, age="age", seed=s).risk_of(split.test.values) for s in (4, 4, 5)]
    assert scores[0].tobytes() == scores[1].tobytes()
    assert (scores[0] != scores[2]).all()


def test_teachers_may_learn_from_some_of_the_people_only(split: Any) -> None:
    told: list[str] = []
    settings = quick(preset("accurate"), teachers=("cox",), teacher_people=600)
    found = fit_risk_model(split.train, settings, age="age", seed=0, progress=told.append)
    assert with_truth(found.risk_of(split.test.values), split.test_truth) > 0.7
    assert told == ["inputs", "teacher: cox", *(f"encoder {k} of 3" for k in (1, 2, 3)), "held-out scores", "risk"]


def test_an_ensemble_has_an_encoder_a_fold_and_shows_it_the_teachers_if_led(accurate: Any, fast: Any) -> None:
    n_inputs = accurate.encoding.n_inputs
    assert [e.arrays["skip_weight"].shape[1] for e in accurate.encoders] == [n_inputs + 3] * 3
    assert [e.arrays["skip_weight"].shape[1] for e in fast.encoders] == [n_inputs + 1] * 3
    assert accurate.lead is not None
    assert accurate.lead.names == ("cox", "trees", "kernel")
    assert fast.lead is not None
    assert fast.lead.names == ("cox",)


def test_age_counts_double_for_the_kernel_only_where_it_is_named(accurate: RiskModel) -> None:
    assert accurate.lead is not None
    place = accurate.lead.names.index("kernel")
    scales = accurate.lead.taught[place].arrays()["scales"]
    sources = accurate.encoding.sources
    doubled = {accurate.columns[i].name for i in sources[scales == 2]}
    assert doubled == {"age"}


@pytest.mark.parametrize(("events", "said"), [(0, "0 of 300"), (11, "11 of 300"), (289, "289 of 300")])
def test_too_few_events_for_the_folds_are_refused_the_all_censored_among_them(
    split: Any, events: int, said: str
) -> None:
    few: Visits = split.train.take(np.arange(300))
    follow_up = FollowUp(few.outcome.years, np.arange(300) < events)
    with pytest.raises(
        StudyError, match=rf"^Training people must hold 12 with the event and 12 without, got {said} with it; use more"
    ):
        fit_risk_model(replace(few, follow_up=follow_up), quick(preset("fast")), age=None, seed=0)


def test_people_without_follow_up_are_refused(split: Any) -> None:
    with pytest.raises(StudyError, match=r"^People must have been followed up, got no times or events; name the"):
        fit_risk_model(replace(split.train, follow_up=None), preset("fast"), age=None, seed=0)


def test_presets_are_known_by_name() -> None:
    assert [preset(name).folds for name in PRESETS] == [5, 3]
    assert preset("fast").teachers == ("cox",)
    assert preset("accurate", threads=2).threads == 2
    with pytest.raises(
        UnknownNameError, match=r"^Preset must be a known id, got 'quick'; choose one of: accurate, fast"
    ):
        preset("quick")


@pytest.mark.parametrize("name", PRESETS)
def test_settings_survive_json(name: str) -> None:
    settings = replace(preset(name, threads=3), encoder=EncoderSettings(steps=7), lead_scale=2.0)
    assert RiskModelSettings.from_json(json.loads(json.dumps(settings.to_json()))) == settings


def test_settings_that_are_none_are_refused() -> None:
    said = preset("fast").to_json()
    for broken in ({}, {**said, "colour": 1}, {**said, "encoder": {"colour": 1}}):
        with pytest.raises(StudyError, match=r"^Settings of a risk model must be what to_json wrote, got a \w+Error;"):
            RiskModelSettings.from_json(broken)
    with pytest.raises(
        UnknownNameError, match=r"^Calibration must be a known id, got 'none'; choose one of: cross-fitted"
    ):
        RiskModelSettings.from_json({**said, "calibration": "none"})
    with pytest.raises(UnknownNameError, match=r"^Teacher must be a known id, got 'oracle'"):
        RiskModelSettings(teachers=("oracle",))
    with pytest.raises(
        StudyError, match=r"^A risk model must have a teacher, 2 folds, a thread and 100 people to teach"
    ):
        RiskModelSettings(folds=1)
