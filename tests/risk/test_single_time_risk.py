"""The whole: from embeddings to estimates, abstentions, ensembles, strata, and back from disk."""

import json

import numpy as np
import polars as pl
import pytest

from holdfast.measured import Interval, Unscored
from holdfast.risk.absolute import AbsoluteRisk, Covariates
from holdfast.risk.distances.centroid import Centroid
from holdfast.risk.distances.mahalanobis import Mahalanobis
from holdfast.risk.distances.neighbours import Neighbours
from holdfast.risk.distances.relative import Relative
from holdfast.risk.distances.relative_neighbours import RelativeNeighbours
from holdfast.risk.error import RiskError
from holdfast.risk.estimates import AbsoluteRisks, Abstained, RiskEstimate
from holdfast.risk.groups import GROUP_NAMES
from holdfast.risk.interval import IntervalSettings
from holdfast.risk.percentile import HealthyPercentile
from holdfast.risk.reference import ReferenceGroups
from holdfast.risk.settings import RiskSettings
from holdfast.risk.single_time_risk import SingleTimeRisk
from holdfast.risk.support import SupportSettings
from holdfast.risk.survival.follow_up import FollowUp
from risk_people import made_people

FAST = IntervalSettings(replicates=10)
NO_EVENT = FollowUp(np.ones(300), np.zeros(300, dtype=bool))
DISTANCES = [Centroid(), Mahalanobis(), Neighbours(), Relative(), Relative(prototypes=2), RelativeNeighbours()]


def fitted(people, *, embeddings=None, **given):
    given = {"distance": Relative(), "horizons_years": (2, 5), "interval": FAST, **given}
    return SingleTimeRisk.fit(
        people.embeddings if embeddings is None else embeddings,
        people.groups,
        people.follow_up,
        settings=RiskSettings(**given),
        generator=np.random.default_rng(0),
    )


def test_a_persons_estimate_is_put_together_from_the_parts():
    people, fresh = made_people(800), made_people(50, seed=1)
    risk = fitted(people)
    found = risk.score(fresh.embeddings, with_interval=True)
    scores = risk.members[0].distance.score(fresh.embeddings)
    left_out = risk.members[0].distance.leave_one_out(people.embeddings, people.groups)
    percentiles = HealthyPercentile.fit(left_out[people.groups.healthy]).of(scores)
    assert isinstance(risk.absolute, AbsoluteRisk)
    for person in found.rows.tolist():
        one = found.of(person)
        assert isinstance(one, RiskEstimate)
        assert one.score == pytest.approx(scores[person])
        assert one.percentile == pytest.approx(percentiles[person])
        assert one.group == GROUP_NAMES[risk.groups.of(scores[[person]])[0]]
        assert one.absolute == pytest.approx(dict(zip((2.0, 5.0), risk.absolute.of(scores[[person]])[0], strict=True)))
        assert isinstance(one.score_interval, Interval)
        assert one.score_interval.low < one.score_interval.high
        assert isinstance(one.percentile_interval, Interval)


def test_risk_percentile_group_and_absolute_risk_all_rise_with_the_score():
    found = fitted(made_people(800)).score(made_people(300, seed=1).embeddings)
    order = np.argsort(found.score)
    assert isinstance(found.absolute, AbsoluteRisks)
    for column in (found.percentile, found.group.astype(int), *found.absolute.risks.T):
        assert (np.diff(column[order]) >= 0).all()


def test_the_score_foretells_who_has_the_event_sooner():
    fresh = made_people(500, seed=1)
    found = fitted(made_people(800)).score(fresh.embeddings)
    assert np.corrcoef(found.score, fresh.log_hazard[found.rows])[0, 1] > 0.8


