"""What every repository works with inside one unit of work."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.care.conversation.state import Purpose
from holdfast.service.storage.encryption import Cipher, Keyring

__all__ = ["Unit"]


@dataclass(frozen=True, kw_only=True)
class Unit:
    """An open transaction and the keys to what is sealed in it. ``store`` seals what is nobody's in particular.

    ``standing`` holds the consents already read in this transaction, by person.
    """

    session: AsyncSession
    keyring: Keyring
    store: Cipher
    is_writing: bool
    standing: dict[UUID, dict[Purpose, str]] = field(default_factory=dict, repr=False)
