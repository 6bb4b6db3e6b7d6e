"""Append to the trace, read it, and take a person's payloads out of it without breaking it."""

import hmac
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, delete, select

from holdfast.errors import AccessError, InputError, TraceError
from holdfast.service.accounts.person import Person
from holdfast.service.storage.encryption import Cipher
from holdfast.service.storage.sealed_json import canonical, open_json
from holdfast.service.storage.tables import PersonRow, TraceEntryRow, TraceHeadRow, TracePayloadRow
from holdfast.service.storage.unit import Unit
from holdfast.service.trace.chain import HEAD_PURPOSE, digest_of, head_message, link_hash

__all__ = ["ERASURE", "TraceRecord", "TraceRepository"]

ERASURE = "erasure"
"""The kind of link that lists the payloads taken out of the trace."""

PAYLOAD_PLACE = "trace_payload.payload"
_SALT_BYTES = 16
_BATCH = 500


@dataclass(frozen=True, kw_only=True)
class TraceRecord:
    """One link. ``payload`` is None once erased."""

    seq: int
    at: str
    kind: str
    digest: str
    prev_hash: str
    hash: str
    payload: Mapping[str, Any] | None = field(repr=False)


class TraceRepository:
    """The trace as one unit of work sees it. Links are only ever added; the database refuses anything else."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def append(self, kind: str, payload: Mapping[str, Any], *, at: datetime, person: Person | None = None) -> int:
        """Add a link and return its number, from 1 without gaps.

        Args:
            kind: A fixed word of the code's: turn, consent, alert, steward, erasure.
            payload: JSON-ready values, with not a word anyone wrote.
            at: When it happened.
            person: Whom it is about: it is sealed with their key and goes when they erase themselves.

        Raises:
            TraceError: The head of the chain is missing or was altered; nothing is built on it.
        """
        head = await self._head()
        seq, salt, body = head.count + 1, os.urandom(_SALT_BYTES), canonical(dict(payload))
        moment = at.astimezone(UTC).isoformat(timespec="microseconds")
        digest = digest_of(salt, body)
        last = link_hash(seq=seq, at=moment, kind=kind, digest=digest, prev_hash=head.hash)
        entry = TraceEntryRow(seq=seq, at=moment, kind=kind, digest=digest, prev_hash=head.hash, hash=last)
        cipher = self._unit.store if person is None else person.cipher
        sealed = cipher.seal(body, place=PAYLOAD_PLACE, row=seq)
        owner = None if person is None else person.id
        self._unit.session.add(entry)
        await self._unit.session.flush()
        self._unit.session.add(TracePayloadRow(seq=seq, person_id=owner, salt=salt, payload=sealed))
        head.count, head.hash = seq, last
        head.signature = self._unit.store.sign(head_message(seq, last), purpose=HEAD_PURPOSE)
        await self._unit.session.flush()
        return seq

    async def of(self, person: Person, seq: int) -> TraceRecord:
        """Return one link about ``person``.

        Raises:
            AccessError: The link is not about this person, is erased, or does not exist; these look alike.
        """
        query = _joined().where(TraceEntryRow.seq == seq, TracePayloadRow.person_id == person.id)
        row = (await self._unit.session.execute(query)).one_or_none()
        if row is None:
            raise AccessError("Trace must be about this person, and is not; open it from one of their replies.")
        return _record(row[0], row[1], person.cipher)

    async def about(self, person: Person) -> tuple[TraceRecord, ...]:
        """Return every link about ``person``, oldest first."""
        query = _joined().where(TracePayloadRow.person_id == person.id).order_by(TraceEntryRow.seq)
        rows = await self._unit.session.execute(query)
        return tuple(_record(entry, payload, person.cipher) for entry, payload in rows)

    async def record(self, seq: int) -> TraceRecord:
        """Return any link, for whoever operates the service.

        Raises:
            InputError: There is no such link.
        """
        row = (await self._unit.session.execute(_joined().where(TraceEntryRow.seq == seq))).one_or_none()
        if row is None:
            raise InputError(
                f"Trace entry must exist, got number {seq}; `holdfast trace verify` says how many there are."
            )
        entry, payload = row
        if payload is None:
            return _record(entry, None, self._unit.store)
        return _record(entry, payload, await self.cipher_of(payload))

    async def cipher_of(self, payload: TracePayloadRow) -> Cipher:
        """Return what opens ``payload``."""
        if payload.person_id is None:
            return self._unit.store
        query = select(PersonRow.wrapped_key).where(PersonRow.id == payload.person_id)
        wrapped = await self._unit.session.scalar(query)
        if wrapped is None:
            raise TraceError(f"Trace entry {payload.seq} must belong to a person who exists; restore a backup.")
        return self._unit.keyring.open_cipher(str(payload.person_id), wrapped)

    async def forget(self, person: Person, *, reason: str, now: datetime, kinds: Iterable[str] | None = None) -> int:
        """Erase the payloads about ``person``, of some kinds or of all; return how many.

        The links stay, so the chain still verifies, and a new link lists which payloads are gone and why
        (``reason``: a fixed word such as erasure, withdrawal or retention).
        """
        query = select(TracePayloadRow.seq).where(TracePayloadRow.person_id == person.id)
        if kinds is not None:
            query = query.join(TraceEntryRow).where(TraceEntryRow.kind.in_(tuple(kinds)))
        seqs = tuple(await self._unit.session.scalars(query))
        return await self.forget_entries(seqs, reason=reason, now=now)

    async def forget_entries(self, seqs: Iterable[int], *, reason: str, now: datetime) -> int:
        """Erase the payloads of these links; return how many; otherwise as ``forget``."""
        gone: list[int] = []
        wanted = sorted(set(seqs))
        for start in range(0, len(wanted), _BATCH):
            batch = wanted[start : start + _BATCH]
            owned = TracePayloadRow.seq.in_(batch), TracePayloadRow.person_id.is_not(None)
            statement = delete(TracePayloadRow).where(*owned).returning(TracePayloadRow.seq)
            gone += await self._unit.session.scalars(statement)
        if gone:
            await self.append(ERASURE, {"reason": reason, "seqs": sorted(gone)}, at=now)
        return len(gone)

    async def _head(self) -> TraceHeadRow:
        query = select(TraceHeadRow).where(TraceHeadRow.id == 1).with_for_update()
        head = await self._unit.session.scalar(query.execution_options(populate_existing=True))
        if head is None:
            raise TraceError("The trace must have a head, and it is missing; run `holdfast trace verify`.")
        check_head(head, self._unit.store)
        return head


def check_head(head: TraceHeadRow, store: Cipher) -> None:
    """Return if the head of the chain carries the store's signature.

    Raises:
        TraceError: It was altered.
    """
    expected = store.sign(head_message(head.count, head.hash), purpose=HEAD_PURPOSE)
    if not hmac.compare_digest(expected, head.signature):
        raise TraceError(
            f"The trace's head (entry {head.count}) must carry its signature, and does not: it was altered."
        )


def _joined() -> Select[TraceEntryRow, TracePayloadRow]:
    return select(TraceEntryRow, TracePayloadRow).outerjoin(TracePayloadRow, TracePayloadRow.seq == TraceEntryRow.seq)


def _record(entry: TraceEntryRow, payload: TracePayloadRow | None, cipher: Cipher) -> TraceRecord:
    opened = None
    if payload is not None:
        opened = open_json(cipher, payload.payload, place=PAYLOAD_PLACE, row=payload.seq)
    return TraceRecord(
        seq=entry.seq,
        at=entry.at,
        kind=entry.kind,
        digest=entry.digest,
        prev_hash=entry.prev_hash,
        hash=entry.hash,
        payload=opened,
    )
