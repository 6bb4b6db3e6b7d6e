"""People for tests, and people about whom a word is planted in every place that keeps words."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pytest

from holdfast.care.conversation.pipeline import TurnOutcome
from holdfast.care.conversation.reply import Author, Choice, Reply, Resource, Route, Source
from holdfast.care.conversation.state import Activity, ActivityKind, ConversationState, Purpose
from holdfast.care.conversation.trace import TurnTrace
from holdfast.safety.crisis.state import raise_state
from holdfast.safety.detection.verdict import Category, Detection, Level, Subject
from holdfast.service.accounts.person import Person
from holdfast.service.conversation.turn import keep, load_state
from holdfast.service.storage.database import Database
from holdfast.service.storage.work import Work

CALM = Detection(level=Level.NONE)
CRISIS = Detection(level=Level.CRISIS, categories=(Category.SUICIDE,), subject=Subject.SELF)


def outcome(state: ConversationState, *, text: str, now: datetime, detection: Detection = CALM) -> TurnOutcome:
    """A turn as the pipeline would hand it over."""
    crisis = raise_state(state.crisis, detection, now)
    reply = Reply(
        text=text,
        route=Route.CRISIS if crisis.is_active else Route.EDUCATION,
        author=Author.TEMPLATE,
        sources=(Source(citation="sleep-1", title="Sleep", path="/learn/sleep", published="A health service, 2024"),),
        choices=(Choice(label="Go on", value="go on"),),
        resources=(Resource(name="A line", contact="116 123", region="IE", hours="always", checked="2026-11-01"),),
    )
    trace = TurnTrace(
        at=now,
        tier="research use, not for care",
        route=reply.route.value,
        route_reason="a test",
        author=reply.author.value,
        detection={"level": detection.level.label},
        crisis_before=state.crisis.level.label,
        crisis_after=crisis.level.label,
    )
    after = ConversationState(
        crisis=crisis, consents=state.consents, last_notice=now, last_seen=now, activity=state.activity
    )
    return TurnOutcome(
        reply=reply, state=after, trace=trace, detection=detection, is_kept=Purpose.CONVERSATION in state.consents
    )


@dataclass(frozen=True, kw_only=True)
class Planted:
    """A person, the chat and turn that is theirs, and the words that were planted about them."""

    person_id: UUID
    chat_id: UUID
    turn_id: UUID
    check_in_id: UUID
    exercise_id: UUID
    trace_seq: int
    words: tuple[str, ...]


@pytest.fixture
def plant(database: Database, now: datetime) -> Callable[[str], Awaitable[Planted]]:
    """Makes a person with ``word`` in everything they wrote and were told, and in crisis."""

    async def planted(word: str) -> Planted:
        async with database.work() as work:
            person = await _consenting(work, now)
            return await _fill(work, person, word, now)

    return planted


async def _consenting(work: Work, now: datetime) -> Person:
    person = await work.persons.create(now, region="IE")
    for purpose in Purpose:
        await work.consents.give(person, purpose, version="1", now=now)
    return person


async def _fill(work: Work, person: Person, word: str, now: datetime) -> Planted:
    chat = await work.chats.start(person, now=now)
    doing = Activity(kind=ActivityKind.EXERCISE, id="thought-record", progress={"entry": f"{word}-activity"})
    await work.chats.set_activity(person, chat.id, doing, now=now)
    state = await load_state(work, person, chat.id, now=now)
    turn = outcome(state, text=f"{word}-reply", now=now, detection=CRISIS)
    kept = await keep(work, person, chat.id, message=f"{word}-message", outcome=turn, read=state)
    begun = await work.check_ins.start(person, "phq-9", version="1", progress={"1": f"{word}-answer"}, now=now)
    result = {"note": f"{word}-result"}
    await work.check_ins.complete(person, begun.id, progress={"1": f"{word}-answer"}, result=result, now=now)
    entries = {"thought": f"{word}-entry"}
    exercise = await work.exercises.start(person, "thought-record", version="1", progress=entries, now=now)
    await work.persons.set_return(person, f"{word} return name", "$argon2id$planted-elsewhere")
    if kept.answered is None:
        raise RuntimeError("a consenting person's turn must be kept")
    places = ("activity", "reply", "message", "answer", "result", "entry")
    return Planted(
        person_id=person.id,
        chat_id=chat.id,
        turn_id=kept.answered.id,
        check_in_id=begun.id,
        exercise_id=exercise.id,
        trace_seq=kept.trace_seq,
        words=(*(f"{word}-{place}" for place in places), f"{word} return name"),
    )
