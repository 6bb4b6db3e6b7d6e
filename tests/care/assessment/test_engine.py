"""Claims about checking in over the chat."""

from datetime import datetime

import pytest

from holdfast.care.assessment.catalogue import Catalogue
from holdfast.care.assessment.engine import AssessmentEngine
from holdfast.care.conversation.parts import EngineReply, Routing
from holdfast.care.conversation.reply import Author, Route
from holdfast.care.conversation.router import load_router
from holdfast.care.conversation.state import Activity, ActivityKind, ConversationState
from holdfast.safety.detection.verdict import Level


@pytest.fixture
def engine(catalogue: Catalogue, now: datetime) -> AssessmentEngine:
    return AssessmentEngine(catalogue=catalogue, clock=lambda: now)


async def say(
    engine: AssessmentEngine, message: str, activity: Activity | None = None, *, is_minor: bool = False
) -> EngineReply:
    routing = Routing(route=Route.ASSESSMENT, reason="an activity is under way")
    return await engine.reply(message, routing, ConversationState(activity=activity, is_minor=is_minor))


async def begin(engine: AssessmentEngine, target: str | None, *, is_minor: bool = False) -> EngineReply:
    routing = Routing(route=Route.ASSESSMENT, reason="names an instrument", target=target)
    return await engine.reply("check in", routing, ConversationState(is_minor=is_minor))


async def say_all(engine: AssessmentEngine, target: str, *messages: str) -> EngineReply:
    reply = await begin(engine, target)
    for message in messages:
        reply = await say(engine, message, reply.activity)
    return reply


async def test_without_a_target_it_offers_every_instrument_and_each_choice_routes_to_it(
    engine: AssessmentEngine, catalogue: Catalogue
) -> None:
    reply = await begin(engine, None)
    assert "they do not diagnose" in reply.text
    router = load_router(asks_identity=lambda _: False)
    targets = [router.route(choice.value or "", ConversationState()).target for choice in reply.choices]
    assert targets == list(catalogue.ids)
    assert reply.activity is None


async def test_it_begins_with_the_first_question_and_its_answers_to_press(engine: AssessmentEngine) -> None:
    reply = await begin(engine, "phq-9")
    assert "This is a screen, not a diagnosis." in reply.text
    assert "Question 1 of 9" in reply.text
    assert reply.text.endswith("Little interest or pleasure in doing things")
    assert [choice.label for choice in reply.choices] == [
        "Not at all", "Several days", "More than half the days", "Nearly every day", "Rather not answer", "Stop",
    ]  # fmt: skip
    assert reply.author is Author.INSTRUMENT
    assert reply.activity is not None
    assert reply.activity.kind is ActivityKind.SCREENING
    assert [name for name, _ in reply.artefacts] == ["assessment-phrases", "instrument:phq-9"]


async def test_an_unknown_target_brings_the_list(engine: AssessmentEngine) -> None:
    reply = await begin(engine, "phq-99")
    assert reply.text.startswith("I do not have that one.")
    assert len(reply.choices) == 11


async def test_answers_lead_to_a_result_with_sources(engine: AssessmentEngine, catalogue: Catalogue) -> None:
    reply = await say_all(engine, "gad-2", "Several days", "3")
    assert "You scored 4 out of 6" in reply.text
    assert "not a diagnosis" in reply.text
    assert reply.next_step == catalogue.get("gad-2").bands[1].next
    assert reply.referral == catalogue.get("gad-2").seek_help
    assert [source.citation for source in reply.sources] == ["kroenke-2007"]
    assert reply.activity is None
    assert reply.raised is None


@pytest.mark.parametrize(("message", "level"), [
    ("Several days", Level.CONCERN), ("2", Level.CRISIS), ("Nearly every day", Level.CRISIS),
])  # fmt: skip
async def test_a_positive_item_9_raises_at_once_and_the_next_question_is_held_back(
    engine: AssessmentEngine, message: str, level: Level
) -> None:
    reply = await say_all(engine, "phq-9", *["0"] * 8, message)
    assert reply.raised is not None
    assert reply.raised.level is level
    assert "how difficult" not in reply.text
    assert reply.activity is not None


async def test_item_9_at_not_at_all_raises_nothing(engine: AssessmentEngine) -> None:
    reply = await say_all(engine, "phq-9", *["0"] * 9)
    assert reply.raised is None
    assert "You scored 0 out of 27" in reply.text


