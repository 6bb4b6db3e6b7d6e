"""Chats and turns as they are kept: sealed, and only ever reached through the person they belong to."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import delete, func, select

from holdfast.care.conversation.reply import Reply
from holdfast.care.conversation.state import Activity, ActivityKind, Purpose
from holdfast.errors import AccessError, StorageError
from holdfast.service.accounts.person import Person
from holdfast.service.consent.repository import ConsentRepository
from holdfast.service.storage.encryption import Cipher
from holdfast.service.storage.sealed_json import open_json, seal_json
from holdfast.service.storage.tables import ChatRow, PersonRow, TurnRow
from holdfast.service.storage.unit import Unit
from holdfast.turn import Role, Turn

__all__ = ["IN_ONE_GO", "KEEPS", "Chat", "ChatRepository", "KeptTurn"]

_REPLY: TypeAdapter[Reply] = TypeAdapter(Reply)
_BATCH = 500

KEEPS = {ActivityKind.SCREENING: Purpose.CHECK_INS, ActivityKind.EXERCISE: Purpose.EXERCISES}
"""The purpose that lets something under way in a chat wait."""

IN_ONE_GO = timedelta(minutes=30)
"""How long it may wait without: it has to be finished in one go."""


@dataclass(frozen=True, kw_only=True)
class Chat:
    """A chat and the screening or exercise under way in it."""

    id: UUID
    created: datetime
    updated: datetime
    activity: Activity | None = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class KeptTurn:
    """One turn. The assistant's carry the whole ``reply`` and the number of the trace that explains it."""

    id: UUID
    chat_id: UUID
    position: int
    at: datetime
    turn: Turn
    reply: Reply | None = field(repr=False)
    trace_seq: int | None


