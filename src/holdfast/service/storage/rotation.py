"""Change the secret key: wrap every data key anew, leave what they seal as it is."""

from sqlalchemy import select

from holdfast.service.storage.database import STORE, Database
from holdfast.service.storage.encryption import Keyring
from holdfast.service.storage.tables import PersonRow, StoreKeyRow

__all__ = ["rotate"]


async def rotate(database: Database, new: Keyring) -> int:
    """Wrap every key of ``database`` for ``new``, all or none; return how many persons' keys that were.

    Afterwards only ``new`` opens the database, so close ``database`` and open another. Cookies signed under the old
    secret key no longer count: persons without a passphrase cannot come back.

    Raises:
        StorageError: A key does not open, or the database failed; nothing was changed.
    """
    old, count = database.keyring, 0
    async with database.work() as work:
        session = work.unit.session
        store = (await session.scalars(select(StoreKeyRow))).one()
        store.wrapped = old.rewrap(STORE, store.wrapped, new)
        for person in await session.scalars(select(PersonRow).with_for_update()):
            person.wrapped_key = old.rewrap(str(person.id), person.wrapped_key, new)
            count += 1
    return count
