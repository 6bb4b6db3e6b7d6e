"""Seal what people write with keys that the database does not hold.

The secret key (outside the database) gives a wrapping key by HKDF-SHA256. Every person has a random 256-bit data
key, stored only wrapped; what they write is sealed with it by AES-256-GCM, bound to the table, column, row and
person it belongs to, so that sealed bytes moved elsewhere do not open. Destroying the wrapped key erases the rest.
"""

import hashlib
import hmac
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from holdfast.errors import StorageError

__all__ = ["Cipher", "Keyring"]

_VERSION = b"\x01"
_NONCE_BYTES = 12
_KEY_BYTES = 32


class Cipher:
    """Seals and opens what belongs to one owner: a person, or the store itself.

    Args:
        owner: The person's id, or a fixed word for what is the store's own. Sealed bytes are bound to it.
        key: The owner's 256-bit data key.
    """

    def __init__(self, owner: str, key: bytes) -> None:
        self._owner, self._key, self._aead = owner, key, AESGCM(key)

    def __repr__(self) -> str:
        return f"Cipher(owner={self._owner!r})"

    def seal(self, value: bytes | str, *, place: str, row: UUID | int | str) -> bytes:
        """Seal ``value`` for one cell. ``place`` is "table.column" and ``row`` the row's key."""
        data = value.encode("utf-8", errors="surrogatepass") if isinstance(value, str) else value
        return _seal(self._aead, data, f"{place}|{self._owner}|{row}")

    def open(self, sealed: bytes, *, place: str, row: UUID | int | str) -> bytes:
        """Open what ``seal`` made for the same cell.

        Raises:
            StorageError: The bytes are damaged, moved from another cell, or sealed with another key.
        """
        return _open(self._aead, sealed, f"{place}|{self._owner}|{row}", place)

    def open_text(self, sealed: bytes, *, place: str, row: UUID | int | str) -> str:
        """Open what ``seal`` made of a text for the same cell; raises as ``open``."""
        return self.open(sealed, place=place, row=row).decode("utf-8", errors="surrogatepass")

    def derive(self, purpose: str) -> bytes:
        """Return a 256-bit key for ``purpose`` that follows from this cipher's key and no other."""
        return _hkdf(self._key, purpose)

    def sign(self, message: str, *, purpose: str) -> str:
        """Return the HMAC-SHA256 of ``message`` under the key derived for ``purpose``, in hexadecimal."""
        return hmac.new(self.derive(purpose), message.encode(), hashlib.sha256).hexdigest()


class Keyring:
    """What follows from the secret key: the wrapping key, and keys for other purposes such as cookies.

    Args:
        secret: The installation's secret key. It is stretched by HKDF, not by a password hash: it must be random.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._wrap = AESGCM(_hkdf(self._secret, "wrapping data keys"))

    def __repr__(self) -> str:
        return "Keyring()"

    def derive(self, purpose: str) -> bytes:
        """Return a 256-bit key for ``purpose``; keys for different purposes tell nothing of each other."""
        return _hkdf(self._secret, purpose)

    def new_cipher(self, owner: str) -> tuple[Cipher, bytes]:
        """Make a random data key for ``owner``; return its cipher and the wrapped key to store."""
        key = os.urandom(_KEY_BYTES)
        return Cipher(owner, key), _seal(self._wrap, key, f"key|{owner}")

    def open_cipher(self, owner: str, wrapped: bytes) -> Cipher:
        """Return the cipher whose wrapped key ``new_cipher`` made for the same owner.

        Raises:
            StorageError: The wrapped key is damaged, another owner's, or made under another secret key.
        """
        return Cipher(owner, self._unwrap(owner, wrapped))

    def rewrap(self, owner: str, wrapped: bytes, new: "Keyring") -> bytes:
        """Return ``owner``'s data key wrapped for ``new``; what it sealed stays as it is."""
        return _seal(new._wrap, self._unwrap(owner, wrapped), f"key|{owner}")

    def _unwrap(self, owner: str, wrapped: bytes) -> bytes:
        return _open(self._wrap, wrapped, f"key|{owner}", "key")


def _hkdf(secret: bytes, purpose: str) -> bytes:
    kdf = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=b"holdfast/1", info=purpose.encode())
    return kdf.derive(secret)


def _seal(aead: AESGCM, data: bytes, bound_to: str) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return _VERSION + nonce + aead.encrypt(nonce, data, bound_to.encode())


def _open(aead: AESGCM, sealed: bytes, bound_to: str, place: str) -> bytes:
    nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        if sealed[:1] != _VERSION or len(nonce) != _NONCE_BYTES:
            raise InvalidTag
        return aead.decrypt(nonce, body, bound_to.encode())
    except InvalidTag:
        raise StorageError(
            f"Sealed data ({place}) must open with this installation's secret key, and did not: the key is another "
            "one, or the data is damaged; start with the key this database was made with, or restore a backup."
        ) from None