class ChatRepository:
    """Chats of one unit of work; every method takes the person, and sees only theirs."""

    def __init__(self, unit: Unit, consents: ConsentRepository) -> None:
        self._unit, self._consents = unit, consents

    async def start(self, person: Person, *, now: datetime) -> Chat:
        """Begin an empty chat."""
        row = ChatRow(id=uuid4(), person_id=person.id, created=now, updated=now)
        self._unit.session.add(row)
        await self._unit.session.flush()
        return Chat(id=row.id, created=now, updated=now, activity=None)

    async def get(self, person: Person, chat_id: UUID) -> Chat:
        """Return one chat of ``person``.

        Raises:
            AccessError: It is not this person's, or does not exist; the two look alike.
        """
        return self._chat(person, await self._row(person, chat_id))

    async def list(self, person: Person) -> tuple[Chat, ...]:
        """Return the chats of ``person``, most recently used first."""
        query = select(ChatRow).where(ChatRow.person_id == person.id).order_by(ChatRow.updated.desc())
        return tuple(self._chat(person, row) for row in await self._unit.session.scalars(query))

    async def latest(self, person: Person) -> Chat | None:
        """Return the chat ``person`` used last, or None where there is none."""
        query = select(ChatRow).where(ChatRow.person_id == person.id).order_by(ChatRow.updated.desc()).limit(1)
        row = await self._unit.session.scalar(query)
        return None if row is None else self._chat(person, row)

    async def turns(self, person: Person, chat_id: UUID, *, last: int | None = None) -> tuple[KeptTurn, ...]:
        """Return the turns of a chat, oldest first: all, or only the ``last`` so many. None of another's."""
        query = (
            select(TurnRow)
            .where(TurnRow.chat_id == chat_id, TurnRow.person_id == person.id)
            .order_by(TurnRow.position.desc())
            .limit(last)
        )
        rows = tuple(await self._unit.session.scalars(query))
        return tuple(self._turn(person, row) for row in reversed(rows))

    async def window(self, person: Person, chat_id: UUID, *, last: int) -> tuple[Turn, ...]:
        """Return what was said in the ``last`` so many turns of a chat, oldest first. None of another's."""
        query = (
            select(TurnRow.id, TurnRow.role, TurnRow.text)
            .where(TurnRow.chat_id == chat_id, TurnRow.person_id == person.id)
            .order_by(TurnRow.position.desc())
            .limit(last)
        )
        rows = (await self._unit.session.execute(query)).all()
        opened = [
            Turn(Role(role), person.cipher.open_text(sealed, place="turn.text", row=turn_id))
            for turn_id, role, sealed in rows
        ]
        return tuple(reversed(opened))

    async def for_review(self, person: Person, chat_id: UUID, *, last: int) -> tuple[Turn, ...]:
        """Return what was said in the ``last`` so many turns of a chat to somebody who reads it to check the service.

        Use ``privacy.reading.read_for_review``, which hides what points to a person and leaves a record.

        Raises:
            ConsentError: ``person`` does not agree to conversations being read.
        """
        await self._consents.require(person, Purpose.QUALITY_REVIEW)
        return await self.window(person, chat_id, last=last)

    async def turn(self, person: Person, turn_id: UUID) -> KeptTurn:
        """Return one turn of ``person``; raises as ``get``."""
        query = select(TurnRow).where(TurnRow.id == turn_id, TurnRow.person_id == person.id)
        row = await self._unit.session.scalar(query)
        if row is None:
            raise AccessError("Turn must be one of this person's own, and is not; open one from their chats.")
        return self._turn(person, row)

    async def add(
        self,
        person: Person,
        chat_id: UUID,
        *,
        message: str,
        reply: Reply,
        activity: Activity | None,
        trace_seq: int,
        at: datetime,
    ) -> KeptTurn:
        """Keep what ``person`` wrote, what was replied and what is under way then; return the answer.

        Use ``conversation.turn.keep``, which also keeps the crisis state and the trace.

        Raises:
            AccessError: The chat is not this person's.
            ConsentError: ``person`` does not agree to conversations being kept.
        """
        await self._consents.require(person, Purpose.CONVERSATION)
        chat = await self._row(person, chat_id)
        self._put(person, chat, activity)
        position = await self._next_position(chat_id)
        said = Turn(Role.ASSISTANT, reply.text)
        asked = self._new(person, chat_id, position, Turn(Role.PERSON, message), at)
        answered = self._new(person, chat_id, position + 1, said, at)
        dumped = _REPLY.dump_python(reply, mode="json")
        answered.reply = seal_json(person.cipher, dumped, place="turn.reply", row=answered.id)
        answered.trace_seq, chat.updated = trace_seq, at
        self._unit.session.add_all([asked, answered])
        await self._unit.session.flush()
        return KeptTurn(
            id=answered.id,
            chat_id=chat_id,
            position=position + 1,
            at=at,
            turn=said,
            reply=reply,
            trace_seq=trace_seq,
        )

    async def set_activity(self, person: Person, chat_id: UUID, activity: Activity | None, *, now: datetime) -> None:
        """Keep what is under way in a chat, or that nothing is; raises as ``add``, the latter without consent too."""
        if activity is not None:
            await self._consents.require(person, Purpose.CONVERSATION)
        row = await self._row(person, chat_id)
        self._put(person, row, activity)
        row.updated = now
        await self._unit.session.flush()

    async def end_activities(self, person: Person, kind: ActivityKind, *, now: datetime) -> None:
        """Drop every activity of one kind that is under way, with what was entered in it."""
        for chat in await self.list(person):
            if chat.activity is not None and chat.activity.kind is kind:
                await self.set_activity(person, chat.id, None, now=now)

    async def remove(self, person: Person, chat_id: UUID) -> tuple[int, ...]:
        """Delete one chat with its turns; return the numbers of their traces; raises as ``get``."""
        row = await self._row(person, chat_id)
        query = select(TurnRow.trace_seq).where(TurnRow.chat_id == chat_id, TurnRow.trace_seq.is_not(None))
        seqs = tuple(seq for seq in await self._unit.session.scalars(query) if seq is not None)
        await self._unit.session.delete(row)
        await self._unit.session.flush()
        return seqs

    async def remove_all(self, person: Person) -> None:
        """Delete every chat of ``person`` with its turns."""
        await self._unit.session.execute(delete(ChatRow).where(ChatRow.person_id == person.id))

    async def purge_before(self, moment: datetime) -> tuple[tuple[int, ...], int]:
        """Delete everyone's turns from before ``moment`` and the chats not used since.

        Returns:
            The numbers of the traces of the deleted turns, and how many turns were deleted.
        """
        query = select(TurnRow.id, TurnRow.trace_seq).where(TurnRow.at < moment)
        rows = [(turn_id, seq) for turn_id, seq in await self._unit.session.execute(query)]
        for start in range(0, len(rows), _BATCH):
            ids = [turn_id for turn_id, _ in rows[start : start + _BATCH]]
            await self._unit.session.execute(delete(TurnRow).where(TurnRow.id.in_(ids)))
        await self._unit.session.execute(delete(ChatRow).where(ChatRow.updated < moment))
        return _known(seq for _, seq in rows), len(rows)

    async def drop_unfinished(self, *, now: datetime) -> int:
        """Drop everyone's activities that may not wait any longer (see ``IN_ONE_GO``); return how many."""
        query = (
            select(ChatRow, PersonRow.wrapped_key)
            .join(PersonRow, PersonRow.id == ChatRow.person_id)
            .where(ChatRow.activity.is_not(None), ChatRow.updated <= now - IN_ONE_GO)
        )
        dropped = 0
        for row, wrapped in (await self._unit.session.execute(query)).all():
            activity = self._activity(self._unit.keyring.open_cipher(str(row.person_id), wrapped), row)
            if activity is not None and KEEPS[activity.kind] not in await self._consents.standing_of(row.person_id):
                row.activity, dropped = None, dropped + 1
        await self._unit.session.flush()
        return dropped

    async def _row(self, person: Person, chat_id: UUID) -> ChatRow:
        query = select(ChatRow).where(ChatRow.id == chat_id, ChatRow.person_id == person.id)
        row = await self._unit.session.scalar(query)
        if row is None:
            raise AccessError("Chat must be one of this person's own, and is not; open one from their list.")
        return row

    def _put(self, person: Person, row: ChatRow, activity: Activity | None) -> None:
        row.activity = None
        if activity is not None:
            value = {"kind": activity.kind.value, "id": activity.id, "progress": dict(activity.progress)}
            row.activity = seal_json(person.cipher, value, place="chat.activity", row=row.id)

    async def _next_position(self, chat_id: UUID) -> int:
        last = await self._unit.session.scalar(select(func.max(TurnRow.position)).where(TurnRow.chat_id == chat_id))
        return 0 if last is None else last + 1

    def _new(self, person: Person, chat_id: UUID, position: int, turn: Turn, at: datetime) -> TurnRow:
        row = TurnRow(id=uuid4(), chat_id=chat_id, person_id=person.id, position=position, role=turn.role.value, at=at)
        row.text = person.cipher.seal(turn.text, place="turn.text", row=row.id)
        return row

    def _turn(self, person: Person, row: TurnRow) -> KeptTurn:
        text = person.cipher.open_text(row.text, place="turn.text", row=row.id)
        reply = None
        if row.reply is not None:
            reply = _read_reply(open_json(person.cipher, row.reply, place="turn.reply", row=row.id))
        return KeptTurn(
            id=row.id,
            chat_id=row.chat_id,
            position=row.position,
            at=row.at,
            turn=Turn(Role(row.role), text),
            reply=reply,
            trace_seq=row.trace_seq,
        )

    def _chat(self, person: Person, row: ChatRow) -> Chat:
        activity = self._activity(person.cipher, row)
        return Chat(id=row.id, created=row.created, updated=row.updated, activity=activity)

    def _activity(self, cipher: Cipher, row: ChatRow) -> Activity | None:
        if row.activity is None:
            return None
        value = open_json(cipher, row.activity, place="chat.activity", row=row.id)
        return Activity(kind=ActivityKind(value["kind"]), id=value["id"], progress=value["progress"])


def _known(seqs: Iterable[int | None]) -> tuple[int, ...]:
    return tuple(seq for seq in seqs if seq is not None)


def _read_reply(value: Any) -> Reply:
    try:
        return _REPLY.validate_python(value)
    except ValidationError:
        raise StorageError("Reply must be readable, and what is kept is not; restore a backup.") from None
