"""The running window of a conversation: what its chat holds and, in its place, what only memory holds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from holdfast.care.conversation.turn_record import WINDOW_TURNS
from holdfast.errors import AccessError, StorageError
from holdfast.service.accounts.person import Person
from holdfast.service.conversation.recent_words import Exchange
from holdfast.service.services import Services
from holdfast.service.storage.work import Work
from holdfast.turn import Role, Turn

__all__ = ["heard_before", "read_window", "window_in_memory"]


@dataclass(frozen=True)
class _Said:
    """Turns that belong together, and whether they were left unanswered."""

    at: datetime
    turns: tuple[Turn, ...]
    is_unanswered: bool = False


async def read_window(
    work: Work, person: Person, chat_id: UUID | None, recent: Sequence[Exchange] = ()
) -> tuple[Turn, ...]:
    """Return the running window of ``person``, oldest first: the chat's, where there is one, and what is not kept.

    Args:
        work: An open unit of work.
        person: Who writes.
        chat_id: The chat they write in, or None outside one.
        recent: What memory holds of them; what the chat holds too is taken from there.
    """
    unkept = [said for said in recent if not said.is_kept]
    if chat_id is None:
        return window_in_memory(unkept)
    if not unkept:
        return await work.chats.window(person, chat_id, last=WINDOW_TURNS)
    kept = await work.chats.turns(person, chat_id, last=WINDOW_TURNS)
    return _laid_out([*(_Said(one.at, (one.turn,)) for one in kept), *(_of_memory(said) for said in unkept)])


def window_in_memory(recent: Iterable[Exchange]) -> tuple[Turn, ...]:
    """Return the window that memory alone gives: for where nothing may be kept, or the database is gone."""
    return _laid_out([_of_memory(said) for said in recent])


async def heard_before(services: Services, person_id: UUID | None) -> tuple[Turn, ...]:
    """Return the window that a turn which is refused is judged in; memory's alone where the database cannot say.

    None for ``person_id`` is somebody who is not known: nothing was heard of them.
    """
    if person_id is None:
        return ()
    recent = services.recent.of(person_id)
    try:
        async with services.database.work(write=False) as work:
            person = await work.persons.open(person_id)
            chat = await work.chats.latest(person)
            return await read_window(work, person, None if chat is None else chat.id, recent)
    except AccessError:
        return ()
    except StorageError:
        return window_in_memory(recent)


def _of_memory(said: Exchange) -> _Said:
    message = Turn(Role.PERSON, said.message)
    if said.reply is None:
        return _Said(said.at, (message,), is_unanswered=True)
    return _Said(said.at, (message, Turn(Role.ASSISTANT, said.reply)))


def _laid_out(parts: list[_Said]) -> tuple[Turn, ...]:
    """Return turns in the order they were said.

    A message that was left unanswered goes before the reply it followed: that reply is still what the person has
    before them, and a question in it is what their next words answer.
    """
    turns: list[Turn] = []
    for part in sorted(parts, key=lambda one: one.at):
        follows_reply = bool(turns) and turns[-1].role is Role.ASSISTANT
        place = len(turns) - 1 if part.is_unanswered and follows_reply else len(turns)
        turns[place:place] = part.turns
    return tuple(turns)
