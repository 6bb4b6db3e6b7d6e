"""Let a steward read a conversation to check the service: with consent, without whoever is in it, and on the record."""

from datetime import datetime
from uuid import UUID

from holdfast.errors import AccessError
from holdfast.safety.privacy import Redactor
from holdfast.service.accounts.person import Person
from holdfast.service.accounts.steward import Steward
from holdfast.service.storage.work import Work
from holdfast.turn import Turn

__all__ = ["READ", "read_for_review"]

READ = "review"
"""The kind of link that says who read how much, and when."""


async def read_for_review(
    work: Work, steward: Steward, person: Person, chat_id: UUID, *, redactor: Redactor, last: int, now: datetime
) -> tuple[Turn, ...]:
    """Return the ``last`` so many turns of a chat, redacted: one placeholder for one name throughout, and no way back.

    Raises:
        AccessError: The steward is disabled.
        ConsentError: ``person`` does not agree to conversations being read.
        PrivacyError: A turn could not be redacted; none is shown.
    """
    if steward.disabled_at is not None:
        raise AccessError("Steward must be in office to read conversations, and is not; sign in as one who is.")
    turns = await work.chats.for_review(person, chat_id, last=last)
    session = redactor.session()
    shown = tuple(Turn(turn.role, session.redact(turn.text)) for turn in turns)
    session.vault.clear()
    payload = {"action": "read", "steward": steward.name, "turns": len(shown)}
    await work.trace.append(READ, payload, at=now, person=person)
    return shown
