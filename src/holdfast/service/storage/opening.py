"""Open the database that the settings name, ready for work."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from holdfast.service.storage.database import Database
from holdfast.service.storage.encryption import Keyring
from holdfast.service.storage.migrate import upgrade
from holdfast.settings import Settings, secret_key

__all__ = ["opened"]


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """Bring the database up to date, open it with the secret key, and close it at the end.

    Raises:
        StorageError: The database is not usable, or was made with another secret key.
        SettingsError: No secret key is set and none can be made.
    """
    keyring = Keyring(secret_key(settings))
    await upgrade(settings.database_url)
    database = Database(settings.database_url, keyring)
    try:
        await database.unlock()
        yield database
    finally:
        await database.close()
