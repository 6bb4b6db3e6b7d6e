"""What every repository works with inside one unit of work."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.service.storage.encryption import Cipher, Keyring

__all__ = ["Unit"]


@dataclass(frozen=True, kw_only=True)
class Unit:
    """An open transaction and the keys to what is sealed in it. ``store`` seals what is nobody's in particular."""

    session: AsyncSession
    keyring: Keyring
    store: Cipher
    is_writing: bool