def test_percentiles_of_new_healthy_people_are_spread_evenly():
    people, fresh = made_people(3000), made_people(3000, seed=1)
    for distance in (Centroid(), Neighbours(most=1000)):
        found = fitted(people, distance=distance, interval=IntervalSettings(replicates=0)).score(fresh.embeddings)
        percentiles = found.percentile[fresh.groups.healthy[found.rows]]
        assert np.abs(np.quantile(percentiles, [0.25, 0.5, 0.75]) - [25, 50, 75]).max() < 4


def test_far_people_and_people_with_much_missing_get_no_number_but_a_reason():
    people = made_people(400)
    asked = people.embeddings[:4].copy()
    asked[1] += 50
    found = fitted(people).score(asked, missing_share=np.array([0.0, 0.9, 0.51, 0.5]), with_interval=True)
    assert found.rows.tolist() == [0, 3]
    assert found.of(1) == Abstained("too many inputs are missing")
    assert found.of(2) == Abstained("too many inputs are missing")
    assert all(len(column) == 2 for column in found.columns().values())
    alone = fitted(people).score(asked)
    assert alone.of(1) == Abstained("outside the support of the training data")
    assert alone.reasons == {"outside the support of the training data": 1}
    table = found.to_frame(["a", "b", "c", "d"])
    assert table["score"].is_null().to_list() == [False, True, True, False]
    assert table["group"].is_null().to_list() == [False, True, True, False]
    assert table["abstention"].is_null().to_list() == [True, False, False, True]
    assert table["score"].drop_nulls().to_list() == found.score.tolist()
    assert table["group"].drop_nulls().to_list() == [GROUP_NAMES[code] for code in found.group]
    assert table["person"].to_list() == ["a", "b", "c", "d"]
    assert table.schema["score"] == pl.Float64


def test_everybody_may_be_abstained_from_and_nobody_may_come():
    people = made_people(400)
    risk = fitted(people)
    for asked in (people.embeddings[:3] + 1e3, people.embeddings[:0]):
        found = risk.score(asked, with_interval=True)
        assert (found.n_people, len(found.rows)) == (len(asked), 0)
        assert found.to_frame().height == len(asked)


def test_people_like_those_in_the_training_are_not_abstained_from():
    found = fitted(made_people(2000)).score(made_people(1000, seed=1).embeddings)
    assert len(found.rows) > 985


def test_absolute_risk_needs_a_horizon_and_follow_up_and_says_so():
    people = made_people(400)
    assert fitted(people, horizons_years=()).absolute == Unscored("no horizon was asked for")
    settings = RiskSettings(horizons_years=(5,), interval=FAST)
    generator = np.random.default_rng(0)
    without = SingleTimeRisk.fit(people.embeddings, people.groups, settings=settings, generator=generator)
    assert without.absolute == Unscored("no follow-up")
    one = without.score(people.embeddings[:1]).of(0)
    assert isinstance(one, RiskEstimate)
    assert one.absolute == Unscored("no follow-up")
    assert one.score_interval == Unscored("not asked for")


def test_rotating_and_moving_all_embeddings_changes_no_estimate():
    people, fresh = made_people(500), made_people(100, seed=1)
    turn, _ = np.linalg.qr(np.random.default_rng(5).normal(size=(4, 4)))
    here = fitted(people).score(fresh.embeddings, with_interval=True)
    there = fitted(people, embeddings=people.embeddings @ turn + 9.0).score(
        fresh.embeddings @ turn + 9.0, with_interval=True
    )
    np.testing.assert_array_equal(there.abstention, here.abstention)
    for name, column in here.columns().items():
        np.testing.assert_allclose(there.columns()[name], column, rtol=1e-5, atol=1e-6)


def test_training_scores_leave_each_person_out():
    people = made_people(300)
    risk = fitted(people, distance=Centroid())
    n = int(people.groups.healthy.sum())
    own = np.where(people.groups.healthy, n / (n - 1), 1.0)
    np.testing.assert_allclose(
        risk.training_scores(people.embeddings, people.groups),
        own * np.linalg.norm(people.embeddings - people.embeddings[people.groups.healthy].mean(axis=0), axis=1),
    )


