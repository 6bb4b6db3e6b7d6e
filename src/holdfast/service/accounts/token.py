"""The signed cookie by which a person's browser is known again."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from itsdangerous import BadSignature, URLSafeSerializer

from holdfast.errors import AccessError
from holdfast.service.accounts.person import Person
from holdfast.service.storage.encryption import Keyring
from holdfast.service.storage.work import Work

__all__ = ["COOKIE", "MAX_AGE_S", "STEWARD_COOKIE", "PersonToken", "PersonTokens"]

COOKIE = "holdfast_person"
"""Name of a person's cookie. Set it HttpOnly, SameSite=Lax, and Secure as ``Settings.uses_secure_cookies`` says."""

STEWARD_COOKIE = "holdfast_steward"
"""Name of a steward's cookie, set alike; it holds the random token of ``StewardRepository.open_session``."""

MAX_AGE_S = 90 * 24 * 3600
"""How long a person's token counts after it was issued, in seconds."""

_RENEW_AFTER = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class PersonToken:
    """What a token says. It counts only while ``generation`` is the person's own (see ``PersonTokens.person``)."""

    person_id: UUID
    generation: int
    issued: datetime

    def needs_renewal(self, now: datetime) -> bool:
        """Whether the token is more than a day old: issue another, so that whoever keeps coming stays signed in."""
        return now - self.issued > _RENEW_AFTER


class PersonTokens:
    """Issues and reads persons' tokens.

    Args:
        keyring: Gives the signing key; another secret key makes every token invalid.
        max_age_s: How long a token counts after it was issued, in seconds.
    """

    def __init__(self, keyring: Keyring, *, max_age_s: int = MAX_AGE_S) -> None:
        self._max_age = timedelta(seconds=max_age_s)
        self._serializer = URLSafeSerializer(
            keyring.derive("signing persons' cookies"),
            salt="holdfast.person",
            signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
        )

    def issue(self, person: Person, *, now: datetime) -> str:
        """Return a new token for ``person``. No two tokens are alike: signing in always rotates the cookie."""
        value = [person.id.hex, person.generation, now.isoformat(timespec="seconds"), uuid4().hex]
        token = self._serializer.dumps(value)
        return token.decode("ascii") if isinstance(token, bytes) else token

    def read(self, token: str, *, now: datetime) -> PersonToken:
        """Return what ``token`` says.

        Raises:
            AccessError: It is no token, was altered, is too old, or was signed with another key.
        """
        try:
            value = self._serializer.loads(token)
            issued = datetime.fromisoformat(value[2])
            said = PersonToken(person_id=UUID(hex=value[0]), generation=int(value[1]), issued=issued)
            is_current = issued <= now + _RENEW_AFTER and now - issued <= self._max_age
        except (BadSignature, IndexError, TypeError, ValueError, AttributeError, UnicodeError):
            is_current = False
        if not is_current:
            raise AccessError("This visit's cookie must be one of ours and recent, and is not; start anew.")
        return said

    def named(self, token: str, *, now: datetime) -> UUID | None:
        """Return whom ``token`` names, the database not asked, or None where it is no good. It opens nothing kept."""
        try:
            return self.read(token, now=now).person_id
        except AccessError:
            return None

    async def person(self, work: Work, token: str, *, now: datetime) -> Person:
        """Return whom ``token`` belongs to.

        Raises:
            AccessError: As ``read``; or the person is gone, signed out everywhere, or set a passphrase since.
        """
        said = self.read(token, now=now)
        person = await work.persons.open(said.person_id)
        if said.generation != person.generation:
            raise AccessError("This visit must still be signed in, and was signed out elsewhere; sign in again.")
        return person
