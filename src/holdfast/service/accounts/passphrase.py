"""Passphrases: how long they must be, and how they are hashed (Argon2id) and compared."""

import asyncio
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from holdfast.errors import InputError, StorageError

__all__ = ["MAX_LENGTH", "MIN_LENGTH", "Passphrases"]

MIN_LENGTH = 10
"""Fewest characters of a passphrase."""

MAX_LENGTH = 256
"""Most characters of a passphrase; hashing more would only cost time."""


class Passphrases:
    """Hashes and compares passphrases, off the event loop.

    Args:
        hasher: Argon2id with its costs; None takes the library's defaults (RFC 9106, low-memory profile).
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._decoy: str | None = None

    async def hash(self, passphrase: str) -> str:
        """Return the hash to keep.

        Raises:
            InputError: The passphrase is shorter than ``MIN_LENGTH`` or longer than ``MAX_LENGTH`` characters.
        """
        normal = _normal(passphrase)
        if not MIN_LENGTH <= len(normal) <= MAX_LENGTH:
            raise InputError(
                f"Passphrase must have {MIN_LENGTH} to {MAX_LENGTH} characters, got {len(normal)}; "
                "four or five words that do not belong together make a good one."
            )
        return await asyncio.to_thread(self._hasher.hash, normal)

    async def matches(self, kept: str | None, passphrase: str) -> bool:
        """Return whether ``passphrase`` is the one ``kept`` is a hash of.

        With None (nobody has that name) it takes just as long and the answer is no, so that the time taken does not
        tell which names exist.

        Raises:
            StorageError: What was kept is no hash.
        """
        normal = _normal(passphrase)
        fits = await asyncio.to_thread(self._verify, kept, normal[:MAX_LENGTH])
        return fits and kept is not None and len(normal) <= MAX_LENGTH

    def needs_rehash(self, kept: str) -> bool:
        """Return whether ``kept`` was made with other costs than today's."""
        return self._hasher.check_needs_rehash(kept)

    def _decoy_hash(self) -> str:
        if self._decoy is None:
            self._decoy = self._hasher.hash("nobody's passphrase")
        return self._decoy

    def _verify(self, kept: str | None, passphrase: str) -> bool:
        decoy = self._decoy_hash()
        try:
            return self._hasher.verify(decoy if kept is None else kept, passphrase)
        except InvalidHashError:
            raise StorageError("Passphrase hash must be one of Argon2's, and is not; restore a backup.") from None
        except VerificationError:
            return False


def _normal(passphrase: str) -> str:
    """Return the one form of texts that look alike, so that every keyboard gives the same passphrase."""
    return unicodedata.normalize("NFKC", passphrase)
