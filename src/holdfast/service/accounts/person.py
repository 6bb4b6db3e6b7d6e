"""A pseudonymous person, and how they are kept and found again."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, select, update

from holdfast.care.conversation.state import Audience
from holdfast.errors import AccessError
from holdfast.safety.jurisdiction.age import Age
from holdfast.service.storage.encryption import Cipher
from holdfast.service.storage.tables import PersonRow
from holdfast.service.storage.unit import Unit

__all__ = ["Person", "PersonRepository"]

_LOOKUP = "looking up return names"


@dataclass(frozen=True, kw_only=True)
class Person:
    """A person as one unit of work knows them. ``cipher`` opens what is sealed about them, and nobody else's.

    ``generation`` grows whenever every browser that is signed in as this person must sign in again.
    ``return_name`` is how they come back from another browser, or None where they set none.
    """

    id: UUID
    created: datetime
    last_seen: datetime
    generation: int
    region: str | None
    audience: Audience
    age: Age
    last_notice: datetime | None
    return_name: str | None
    cipher: Cipher = field(repr=False)

    @property
    def is_minor(self) -> bool:
        """Whether they are served as a minor: always, unless they said that they are 18 or older."""
        return self.age.is_served_as_minor

    @property
    def is_known_minor(self) -> bool:
        """Whether they said that they are under 18."""
        return self.age is Age.MINOR


class PersonRepository:
    """Persons of one unit of work. A unit that writes locks the person it opens until it ends."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def create(self, now: datetime, *, region: str | None = None) -> Person:
        """Add a person with a data key of their own and consent to nothing."""
        person_id = uuid4()
        cipher, wrapped = self._unit.keyring.new_cipher(str(person_id))
        row = PersonRow(
            id=person_id,
            created=now,
            last_seen=now,
            wrapped_key=wrapped,
            generation=0,
            region=region,
            audience=Audience.PUBLIC.value,
            age=Age.UNKNOWN.value,
        )
        self._unit.session.add(row)
        await self._unit.session.flush()
        return self._person(row, cipher)

    async def open(self, person_id: UUID) -> Person:
        """Return the person with this id.

        Raises:
            AccessError: There is none, for example because they erased themselves.
            StorageError: Their wrapped key does not open with this installation's secret key.
        """
        query = select(PersonRow).where(PersonRow.id == person_id)
        row = await self._unit.session.scalar(query.with_for_update() if self._unit.is_writing else query)
        if row is None:
            raise AccessError("This visit must belong to someone, and belongs to nobody now; start a new one.")
        return self._person(row, self._unit.keyring.open_cipher(str(row.id), row.wrapped_key))

    async def find_return(self, return_name: str) -> tuple[UUID, str] | None:
        """Return the id and the passphrase hash behind a return name, or None."""
        query = select(PersonRow.id, PersonRow.passphrase_hash).where(
            PersonRow.return_lookup == self._lookup(return_name)
        )
        row = (await self._unit.session.execute(query)).one_or_none()
        return None if row is None or row[1] is None else (row[0], row[1])

    async def set_return(self, person: Person, return_name: str, passphrase_hash: str) -> Person:
        """Let ``person`` come back by name and passphrase; every other browser of theirs is signed out."""
        sealed = person.cipher.seal(return_name, place="person.return_name", row=person.id)
        generation = person.generation + 1
        await self._update(
            person,
            return_lookup=self._lookup(return_name),
            return_name=sealed,
            passphrase_hash=passphrase_hash,
            generation=generation,
        )
        return replace(person, return_name=return_name, generation=generation)

    async def set_passphrase_hash(self, person: Person, passphrase_hash: str) -> None:
        """Keep a hash made anew of the passphrase ``person`` already has."""
        await self._update(person, passphrase_hash=passphrase_hash)

    async def sign_out_everywhere(self, person: Person) -> Person:
        """Make every token given out for ``person`` so far invalid."""
        await self._update(person, generation=person.generation + 1)
        return replace(person, generation=person.generation + 1)

    async def set_profile(self, person: Person, *, region: str | None, audience: Audience, age: Age) -> Person:
        """Keep what ``person`` said about where they are, whom they read for, and how old they are."""
        await self._update(person, region=region, audience=audience.value, age=age.value)
        return replace(person, region=region, audience=audience, age=age)

    async def seen(self, person: Person, now: datetime, *, last_notice: datetime | None = None) -> Person:
        """Keep when ``person`` was last seen and, where given, last told that this is software."""
        notice = person.last_notice if last_notice is None else last_notice
        await self._update(person, last_seen=now, last_notice=notice)
        return replace(person, last_seen=now, last_notice=notice)

    async def remove(self, person: Person) -> None:
        """Delete ``person``, their wrapped key, and everything that hangs on them except trace payloads.

        Use ``privacy.erasure.erase``, which takes the payloads out of the trace first: the database refuses to
        remove a person who still has some.
        """
        await self._unit.session.execute(delete(PersonRow).where(PersonRow.id == person.id))

    async def unreachable_since(self, moment: datetime) -> tuple[UUID, ...]:
        """Return who was last seen before ``moment`` and has no way to return."""
        query = select(PersonRow.id).where(PersonRow.last_seen < moment, PersonRow.return_lookup.is_(None))
        return tuple(await self._unit.session.scalars(query))

    async def _update(self, person: Person, **values: Any) -> None:
        await self._unit.session.execute(update(PersonRow).where(PersonRow.id == person.id).values(**values))

    def _lookup(self, return_name: str) -> str:
        return self._unit.store.sign(" ".join(return_name.lower().split()), purpose=_LOOKUP)

    def _person(self, row: PersonRow, cipher: Cipher) -> Person:
        sealed = row.return_name
        name = None if sealed is None else cipher.open_text(sealed, place="person.return_name", row=row.id)
        return Person(
            id=row.id,
            created=row.created,
            last_seen=row.last_seen,
            generation=row.generation,
            region=row.region,
            audience=Audience(row.audience),
            age=Age(row.age),
            last_notice=row.last_notice,
            return_name=name,
            cipher=cipher,
        )
