"""Come back as a person by return name and passphrase, or sign in as a steward."""

from dataclasses import dataclass, field
from datetime import datetime

from holdfast.errors import AccessError
from holdfast.service.accounts.attempts import Attempts
from holdfast.service.accounts.passphrase import Passphrases
from holdfast.service.accounts.person import Person
from holdfast.service.accounts.return_name import new_return_name
from holdfast.service.accounts.steward import Steward
from holdfast.service.storage.database import Database

__all__ = ["SIGNED_IN_AS_STEWARD", "SignIn"]

SIGNED_IN_AS_STEWARD = "steward"
"""The kind of a steward's sign-in in the trace."""


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """Sign-in over one database. Hashing happens outside any unit of work, so that it holds nobody up."""

    database: Database
    passphrases: Passphrases
    attempts: Attempts = field(repr=False)

    async def set_return(self, person: Person, passphrase: str) -> Person:
        """Let ``person`` come back by a new return name and ``passphrase``.

        Every other browser of theirs is signed out; give this one a new token. The name is in ``return_name``.

        Raises:
            InputError: The passphrase is too short or too long.
        """
        kept = await self.passphrases.hash(passphrase)
        async with self.database.work() as work:
            current = await work.persons.open(person.id)
            name = current.return_name or new_return_name()
            return await work.persons.set_return(current, name, kept)

    async def come_back(self, return_name: str, passphrase: str, *, address: str, now: datetime) -> Person:
        """Return the person behind a return name and passphrase.

        Args:
            return_name: As typed; case and spacing do not matter.
            passphrase: As typed.
            address: The address the try came from, for counting only.
            now: The current moment.

        Raises:
            AccessError: The two do not fit; which one is wrong is not said.
            TooManyAttemptsError: Tried too often for this name or from this address.
        """
        keys = (f"return:{' '.join(return_name.lower().split())}", f"address:{address}")
        self.attempts.count(*keys)
        async with self.database.work(write=False) as work:
            found = await work.persons.find_return(return_name)
        if not await self.passphrases.matches(found[1] if found else None, passphrase) or found is None:
            raise AccessError("Return name and passphrase must fit together, and do not; check both and try again.")
        self.attempts.forgive(keys[0])
        renewed = await self.passphrases.hash(passphrase) if self.passphrases.needs_rehash(found[1]) else None
        async with self.database.work() as work:
            person = await work.persons.open(found[0])
            if renewed is not None:
                await work.persons.set_passphrase_hash(person, renewed)
            return await work.persons.seen(person, now)

    async def steward(self, name: str, passphrase: str, *, address: str, now: datetime) -> tuple[Steward, str]:
        """Sign a steward in; return who they are and the token for their cookie. It is recorded in the trace.

        Raises:
            AccessError: Name and passphrase do not fit, or the steward is disabled; which is not said.
            TooManyAttemptsError: Tried too often for this name or from this address.
        """
        keys = (f"steward:{name}", f"address:{address}")
        self.attempts.count(*keys)
        async with self.database.work(write=False) as work:
            found = await work.stewards.credentials(name)
        if not await self.passphrases.matches(found[1] if found else None, passphrase) or found is None:
            raise AccessError("Steward name and passphrase must fit together, and do not; check both and try again.")
        self.attempts.forgive(keys[0])
        async with self.database.work() as work:
            token = await work.stewards.open_session(found[0], now=now)
            payload = {"action": "signed in", "steward": found[0].name, "role": found[0].role.value}
            await work.trace.append(SIGNED_IN_AS_STEWARD, payload, at=now)
        return found[0], token
