"""Give a consent, or withdraw it: withdrawing stops what it allowed and purges what that kept (requirement H1)."""

from datetime import datetime

from holdfast.care.conversation.state import ActivityKind, Purpose
from holdfast.service.accounts.person import Person
from holdfast.service.storage.work import Work

__all__ = ["CONSENT", "give", "withdraw"]

CONSENT = "consent"
"""The kind of a consent's link in the trace."""


async def give(work: Work, person: Person, purpose: Purpose, *, version: str, now: datetime) -> None:
    """Record that ``person`` agrees to version ``version`` of the text for ``purpose``. Doing so twice is once."""
    if await work.consents.give(person, purpose, version=version, now=now):
        payload = {"purpose": purpose.value, "version": version, "given": True}
        await work.trace.append(CONSENT, payload, at=now, person=person)


async def withdraw(work: Work, person: Person, purpose: Purpose, *, now: datetime) -> None:
    """Record that ``person`` no longer agrees to ``purpose``, and delete what was kept under it.

    Withdrawing what was not given deletes all the same: there is then nothing that may be kept. The crisis state
    stays: it holds no words, and is cleared only positively. Call ``Database.scrub`` once the unit has ended.
    """
    if await work.consents.close(person, purpose, now):
        await work.trace.append(CONSENT, {"purpose": purpose.value, "given": False}, at=now, person=person)
    await _purge(work, person, purpose, now)


async def _purge(work: Work, person: Person, purpose: Purpose, now: datetime) -> None:
    if purpose is Purpose.CONVERSATION:
        await work.chats.remove_all(person)
        await work.trace.forget(person, reason="withdrawal", now=now, kinds=["turn"])
    elif purpose is Purpose.CHECK_INS:
        await work.check_ins.remove_all(person)
        await work.chats.end_activities(person, ActivityKind.SCREENING, now=now)
    elif purpose is Purpose.EXERCISES:
        await work.exercises.remove_all(person)
        await work.chats.end_activities(person, ActivityKind.EXERCISE, now=now)
