"""Claims about the order of the pipeline, and about what it does when a part breaks."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from scripted_parts import ScriptedCrisisPath, ScriptedDetector, ScriptedEngine, ScriptedReview

from holdfast.care.conversation.parts import EngineReply
from holdfast.care.conversation.pipeline import Conversation
from holdfast.care.conversation.reply import Author, Route, Source
from holdfast.care.conversation.state import Activity, ActivityKind, ConversationState
from holdfast.care.conversation.templates import LAST_RESORT
from holdfast.care.conversation.turn_record import WINDOW_TURNS
from holdfast.safety.detection.verdict import Category, Detection, Level

Make = Callable[..., Conversation]


async def test_a_question_is_answered_by_its_engine_with_the_notice_and_a_trace(
    make: Make, agreed: ConversationState
) -> None:
    outcome = await make().turn("what is sleep", agreed)
    assert outcome.reply.text == "library text"
    assert outcome.reply.notice == "I am software."
    assert outcome.is_kept
    trace = outcome.trace.payload()
    assert (trace["route"], trace["author"], trace["tier"]) == ("education", "library", "research use, not for care")
    assert trace["artefacts"] == {"part": "2" * 64, "notice": "1" * 64}
    assert set(trace["timings_ms"]) == {"detection", "crisis", "route", "engine", "review"}


async def test_the_trace_holds_nothing_anyone_wrote(make: Make, agreed: ConversationState) -> None:
    outcome = await make().turn("PLANTED-SECRET words NOTICE", agreed)
    written = json.dumps(outcome.trace.payload())
    assert "PLANTED-SECRET" not in written
    assert "library text" not in written


async def test_risk_is_met_before_any_engine_is_asked(
    make: Make, agreed: ConversationState, engine: ScriptedEngine
) -> None:
    outcome = await make().turn("RISK", agreed)
    assert outcome.reply.route is Route.CRISIS
    assert outcome.reply.text == "protocol text"
    assert engine.asked == 0
    assert outcome.state.crisis.level is Level.CRISIS


async def test_help_in_a_crisis_needs_no_consent_but_everything_else_does(make: Make, engine: ScriptedEngine) -> None:
    stranger = ConversationState()
    assert (await make().turn("RISK", stranger)).reply.route is Route.CRISIS
    asked = await make().turn("what is sleep", stranger)
    assert asked.reply.route is Route.CONSENT
    assert not asked.is_kept
    assert engine.asked == 0


async def test_a_detector_that_breaks_counts_as_risk_and_says_so_in_the_trace(
    make: Make, agreed: ConversationState
) -> None:
    outcome = await make(detector=ScriptedDetector(error=RuntimeError("the words"))).turn("hello", agreed)
    assert outcome.reply.route is Route.CRISIS
    assert outcome.detection.level is Level.CONCERN
    layer = outcome.trace.detection["layers"][0]
    assert (layer["status"], layer["error"]) == ("failed", "RuntimeError")
    assert "the words" not in json.dumps(outcome.trace.payload())


@pytest.mark.parametrize("message", ["RISK", "hello"])
async def test_a_crisis_path_that_breaks_still_points_to_people(
    make: Make, agreed: ConversationState, message: str
) -> None:
    outcome = await make(crisis_path=ScriptedCrisisPath(error=ValueError())).turn(message, agreed)
    assert outcome.reply.text == LAST_RESORT
    assert outcome.reply.resources
    assert outcome.state.crisis.is_active is (message == "RISK")


async def test_a_risk_that_an_instrument_finds_leads_at_once_and_the_activity_stays(
    make: Make, agreed: ConversationState, engine: ScriptedEngine
) -> None:
    activity = Activity(kind=ActivityKind.SCREENING, id="phq-9", progress={"answers": [1]})
    engine.answer = EngineReply(
        text="next question",
        author=Author.INSTRUMENT,
        activity=activity,
        raised=Detection(level=Level.CRISIS, categories=(Category.SUICIDE,)),
    )
    outcome = await make().turn("2", replace(agreed, activity=activity))
    assert outcome.reply.route is Route.CRISIS
    assert "next question" not in outcome.reply.text
    assert outcome.state.activity == activity
    assert outcome.state.crisis.level is Level.CRISIS


async def test_a_notice_accompanies_the_answer_instead_of_replacing_it(make: Make, agreed: ConversationState) -> None:
    outcome = await make().turn("NOTICE", agreed)
    assert outcome.reply.text == "protocol text\n\nlibrary text"
    assert outcome.reply.route is Route.EDUCATION
    assert not outcome.state.crisis.is_active


async def test_text_that_fails_review_is_replaced_by_the_vetted_fallback(
    make: Make, agreed: ConversationState, engine: ScriptedEngine
) -> None:
    engine.answer = EngineReply(text="HARM", author=Author.MODEL, fallback="vetted", model="m", model_outcome="drafted")
    outcome = await make().turn("hello", agreed)
    assert (outcome.reply.text, outcome.reply.author) == ("vetted", Author.LIBRARY)
    assert [record["outcome"] for record in outcome.trace.review] == ["withheld"]
    assert outcome.trace.model_outcome == "withheld"


async def test_where_nothing_passes_review_a_fixed_text_is_shown_without_sources(
    make: Make, agreed: ConversationState, engine: ScriptedEngine
) -> None:
    source = Source(citation="a#b", title="A", path="/learn/a#b", published="2020")
    engine.answer = EngineReply(text="HARM", author=Author.MODEL, sources=(source,))
    outcome = await make().turn("hello", agreed)
    assert "HARM" not in outcome.reply.text
    assert outcome.reply.author is Author.TEMPLATE
    assert outcome.reply.sources == ()


async def test_a_reviewer_that_breaks_lets_nothing_through(
    make: Make, agreed: ConversationState, engine: ScriptedEngine
) -> None:
    engine.answer = EngineReply(text="generated text", author=Author.MODEL)
    outcome = await make(review=ScriptedReview(error=TimeoutError())).turn("hello", agreed)
    assert "generated text" not in outcome.reply.text
    assert "TimeoutError" in outcome.trace.review[0]["findings"]


@pytest.mark.parametrize("author", sorted(set(Author) - {Author.MODEL}))
async def test_words_written_ahead_of_time_are_shown_as_they_stand(
    make: Make,
    agreed: ConversationState,
    engine: ScriptedEngine,
    author: Author,
) -> None:
    engine.answer = EngineReply(text="HARM is in the published wording", author=author)
    assert (await make().turn("hello", agreed)).reply.text == "HARM is in the published wording"


async def test_detection_sees_the_running_window_and_the_window_is_bounded(
    make: Make, agreed: ConversationState
) -> None:
    detector = ScriptedDetector()
    state = agreed
    for number in range(WINDOW_TURNS):
        state = (await make(detector=detector).turn(f"message {number}", state)).state
    assert len(state.turns) == WINDOW_TURNS
    assert [turn.text for turn in detector.seen[1]] == ["message 0", "library text", "message 1"]
    assert len(detector.seen[-1]) == WINDOW_TURNS + 1
