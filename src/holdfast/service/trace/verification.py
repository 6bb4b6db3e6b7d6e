"""Recompute the whole chain and find the first link that does not hold."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from holdfast.errors import StorageError, TraceError
from holdfast.service.storage.encryption import Cipher
from holdfast.service.storage.sealed_json import open_json
from holdfast.service.storage.tables import TraceEntryRow, TraceHeadRow, TracePayloadRow
from holdfast.service.storage.unit import Unit
from holdfast.service.storage.work import Work
from holdfast.service.trace.chain import GENESIS, digest_of, link_hash
from holdfast.service.trace.repository import ERASURE, PAYLOAD_PLACE, check_head

__all__ = ["VerifyReport", "verify"]

_BATCH = 500
_CIPHERS = 1000
_BEFORE_ALL = -(2**63)

Link = tuple[TraceEntryRow, TracePayloadRow | None]


@dataclass(frozen=True, kw_only=True)
class VerifyReport:
    """A chain that holds: how many links, how many of their payloads were erased, and the last hash.

    Note ``count`` and ``head`` down outside the database: given back as an anchor, they show whether somebody put
    the database back to an earlier state.
    """

    count: int
    erased: int
    head: str


async def verify(work: Work, *, anchor: tuple[int, str] | None = None) -> VerifyReport:
    """Recompute every link, in bounded memory but for the numbers of erased payloads.

    Args:
        work: An open unit that only reads, so that it sees one moment of the trace.
        anchor: A link's number and hash noted down earlier, which must still be so.

    Raises:
        TraceError: A link was altered, removed, reordered or added by another hand, a payload was altered or is
            missing without an erasure on record, or the end was cut off; names the first such link.
    """
    checker = _Checker(work)
    erased = await _erasures(work.unit)
    last, expected = GENESIS, 1
    async for entry, payload in _links(work.unit):
        _check_link(entry, expected, last)
        await checker.check_payload(entry, payload, erased.get(entry.seq))
        if anchor is not None and entry.seq == anchor[0] and entry.hash != anchor[1]:
            raise _broken(entry.seq, "does not have the hash noted down: the trace was rewritten")
        last, expected = entry.hash, expected + 1
    if anchor is not None and anchor[0] >= expected:
        raise _broken(expected, f"is missing, though the trace once reached {anchor[0]}: its end was cut off")
    await _check_end(work.unit, expected - 1, last)
    return VerifyReport(count=expected - 1, erased=len(erased), head=last)


class _Checker:
    """Checks payloads against digests, remembering a bounded number of people's ciphers."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._ciphers: dict[UUID | None, Cipher] = {}

    async def check_payload(self, entry: TraceEntryRow, payload: TracePayloadRow | None, erased_by: int | None) -> None:
        """Return if a link's payload is what its digest says, or was erased on record after it."""
        if payload is None:
            if erased_by is None or erased_by <= entry.seq:
                raise _broken(entry.seq, "has no payload, and no erasure is on record")
            return
        if erased_by is not None:
            raise _broken(entry.seq, f"has a payload, though entry {erased_by} says it was erased")
        try:
            opened = (await self._cipher(payload)).open(payload.payload, place=PAYLOAD_PLACE, row=payload.seq)
        except StorageError:
            raise _broken(entry.seq, "has a payload that does not open: it was altered") from None
        if digest_of(payload.salt, opened) != entry.digest:
            raise _broken(entry.seq, "has a payload that does not fit its digest: one of them was altered")

    async def _cipher(self, payload: TracePayloadRow) -> Cipher:
        if payload.person_id not in self._ciphers:
            if len(self._ciphers) >= _CIPHERS:
                self._ciphers.clear()
            self._ciphers[payload.person_id] = await self._work.trace.cipher_of(payload)
        return self._ciphers[payload.person_id]


def _check_link(entry: TraceEntryRow, expected: int, last: str) -> None:
    if entry.seq != expected:
        raise _broken(expected, "is missing: it was removed, or the order was changed")
    if entry.prev_hash != last:
        raise _broken(entry.seq, "does not follow from the one before: one of them was altered")
    own = link_hash(seq=entry.seq, at=entry.at, kind=entry.kind, digest=entry.digest, prev_hash=entry.prev_hash)
    if own != entry.hash:
        raise _broken(entry.seq, "does not have the hash that follows from it: it was altered")


async def _check_end(unit: Unit, count: int, last: str) -> None:
    head = await unit.session.get(TraceHeadRow, 1, populate_existing=True)
    if head is None:
        raise TraceError("The trace must have a head, and it is missing; restore a backup.")
    check_head(head, unit.store)
    if head.count > count:
        raise _broken(count + 1, f"is missing, though the signed head counts {head.count}: the end was cut off")
    if head.count < count:
        raise _broken(head.count + 1, f"stands beyond the {head.count} that the signed head counts: it was added")
    if head.hash != last:
        raise _broken(count, "does not have the hash that the signed head ends in: it was altered")


async def _erasures(unit: Unit) -> dict[int, int]:
    """Return which payloads are on record as erased, and by which link. Damaged records are found later on."""
    query = (
        select(TracePayloadRow)
        .join(TraceEntryRow, TraceEntryRow.seq == TracePayloadRow.seq)
        .where(TraceEntryRow.kind == ERASURE)
        .order_by(TracePayloadRow.seq)
    )
    erased: dict[int, int] = {}
    for row in await unit.session.scalars(query):
        try:
            listed = open_json(unit.store, row.payload, place=PAYLOAD_PLACE, row=row.seq)
        except StorageError:
            continue
        erased.update((int(seq), row.seq) for seq in listed["seqs"])
    return erased


async def _links(unit: Unit) -> AsyncIterator[Link]:
    """Yield every link in order, a batch at a time."""
    after = _BEFORE_ALL
    joined = select(TraceEntryRow, TracePayloadRow).outerjoin(TracePayloadRow, TracePayloadRow.seq == TraceEntryRow.seq)
    while True:
        query = joined.where(TraceEntryRow.seq > after).order_by(TraceEntryRow.seq).limit(_BATCH)
        rows = (await unit.session.execute(query.execution_options(populate_existing=True))).all()
        if not rows:
            return
        for row in rows:
            yield row[0], row[1]
        after = rows[-1][0].seq
        unit.session.expunge_all()


def _broken(seq: int, what: str) -> TraceError:
    return TraceError(f"Trace entry {seq} must hold, and {what}; keep the database as it is and look into it.")
