"""Claims about export, erasure and retention."""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from holdfast.care.conversation.state import Purpose
from holdfast.errors import AccessError
from holdfast.safety.crisis.state import CrisisState
from holdfast.safety.detection.verdict import Level
from holdfast.service.privacy.clocks import Clocks
from holdfast.service.privacy.erasure import erase_person
from holdfast.service.privacy.export import export
from holdfast.service.privacy.retention import Purged, retain
from holdfast.service.storage.database import Database
from holdfast.service.storage.tables import Table
from holdfast.service.trace.verification import verify

Plant = Callable[[str], Awaitable[Any]]


async def _export(database: Database, person_id: Any, now: datetime) -> dict[str, Any]:
    async with database.work(write=False) as work:
        return await export(work, await work.persons.open(person_id), now=now)


async def test_an_export_holds_every_word_of_the_person_and_none_of_anybody_else(
    database: Database, plant: Plant, now: datetime
) -> None:
    planted = await plant("windowpane")
    await plant("doorframe")
    text = json.dumps(await _export(database, planted.person_id, now))
    for word in planted.words:
        assert word in text
    assert "doorframe" not in text


async def test_an_export_names_everything_plainly(database: Database, plant: Plant, now: datetime) -> None:
    planted = await plant("windowpane")
    exported = await _export(database, planted.person_id, now)
    assert exported["about_you"]["country"] == "IE"
    assert {consent["purpose"] for consent in exported["consents"]} == {purpose.value for purpose in Purpose}
    (chat,), (check_in,), (exercise,) = exported["chats"], exported["check_ins"], exported["exercises"]
    said = [(turn["said_by"], turn["text"]) for turn in chat["turns"]]
    assert said == [("user", "windowpane-message"), ("assistant", "windowpane-reply")]
    assert chat["turns"][1]["reply"]["resources"][0]["contact"] == "116 123"
    assert chat["turns"][1]["why_record"] == exported["why_records"][0]["number"]
    assert exported["why_records"][0]["record"]["route"] == "crisis"
    assert check_in["result"] == {"note": "windowpane-result"}
    assert exercise["entries"] == {"thought": "windowpane-entry"}
    assert exported["safety"]["state"]["level"] == "crisis"
    assert exported["safety"]["alerts"][0]["kinds"] == ["suicide"]


async def test_every_table_about_a_person_is_in_the_export(database: Database, plant: Plant, now: datetime) -> None:
    """A new table with a person_id must be added to the export, or named here as not holding anything theirs."""
    planted = await plant("windowpane")
    exported = await _export(database, planted.person_id, now)
    told = {
        "consent": exported["consents"],
        "chat": exported["chats"],
        "turn": exported["chats"][0]["turns"],
        "check_in": exported["check_ins"],
        "exercise": exported["exercises"],
        "crisis": exported["safety"]["state"],
        "alert": exported["safety"]["alerts"],
        "trace_payload": exported["why_records"],
    }
    assert {name for name, table in Table.metadata.tables.items() if "person_id" in table.c} == set(told)
    assert all(told.values())


async def test_an_erased_person_is_nobody(database: Database, plant: Plant, now: datetime) -> None:
    planted = await plant("windowpane")
    await erase_person(database, planted.person_id, now=now)
    async with database.work(write=False) as work:
        with pytest.raises(AccessError, match="belongs to nobody now"):
            await work.persons.open(planted.person_id)
        assert await work.persons.find_return("windowpane return name") is None
        assert await work.alerts.queue() == ()
        assert (await work.counters.of(now.date()))["erasure"] == 1
    with pytest.raises(AccessError, match="belongs to nobody now"):
        await erase_person(database, planted.person_id, now=now)


async def test_old_turns_go_with_their_records_and_newer_ones_stay(
    database: Database, plant: Plant, now: datetime
) -> None:
    planted = await plant("windowpane")
    async with database.work() as work:
        assert await retain(work, now=now + timedelta(days=90), clocks=Clocks(turns=90)) == Purged()
        later = now + timedelta(days=90, seconds=1)
        assert await retain(work, now=later, clocks=Clocks(turns=90)) == Purged(turns=2, traces=1)
    async with database.work(write=False) as work:
        person = await work.persons.open(planted.person_id)
        assert await work.chats.list(person) == ()
        assert await work.trace.about(person) == ()
        assert len(await work.check_ins.list(person)) == 1
        assert (await verify(work)).erased == 1


async def test_whoever_can_no_longer_come_back_is_erased(database: Database, plant: Plant, now: datetime) -> None:
    returning = await plant("windowpane")
    async with database.work() as work:
        stranger, recent = await work.persons.create(now), await work.persons.create(now + timedelta(days=60))
    async with database.work() as work:
        assert (await retain(work, now=now + timedelta(days=91), clocks=Clocks(turns=90))).persons == 1
    async with database.work(write=False) as work:
        for person_id in (returning.person_id, recent.id):
            await work.persons.open(person_id)
        with pytest.raises(AccessError, match="belongs to nobody now"):
            await work.persons.open(stranger.id)


async def test_nobody_is_erased_while_an_alert_about_them_is_open(database: Database, now: datetime) -> None:
    later = now + timedelta(days=91)
    async with database.work() as work:
        person = await work.persons.create(now)
        await work.alerts.open(person, CrisisState(level=Level.CRISIS), now=now)
        assert (await retain(work, now=later, clocks=Clocks(turns=90))).persons == 0
        await work.alerts.clear(person, by="ada", now=later)
        assert (await retain(work, now=later, clocks=Clocks(turns=90))).persons == 1
