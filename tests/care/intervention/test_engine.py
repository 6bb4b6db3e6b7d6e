"""Claims about exercises in a chat: offered with their cautions, kind about mistakes, and never an exception."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.care.conversation.parts import EngineReply, Routing
from holdfast.care.conversation.reply import Author, Route
from holdfast.care.conversation.router import load_router
from holdfast.care.conversation.state import Activity, ActivityKind, ConversationState
from holdfast.care.intervention.catalogue import Catalogue, exercises
from holdfast.care.intervention.engine import InterventionEngine
from holdfast.care.intervention.introduction import introduction
from holdfast.safety.detection.verdict import Level
from holdfast.turn import Role, Turn

NOW = datetime.fromisoformat("2026-11-22T09:30:00+00:00")
CATALOGUE = exercises()


@dataclass
class Chat:
    """A conversation of one engine, which keeps the activity between messages as JSON."""

    target: str | None = "thought-record"
    catalogue: Catalogue = CATALOGUE
    state: ConversationState = field(default_factory=ConversationState)

    def say(self, *messages: str) -> EngineReply:
        """Send messages one after another and return the last reply."""
        engine = InterventionEngine(catalogue=self.catalogue, clock=lambda: NOW)
        routing = Routing(route=Route.INTERVENTION, reason="test", target=self.target)
        for message in messages:
            reply = asyncio.run(engine.reply(message, routing, self.state))
            self.state = replace(self.state, activity=through_json(reply.activity))
        return reply


def through_json(activity: Activity | None) -> Activity | None:
    return None if activity is None else replace(activity, progress=json.loads(json.dumps(activity.progress)))


def answers(activity: Activity | None) -> list[dict[str, Any]]:
    assert activity is not None
    return list(activity.progress["session"]["answers"])


def values(reply: EngineReply) -> list[str | None]:
    return [choice.value for choice in reply.choices]


def test_without_a_named_exercise_all_are_listed_and_nothing_is_under_way() -> None:
    reply = Chat(target=None).say("exercises")
    assert all(one.title in reply.text for one in CATALOGUE)
    assert reply.activity is None


def test_an_unknown_exercise_is_met_with_the_list() -> None:
    assert Chat(target="nope").say("practise").activity is None


def test_the_list_leads_to_each_exercise_through_the_router() -> None:
    router = load_router(asks_identity=lambda _: False)
    for choice in Chat(target=None).say("exercises").choices[:-1]:
        routing = router.route(str(choice.value), ConversationState())
        assert routing.route is Route.INTERVENTION
        assert CATALOGUE.get(str(routing.target)).title == choice.label


@pytest.mark.parametrize("exercise_id", CATALOGUE.ids)
def test_an_exercise_is_offered_with_its_contraindications_and_hash_before_any_step(exercise_id: str) -> None:
    reply = Chat(target=exercise_id).say("practise")
    assert introduction(CATALOGUE.get(exercise_id)) in reply.text
    assert reply.author is Author.EXERCISE
    assert reply.artefacts == ((exercise_id, CATALOGUE.sha256(exercise_id)),)
    assert reply.activity is not None
    assert reply.activity.progress["session"] is None
    assert "/help" in [choice.path for choice in reply.choices]


def test_saying_not_now_ends_the_offer() -> None:
    reply = Chat().say("practise", "Not now.")
    assert reply.activity is None
    assert reply.finished is None
    assert "That is fine" in reply.text


def test_an_offer_that_gets_no_answer_twice_lets_the_person_go() -> None:
    chat = Chat()
    assert chat.say("practise", "hm").activity is not None
    assert chat.say("what is sleep").activity is None


def test_starting_asks_the_first_step_with_its_place() -> None:
    reply = Chat().say("practise", "Start")
    assert "Step 1 of at most 16" in reply.text
    assert CATALOGUE.get("thought-record").step("situation").prompt in reply.text
    assert values(reply) == ["stop"]


def test_a_whole_thought_record_ends_with_the_persons_words_kept() -> None:
    said = ["start", "The meeting", "sad", "70", "I failed", "80", "none", "She smiled", "It was one meeting", "60"]
    reply = Chat().say("practise", *said, "40", "30", "skip")
    assert "You have finished a thought record" in reply.text
    assert "70 before, 30 after. That is 40 lower." in reply.text
    assert reply.activity is None
    assert reply.raised is None
    assert reply.finished is not None
    assert reply.finished.kind is ActivityKind.EXERCISE
    assert answers(reply.finished)[0]["shown"] == "The meeting"
    assert reply.fallback == CATALOGUE.get("thought-record").ending.closing


def test_going_back_asks_the_step_before_again() -> None:
    reply = Chat().say("practise", "start", "The meeting", "Go back")
    assert "Step 1 of" in reply.text
    assert answers(reply.activity) == []


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("back", "This is the first step"),
        ("skip", "This step cannot be left out"),
        ("", "could not use that"),
        ("x" * 5000, "could not use that"),
    ],
)
def test_what_cannot_be_used_is_asked_again_with_a_kind_word(said: str, why: str) -> None:
    reply = Chat().say("practise", "start", said)
    assert why in reply.text
    assert "Step 1 of" in reply.text
    assert "x" * 50 not in reply.text


def test_a_person_who_is_stuck_is_told_that_stopping_is_fine() -> None:
    chat = Chat()
    assert "stop, and what you wrote is kept" not in chat.say("practise", "start", "m", "f", "lots", "many").text
    assert "stop, and what you wrote is kept" in chat.say("very").text
    assert "stop, and what you wrote is kept" not in chat.say("70").text


def test_a_stop_word_inside_a_sentence_is_an_answer() -> None:
    reply = Chat().say("practise", "start", "I could not stop shaking, so I went back home")
    assert "Step 2 of" in reply.text


def test_stopping_keeps_what_was_written_and_points_to_people() -> None:
    reply = Chat().say("practise", "start", "The meeting", "Stop")
    assert reply.activity is None
    assert reply.finished is not None
    assert reply.finished.progress["session"]["stopped"] == "person"
    assert "The meeting" in reply.text
    assert reply.referral is not None


def test_distress_that_rises_stops_the_exercise_and_offers_help_now() -> None:
    said = ["start", "4", "ok", "1", "skip", "skip", "skip", "skip", "skip", "ok", "6"]
    reply = Chat(target="grounding-and-breathing").say("practise", *said)
    assert reply.text.startswith("Thank you for trying. You feel more upset now")
    assert "/help" in [choice.path for choice in reply.choices]
    assert reply.activity is None
    assert reply.raised is None


def test_a_person_who_says_they_are_not_safe_opens_the_crisis_path_at_once() -> None:
    reply = Chat(target="grounding-and-breathing").say("practise", "start", "10", "2")
    assert reply.raised is not None
    assert reply.raised.level is Level.CONCERN
    assert reply.activity is None
    assert reply.finished is not None


def test_a_skip_phrase_counts_only_where_the_step_has_it() -> None:
    chat = Chat()
    chat.say("practise", "start", "none")
    assert answers(chat.state.activity)[0]["value"] == "none"
    chat.say("sad", "70", "I failed", "80", "I can’t find any.")
    assert answers(chat.state.activity)[-1]["value"] is None


def test_buttons_send_what_the_step_accepts() -> None:
    chat = Chat(target="activity-plan")
    reply = chat.say("practise", "start", "1", "skip", "Walk *far*", "3", "3", "3", "Call Sam", "3", "3", "3", "skip")
    assert values(reply)[:2] == ["Walk *far*", "Call Sam"]
    assert "1: Walk \\*far\\*" in reply.text
    chat.say("Walk *far*")
    assert answers(chat.state.activity)[-1]["value"] == "first-idea"


def test_ratings_to_100_have_buttons_in_tens() -> None:
    reply = Chat().say("practise", "start", "m", "sad")
    assert values(reply)[:11] == [str(number) for number in range(0, 101, 10)]


def older(chat: Chat) -> None:
    assert chat.state.activity is not None
    saved = {**chat.state.activity.progress["session"], "version": "0.9"}
    chat.state = replace(
        chat.state, activity=replace(chat.state.activity, progress={"session": saved, "misses": 0, "earlier": []})
    )


def test_an_exercise_that_changed_meanwhile_is_offered_again_and_loses_nothing() -> None:
    chat = Chat()
    chat.say("practise", "start", "The meeting")
    older(chat)
    reply = chat.say("sad")
    assert "This exercise has changed since you began it" in reply.text
    assert "The meeting" in reply.text
    reply = chat.say("Start again", "Another day", "stop")
    assert reply.finished is not None
    assert reply.finished.progress["earlier"][0]["answers"][0]["shown"] == "The meeting"
    assert answers(reply.finished)[0]["shown"] == "Another day"


def test_declining_a_changed_exercise_still_hands_over_what_was_written() -> None:
    chat = Chat()
    chat.say("practise", "start", "The meeting")
    older(chat)
    reply = chat.say("sad", "not now")
    assert reply.activity is None
    assert reply.finished is not None
    assert reply.finished.progress["earlier"][0]["answers"][0]["shown"] == "The meeting"


def test_an_exercise_that_was_taken_away_hands_over_what_was_written() -> None:
    chat = Chat()
    chat.say("practise", "start", "The meeting")
    before = chat.state.activity
    chat.catalogue = Catalogue({key: one for key, one in CATALOGUE.loaded.items() if key != "thought-record"})
    reply = chat.say("sad")
    assert reply.finished == before
    assert reply.activity is None


@pytest.mark.parametrize("progress", [{}, {"session": 3}, {"session": {}}, {"session": {"answers": 1}}, {"earlier": 5}])
def test_damaged_progress_is_offered_again(progress: dict[str, Any]) -> None:
    chat = Chat()
    chat.state = ConversationState(
        activity=Activity(kind=ActivityKind.EXERCISE, id="thought-record", progress=progress)
    )
    assert "Step 1 of" in chat.say("hello", "start").text


def interrupted(chat: Chat, text: str = "Are you safe right now?") -> None:
    """Something else, such as the crisis path, has spoken last."""
    chat.state = replace(chat.state, turns=(Turn(Role.PERSON, "words"), Turn(Role.ASSISTANT, text)))


def test_a_message_is_never_taken_as_the_answer_to_a_question_that_was_not_just_asked() -> None:
    chat = Chat()
    chat.say("practise", "start", "The meeting")
    interrupted(chat)
    reply = chat.say("Yes, I am safe")
    assert "We were in the middle of an exercise" in reply.text
    assert [row["value"] for row in answers(reply.activity)] == ["The meeting"]
    interrupted(chat, reply.text)
    assert [row["value"] for row in answers(chat.say("sad").activity)] == ["The meeting", "sad"]


def test_a_question_is_shown_again_only_once_and_a_stop_is_always_a_stop() -> None:
    chat = Chat()
    chat.say("practise", "start")
    interrupted(chat)
    assert chat.say("hm", "The meeting").activity is not None
    assert [row["value"] for row in answers(chat.state.activity)] == ["The meeting"]
    assert chat.say("stop").activity is None


def test_an_offer_is_made_again_after_something_else_came_between() -> None:
    chat = Chat()
    chat.say("practise")
    interrupted(chat)
    reply = chat.say("yes")
    assert "if you want to start" in reply.text
    interrupted(chat, reply.text)
    assert "Step 1 of" in chat.say("yes").text


def test_an_offer_just_made_is_taken_up_at_once() -> None:
    chat = Chat()
    interrupted(chat, chat.say("practise").text)
    assert "Step 1 of" in chat.say("start").text


WORDS = st.sampled_from(
    ["start", "stop", "back", "skip", "ok", "1", "2", "5", "10", "70", "100", "none", "not now", "yes"]
)


@given(st.sampled_from(CATALOGUE.ids), st.lists(WORDS | st.text(max_size=20), max_size=40))
@settings(max_examples=100, deadline=None)
def test_no_message_is_ever_met_with_an_exception_or_with_silence(exercise_id: str, messages: list[str]) -> None:
    chat = Chat(target=exercise_id)
    for message in ["practise", "start", *messages]:
        reply = chat.say(message)
        assert reply.text.strip()
        assert reply.author is Author.EXERCISE
        assert reply.activity is None or reply.finished is None
        if reply.activity is None:
            break


def test_words_under_way_are_not_printed(run: Callable[..., Any]) -> None:
    chat = Chat()
    chat.say("practise", "start", "my private words")
    assert "private" not in repr(chat.state)
