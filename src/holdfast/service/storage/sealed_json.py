"""JSON as it is sealed and hashed: one text for one value."""

import json
from typing import Any
from uuid import UUID

from holdfast.errors import StorageError
from holdfast.service.storage.encryption import Cipher

__all__ = ["canonical", "open_json", "seal_json"]


def canonical(value: Any) -> bytes:
    """Return ``value`` as canonical JSON: keys sorted, no spaces, UTF-8. NaN and infinity are refused.

    Raises:
        ValueError: The value holds NaN or infinity, which JSON has no word for.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", errors="surrogatepass")


def seal_json(cipher: Cipher, value: Any, *, place: str, row: UUID | int | str) -> bytes:
    """Seal ``value`` as canonical JSON for one cell."""
    return cipher.seal(canonical(value), place=place, row=row)


def open_json(cipher: Cipher, sealed: bytes, *, place: str, row: UUID | int | str) -> Any:
    """Open what ``seal_json`` made for the same cell.

    Raises:
        StorageError: It does not open, or what opens is not JSON.
    """
    opened = cipher.open(sealed, place=place, row=row)
    try:
        return json.loads(opened.decode("utf-8", errors="surrogatepass"))
    except ValueError:
        raise StorageError(f"Sealed data ({place}) must be JSON, and is not; restore a backup.") from None
