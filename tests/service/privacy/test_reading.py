"""Claims about a steward who reads a conversation: with consent, redacted, on the record."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from holdfast.care.conversation.state import Purpose
from holdfast.errors import AccessError, ConsentError, PrivacyError
from holdfast.safety.privacy import Kind, Redactor, Span
from holdfast.service.accounts.steward import Steward, StewardRole
from holdfast.service.consent.change import withdraw
from holdfast.service.privacy.export import export
from holdfast.service.privacy.reading import read_for_review
from holdfast.service.storage.database import Database
from holdfast.service.storage.work import Work

Plant = Callable[[str], Awaitable[Any]]


def hides(word: str) -> Redactor:
    """A redactor that hides one word wherever it stands."""

    def find(text: str) -> list[Span]:
        start = text.find(word)
        return [] if start < 0 else [Span(start=start, end=start + len(word), kind=Kind.PERSON, rule="word")]

    return Redactor((find,))


def breaks(text: str) -> list[Span]:
    raise RuntimeError(text)


async def ada(work: Work, now: datetime) -> Steward:
    return await work.stewards.add("ada", StewardRole.LIVED_EXPERIENCE, passphrase_hash="x", now=now)


async def test_a_reader_sees_one_placeholder_for_one_name_on_both_sides_and_leaves_a_record(
    database: Database, plant: Plant, now: datetime
) -> None:
    planted = await plant("windowpane")
    async with database.work() as work:
        steward, person = await ada(work, now), await work.persons.open(planted.person_id)
        turns = await read_for_review(
            work, steward, person, planted.chat_id, redactor=hides("windowpane"), last=20, now=now
        )
        assert [turn.text for turn in turns] == ["[PERSON_1]-message", "[PERSON_1]-reply"]
        told = (await export(work, person, now=now))["why_records"][-1]
    assert (told["kind"], told["record"]) == ("review", {"action": "read", "steward": "ada", "turns": 2})


async def test_without_consent_nobody_reads(database: Database, plant: Plant, now: datetime) -> None:
    planted = await plant("windowpane")
    async with database.work() as work:
        steward, person = await ada(work, now), await work.persons.open(planted.person_id)
        await withdraw(work, person, Purpose.QUALITY_REVIEW, now=now)
        with pytest.raises(ConsentError, match="'quality_review'"):
            await read_for_review(work, steward, person, planted.chat_id, redactor=hides("x"), last=20, now=now)


async def test_a_turn_that_cannot_be_redacted_shows_none_of_them(
    database: Database, plant: Plant, now: datetime
) -> None:
    planted = await plant("windowpane")
    async with database.work() as work:
        steward, person = await ada(work, now), await work.persons.open(planted.person_id)
        with pytest.raises(PrivacyError, match="nothing was passed on") as refused:
            await read_for_review(
                work, steward, person, planted.chat_id, redactor=Redactor((breaks,)), last=20, now=now
            )
    assert "windowpane" not in str(refused.value)


async def test_a_steward_who_lost_office_reads_nothing(database: Database, plant: Plant, now: datetime) -> None:
    planted = await plant("windowpane")
    async with database.work() as work:
        steward, person = replace(await ada(work, now), disabled_at=now), await work.persons.open(planted.person_id)
        with pytest.raises(AccessError, match="must be in office"):
            await read_for_review(work, steward, person, planted.chat_id, redactor=hides("x"), last=20, now=now)
