"""Load what the pipeline needs to know of a person, and keep what came of a turn: all of it, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from holdfast.care.conversation.pipeline import TurnOutcome
from holdfast.care.conversation.state import Activity, ConversationState, Purpose
from holdfast.safety.crisis.state import CrisisState
from holdfast.service.accounts.person import Person
from holdfast.service.conversation.recent_words import Exchange
from holdfast.service.conversation.repository import IN_ONE_GO, KEEPS, Chat, KeptTurn
from holdfast.service.conversation.window import read_window
from holdfast.service.crisis.keeping import alert_standing, keep_crisis
from holdfast.service.storage.work import Work

__all__ = ["TURN", "Kept", "forget_chat", "keep", "load_state"]

TURN = "turn"
"""The kind of a turn's link in the trace."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What was kept of a turn. ``answered`` is None where no consent allows the words to be kept."""

    trace_seq: int
    crisis: CrisisState
    answered: KeptTurn | None


async def load_state(
    work: Work,
    person: Person,
    chat_id: UUID | None,
    *,
    now: datetime,
    consent_version: str | None = None,
    recent: Sequence[Exchange] = (),
) -> ConversationState:
    """Return what the pipeline needs to know before it answers.

    Args:
        work: An open unit of work.
        person: Who wrote.
        chat_id: The chat they wrote in, or None outside one: nothing is kept without consent.
        now: The current moment. A screening or exercise that may not be kept is dropped half an hour after its
            last step: without consent it has to be finished in one go.
        consent_version: The version of the consent texts in use; consents to other versions do not count. None
            counts them all.
        recent: What memory holds of them, for the part of the window that is not kept.

    Raises:
        AccessError: The chat is not this person's.
    """
    standing = await work.consents.standing(person)
    consents = frozenset(purpose for purpose, version in standing.items() if consent_version in (None, version))
    chat = None if chat_id is None else await work.chats.get(person, chat_id)
    return ConversationState(
        turns=await read_window(work, person, chat_id, recent),
        crisis=await work.crisis.state(person),
        alert=await alert_standing(work, person),
        consents=consents,
        last_notice=person.last_notice,
        last_seen=person.last_seen,
        activity=_activity(chat, consents, now),
        region=person.region,
        audience=person.audience,
        is_minor=person.is_minor,
        is_known_minor=person.is_known_minor,
    )


async def keep(
    work: Work, person: Person, chat_id: UUID | None, *, message: str, outcome: TurnOutcome, read: ConversationState
) -> Kept:
    """Keep a turn: the trace and the crisis state always, the words only where consent allows it.

    What ended with the turn is kept by ``finished.keep_finished``.

    Args:
        work: An open unit that writes; whatever fails in it undoes all of this.
        person: Who wrote, opened in this unit.
        chat_id: The chat they wrote in, or None outside one.
        message: What they wrote.
        outcome: What the pipeline answered.
        read: The state the pipeline was given: a crisis raised meanwhile by another message is not lowered.

    Raises:
        AccessError: The chat is not this person's.
        StorageError: The database failed; nothing was kept.
    """
    now = outcome.trace.at
    standing = await work.consents.standing(person)
    seq = await work.trace.append(TURN, outcome.trace.payload(), at=now, person=person)
    crisis = await keep_crisis(work, person, after=outcome.state.crisis, read=read.crisis, now=now)
    answered = None
    if outcome.is_kept and chat_id is not None and Purpose.CONVERSATION in standing:
        answered = await work.chats.add(
            person,
            chat_id,
            message=message,
            reply=outcome.reply,
            activity=outcome.state.activity,
            trace_seq=seq,
            at=now,
        )
    await work.persons.seen(person, now, last_notice=outcome.state.last_notice)
    work.counters.add(now.date(), "turn")
    work.counters.add(now.date(), f"turn.{outcome.reply.route.value}")
    if outcome.trace.notice is not None:
        work.counters.add(now.date(), f"notice.{outcome.trace.notice}")
    if outcome.reply.resources:
        work.counters.add(now.date(), "referral.shown")
    return Kept(trace_seq=seq, crisis=crisis, answered=answered)


async def forget_chat(work: Work, person: Person, chat_id: UUID, *, now: datetime) -> None:
    """Delete one chat with its turns and the trace payloads that explain them.

    Raises:
        AccessError: The chat is not this person's.
    """
    seqs = await work.chats.remove(person, chat_id)
    await work.trace.forget_entries(seqs, reason="erasure", now=now)


def _activity(chat: Chat | None, consents: frozenset[Purpose], now: datetime) -> Activity | None:
    if chat is None or chat.activity is None:
        return None
    may_wait = KEEPS[chat.activity.kind] in consents
    return chat.activity if may_wait or now - chat.updated < IN_ONE_GO else None