def test_held_out_scores_take_the_place_of_leaving_one_out():
    people = made_people(400)
    held_out = people.log_hazard * 3 + 1
    risk = SingleTimeRisk.fit(
        people.embeddings,
        people.groups,
        people.follow_up,
        settings=RiskSettings(distance=Relative(), horizons_years=(5,), interval=FAST),
        generator=np.random.default_rng(0),
        held_out=held_out,
    )
    expected = HealthyPercentile.fit(held_out[people.groups.healthy])
    np.testing.assert_array_equal(risk.healthy.values, expected.values)
    assert risk.groups.normal_to == expected.score_at(90)
    assert isinstance(risk.absolute, AbsoluteRisk)
    assert risk.absolute.mean == pytest.approx(held_out.mean())


def test_an_ensembles_score_is_the_mean_of_standard_scores():
    people, fresh = made_people(400), made_people(30, seed=1)
    second, asked = people.embeddings[:, :2] * 7, fresh.embeddings[:, :2] * 7
    risk = fitted(people, embeddings=[people.embeddings, second], distance=Centroid())
    expected = []
    for train, test in ((people.embeddings, fresh.embeddings), (second, asked)):
        alone = fitted(people, embeddings=train, distance=Centroid())
        own = alone.training_scores(train, people.groups)
        expected.append((alone.members[0].distance.score(test) - own.mean()) / own.std())
    found = risk.score([fresh.embeddings, asked])
    np.testing.assert_allclose(found.score, np.mean(expected, axis=0)[found.rows])
    with pytest.raises(RiskError, match="Embeddings must be those of 2 members, got 1"):
        risk.score(fresh.embeddings)
    with pytest.raises(RiskError, match="Embeddings must have 30 rows, got 29"):
        risk.score([fresh.embeddings, asked[:29]])


def test_with_strata_moving_one_stratum_as_a_whole_changes_no_score():
    people = made_people(600, has_strata=True)
    strata = people.groups.strata
    assert strata is not None
    shift = np.where(strata == 1, 30.0, 0.0)[:, None] * np.ones(4)
    here = fitted(people).score(people.embeddings, strata=strata)
    there = fitted(people, embeddings=people.embeddings + shift).score(people.embeddings + shift, strata=strata)
    both = np.intersect1d(here.rows, there.rows)
    assert len(both) > 590
    np.testing.assert_allclose(
        there.score[np.isin(there.rows, both)], here.score[np.isin(here.rows, both)], rtol=1e-6, atol=1e-8
    )


def test_people_of_an_unknown_stratum_have_no_reference():
    people = made_people(600, has_strata=True)
    found = fitted(people).score(people.embeddings[:3], strata=np.array([0, -1, 7]))
    assert found.of(1) == found.of(2) == Abstained("no healthy reference for this stratum")
    assert isinstance(found.of(0), RiskEstimate)


def test_age_as_a_covariate_moves_the_absolute_risk_and_not_the_score():
    people = made_people(800)
    generator = np.random.default_rng(3)
    age = generator.normal(size=800)
    years = people.follow_up.years * np.exp(-age)
    follow_up = FollowUp(years, people.follow_up.event)
    risk = SingleTimeRisk.fit(
        people.embeddings,
        people.groups,
        follow_up,
        settings=RiskSettings(distance=Relative(weighting="equal"), horizons_years=(2,), interval=FAST),
        generator=generator,
        covariates=Covariates(names=("age",), values=age[:, None]),
    )
    asked = people.embeddings[[0, 0]]
    found = risk.score(asked, covariates=Covariates(names=("age",), values=np.array([[-1.0], [1.0]])))
    assert found.score[0] == found.score[1]
    assert isinstance(found.absolute, AbsoluteRisks)
    assert found.absolute.risks[0, 0] < found.absolute.risks[1, 0]
    with pytest.raises(RiskError, match="Covariates must be age, one row a person, got none"):
        risk.score(asked)


