"""The signed cookie by which a person's browser is known again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from itsdangerous import BadSignature, URLSafeTimedSerializer
from itsdangerous.timed import TimestampSigner

from holdfast.errors import AccessError
from holdfast.service.accounts.person import Person
from holdfast.service.storage.encryption import Keyring
from holdfast.settings import Settings

__all__ = ["PERSON_COOKIE", "STEWARD_COOKIE", "CookieOptions", "PersonToken", "PersonTokens", "cookie_options"]

PERSON_COOKIE = "holdfast_person"
STEWARD_COOKIE = "holdfast_steward"

Clock = Callable[[], datetime]


@dataclass(frozen=True, kw_only=True)
class PersonToken:
    """What a valid cookie says. It counts only while ``generation`` is the person's own (``PersonTokens.check``)."""

    person_id: UUID
    generation: int


class PersonTokens:
    """Issues and reads persons' tokens.

    Args:
        keyring: Gives the signing key; another secret key makes every token invalid.
        clock: Returns the current time, with time zone.
        max_age: How long a token counts after it was issued.
    """

    def __init__(self, keyring: Keyring, *, clock: Clock, max_age: timedelta) -> None:
        self._max_age_s = int(max_age.total_seconds())
        self._serializer = URLSafeTimedSerializer(
            keyring.derive("signing persons' cookies"),
            salt="holdfast.person",
            signer=_signer(clock),
            signer_kwargs={"digest_method": "sha256", "key_derivation": "hmac"},
        )

    def issue(self, person: Person) -> str:
        """Return a new token for ``person``. No two tokens are alike: signing in always rotates the cookie."""
        value = [person.id.hex, person.generation, uuid4().hex]
        token = self._serializer.dumps(value)
        return token.decode("ascii") if isinstance(token, bytes) else token

    def read(self, token: str) -> PersonToken:
        """Return what ``token`` says.

        Raises:
            AccessError: It is no token, was altered, is too old, or was signed with another key.
        """
        try:
            value = self._serializer.loads(token, max_age=self._max_age_s)
            return PersonToken(person_id=UUID(hex=value[0]), generation=int(value[1]))
        except (BadSignature, IndexError, TypeError, ValueError, AttributeError):
            raise AccessError("This visit's cookie must be one of ours and recent, and is not; start anew.") from None

    def check(self, token: PersonToken, person: Person) -> None:
        """Return if ``token`` still counts for ``person``.

        Raises:
            AccessError: It is someone else's, or they signed out everywhere or set a passphrase since.
        """
        if token.person_id != person.id or token.generation != person.generation:
            raise AccessError("This visit must still be signed in, and was signed out elsewhere; sign in again.")


@dataclass(frozen=True, kw_only=True)
class CookieOptions:
    """How a cookie is set: never readable by scripts, never sent along from other sites' forms."""

    max_age: int
    secure: bool
    httponly: bool = True
    samesite: str = "lax"
    path: str = "/"


def cookie_options(settings: Settings, *, max_age: timedelta) -> CookieOptions:
    """Return how cookies are set under these settings."""
    return CookieOptions(max_age=int(max_age.total_seconds()), secure=settings.uses_secure_cookies)


def _signer(clock: Clock) -> Any:
    """Return a signer class that reads ``clock`` instead of the machine's."""

    class ClockedSigner(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(clock().timestamp())

    return ClockedSigner
