"""Claims about the crisis path: it leads, stays, rotates, offers people to reach and never lets go on a denial."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from holdfast.care.conversation.crisis_path import ProtocolCrisisPath, chosen_region, is_plain_request
from holdfast.care.conversation.parts import CrisisResponse
from holdfast.care.conversation.state import Activity, ActivityKind, ConversationState
from holdfast.safety.crisis.helplines import load_helplines
from holdfast.safety.crisis.protocol import load_protocol
from holdfast.safety.crisis.state import ClearedBy, CrisisState
from holdfast.safety.detection.verdict import (
    Category,
    Detection,
    Evidence,
    LayerReport,
    LayerStatus,
    Level,
    Subject,
)
from holdfast.turn import Role, Turn

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PATH = ProtocolCrisisPath(protocol=load_protocol(), helplines=load_helplines())
NOTHING = Detection(level=Level.NONE)
CALM = ConversationState(region="GB")


def _found(
    level: Level, category: Category = Category.SUICIDE, subject: Subject = Subject.SELF, turn: int = 0
) -> Detection:
    seen = Evidence(turn=turn, start=0, end=4, category=category, level=level, rule="test")
    return Detection(level=level, categories=(category,), evidence=(seen,), subject=subject)


def _standing(level: Level = Level.CRISIS, category: Category = Category.SUICIDE, **state: object) -> ConversationState:
    crisis = CrisisState(level=level, categories=(category,), subject=Subject.SELF, since=NOW, updated=NOW)
    return replace(CALM, crisis=crisis, **state)  # type: ignore[arg-type]


def _respond(message: str, detection: Detection, state: ConversationState) -> CrisisResponse:
    response = PATH.respond(message, detection, state, NOW)
    assert response is not None
    return response


def test_calm_words_in_a_calm_state_are_none_of_its_business() -> None:
    assert PATH.respond("what is a panic attack", NOTHING, CALM, NOW) is None


def test_a_notice_accompanies_and_leaves_the_state_calm() -> None:
    response = _respond("...", _found(Level.NOTICE), CALM)
    assert not response.leads
    assert response.state == CALM.crisis
    assert response.templates == ("suicide-notice-self",)


@pytest.mark.parametrize("level", [Level.CONCERN, Level.CRISIS])
@pytest.mark.parametrize("category", list(Category))
@pytest.mark.parametrize("subject", list(Subject))
def test_concern_and_crisis_lead_with_the_right_region(level: Level, category: Category, subject: Subject) -> None:
    response = _respond("...", _found(level, category, subject), CALM)
    assert response.leads
    assert response.state.level is level
    assert "999" in response.text
    assert response.resources[0].contact == "call 999"
    assert {resource.region for resource in response.resources} <= {"United Kingdom", "Anywhere else"}
    assert "No person from this service is reading along." in response.text


def test_a_message_all_risk_rests_on_is_about_whom_detection_says_also_where_one_sign_says_otherwise() -> None:
    """Detection weighs the layers' words on who it is; a single sign of one of them does not speak for all."""
    mine = Evidence(
        turn=0, start=0, end=4, category=Category.SUICIDE, level=Level.CRISIS, rule="r", subject=Subject.SELF
    )
    of_a_friend = replace(_found(Level.CRISIS, subject=Subject.OTHER), evidence=(mine,))
    response = _respond("...", of_a_friend, CALM)
    assert response.templates[0] == "suicide-crisis-other"
    assert response.state.subject is Subject.OTHER
    later = replace(mine, turn=2)
    state = replace(CALM, turns=(Turn(Role.PERSON, "..."), Turn(Role.ASSISTANT, "...")))
    response = _respond("...", replace(of_a_friend, evidence=(mine, later)), state)
    assert response.templates[0] == "suicide-crisis-self", "what was said before is about a friend, this is not"


def test_the_text_says_so_when_a_person_is_on_duty() -> None:
    staffed = replace(PATH, is_staffed=lambda _: True)
    response = staffed.respond("...", _found(Level.CRISIS), CALM, NOW)
    assert response is not None
    assert "A person on duty has been told" in response.text


def test_an_unknown_region_gets_directories_and_a_way_to_choose() -> None:
    response = _respond("...", _found(Level.CRISIS), replace(CALM, region=None))
    assert "your local emergency number (112" in response.text
    assert "findahelpline.com" in response.text
    assert "region" in {choice.value for choice in response.choices}


def test_a_layer_that_failed_asks_directly() -> None:
    report = LayerReport(name="rules", status=LayerStatus.FAILED, level=Level.CONCERN, error="RuntimeError")
    response = _respond("...", Detection(level=Level.CONCERN, layers=(report,)), CALM)
    assert response.templates[0] == "layer-failure"
    assert response.text.startswith("I could not check your message properly, so I want to ask you directly.")