@pytest.mark.parametrize("distance", DISTANCES, ids=lambda distance: str(distance.to_json()))
@pytest.mark.parametrize("is_ensemble", [False, True])
def test_what_is_saved_and_loaded_estimates_the_same(tmp_path, distance, is_ensemble):
    people = made_people(300, has_strata=True)
    strata = people.groups.strata
    embeddings = [people.embeddings, people.embeddings[:, ::-1].copy()] if is_ensemble else people.embeddings
    how = "neighbours" if is_ensemble else "mahalanobis"
    risk = fitted(people, embeddings=embeddings, distance=distance, knots=3, support=SupportSettings(how=how))
    risk.save(tmp_path / "risk")
    back = SingleTimeRisk.load(tmp_path / "risk")
    assert back.settings == risk.settings
    assert (back.counts, back.groups) == (risk.counts, risk.groups)
    here = risk.score(embeddings, strata=strata, with_interval=True)
    there = back.score(embeddings, strata=strata, with_interval=True)
    np.testing.assert_array_equal(there.abstention, here.abstention)
    assert list(here.columns()) == list(there.columns())
    for name, column in here.columns().items():
        np.testing.assert_array_equal(there.columns()[name], column)


def test_reasons_for_what_was_not_fitted_survive_saving(tmp_path):
    people = made_people(300)
    risk = fitted(people, distance=Centroid(), horizons_years=(), interval=IntervalSettings(replicates=0))
    risk.save(tmp_path / "risk")
    back = SingleTimeRisk.load(tmp_path / "risk")
    assert (back.absolute, back.bootstrap) == (risk.absolute, risk.bootstrap)


def test_saving_replaces_a_risk_and_nothing_else(tmp_path):
    risk = fitted(made_people(300))
    risk.save(tmp_path / "risk")
    risk.save(tmp_path / "risk")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["risk"]
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("mine")
    with pytest.raises(RiskError, match="take the place of nothing but a risk"):
        risk.save(tmp_path / "other")
    with pytest.raises(RiskError, match="must lie in an existing folder"):
        risk.save(tmp_path / "none" / "risk")


def changed_card(folder, change):
    card = json.loads((folder / "risk.json").read_text())
    change(card)
    (folder / "risk.json").write_text(json.dumps(card))


@pytest.mark.parametrize(
    ("tamper", "match"),
    [
        (lambda f: changed_card(f, lambda c: c["groups"].update(normal_to=-99.0)), "as it was written, got another"),
        (lambda f: changed_card(f, lambda c: c.update(format_version=2)), "of format version 1, got 2"),
        (lambda f: changed_card(f, lambda c: c.update(format="x")), "must be a risk's folder"),
        (lambda f: (f / "risk.json").write_text("{"), "must be a risk's folder"),
        (lambda f: (f / "risk.json").unlink(), "must be a risk's folder"),
        (lambda f: (f / "arrays.safetensors").unlink(), r"must hold arrays.safetensors"),
        (
            lambda f: (f / "arrays.safetensors").write_bytes((f / "arrays.safetensors").read_bytes()[:-1] + b"\x01"),
            "must be those written with risk.json, got others",
        ),
    ],
)
def test_what_was_changed_since_is_refused(tmp_path, tamper, match):
    fitted(made_people(300)).save(tmp_path / "risk")
    tamper(tmp_path / "risk")
    with pytest.raises(RiskError, match=match):
        SingleTimeRisk.load(tmp_path / "risk")


