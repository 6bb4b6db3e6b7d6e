"""Messages: say something, read the reply and what was said before, and see why a reply was what it was."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from holdfast.care.conversation.reply import Author, Reply, Route
from holdfast.errors import InputError
from holdfast.service.api.bearer import Caller, Using
from holdfast.service.api.crisis import ChoiceOut, ResourceOut
from holdfast.service.api.schema import Given, Taken
from holdfast.service.conversation.explanation import explain_trace
from holdfast.service.conversation.repository import KeptTurn
from holdfast.service.conversation.talk import take_turn
from holdfast.turn import Role

__all__ = ["router"]

router = APIRouter(tags=["conversation"])

_MOST = 200


class MessageIn(Taken):
    """What a person says."""

    text: Annotated[str, Field(max_length=100_000)]


class SourceOut(Given):
    """A passage or instrument that a reply rests on."""

    citation: str
    title: str
    path: str
    published: str


class LanguageNoteOut(Given):
    """What this cannot do in the language somebody writes in. ``language`` is the BCP 47 tag of ``text``."""

    text: str
    language: str
    direction: str
    help: ChoiceOut


class ReplyOut(Given):
    """A reply. ``text`` is Markdown limited to paragraphs, lists, emphasis and links within the site.

    ``language_note`` is there once in a conversation in another language than English: show it before ``text``, or
    after it where ``route`` is crisis.
    """

    text: str
    route: Route
    author: Author
    sources: list[SourceOut]
    choices: list[ChoiceOut]
    resources: list[ResourceOut]
    next_step: str | None
    referral: str | None
    notice: str | None
    language_note: LanguageNoteOut | None


class AnsweredOut(Given):
    """A reply, and whether the words were kept. ``id`` and ``why`` are null where no consent allows keeping them.

    ``crisis`` is the standing level afterwards: none, notice, concern or crisis.
    """

    id: UUID | None
    reply: ReplyOut
    crisis: str
    kept: bool
    why: str | None


class TurnOut(Given):
    """Something that was said. Replies carry the whole reply and where it is explained."""

    id: UUID
    at: datetime
    role: Role
    text: str
    reply: ReplyOut | None
    why: str | None


class ConversationOut(Given):
    """The latest chat, oldest first."""

    messages: list[TurnOut]


class StoryOut(Given):
    """One part of why a reply was what it was."""

    question: str
    answer: str


class WhyOut(Given):
    """Why a reply was what it was, in plain words and as the record itself, which holds no words of anyone's."""

    story: list[StoryOut]
    record: dict[str, Any]


@router.post("/messages")
async def say(services: Using, caller: Caller, message: MessageIn) -> AnsweredOut:
    """Say something. It is checked for risk, with what was said before it, whatever was agreed to.

    Without consent nothing else is done with it, and memory alone holds it, for half an hour.
    """
    taken = await take_turn(services, caller, message.text)
    answered = taken.kept.answered
    return AnsweredOut(
        id=None if answered is None else answered.id,
        reply=ReplyOut.model_validate(taken.outcome.reply),
        crisis=taken.kept.crisis.level.label,
        kept=answered is not None,
        why=None if answered is None else _why(answered.id),
    )


@router.get("/messages")
async def conversation(
    services: Using, caller: Caller, last: Annotated[int, Query(ge=1, le=_MOST)] = 50
) -> ConversationOut:
    """Return the last so many messages of the latest chat, oldest first."""
    async with services.database.work(write=False) as work:
        person = await work.persons.open(caller)
        chat = await work.chats.latest(person)
        turns = () if chat is None else await work.chats.turns(person, chat.id, last=last)
    return ConversationOut(messages=[_turn(kept) for kept in turns])


@router.get("/messages/{message_id}/why")
async def why(services: Using, caller: Caller, message_id: UUID) -> WhyOut:
    """Tell how a reply came about, from its trace."""
    async with services.database.work(write=False) as work:
        person = await work.persons.open(caller)
        kept = await work.chats.turn(person, message_id)
        if kept.trace_seq is None:
            raise InputError("Message must be a reply to be explained, and is the person's own; name a reply.")
        record = await work.trace.of(person, kept.trace_seq)
    payload = dict(record.payload or {})
    story = [StoryOut(question=question, answer=answer) for question, answer in explain_trace(payload)]
    return WhyOut(story=story, record={"entry": record.seq, "hash": record.hash, **payload})


def _turn(kept: KeptTurn) -> TurnOut:
    return TurnOut(
        id=kept.id,
        at=kept.at,
        role=kept.turn.role,
        text=kept.turn.text,
        reply=_reply(kept.reply),
        why=None if kept.reply is None else _why(kept.id),
    )


def _reply(reply: Reply | None) -> ReplyOut | None:
    return None if reply is None else ReplyOut.model_validate(reply)


def _why(message_id: UUID) -> str:
    return f"/api/v1/messages/{message_id}/why"
