"""Claims about the three grades, through the pipeline as it is served: what each shows, keeps and suspends."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from holdfast.care.conversation.assembly import assemble
from holdfast.care.conversation.parts import EngineReply, Routing
from holdfast.care.conversation.pipeline import Conversation, TurnOutcome
from holdfast.care.conversation.reply import Author, Route
from holdfast.care.conversation.state import Activity, ActivityKind, ConversationState, Purpose
from holdfast.safety.crisis.standing import AlertStanding
from holdfast.safety.crisis.state import CrisisState, raise_state
from holdfast.safety.detection.verdict import Category, Detection, Evidence, Level, Subject, Tense

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CALM = ConversationState(consents=frozenset(Purpose), region="GB")
PLAN = "/practise/safety-plan"


@dataclass
class Generating:
    """An engine that would word a reply with a model, and counts how often it is asked."""

    asked: list[str] = field(default_factory=list)

    async def reply(self, message: str, routing: Routing, state: ConversationState) -> EngineReply:
        del routing
        self.asked.append(message)
        return EngineReply(text="Sleep matters.", author=Author.MODEL, activity=state.activity, model="test")


@dataclass
class Finding:
    """A detector that finds what it is told to, in the last message."""

    level: Level
    category: Category = Category.SUICIDE
    subject: Subject = Subject.SELF

    def detect(self, turns: object) -> Detection:
        last = len(turns) - 1  # type: ignore[arg-type]
        if self.level is Level.NONE:
            return Detection(level=Level.NONE)
        seen = Evidence(
            turn=last, start=0, end=3, category=self.category, level=self.level, rule="test", subject=self.subject
        )
        return Detection(
            level=self.level, categories=(self.category,), evidence=(seen,), subject=self.subject, tense=Tense.PRESENT
        )


@pytest.fixture(scope="module")
def served() -> Conversation:
    return assemble(tier="research use, not for care", clock=lambda: NOW)


def say(
    served: Conversation, found: Finding, state: ConversationState, message: str = "a message"
) -> tuple[TurnOutcome, Generating]:
    engine = Generating()
    conversation = replace(served, detector=found, engines=dict.fromkeys(Route, engine))
    return asyncio.run(conversation.turn(message, state)), engine


@dataclass(frozen=True)
class Grade:
    """What a grade does: the state it leaves, whether engines are asked, and what the person is shown."""

    level: Level
    leaves: Level
    asks_engine: bool
    leads: bool
    numbers: bool
    offers_plan: bool
    offers_check_in: bool


GRADES = (
    Grade(Level.NONE, Level.NONE, True, False, False, False, False),
    Grade(Level.NOTICE, Level.NONE, True, False, False, False, True),
    Grade(Level.CONCERN, Level.CONCERN, False, True, True, True, True),
    Grade(Level.CRISIS, Level.CRISIS, False, True, True, False, True),
)


@pytest.mark.parametrize("grade", GRADES, ids=lambda grade: grade.level.label)
def test_each_grade_shows_and_does_what_the_table_says(served: Conversation, grade: Grade) -> None:
    outcome, engine = say(served, Finding(grade.level), CALM)
    reply = outcome.reply
    assert outcome.state.crisis.level is grade.leaves
    assert bool(engine.asked) is grade.asks_engine
    assert (reply.route is Route.CRISIS) is grade.leads
    assert (reply.author is Author.TEMPLATE) is grade.leads
    assert ("999" in reply.text) is grade.numbers
    assert (PLAN in {choice.path for choice in reply.choices}) is grade.offers_plan
    assert ("check-in: start" in {choice.value for choice in reply.choices}) is grade.offers_check_in
    assert outcome.trace.crisis_after == grade.leaves.label
    assert (outcome.trace.model is None) is grade.leads


@pytest.mark.parametrize("category", list(Category))
@pytest.mark.parametrize("level", [Level.CONCERN, Level.CRISIS])
def test_both_active_grades_ask_directly_point_to_people_and_keep_the_channel_open(
    served: Conversation, category: Category, level: Level
) -> None:
    reply = say(served, Finding(level, category), CALM)[0].reply
    assert "?" in reply.text or "call 999" in reply.text
    assert reply.resources
    assert {resource.region for resource in reply.resources} <= {"United Kingdom", "Anywhere else"}
    assert all(resource.checked[:4].isdecimal() for resource in reply.resources)
    assert "keep writing" in reply.text or "close this page" in reply.text


@pytest.mark.parametrize("category", list(Category))
@pytest.mark.parametrize("level", [Level.CONCERN, Level.CRISIS])
def test_somebody_elses_risk_gets_words_for_whoever_helps_and_no_plan_for_oneself(
    served: Conversation, category: Category, level: Level
) -> None:
    outcome, _ = say(served, Finding(level, category, Subject.OTHER), CALM)
    assert outcome.trace.templates[0].endswith("-other")
    assert outcome.state.crisis.subject is Subject.OTHER
    assert PLAN not in {choice.path for choice in outcome.reply.choices}


@pytest.mark.parametrize("category", list(Category))
def test_a_plan_is_offered_for_suicide_and_self_harm_alone(served: Conversation, category: Category) -> None:
    choices = say(served, Finding(Level.CONCERN, category), CALM)[0].reply.choices
    is_offered = PLAN in {choice.path for choice in choices}
    assert is_offered is (category in (Category.SUICIDE, Category.SELF_HARM))


def test_a_crisis_suspends_an_activity_under_way_and_gives_it_back_afterwards(served: Conversation) -> None:
    doing = Activity(kind=ActivityKind.EXERCISE, id="thought-record", progress={})
    state = replace(CALM, activity=doing, crisis=CrisisState(level=Level.CRISIS, since=NOW, updated=NOW))
    outcome, engine = say(served, Finding(Level.NONE), state, "the meeting on Monday")
    assert engine.asked == []
    assert outcome.reply.route is Route.CRISIS
    assert outcome.state.activity == doing


@pytest.mark.parametrize("message", ["what is a panic attack", "tell me about sleep", "hello", "start"])
def test_nothing_is_generated_while_a_crisis_stands_whatever_is_asked(served: Conversation, message: str) -> None:
    state = replace(CALM, crisis=CrisisState(level=Level.CRISIS, since=NOW, updated=NOW))
    outcome, engine = say(served, Finding(Level.NONE), state, message)
    assert engine.asked == []
    assert outcome.reply.author is Author.TEMPLATE


@pytest.mark.parametrize(
    "message",
    [
        "I tried to kill myself ten years ago. I am well now and I want to understand it.",
        "When I was a teenager I used to cut myself. I stopped many years ago.",
    ],
)
def test_a_past_disclosure_is_acknowledged_without_the_crisis_script(served: Conversation, message: str) -> None:
    outcome = asyncio.run(served.turn(message, CALM))
    assert outcome.detection.level is Level.NOTICE
    assert outcome.state.crisis.level is Level.NONE
    assert outcome.reply.route is not Route.CRISIS
    assert outcome.trace.templates[0] in ("suicide-notice-self", "self-harm-notice-self")
    assert "[People you can reach](/help)" in outcome.reply.text


def said_of_duty(
    served: Conversation, state: ConversationState, found: Level = Level.NONE
) -> tuple[list[str], CrisisState]:
    outcome, _ = say(served, Finding(found), state, "I do not know")
    return [text for text in outcome.trace.templates if text.startswith("duty-")], outcome.state.crisis


def test_what_became_of_the_alert_is_told_once_when_it_changes_and_never_repeated(served: Conversation) -> None:
    told: list[str] = []
    state, found = CALM, Level.CRISIS
    for standing in (
        AlertStanding(),
        AlertStanding(),
        AlertStanding(is_late=True, is_failing=True),
        AlertStanding(is_late=True, is_failing=True),
        AlertStanding(is_late=True, is_reached=True),
        AlertStanding(is_seen=True),
        AlertStanding(is_seen=True),
    ):
        new, crisis = said_of_duty(served, replace(state, alert=standing), found)
        told += new
        state, found = replace(state, crisis=crisis), Level.NONE
    assert told == ["duty-nobody", "duty-unreached", "duty-late", "duty-seen"]


def test_a_state_that_was_never_told_of_duty_is_not_told_out_of_nowhere(served: Conversation) -> None:
    risk = Detection(level=Level.CRISIS, categories=(Category.SUICIDE,), subject=Subject.SELF)
    state = replace(CALM, crisis=raise_state(CrisisState(), risk, NOW), alert=AlertStanding(is_seen=True))
    assert said_of_duty(served, state)[0] == []