def test_the_channel_stays_open_and_does_not_repeat_itself_before_it_must() -> None:
    state = _standing()
    told: list[str] = []
    for minute in range(10):
        response = PATH.respond("I do not know", NOTHING, state, NOW + timedelta(minutes=minute))
        assert response is not None
        assert response.leads
        told += response.templates
        state = replace(state, crisis=response.state)
    assert len(set(told[:5])) == 5
    assert told[:5] == told[5:]


@pytest.mark.parametrize("words", ["I'm fine lol", "it was a joke", "never mind, I am not suicidal", "no", "safe"])
def test_a_denial_in_passing_clears_nothing(words: str) -> None:
    response = _respond(words, NOTHING, _standing())
    assert response.state.level is Level.CRISIS
    assert response.leads


def test_the_same_risk_again_is_heard_again() -> None:
    first = _respond("...", _found(Level.CRISIS), CALM)
    again = _respond("...", _found(Level.CRISIS), replace(CALM, crisis=first.state))
    assert again.templates[0].startswith("repeat-crisis-self")
    assert "duty-nobody" not in again.templates


def test_a_new_kind_of_risk_gets_its_own_text() -> None:
    response = _respond("...", _found(Level.CRISIS, Category.ABUSE_OR_NEGLECT), _standing())
    assert response.templates[0] == "abuse-crisis-self"
    assert response.state.categories == (Category.ABUSE_OR_NEGLECT, Category.SUICIDE)


def test_what_an_older_turn_said_does_not_interrupt_a_check_in() -> None:
    begun = _respond("check-in: start", NOTHING, _standing(turns=(Turn(Role.PERSON, "..."),)))
    state = _standing(turns=(Turn(Role.PERSON, "..."),))
    response = _respond("hm", _found(Level.CRISIS, turn=0), replace(state, crisis=begun.state))
    assert response.state.check_in == ()
    assert response.templates[0] == "check-in-again"


def test_a_notice_is_given_once_and_not_with_every_later_message() -> None:
    state = replace(CALM, turns=(Turn(Role.PERSON, "..."), Turn(Role.ASSISTANT, "...")))
    assert PATH.respond("thank you", _found(Level.NOTICE, turn=0), state, NOW) is None
    assert not _respond("...", _found(Level.NOTICE, turn=2), state).leads


def test_what_was_said_before_a_state_was_cleared_does_not_bring_it_back() -> None:
    cleared = CrisisState(updated=NOW, cleared_by=ClearedBy.CHECK_IN)
    state = replace(CALM, crisis=cleared, turns=(Turn(Role.PERSON, "..."), Turn(Role.ASSISTANT, "...")))
    assert PATH.respond("thank you", _found(Level.CRISIS, turn=0), state, NOW) is None
    assert _respond("...", _found(Level.CRISIS, turn=2), state).leads


def test_a_failing_layer_counts_even_after_a_state_was_cleared() -> None:
    report = LayerReport(name="rules", status=LayerStatus.TIMED_OUT, level=Level.CONCERN)
    state = replace(CALM, crisis=CrisisState(updated=NOW, cleared_by=ClearedBy.CHECK_IN))
    assert _respond("hello", Detection(level=Level.CONCERN, layers=(report,)), state).leads


def test_old_signs_lead_where_no_state_met_them() -> None:
    state = replace(CALM, turns=(Turn(Role.PERSON, "..."),))
    assert _respond("hello", _found(Level.CRISIS, turn=0), state).leads


def _check_in(state: ConversationState, *answers: str) -> CrisisResponse:
    response = _respond("check-in: start", NOTHING, state)
    for answer in answers:
        response = _respond(answer, NOTHING, replace(state, crisis=response.state))
    return response


SAFE = ("Yes, I am safe", "no", "check-in: self-harm-now: no", "yes", "Yes, I know whom.")


def test_a_check_in_with_safe_answers_pressed_or_typed_clears() -> None:
    response = _check_in(_standing(), *SAFE)
    assert response.templates == ("check-in-cleared",)
    assert response.state == CrisisState(updated=NOW, cleared_by=ClearedBy.CHECK_IN)


def test_a_check_in_with_one_unsure_answer_keeps_the_state() -> None:
    response = _check_in(_standing(), *SAFE[:-1], "I am not sure")
    assert response.templates == ("check-in-kept",)
    assert response.state.level is Level.CRISIS
    assert response.resources


def test_an_answer_that_raises_leads_at_once() -> None:
    response = _check_in(_standing(Level.CONCERN), "yes", "yes")
    assert response.state.level is Level.CRISIS
    assert response.templates[0] == "suicide-crisis-self"