def test_nothing_saved_is_a_pickle_and_no_number_of_a_person_stands_in_the_card(tmp_path):
    fitted(made_people(300)).save(tmp_path / "risk")
    assert sorted(path.name for path in (tmp_path / "risk").iterdir()) == ["arrays.safetensors", "risk.json"]
    assert len((tmp_path / "risk" / "risk.json").read_text()) < 4000


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"follow_up": NO_EVENT.take(range(10))}, "Follow-up must be of the 300 training people, got 10"),
        ({"held_out": np.zeros(3)}, "Held-out scores must be of the 300 training people, got 3"),
        ({"held_out": np.full(300, np.nan)}, "Held-out scores must be a column of finite numbers"),
        ({"covariates": Covariates(names=(), values=np.zeros((2, 0)))}, "Covariates must be of the 300"),
        ({"embeddings": []}, "Embeddings must be of one member or more, got none"),
        ({"embeddings": np.zeros((300, 4))}, "Healthy embeddings must differ"),
        ({"groups": ReferenceGroups(healthy=np.arange(300) == 0)}, "must hold at least 2 people, got 1"),
        ({"settings": RiskSettings(horizons_years=(40,))}, "10 people or more were followed up for, got 40 years"),
        (
            {"follow_up": NO_EVENT, "settings": RiskSettings(horizons_years=(1,))},
            "Follow-up must hold events, got 0",
        ),
    ],
)
def test_what_cannot_be_fitted_is_refused(given, match):
    people = made_people(300)
    asked = {
        "embeddings": people.embeddings,
        "groups": people.groups,
        "follow_up": people.follow_up,
        "settings": RiskSettings(),
        "generator": np.random.default_rng(0),
        **given,
    }
    with pytest.raises(RiskError, match=match):
        SingleTimeRisk.fit(asked.pop("embeddings"), asked.pop("groups"), asked.pop("follow_up"), **asked)


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"strata": np.zeros(3, dtype=int)}, "Strata must be left out, got some"),
        ({"missing_share": np.zeros(2)}, "Missing shares must be 3 numbers of 0 to 1"),
        ({"missing_share": np.array([0.0, 1.2, 0.0])}, "Missing shares must be 3 numbers of 0 to 1"),
        ({"missing_share": np.array([0.0, np.nan, 0.0])}, "Missing shares must be 3 numbers of 0 to 1"),
        ({"covariates": Covariates(names=("age",), values=np.zeros((3, 1)))}, "Covariates must be left out"),
        ({"covariates": Covariates(names=("age",), values=np.zeros((2, 1)))}, "Covariates must have 3 rows, got 2"),
    ],
)
def test_what_cannot_be_scored_is_refused(given, match):
    people = made_people(300)
    with pytest.raises(RiskError, match=match):
        fitted(people).score(people.embeddings[:3], **given)


def test_strata_that_are_missing_or_no_codes_are_refused():
    people = made_people(300, has_strata=True)
    risk = fitted(people)
    with pytest.raises(RiskError, match="Strata must be given, got none"):
        risk.score(people.embeddings)
    with pytest.raises(RiskError, match=r"Strata must be \(300,\) codes"):
        risk.score(people.embeddings, strata=np.zeros(300))


def test_places_and_persons_that_do_not_fit_are_refused():
    people = made_people(300)
    found = fitted(people).score(people.embeddings)
    with pytest.raises(RiskError, match="Person must be at a place of 0 to 299, got 300"):
        found.of(300)
    with pytest.raises(RiskError, match="Persons must number 300, got 1"):
        found.to_frame(["a"])


def test_settings_come_back_from_json_and_unknown_ones_are_refused():
    settings = RiskSettings(distance=Relative(weighting="nearest"), horizons_years=(5.0,), knots=4)
    assert RiskSettings.from_json(json.loads(json.dumps(settings.to_json()))) == settings
    assert RiskSettings.from_json({}) == RiskSettings()
    with pytest.raises(RiskError, match="Settings of a risk must be known, got metric"):
        RiskSettings.from_json({"metric": 3})
    with pytest.raises(RiskError, match="Settings of a risk must be known, got groups"):
        RiskSettings.from_json({"groups": {"cut": 3}})
