"""The healthy reference: six people, each kept out by a reason that is plain to see."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from holdfast.cohort import CohortError, Feature, Kind, Outcome, Schema
from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.cohort_writer import CohortWriter
from holdfast.cohort.phenotypes import HealthyRule, Marker, find_healthy, load_healthy_rule
from holdfast.cohort.provenance import Provenance
from holdfast.errors import UnknownNameError

RULE = HealthyRule(
    years_free=5,
    answers={"self_rated_health": (1, 2)},
    markers=(Marker(name="albumin", low=35, high=50, unit="g/L"),),
)
PEOPLE = {
    #            health  albumin
    "healthy": (1, 40.0),
    "at the limits": (2, 35.0),
    "ill before": (1, 40.0),
    "ill on the day": (1, 40.0),
    "ill in year 3": (1, 40.0),
    "ill in year 6": (1, 40.0),
    "died in year 4": (1, 40.0),
    "lost in year 2": (1, 40.0),
    "never followed": (1, 40.0),
    "fair health": (3, 40.0),
    "no answer": (None, 40.0),
    "low albumin": (1, 34.9),
    "no albumin": (1, None),
    "ill before, fair health": (3, 40.0),
}
CONDITIONS = {
    "ill before": -3.0,
    "ill on the day": 0.0,
    "ill in year 3": 3.0,
    "ill in year 6": 5.5,
    "ill before, fair health": -1.0,
}
FOLLOW_UP = {"died in year 4": (4.0, True), "lost in year 2": (2.0, False)}


@pytest.fixture
def cohort(tmp_path: Path) -> Cohort:
    schema = Schema(
        features=(
            Feature(name="self_rated_health", kind=Kind.ORDINAL, title="Health", group="self-report", source="2178"),
            Feature(name="albumin", kind=Kind.NUMERIC, title="Albumin", unit="g/L", group="blood", source="30600"),
        ),
        outcomes=(Outcome(name="death", title="Death"),),
        conditions=("depression", "stroke"),
    )
    followed = [name for name in PEOPLE if name != "never followed"]
    with CohortWriter.open(
        tmp_path / "cohort", schema=schema, provenance=Provenance(loader="synthetic"), today=date(2026, 11, 22)
    ) as writer:
        writer.add_people(
            pl.DataFrame(
                {
                    "person": list(PEOPLE),
                    "visit": [None] * len(PEOPLE),
                    "self_rated_health": [health for health, _ in PEOPLE.values()],
                    "albumin": [albumin for _, albumin in PEOPLE.values()],
                }
            )
        )
        writer.add_conditions(
            pl.DataFrame({"person": list(CONDITIONS), "years": list(CONDITIONS.values())}).with_columns(
                condition=pl.lit("depression"), source=pl.lit("41280")
            )
        )
        writer.add_outcomes(
            pl.DataFrame(
                {
                    "person": followed,
                    "outcome": ["death"] * len(followed),
                    "years": [FOLLOW_UP.get(name, (12.0, False))[0] for name in followed],
                    "event": [FOLLOW_UP.get(name, (12.0, False))[1] for name in followed],
                }
            )
        )
    return Cohort.open(tmp_path / "cohort")


def healthy(cohort: Cohort, rule: HealthyRule) -> set[str]:
    return set(find_healthy(cohort, rule).people.filter("is_healthy")["person"])


def test_each_person_is_kept_out_for_the_reason_they_have(cohort: Cohort) -> None:
    found = find_healthy(cohort, RULE)
    assert healthy(cohort, RULE) == {"healthy", "at the limits", "ill in year 6"}
    assert found.people["person"].to_list() == list(PEOPLE)
    assert (found.n_people, found.n_healthy) == (14, 3)
    assert {r.reason: (r.people, r.only) for r in found.refusals} == {
        "condition at the visit": (3, 2),
        "condition within 5 years": (1, 1),
        "died within 5 years": (1, 1),
        "not followed up for 5 years": (2, 2),
        "answer not good: self_rated_health": (2, 1),
        "answer missing: self_rated_health": (1, 1),
        "marker out of range: albumin": (1, 1),
        "marker missing: albumin": (1, 1),
    }


def test_missing_answers_and_markers_pass_only_when_allowed(cohort: Cohort) -> None:
    rule = HealthyRule(years_free=5, answers=RULE.answers, markers=RULE.markers, is_missing_allowed=True)
    assert healthy(cohort, rule) - healthy(cohort, RULE) == {"no answer", "no albumin"}


def test_years_free_moves_who_is_in_it(cohort: Cohort) -> None:
    at_visit = HealthyRule(years_free=0)
    assert set(PEOPLE) - healthy(cohort, at_visit) == {"ill before", "ill on the day", "ill before, fair health"}
    assert "ill in year 6" not in healthy(cohort, HealthyRule(years_free=6))


def test_only_the_listed_conditions_count(cohort: Cohort) -> None:
    assert healthy(cohort, HealthyRule(years_free=0, conditions=("stroke",))) == set(PEOPLE)


def test_an_empty_reference_is_refused_with_what_empties_it(cohort: Cohort) -> None:
    rule = HealthyRule(markers=(Marker(name="albumin", low=60, high=70),))
    with pytest.raises(CohortError, match="got 0 of 14 people; 13 were refused for 'marker out of range: albumin'"):
        find_healthy(cohort, rule)


def test_what_the_cohort_does_not_have_is_refused_or_left_out_on_purpose(cohort: Cohort) -> None:
    with pytest.raises(UnknownNameError, match="Condition must be a known id, got 'gout'"):
        find_healthy(cohort, HealthyRule(conditions=("gout",)))
    with pytest.raises(UnknownNameError, match="Outcome must be a known id, got 'deth'"):
        find_healthy(cohort, HealthyRule(death="deth"))
    with pytest.raises(UnknownNameError, match="Feature must be a known id, got 'body_mass_index'"):
        find_healthy(cohort, load_healthy_rule())
    assert load_healthy_rule().fitted(cohort.schema).markers == ()
    assert "healthy" in healthy(cohort, load_healthy_rule().fitted(cohort.schema))


def test_a_marker_in_another_unit_is_refused(cohort: Cohort) -> None:
    rule = HealthyRule(markers=(Marker(name="albumin", low=3.5, high=5, unit="g/dL"),))
    with pytest.raises(CohortError, match="'albumin' must be in g/dL, got 'g/L'"):
        find_healthy(cohort, rule)


@pytest.mark.parametrize("years", [-1.0, float("inf"), float("nan")])
def test_years_free_must_be_a_span(years: float) -> None:
    with pytest.raises(CohortError, match="Years free of conditions must be 0 or more"):
        HealthyRule(years_free=years)
