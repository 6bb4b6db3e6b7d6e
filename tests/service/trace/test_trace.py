"""Claims about the trace: it only grows, it shows every change, and people can leave it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text

from holdfast.errors import AccessError, InputError, StorageError, TraceError
from holdfast.service.privacy.erasure import erase_person
from holdfast.service.storage.database import Database
from holdfast.service.trace.chain import GENESIS, digest_of, link_hash
from holdfast.service.trace.verification import VerifyReport, verify

Plant = Callable[[str], Awaitable[Any]]


async def _append(database: Database, count: int, now: datetime) -> None:
    async with database.work() as work:
        for number in range(count):
            await work.trace.append("turn", {"number": number}, at=now)


async def _verify(database: Database, anchor: tuple[int, str] | None = None) -> VerifyReport:
    async with database.work(write=False) as work:
        return await verify(work, anchor=anchor)


async def _tamper(database: Database, *statements: str, **values: object) -> None:
    """Change rows as somebody would who holds the database: with its guards taken off."""
    async with database.work() as work:
        session = work.unit.session
        if session.get_bind().dialect.name == "sqlite":
            guards = ("DROP TRIGGER trace_entry_no_update", "DROP TRIGGER trace_entry_no_delete")
        else:
            guards = ("ALTER TABLE trace_entry DISABLE TRIGGER USER",)
        for statement in (*guards, *statements):
            wanted = {name: value for name, value in values.items() if f":{name}" in statement}
            await session.execute(text(statement), wanted)


async def test_an_empty_trace_holds(database: Database) -> None:
    assert await _verify(database) == VerifyReport(count=0, erased=0, head=GENESIS)


async def test_links_are_numbered_from_one_and_hold(database: Database, now: datetime) -> None:
    await _append(database, 3, now)
    await _append(database, 2, now)
    report = await _verify(database)
    assert (report.count, report.erased) == (5, 0)
    async with database.work(write=False) as work:
        records = [await work.trace.record(seq) for seq in range(1, 6)]
    assert [record.payload for record in records] == [{"number": n} for n in (0, 1, 2, 0, 1)]
    assert [record.prev_hash for record in records] == [GENESIS, *(record.hash for record in records[:-1])]
    assert report.head == records[-1].hash


async def test_a_link_is_what_its_definition_says(database: Database, now: datetime) -> None:
    await _append(database, 1, now)
    async with database.work(write=False) as work:
        record = await work.trace.record(1)
        salt = (await work.unit.session.execute(text("SELECT salt FROM trace_payload"))).scalar_one()
    assert record.digest == digest_of(salt, b'{"number":0}')
    assert record.at == "2026-11-22T09:30:00.000000+00:00"
    assert record.hash == link_hash(seq=1, at=record.at, kind="turn", digest=record.digest, prev_hash="0" * 64)


async def test_a_chain_longer_than_one_batch_holds(sqlite_database: Database, now: datetime) -> None:
    await _append(sqlite_database, 1203, now)
    assert (await _verify(sqlite_database)).count == 1203


async def test_twenty_units_at_once_make_one_chain(database: Database, now: datetime) -> None:
    async def unit(number: int) -> int:
        async with database.work() as work:
            person = await work.persons.create(now)
            await asyncio.sleep(0)
            return await work.trace.append("turn", {"number": number}, at=now, person=person)

    seqs = await asyncio.gather(*(unit(number) for number in range(20)))
    assert sorted(seqs) == list(range(1, 21))
    assert (await _verify(database)).count == 20


async def test_verifying_while_others_append_sees_one_moment(database: Database, now: datetime) -> None:
    await _append(database, 10, now)
    async with database.work(write=False) as work:
        await work.trace.record(1)
        await _append(database, 5, now)
        assert (await verify(work)).count == 10
    assert (await _verify(database)).count == 15


async def test_a_unit_that_fails_leaves_no_gap(database: Database, now: datetime) -> None:
    async def failing() -> None:
        async with database.work() as work:
            await work.trace.append("turn", {}, at=now)
            raise InputError("refused after all")

    await _append(database, 1, now)
    with pytest.raises(InputError, match="refused after all"):
        await failing()
    await _append(database, 1, now)
    assert (await _verify(database)).count == 2


@pytest.mark.parametrize("statement", ["UPDATE trace_entry SET kind = 'x' WHERE seq = 1", "DELETE FROM trace_entry"])
async def test_the_database_itself_refuses_to_change_a_link(database: Database, now: datetime, statement: str) -> None:
    async def change() -> None:
        async with database.work() as work:
            await work.unit.session.execute(text("DELETE FROM trace_payload"))
            await work.unit.session.execute(text(statement))

    await _append(database, 2, now)
    with pytest.raises(StorageError, match="refused to change its trace"):
        await change()
    assert (await _verify(database)).count == 2


@pytest.mark.parametrize(
    ("statements", "message"),
    [
        (["UPDATE trace_entry SET kind = 'x' WHERE seq = 3"], "entry 3 must hold, and does not have the hash"),
        (["UPDATE trace_entry SET at = '2020-01-01' WHERE seq = 3"], "entry 3 must hold, and does not have the hash"),
        (["UPDATE trace_entry SET digest = hash WHERE seq = 3"], "entry 3 must hold, and does not have the hash"),
        (["UPDATE trace_entry SET hash = digest WHERE seq = 3"], "entry 3 must hold, and does not have the hash"),
        (["UPDATE trace_entry SET prev_hash = hash WHERE seq = 3"], "entry 3 must hold, and does not follow"),
        (
            ["DELETE FROM trace_payload WHERE seq = 3", "DELETE FROM trace_entry WHERE seq = 3"],
            "entry 3 must hold, and is missing",
        ),
        (
            ["DELETE FROM trace_payload WHERE seq = 1", "DELETE FROM trace_entry WHERE seq = 1"],
            "entry 1 must hold, and is missing",
        ),
        (
            ["DELETE FROM trace_payload WHERE seq > 3", "DELETE FROM trace_entry WHERE seq > 3"],
            "entry 4 must hold, and is missing, though the signed head counts 5: the end was cut off",
        ),
        (
            ["DELETE FROM trace_payload", "DELETE FROM trace_entry"],
            "entry 1 must hold, and is missing, though the signed head counts 5",
        ),
        (["DELETE FROM trace_payload WHERE seq = 3"], "entry 3 must hold, and has no payload, and no erasure"),
        (
            ["UPDATE trace_payload SET salt = (SELECT salt FROM trace_payload WHERE seq = 2) WHERE seq = 3"],
            "entry 3 must hold, and has a payload that does not fit its digest",
        ),
        (
            ["UPDATE trace_payload SET payload = (SELECT payload FROM trace_payload WHERE seq = 2) WHERE seq = 3"],
            "entry 3 must hold, and has a payload that does not open",
        ),
        (
            [
                "DELETE FROM trace_payload WHERE seq IN (3, 4)",
                "UPDATE trace_entry SET seq = 99 WHERE seq = 3",
                "UPDATE trace_entry SET seq = 3 WHERE seq = 4",
                "UPDATE trace_entry SET seq = 4 WHERE seq = 99",
            ],
            "entry 3 must hold, and does not follow",
        ),
        (
            ["INSERT INTO trace_entry SELECT 6, at, kind, digest, hash, hash FROM trace_entry WHERE seq = 5"],
            "entry 6 must hold, and does not have the hash that follows",
        ),
        (
            ["INSERT INTO trace_entry SELECT 0, at, kind, digest, hash, hash FROM trace_entry WHERE seq = 5"],
            "entry 1 must hold, and is missing: it was removed, or the order was changed",
        ),
        (["UPDATE trace_head SET count = 4"], r"head \(entry 4\) must carry its signature"),
        (["UPDATE trace_head SET hash = signature"], r"head \(entry 5\) must carry its signature"),
        (["DELETE FROM trace_head"], "must have a head, and it is missing"),
    ],
)
async def test_tampering_of_every_kind_is_found_and_named(
    database: Database, now: datetime, statements: list[str], message: str
) -> None:
    await _append(database, 5, now)
    await _tamper(database, *statements)
    with pytest.raises(TraceError, match=message):
        await _verify(database)


async def test_a_link_forged_with_a_fitting_hash_is_found_beyond_the_signed_head(
    database: Database, now: datetime
) -> None:
    await _append(database, 2, now)
    async with database.work(write=False) as work:
        last = await work.trace.record(2)
    forged = link_hash(seq=3, at=last.at, kind="erasure", digest=last.digest, prev_hash=last.hash)
    insert = "INSERT INTO trace_entry VALUES (3, :at, 'erasure', :digest, :prev, :own)"
    moved = "UPDATE trace_payload SET seq = 3 WHERE seq = 2"
    await _tamper(database, insert, at=last.at, digest=last.digest, prev=last.hash, own=forged)
    with pytest.raises(TraceError, match="entry 3 must hold, and has no payload"):
        await _verify(database)
    await _tamper_again(database, moved)
    with pytest.raises(TraceError, match="entry 2 must hold, and has no payload, and no erasure is on record"):
        await _verify(database)


async def _tamper_again(database: Database, statement: str) -> None:
    async with database.work() as work:
        await work.unit.session.execute(text(statement))


async def test_nothing_is_appended_to_a_head_that_was_altered(database: Database, now: datetime) -> None:
    await _append(database, 3, now)
    await _tamper(database, "UPDATE trace_head SET count = 2")
    with pytest.raises(TraceError, match="must carry its signature, and does not: it was altered"):
        await _append(database, 1, now)


async def test_nothing_is_appended_without_a_head(database: Database, now: datetime) -> None:
    await _append(database, 1, now)
    await _tamper(database, "DELETE FROM trace_head")
    with pytest.raises(TraceError, match="must have a head, and it is missing"):
        await _append(database, 1, now)


async def test_an_anchor_shows_a_trace_that_was_put_back(database: Database, now: datetime) -> None:
    await _append(database, 2, now)
    report = await _verify(database)
    assert await _verify(database, anchor=(report.count, report.head)) == report
    with pytest.raises(TraceError, match="entry 2 must hold, and does not have the hash noted down"):
        await _verify(database, anchor=(2, "f" * 64))
    with pytest.raises(TraceError, match="entry 3 must hold, and is missing, though the trace once reached 7"):
        await _verify(database, anchor=(7, report.head))


async def test_erasing_a_person_takes_their_payloads_and_the_chain_still_holds(
    database: Database, plant: Plant, now: datetime
) -> None:
    planted, other = await plant("windowpane"), await plant("doorframe")
    before = await _verify(database)
    await erase_person(database, planted.person_id, now=now)
    report = await _verify(database)
    assert (report.count, report.erased) == (before.count + 1, 1)
    async with database.work(write=False) as work:
        gone, kept = await work.trace.record(planted.trace_seq), await work.trace.record(other.trace_seq)
        erasure = await work.trace.record(report.count)
    assert gone.payload is None
    assert kept.payload is not None
    assert erasure.kind == "erasure"
    assert erasure.payload == {"reason": "erasure", "seqs": [planted.trace_seq]}


async def test_a_payload_that_comes_back_after_it_was_erased_is_found(
    database: Database, plant: Plant, now: datetime
) -> None:
    planted = await plant("windowpane")
    await erase_person(database, planted.person_id, now=now)
    copy = "INSERT INTO trace_payload SELECT :seq, NULL, salt, payload FROM trace_payload"
    await _tamper(database, copy, seq=planted.trace_seq)
    with pytest.raises(TraceError, match=f"entry {planted.trace_seq} must hold, and has a payload, though entry"):
        await _verify(database)


async def test_records_that_are_nobodys_cannot_be_erased(database: Database, now: datetime) -> None:
    await _append(database, 2, now)
    async with database.work() as work:
        assert await work.trace.forget_entries([1, 2], reason="erasure", now=now) == 0
    assert (await _verify(database)).erased == 0


async def test_a_person_cannot_be_removed_while_their_payloads_are_there(database: Database, plant: Plant) -> None:
    async def remove() -> None:
        async with database.work() as work:
            await work.persons.remove(await work.persons.open(planted.person_id))

    planted = await plant("windowpane")
    with pytest.raises(StorageError, match=r"refused it"):
        await remove()


async def test_a_record_is_shown_only_to_the_person_it_is_about(database: Database, plant: Plant) -> None:
    mine, theirs = await plant("windowpane"), await plant("doorframe")
    async with database.work(write=False) as work:
        me = await work.persons.open(mine.person_id)
        own = await work.trace.of(me, mine.trace_seq)
        assert own.payload is not None
        assert own.payload["route"] == "crisis"
        assert [record.seq for record in await work.trace.about(me)] == [mine.trace_seq]
        for seq in (theirs.trace_seq, 999):
            with pytest.raises(AccessError, match="must be about this person, and is not"):
                await work.trace.of(me, seq)


async def test_an_entry_that_does_not_exist_is_said_so(database: Database) -> None:
    async with database.work(write=False) as work:
        with pytest.raises(InputError, match="must exist, got number 4"):
            await work.trace.record(4)
