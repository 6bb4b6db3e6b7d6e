"""Claims about whole conversations with the pipeline as it is served, state handed on from turn to turn."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from holdfast.care.conversation.assembly import assemble
from holdfast.care.conversation.pipeline import Conversation, TurnOutcome
from holdfast.care.conversation.reply import Route
from holdfast.care.conversation.state import ConversationState, Purpose
from holdfast.safety.crisis.clearing import clear_by_steward
from holdfast.safety.crisis.state import ClearedBy
from holdfast.safety.detection.verdict import Detection, Level, Subject

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
AGREED = ConversationState(consents=frozenset(Purpose), region="GB")
SAFE = ("Check in with me", "yes", "check-in: suicide-now: no", "check-in: self-harm-now: no", "yes", "yes")

Talk = Callable[..., list[TurnOutcome]]


@pytest.fixture(scope="module")
def conversation() -> Conversation:
    return assemble(tier="research use, not for care", clock=lambda: NOW)


@pytest.fixture(scope="module")
def talk(conversation: Conversation) -> Talk:
    """Say messages one after the other and return what each led to."""

    def say(*messages: str, state: ConversationState = AGREED) -> list[TurnOutcome]:
        outcomes: list[TurnOutcome] = []
        for message in messages:
            outcomes.append(asyncio.run(conversation.turn(message, outcomes[-1].state if outcomes else state)))
        return outcomes

    return say


@pytest.fixture(scope="module")
def cleared(talk: Talk) -> ConversationState:
    """Someone whose crisis the check-in just ended."""
    state = talk("I want to kill myself", *SAFE)[-1].state
    assert state.crisis.cleared_by is ClearedBy.CHECK_IN
    return state


@pytest.mark.parametrize("exercise", ["grounding exercise", "activity plan", "thought record"])
@pytest.mark.parametrize("answer", ["yes", "Yes please", "ok"])
def test_agreeing_to_start_an_exercise_starts_it_and_raises_nothing(talk: Talk, exercise: str, answer: str) -> None:
    last = talk(exercise, answer)[-1]
    assert (last.detection.level, last.state.crisis.level) == (Level.NONE, Level.NONE)
    assert last.reply.route is Route.INTERVENTION
    assert last.state.activity is not None


@pytest.mark.parametrize("instrument", ["phq-8", "phq-9", "gad-7", "k6"])
@pytest.mark.parametrize("answer", ["Several days", "Nearly every day", "yes"])
def test_answers_before_any_risk_item_raise_nothing(talk: Talk, instrument: str, answer: str) -> None:
    for outcome in talk(instrument, *[answer] * 6):
        assert outcome.detection.level is Level.NONE
        assert outcome.state.crisis.level is Level.NONE


def test_the_whole_phq_8_raises_nothing(talk: Talk) -> None:
    outcomes = talk("phq-8", *["Several days"] * 8, "thank you")
    assert {outcome.state.crisis.level for outcome in outcomes} == {Level.NONE}


def test_the_risk_item_is_raised_by_its_instrument_which_keeps_the_answer(talk: Talk) -> None:
    *before, last = talk("phq-9", *["Several days"] * 9)
    assert {outcome.state.crisis.level for outcome in before} == {Level.NONE}
    assert [piece.rule for piece in last.detection.evidence] == ["instrument:phq-9#item9"]
    assert last.reply.route is Route.CRISIS


def test_a_risk_item_is_heard_also_after_a_state_was_cleared(talk: Talk, cleared: ConversationState) -> None:
    last = talk("phq-9", *["Several days"] * 9, state=cleared)[-1]
    assert last.state.crisis.level is Level.CONCERN


@pytest.mark.parametrize(
    "renewed",
    [
        "yes i am thinking about it",
        "i still feel that way",
        "the thoughts are back",
        "it's back again",
        "I took them all",
        "i did it",
        "it has not gone",
        "I'm not ok",
        "still the same",
    ],
)
def test_renewed_risk_that_leans_on_the_conversation_is_asked_about(
    talk: Talk, cleared: ConversationState, renewed: str
) -> None:
    last = talk(renewed, state=cleared)[-1]
    assert last.reply.route is Route.CRISIS
    assert last.state.crisis.level >= Level.CONCERN
    assert last.reply.resources
    assert "Check in with me" in {choice.label for choice in last.reply.choices}


def test_pills_taken_after_a_disclosure_are_an_emergency(talk: Talk, cleared: ConversationState) -> None:
    last = talk("I took them all", state=cleared)[-1]
    assert last.state.crisis.level is Level.CRISIS
    assert "999" in last.reply.text


@pytest.mark.parametrize(
    "said",
    [
        "thanks, i don't feel suicidal now",
        "I feel better, no more thoughts of suicide",
        "what helps people who self harm?",
        "thank you, that helped",
        "what is a panic attack?",
    ],
)
def test_what_was_cleared_does_not_come_back_by_itself(talk: Talk, cleared: ConversationState, said: str) -> None:
    last = talk(said, state=cleared)[-1]
    assert last.state.crisis.level is Level.NONE
    assert last.state.crisis.cleared_by is ClearedBy.CHECK_IN
    assert last.reply.route is not Route.CRISIS


def test_a_friend_spoken_of_after_clearing_is_a_new_concern_about_the_friend(
    talk: Talk, cleared: ConversationState
) -> None:
    last = talk("how do i help a friend who self harms?", state=cleared)[-1]
    assert last.state.crisis.level is Level.CONCERN
    assert last.state.crisis.subject is Subject.OTHER


@pytest.mark.parametrize("first", ["what is sleep", "thanks, i don't feel suicidal now"])
def test_the_line_after_clearing_is_said_once(talk: Talk, cleared: ConversationState, first: str) -> None:
    outcomes = talk(first, "what is worry", "what is anger", state=cleared)
    assert [bool(outcome.trace.templates) for outcome in outcomes] == [True, False, False]
    assert "Check in with me" in {choice.label for choice in outcomes[0].reply.choices}


def test_a_steward_clearing_counts_alike(talk: Talk) -> None:
    crisis = talk("I want to kill myself")[-1].state
    state = replace(crisis, crisis=clear_by_steward("R. Okafor", NOW))
    assert talk("thanks", state=state)[-1].state.crisis.level is Level.NONE
    assert talk("the thoughts are back", state=state)[-1].state.crisis.level >= Level.CONCERN


def test_plain_new_risk_after_clearing_is_a_crisis(talk: Talk, cleared: ConversationState) -> None:
    assert talk("I want to die", state=cleared)[-1].state.crisis.level is Level.CRISIS


def test_an_exercise_goes_on_after_clearing_and_still_hears_a_return(talk: Talk, cleared: ConversationState) -> None:
    outcomes = talk("grounding exercise", "yes", "5", "the thoughts are back", state=cleared)
    assert [outcome.state.crisis.level for outcome in outcomes] == [Level.NONE, Level.NONE, Level.NONE, Level.CRISIS]


def test_buttons_of_the_path_are_no_evidence(talk: Talk) -> None:
    outcomes = talk("check-in: start", "check-in: safe-now: yes", "check-in: self-harm-now: no", "region: GB", "hello")
    assert {outcome.detection.level for outcome in outcomes} == {Level.NONE}
    assert not any(outcome.detection.evidence for outcome in outcomes)


def test_evidence_still_points_at_its_own_turn_beside_blanked_ones(talk: Talk) -> None:
    last = talk("region: GB", "check-in: start", "check-in: stop", "I want to kill myself")[-1]
    assert {last.state.turns[piece.turn].text for piece in last.detection.evidence} == {"I want to kill myself"}


def test_a_sentence_that_only_starts_like_a_command_is_judged(talk: Talk) -> None:
    for words in ("country: I want to kill myself", "country roads make me want to kill myself"):
        assert talk(words)[-1].state.crisis.level is Level.CRISIS


@pytest.mark.parametrize("cry", ["help", "help me", "please help", "Please help me.", "i need help now", "HELP!"])
@pytest.mark.parametrize("opening", [("grounding exercise", "yes"), ("phq-9",), ("check-in: start",)])
def test_help_is_never_an_answer(talk: Talk, opening: tuple[str, ...], cry: str) -> None:
    *_, before, last = talk(*opening, cry)
    assert last.trace.templates == ("numbers",)
    assert last.reply.resources
    assert last.state.activity == before.state.activity
    assert last.state.crisis.check_in == before.state.crisis.check_in


def test_help_in_a_standing_crisis_shows_numbers(talk: Talk) -> None:
    assert talk("I want to kill myself", "help")[-1].trace.templates == ("numbers",)


def test_help_in_a_calm_chat_is_the_menu_and_a_plain_cry_shows_numbers(talk: Talk) -> None:
    assert talk("help")[-1].reply.route is Route.SMALL_TALK
    for cry in ("i need help now", "please help me", "somebody help me"):
        assert talk(cry)[-1].trace.templates == ("numbers",)
    assert talk("i need help with my sleep")[-1].trace.templates == ()


def test_a_calm_check_in_takes_typed_answers_to_its_end(talk: Talk) -> None:
    outcomes = talk("I attempted suicide two years ago, I'm ok now", "Check in with me", "yes", "no", "no", "yes")
    assert not outcomes[0].state.crisis.is_active
    assert outcomes[-1].trace.templates == ("check-in-cleared",)


def test_a_calm_check_in_is_raised_by_a_typed_answer(talk: Talk) -> None:
    last = talk("I attempted suicide two years ago, I'm ok now", "check-in: start", "no")[-1]
    assert (last.state.crisis.level, last.reply.route) == (Level.CRISIS, Route.CRISIS)


def test_a_calm_check_in_left_behind_takes_no_answers_meant_for_something_else(talk: Talk) -> None:
    last = talk("check-in: start", "grounding exercise", "yes")[-1]
    assert last.reply.route is Route.INTERVENTION
    assert last.state.crisis.check_in == ()


def test_a_friend_in_danger_gets_words_about_a_friend_and_the_state_stays_ones_own(talk: Talk) -> None:
    first, second, third = talk("I want to kill myself", "my friend just took an overdose", "hm")
    assert first.trace.templates[0] == "suicide-crisis-self"
    assert second.trace.templates[0] == "substance-crisis-other"
    assert second.state.crisis.subject is Subject.SELF
    assert third.trace.templates[0].startswith("follow-crisis-self")


def test_ones_own_concern_stays_ones_own_when_a_friend_is_in_graver_danger(talk: Talk) -> None:
    first, second = talk("I am not safe", "my friend just took an overdose")
    assert (first.state.crisis.level, second.state.crisis.level) == (Level.CONCERN, Level.CRISIS)
    assert second.trace.templates[0] == "substance-crisis-other"
    assert second.state.crisis.subject is Subject.SELF


def test_check_in_questions_in_a_crisis_show_people_to_reach(talk: Talk) -> None:
    *_, asked, again = talk("I want to kill myself", "check-in: start", "lol whatever")
    for outcome in (asked, again):
        assert any(resource.contact == "call 116 123" for resource in outcome.reply.resources)


def test_a_failing_detector_counts_also_after_clearing(conversation: Conversation, cleared: ConversationState) -> None:
    class Breaks:
        def detect(self, turns: object) -> Detection:
            raise RuntimeError

    broken = replace(conversation, detector=Breaks())
    outcome = asyncio.run(broken.turn("hello", cleared))
    assert outcome.state.crisis.level is Level.CONCERN
