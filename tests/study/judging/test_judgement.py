"""Every figure of a judgement, against the statistic called directly, lifelines, scikit-learn or a count by hand."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.utils import concordance_index
from sklearn.decomposition import PCA

from holdfast.errors import UnknownNameError
from holdfast.measured import Scored, Unscored, wilson
from holdfast.risk.groups import GROUP_NAMES
from holdfast.risk.survival.brier import brier_score, scaled_brier_score
from holdfast.risk.survival.calibration import calibration
from holdfast.risk.survival.concordance import concordance_within, harrell_concordance
from holdfast.risk.survival.decision_curve import decision_curve
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.risk.survival.horizon_auc import horizon_auc
from holdfast.risk.survival.reclassification import category_reclassification, continuous_reclassification
from holdfast.study.error import StudyError
from holdfast.study.judging.decision_figures import THRESHOLDS
from holdfast.study.judging.foretelling import Foretold
from holdfast.study.judging.judgement import Judgement, judge
from holdfast.study.judging.projection import places_of_bands
from holdfast.study.judging.ranking_figures import ranking_figures
from holdfast.study.judging.reclassification_figures import CATEGORIES
from holdfast.study.judging.reference_risks import AGE_AND_SEX, PHENOAGE
from holdfast.study.judging.settings import OURS, JudgingSettings
from holdfast.study.visits import Visits
from holdfast.study.visits.age_bands import AGE_BAND
from holdfast.study.visits.visits import NOT_RECORDED


def value(measurement: Any) -> float:
    assert isinstance(measurement, Scored), measurement
    return measurement.value


def by_name(rows: Any) -> dict[str, Any]:
    return {row.name: row for row in rows}


def test_concordance_is_that_of_lifelines_for_every_method(judgement: Judgement, found: Foretold) -> None:
    follow_up = found.follow_up
    for name, row in by_name(judgement.ranking.methods).items():
        direct = concordance_index(follow_up.years, -found.risks[name], follow_up.event)
        assert value(row.concordance) == pytest.approx(direct, abs=1e-12)
        assert row.concordance.interval.low < direct < row.concordance.interval.high


def test_within_age_bands_only_people_of_one_band_are_compared(judgement: Judgement, found: Foretold) -> None:
    bands = found.test.attributes[AGE_BAND]
    direct = concordance_within(found.risks[OURS], found.follow_up, bands)
    assert value(judgement.ranking.ours.within_age) == value(direct.index)


def test_differences_are_of_the_model_less_the_other(judgement: Judgement) -> None:
    rows = by_name(judgement.ranking.methods)
    for name in ("age", "cox", "phenoage"):
        lead = value(rows[OURS].concordance) - value(rows[name].concordance)
        assert value(rows[name].ahead) == pytest.approx(lead, abs=1e-12)
        assert rows[name].ahead.interval.low <= lead <= rows[name].ahead.interval.high
    assert isinstance(rows[OURS].ahead, Unscored)


def test_auc_is_the_direct_one_at_every_horizon_of_the_model(judgement: Judgement, found: Foretold) -> None:
    for name, row in by_name(judgement.ranking.methods).items():
        assert tuple(row.auc) == found.horizons_years
        for years, auc in row.auc.items():
            assert value(auc) == value(horizon_auc(found.risks[name], found.follow_up, horizon_years=years))


def test_brier_scores_are_the_direct_ones_of_people_with_an_estimate(judgement: Judgement, found: Foretold) -> None:
    rows = found.estimates.rows
    some = found.follow_up.take(rows)
    ours = found.model.score(found.test.values[rows]).absolute.risks  # type: ignore[union-attr]
    first = judgement.absolute.brier[0]
    assert first.name == OURS
    for place, years in enumerate(found.horizons_years):
        direct = brier_score(ours[:, place], some, horizon_years=years)
        scaled = scaled_brier_score(ours[:, place], some, horizon_years=years)
        assert value(first.brier[years]) == pytest.approx(value(direct), rel=1e-6)
        assert value(first.scaled[years]) == pytest.approx(value(scaled), rel=1e-6)


def test_calibration_is_the_direct_one(judgement: Judgement, found: Foretold) -> None:
    years = judgement.horizon_years
    predicted = found.absolute_at(OURS, years)
    assert not isinstance(predicted, Unscored)
    assert judgement.absolute.calibration == calibration(predicted, found.estimated.outcome, horizon_years=years)


def test_age_and_sex_are_a_cox_model_of_the_training_people(found: Foretold, train: Visits) -> None:
    import pandas as pd

    def table(people: Visits) -> Any:
        return pd.DataFrame({"age": people.age, "male": (people.attributes["Sex"] == "Male").astype(float)})

    fitted = CoxPHFitter().fit(
        table(train).assign(t=train.outcome.years, e=train.outcome.event), duration_col="t", event_col="e"
    )
    baseline = fitted.baseline_cumulative_hazard_["baseline cumulative hazard"]
    hazard = np.array([baseline[baseline.index <= years].iloc[-1] for years in found.horizons_years])
    ratios = fitted.predict_partial_hazard(table(found.estimated)).to_numpy()
    assert found.model.risk.settings.knots == 0
    np.testing.assert_allclose(found.absolute[AGE_AND_SEX], 1 - np.exp(-np.outer(ratios, hazard)), rtol=1e-4)


def test_decision_curves_are_the_direct_ones_and_gains_their_difference(judgement: Judgement, found: Foretold) -> None:
    years, follow_up = judgement.horizon_years, found.estimated.outcome
    curves = [
        decision_curve(found.absolute_at(name, years), follow_up, horizon_years=years, thresholds=THRESHOLDS)  # type: ignore[arg-type]
        for name in (OURS, AGE_AND_SEX)
    ]
    rows = judgement.decision.rows
    assert not isinstance(rows, Unscored)
    assert [row.threshold for row in rows] == list(THRESHOLDS)
    for row, ours, other in zip(rows, *curves, strict=True):
        assert (row.flagged, row.model, row.everyone) == (ours.flagged, ours.net_benefit, ours.of_acting_on_all)
        assert row.age_and_sex == other.net_benefit
        assert value(row.gain) == pytest.approx(value(ours.net_benefit) - value(other.net_benefit), abs=1e-12)


@pytest.mark.parametrize(("place", "old"), [(0, AGE_AND_SEX), (1, PHENOAGE)])
def test_reclassification_is_the_direct_one(judgement: Judgement, found: Foretold, place: int, old: str) -> None:
    years, follow_up, one = judgement.horizon_years, found.estimated.outcome, judgement.reclassification[place]
    before, after = found.absolute_at(old, years), found.absolute_at(OURS, years)
    assert not isinstance(before, Unscored)
    assert not isinstance(after, Unscored)
    by_category = category_reclassification(before, after, follow_up, horizon_years=years, thresholds=CATEGORIES)
    any_change = continuous_reclassification(before, after, follow_up, horizon_years=years)
    assert one.old == old
    for mine, direct in ((one.by_category, by_category), (one.any_change, any_change)):
        assert not isinstance(mine, Unscored)
        assert (mine.moved_up, mine.moved_down) == (direct.moved_up, direct.moved_down)
        assert value(mine.of_events) == value(direct.of_events)
        assert value(mine.of_event_free) == value(direct.of_event_free)


def test_curves_of_risk_groups_are_those_of_lifelines(judgement: Judgement, found: Foretold) -> None:
    assert [curve.group for curve in judgement.curves] == list(GROUP_NAMES)
    assert sum(curve.people for curve in judgement.curves) == len(found.estimates.rows)
    for code, curve in enumerate(judgement.curves):
        some = found.estimated.outcome.take(found.estimates.group == code)
        km = KaplanMeierFitter().fit(some.years, some.event)
        assert (curve.people, curve.events) == (some.n_people, some.n_events)
        for point in curve.points:
            assert value(point.event_share) == pytest.approx(1 - km.predict(point.years), abs=1e-9)
            assert point.at_risk == sum(some.years >= point.years) >= 10


def test_events_come_more_often_the_worse_the_group(judgement: Judgement) -> None:
    rates = [value(curve.event_rate) for curve in judgement.curves]
    assert rates[0] < rates[1] < rates[2]


def test_follow_up_is_reverse_kaplan_meier_in_every_group(judgement: Judgement, found: Foretold) -> None:
    for group in (judgement.people.everyone, *judgement.people.groups):
        words = found.test.attributes.get(group.attribute)
        is_in = np.ones(found.test.n_people, dtype=bool) if words is None else words == group.level
        some = found.follow_up.take(is_in)
        assert (group.people, group.events) == (is_in.sum(), some.event.sum())
        if isinstance(group.median_years, Scored):
            left = KaplanMeierFitter().fit(some.years, ~some.event).survival_function_["KM_estimate"]
            assert group.median_years.value == left.index[left <= 0.5 + 1e-12][0]  # at exactly one half it rounds


def test_every_person_is_in_one_group_of_every_attribute(judgement: Judgement, test_people: Visits) -> None:
    for groups in (judgement.people.groups, judgement.subgroups[0].groups, judgement.abstentions.groups):
        for attribute in test_people.attributes:
            assert sum(g.people for g in groups if g.attribute == attribute) == test_people.n_people  # type: ignore[attr-defined]


def test_subgroup_figures_are_those_of_the_people_alone_and_small_groups_stay(
    judgement: Judgement, found: Foretold
) -> None:
    concordance = judgement.subgroups[0]
    n_small = 0
    for group in concordance.groups:
        is_in = found.test.attributes[group.attribute] == group.level
        some = found.follow_up.take(is_in)
        if some.n_events < 10:
            n_small += 1
            assert group.figure == Unscored("fewer than 10 events")
        else:
            assert value(group.figure) == value(harrell_concordance(found.risks[OURS][is_in], some).index)
    assert n_small > 0


def test_gaps_run_between_the_smallest_and_the_largest_group(judgement: Judgement) -> None:
    for one in judgement.subgroups:
        for gap in one.gaps:
            scored = {g.level: value(g.figure) for g in one.groups
                      if g.attribute == gap.attribute and isinstance(g.figure, Scored)}  # fmt: skip
            if len(scored) > 1:
                assert value(gap.gap) == max(scored.values()) - min(scored.values())
                assert gap.largest is not None
                assert scored[gap.largest] == max(scored.values())


def test_observed_to_expected_by_group_is_the_direct_one(judgement: Judgement, found: Foretold) -> None:
    years = judgement.horizon_years
    predicted = found.absolute_at(OURS, years)
    assert not isinstance(predicted, Unscored)
    sexes = found.estimated.attributes["Sex"]
    for group in judgement.subgroups[1].groups:
        if group.attribute == "Sex":
            is_in = sexes == group.level
            direct = calibration(predicted[is_in], found.estimated.outcome.take(is_in), horizon_years=years, groups=1)
            assert group.figure == direct.observed_to_expected


def test_stress_and_its_change_add_up_to_the_figure_without(judgement: Judgement) -> None:
    rows = by_name(judgement.ranking.methods)
    assert {row.method for row in judgement.stress} == {OURS, "cox"}
    for row in judgement.stress:
        before = value(row.concordance) - value(row.change)
        assert before == pytest.approx(value(rows[row.method].concordance), abs=1e-12)


def test_half_of_the_values_gone_costs_more_than_a_tenth(judgement: Judgement) -> None:
    changes = {(row.stress, row.method): value(row.change) for row in judgement.stress}
    for method in (OURS, "cox"):
        assert changes["50 % of values dropped", method] < changes["10 % of values dropped", method]


def test_abstentions_are_counted_by_reason_and_by_group(judgement: Judgement, found: Foretold) -> None:
    silent, codes = judgement.abstentions, found.estimates.abstention
    told = np.isnan(found.test.values[:, found.model.encoding.told])
    assert silent.reasons["too many inputs are missing"] == sum(row.sum() > 0.5 * len(row) for row in told) >= 12
    assert silent.share == wilson(int((codes != 0).sum()), found.test.n_people)
    for group in silent.groups:
        is_in = found.test.attributes[group.attribute] == group.level
        assert group.share == wilson(int((codes[is_in] != 0).sum()), int(is_in.sum()))


def test_the_projection_is_that_of_scikit_learn_turned_towards_risk(judgement: Judgement, found: Foretold) -> None:
    shown, rows = judgement.projection, found.estimates.rows
    embedded = np.hstack(found.model.embed(found.test.values[rows]))
    pca = PCA(2).fit(embedded)
    np.testing.assert_allclose(shown.explained, pca.explained_variance_ratio_, rtol=1e-4)
    np.testing.assert_allclose(np.abs(shown.first), np.abs(pca.transform(embedded)[:, 0]), rtol=1e-2, atol=1e-2)
    assert np.corrcoef(shown.first, found.estimates.score)[0, 1] > 0
    assert sum(band.people for band in shown.bands) == shown.n_people == len(rows)


def test_a_percentile_on_an_edge_is_in_the_lower_band() -> None:
    assert places_of_bands(np.array([0.0, 50.0, 50.1, 90.0, 99.0, 99.5, 100.0])).tolist() == [0, 0, 1, 1, 2, 3, 3]


def test_the_record_is_json_without_a_person_or_a_number_that_is_none(
    judgement: Judgement, test_people: Visits
) -> None:
    text = json.dumps(judgement.to_json(), allow_nan=False)
    assert not any(str(person) in text for person in test_people.persons)


def test_the_same_people_give_the_same_figures(
    model: Any, train: Visits, test_people: Visits, judgement: Judgement, settings: JudgingSettings
) -> None:
    again = judge(model, test_people, train=train, settings=settings)
    assert again.to_json() == judgement.to_json()


def test_without_training_people_other_methods_are_unscored_and_the_model_is_not(
    model: Any, test_people: Visits, judgement: Judgement, settings: JudgingSettings
) -> None:
    alone = judge(model, test_people, settings=settings)
    assert value(alone.ranking.ours.concordance) == value(judgement.ranking.ours.concordance)
    for row in alone.ranking.methods[1:]:
        assert row.concordance == Unscored("the training people are not at hand")
    assert isinstance(alone.reclassification[0].by_category, Unscored)
    assert alone.absolute.calibration == judgement.absolute.calibration


def test_a_missing_age_leaves_age_alone_unscored_and_not_the_others(
    model: Any, train: Visits, test_people: Visits, settings: JudgingSettings
) -> None:
    values = test_people.values.copy()
    values[20:30, test_people.names.index("age")] = np.nan
    age = None if test_people.age is None else test_people.age.copy()
    assert age is not None
    age[20:30] = np.nan
    rows = by_name(
        judge(model, replace(test_people, values=values, age=age), train=train, settings=settings).ranking.methods
    )
    assert "must be known for everybody" in rows["age"].concordance.reason
    assert isinstance(rows["cox"].concordance, Scored)


def test_people_of_whom_neither_group_nor_age_is_known_are_judged_all_the_same(
    model: Any, train: Visits, test_people: Visits, judgement: Judgement, settings: JudgingSettings
) -> None:
    bare = judge(model, replace(test_people, attributes={}, age=None), train=train, settings=settings)
    assert value(bare.ranking.ours.concordance) == value(judgement.ranking.ours.concordance)
    assert bare.ranking.ours.within_age == bare.people.age == Unscored("age is not known")
    assert isinstance(bare.reclassification[0].by_category, Unscored)
    assert bare.subgroups[0].groups == bare.abstentions.groups == ()


def test_people_of_unknown_age_are_of_no_band(found: Foretold) -> None:
    bands = found.test.attributes[AGE_BAND].copy()
    bands[::4] = NOT_RECORDED
    known = bands != NOT_RECORDED
    test = replace(found.test, attributes={**found.test.attributes, AGE_BAND: bands})
    settings = JudgingSettings(methods=("age",), resamples=5)
    ranking = ranking_figures(replace(found, test=test), settings, horizons_years=())
    direct = concordance_within(found.risks[OURS][known], found.follow_up.take(known), bands[known])
    assert value(ranking.ours.within_age) == pytest.approx(value(direct.index), abs=1e-12)
    bands[:] = NOT_RECORDED
    ranking = ranking_figures(replace(found, test=test), settings, horizons_years=())
    assert ranking.ours.within_age == Unscored("age is not known")


def test_other_columns_are_refused(model: Any, test_people: Visits) -> None:
    with pytest.raises(StudyError, match="model's columns, in its order, got 1 that are missing"):
        judge(model, test_people.select(test_people.names[1:]))
    with pytest.raises(StudyError, match="got another order"):
        judge(model, test_people.select(test_people.names[::-1]))


def test_people_without_an_event_are_refused(model: Any, test_people: Visits) -> None:
    nobody = FollowUp(test_people.outcome.years, np.zeros(test_people.n_people, dtype=np.bool_))
    with pytest.raises(StudyError, match="must have had events, got 0 of 1000: all censored"):
        judge(model, replace(test_people, follow_up=nobody))


def test_a_horizon_that_the_model_does_not_have_is_refused(model: Any, test_people: Visits) -> None:
    with pytest.raises(StudyError, match="one the model was fitted for, got 3 years; choose from 2, 5, 10"):
        judge(model, test_people, settings=JudgingSettings(methods=(), horizon_years=3.0))


def test_settings_refuse_what_cannot_be_judged() -> None:
    with pytest.raises(StudyError, match="others than the model's own, got 'nplb'"):
        JudgingSettings(methods=("nplb",))
    with pytest.raises(UnknownNameError, match="Method must be a known id, got 'coxx'"):
        JudgingSettings(methods=("coxx",))
    with pytest.raises(StudyError, match="Resamples and threads must be 1 or more"):
        JudgingSettings(resamples=0)
    with pytest.raises(StudyError, match="Horizon must be above 0"):
        JudgingSettings(horizon_years=0.0)


def test_all_methods_are_all_but_the_models_own() -> None:
    assert "nplb" not in JudgingSettings(methods=("all",)).compared
    assert "cox-hinges" in JudgingSettings(methods=("all",)).compared