def test_words_that_are_no_answer_are_asked_again() -> None:
    response = _check_in(_standing(), "lol whatever")
    assert response.templates == ("check-in-again", "check-in-safe-now")
    assert response.state.check_in == ()


def test_an_answer_out_of_nowhere_starts_the_check_in_instead_of_failing() -> None:
    response = _respond("check-in: safe-now: yes", NOTHING, _standing())
    assert response.templates == ("check-in-intro", "check-in-safe-now")
    assert response.state.check_in == ()


def test_every_question_offers_each_answer_being_unsure_and_a_way_out() -> None:
    values = {choice.value for choice in _respond("check-in: start", NOTHING, _standing()).choices}
    assert {
        "check-in: safe-now: yes",
        "check-in: safe-now: no",
        "check-in: safe-now: not-sure",
        "check-in: stop",
    } <= values


def test_a_check_in_can_be_stopped_and_the_state_stands() -> None:
    response = _check_in(_standing(), "check-in: stop")
    assert response.state.check_in is None
    assert response.state.level is Level.CRISIS


def test_new_risk_during_a_check_in_stops_it_and_leads() -> None:
    begun = _respond("check-in: start", NOTHING, _standing(Level.CONCERN))
    state = replace(CALM, crisis=begun.state)
    response = _respond("...", _found(Level.CRISIS), state)
    assert response.state.check_in is None
    assert response.templates[0] == "suicide-crisis-self"


def test_a_plain_request_passes_while_a_concern_stands_with_a_line_that_nothing_is_forgotten() -> None:
    response = _respond("tell me about sleep", NOTHING, _standing(Level.CONCERN))
    assert not response.leads
    assert response.templates == ("standing-self",)
    assert response.state.level is Level.CONCERN


def test_an_activity_under_way_goes_on_while_a_concern_stands() -> None:
    activity = Activity(kind=ActivityKind.EXERCISE, id="x", progress={})
    assert not _respond("blue", NOTHING, _standing(Level.CONCERN, activity=activity)).leads


def test_nothing_passes_in_a_crisis() -> None:
    activity = Activity(kind=ActivityKind.EXERCISE, id="x", progress={})
    response = _respond("tell me about sleep", NOTHING, _standing(Level.CRISIS, activity=activity))
    assert response.leads
    assert {"/help", "/practise/grounding-and-breathing"} <= {choice.path for choice in response.choices}


@pytest.mark.parametrize(
    ("message", "plain"),
    [
        ("what is depression?", True),
        ("How do I sleep better", True),
        ("tell me about panic attacks", True),
        ("what is the point of anything", False),
        ("how do I end it", False),
        ("I can't do this", False),
        ("tell me about painless ways", False),
        ("", False),
    ],
)
def test_plain_requests_are_told_from_despair(message: str, plain: bool) -> None:
    assert is_plain_request(message) is plain


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("region: GB", "GB"),
        ("region: United Kingdom", "GB"),
        ("I live in the UK", "GB"),
        ("i live in fear", None),
        ("GB", None),
    ],
)
def test_a_region_can_be_chosen(message: str, code: str | None) -> None:
    assert chosen_region(message, PATH.helplines) == code


def test_choosing_a_region_shows_its_numbers_and_changes_nothing_else() -> None:
    response = _respond("region: NZ", NOTHING, _standing())
    assert "1737" in response.text
    assert "111" in response.text
    assert response.state.level is Level.CRISIS


def test_numbers_can_be_asked_for_at_any_time() -> None:
    response = _respond("show me the numbers", NOTHING, CALM)
    assert response.leads
    assert response.state == CALM.crisis
    assert any(resource.contact == "call 116 123" for resource in response.resources)


def test_an_unknown_region_offers_every_country() -> None:
    response = _respond("region: Atlantis", NOTHING, CALM)
    assert {choice.value for choice in response.choices} >= {"region: US", "region: IN", "region: NO"}


def test_a_check_that_ran_out_is_said_to_have_run_out() -> None:
    response = PATH.respond("numbers", NOTHING, CALM, datetime(2027, 6, 1, tzinfo=UTC))
    assert response is not None
    assert all(resource.checked.endswith("a new check is overdue") for resource in response.resources)


def test_the_trace_can_name_the_files_spoken_from() -> None:
    assert dict(PATH.artefacts) == {"crisis-protocol@0.2": PATH.protocol.sha256, "helplines": PATH.helplines.sha256}


def test_a_bodily_emergency_is_not_met_with_a_breathing_exercise() -> None:
    response = _respond("...", _found(Level.CRISIS, Category.MEDICAL_EMERGENCY), CALM)
    assert "/practise/grounding-and-breathing" not in {choice.path for choice in response.choices}
