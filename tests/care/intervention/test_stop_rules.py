"""Claims about stopping: distress that rises, or stays at the top, always ends an exercise and offers people."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.care.intervention.catalogue import exercises
from holdfast.care.intervention.exercise import Offer
from holdfast.care.intervention.session import ExerciseSession
from holdfast.care.intervention.summary import summary

Run = Callable[..., ExerciseSession]
CATALOGUE = exercises()


@pytest.mark.parametrize("way", ["senses", "breathing"])
@pytest.mark.parametrize("before", range(11))
@pytest.mark.parametrize("after", range(11))
def test_any_rise_in_distress_stops_grounding_and_so_does_distress_near_the_top(
    run: Run, way: str, before: int, after: int
) -> None:
    session = run("grounding-and-breathing", distress_before=before, way=way, distress_after=after)
    if after > before:
        assert session.stopped_reason == "distress-rose"
    elif after >= 9:
        assert session.stopped_reason == "distress-still-high"
    else:
        assert session.is_done


@pytest.mark.parametrize("before", [9, 10])
def test_a_person_who_is_not_safe_is_never_asked_to_practise(run: Run, before: int) -> None:
    session = run("grounding-and-breathing", distress_before=before, very_upset="unsure")
    assert session.stopped_reason == "not-safe"
    assert [answer.step_id for answer in session.answers] == ["distress-before", "very-upset"]
    assert session.stop_rule is not None
    assert session.stop_rule.raises == "concern"


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (50, 70, "feelings-rose"),
        (50, 69, None),
        (0, 20, "feelings-rose"),
        (80, 100, "feelings-rose"),
        (90, 94, None),
        (90, 95, "feelings-still-strong"),
        (100, 100, "feelings-still-strong"),
        (100, 94, None),
        (60, 20, None),
    ],
)
def test_a_thought_record_stops_when_feelings_grow_or_stay_at_the_top(
    run: Run, before: int, after: int, reason: str | None
) -> None:
    session = run("thought-record", feeling_strength=before, feeling_strength_after=after)
    assert session.stopped_reason == reason
    assert session.is_done is (reason is None)


def test_a_thought_record_stops_before_re_rating_feelings_when_the_thought_itself_grew(run: Run) -> None:
    session = run("thought-record", thought_belief=60, thought_belief_after=80)
    assert session.stopped_reason == "thought-grew"
    assert session.answers[-1].step_id == "thought-belief-after"


@pytest.mark.parametrize(
    ("again", "reason"), [(0, "no-confidence-left"), (1, "no-confidence-left"), (2, None), (6, None)]
)
def test_an_activity_plan_stops_when_even_the_smaller_version_is_out_of_reach(
    run: Run, again: int, reason: str | None
) -> None:
    session = run("activity-plan", confidence=3, confidence_again=again)
    assert session.stopped_reason == reason


@pytest.mark.parametrize(
    ("exercise_id", "rule"),
    [(one.id, rule) for one in CATALOGUE for rule in one.stop_rules],
    ids=lambda v: getattr(v, "id", v),
)
def test_every_stop_rule_is_kind_and_offers_help_now(exercise_id: str, rule: object) -> None:
    found = CATALOGUE.get(exercise_id).stop_rule(getattr(rule, "id", None))
    assert found is not None
    assert Offer.HELP_NOW in found.offers
    assert "Help now" in found.text or Offer.HUMAN in found.offers
    assert "Thank you" in found.text


def test_a_stopped_exercise_still_shows_every_entry_back(run: Run) -> None:
    shown = summary(run("thought-record", situation="the meeting", feeling_strength=10, feeling_strength_after=90))
    assert "the meeting" in shown
    assert "10 before, 90 after. That is 80 higher." in shown


@given(before=st.integers(0, 100), rise=st.integers(20, 100))
def test_no_size_of_rise_beyond_the_bound_slips_through(before: int, rise: int) -> None:
    rule = CATALOGUE.get("thought-record").stop_rule("feelings-rose")
    assert rule is not None
    assert rule.fires({"feeling-strength": before, "feeling-strength-after": before + rise})
    assert not rule.fires({"feeling-strength": before, "feeling-strength-after": before + 19})
    assert not rule.fires({"feeling-strength-after": before + rise})