async def test_what_is_said_after_a_pause_is_never_taken_as_the_next_answer(engine: AssessmentEngine) -> None:
    paused = await say_all(engine, "asq", "yes")
    assert paused.raised is not None
    resumed = await say(engine, "no", paused.activity)
    assert "Question 2 of 5" in resumed.text
    assert resumed.raised is None
    after = await say(engine, "no", resumed.activity)
    assert "Question 3 of 5" in after.text


async def test_a_result_follows_a_pause_at_the_last_question(engine: AssessmentEngine) -> None:
    reply = await say_all(engine, "asq", "no", "no", "no", "yes", "go on", "yes", "go on")
    assert "Acute positive screen." in reply.text
    assert reply.activity is None


async def test_a_blank_on_the_asq_raises_too(engine: AssessmentEngine) -> None:
    reply = await say_all(engine, "asq", "skip")
    assert reply.raised is not None
    assert reply.raised.level is Level.CONCERN


@pytest.mark.parametrize("message", ["", "blue", "7", "maybe a bit", "🙂", "\u202e2", "x" * 10_000])
async def test_what_is_no_answer_is_asked_again_kindly_and_changes_nothing(
    engine: AssessmentEngine, message: str
) -> None:
    first = await begin(engine, "gad-7")
    again = await say(engine, message, first.activity)
    assert again.text.startswith("I could not read that as one of the answers")
    assert "Question 1 of 7" in again.text
    assert again.activity == first.activity


async def test_what_was_typed_is_not_quoted_back(engine: AssessmentEngine) -> None:
    begun = await begin(engine, "gad-7")
    assert "private" not in (await say(engine, "my private words", begun.activity)).text


async def test_back_returns_to_the_question_before(engine: AssessmentEngine) -> None:
    reply = await say_all(engine, "gad-7", "1", "back")
    assert "Question 1 of 7" in reply.text
    first = await say(engine, "back", reply.activity)
    assert first.text.startswith("This is the first question")


async def test_stop_ends_it_without_a_score(engine: AssessmentEngine) -> None:
    reply = await say_all(engine, "gad-7", "1", "stop")
    assert "nothing was scored" in reply.text
    assert reply.activity is None


async def test_too_many_blanks_are_offered_again_instead_of_a_guess(engine: AssessmentEngine) -> None:
    reply = await say_all(engine, "gad-2", "skip", "2")
    assert "I cannot work out a score" in reply.text
    reopened = await say(engine, "Answer them", reply.activity)
    assert "Question 1 of 2" in reopened.text
    done = await say(engine, "0", reopened.activity)
    assert "You scored 2 out of 6" in done.text


async def test_difficulty_is_asked_last_and_shown(engine: AssessmentEngine) -> None:
    reply = await say_all(engine, "gad-7", *["1"] * 7)
    assert "One last question, which is not scored" in reply.text
    done = await say(engine, "Very difficult", reply.activity)
    assert "very difficult. This is not part of the score" in done.text


async def test_progress_of_another_version_is_kept_and_a_new_start_offered(engine: AssessmentEngine) -> None:
    begun = await begin(engine, "gad-2")
    assert begun.activity is not None
    saved = {**begun.activity.progress["screening"], "version": 0}
    old = Activity(kind=ActivityKind.SCREENING, id="gad-2", progress={"screening": saved, "paused": False})
    reply = await say(engine, "1", old)
    assert "They are kept as they were" in reply.text
    assert reply.activity == old
    assert "Question 1 of 2" in (await say(engine, "Start again", old)).text
    assert (await say(engine, "stop", old)).activity is None


async def test_damaged_progress_does_not_break_the_chat(engine: AssessmentEngine) -> None:
    broken = Activity(kind=ActivityKind.SCREENING, id="gad-2", progress={})
    assert "start again" in (await say(engine, "1", broken)).text


async def test_people_under_18_are_offered_only_what_was_tested_with_them(
    engine: AssessmentEngine, catalogue: Catalogue
) -> None:
    offered = await begin(engine, None, is_minor=True)
    tested = {instrument.short_name for instrument in catalogue if instrument.minors}
    assert {choice.value for choice in offered.choices} == tested
    refused = await begin(engine, "audit-c", is_minor=True)
    assert refused.text.startswith("AUDIT-C has not been tested well enough with people under 18")
    assert refused.activity is None
    assert "Question 1 of 9" in (await begin(engine, "phq-9", is_minor=True)).text
