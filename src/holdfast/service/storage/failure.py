"""Turn a driver's error into one of ours, without the statement, its values or the driver's own words."""

import sqlite3

from sqlalchemy.exc import SQLAlchemyError

from holdfast.errors import StorageError

__all__ = ["failure"]

_KNOWN = (
    (
        ("database is locked", "database table is locked", "lock timeout", "deadlock"),
        "was busy with another writer",
        "try again",
    ),
    (("not a database", "malformed", "disk image"), "is damaged or not one of Holdfast's", "restore a backup"),
    (("disk is full", "no space left"), "has no space left", "free some space"),
    (("readonly", "read-only"), "cannot be written to", "check the file's and folder's permissions"),
    (
        ("unable to open", 'database "', "disk i/o error", "closed", "connect", "terminat", "shut"),
        "cannot be reached",
        "check that it is there and running",
    ),
    (("append-only",), "refused to change its trace", "only ever append to it"),
)


def failure(error: SQLAlchemyError | sqlite3.Error | OSError) -> StorageError:
    """Return what to raise for ``error``. The driver's message is only looked at: it may quote values."""
    origin = getattr(error, "orig", None) or error
    said = str(origin).lower()
    kind = type(origin).__name__
    for signs, what, remedy in _KNOWN:
        if any(sign in said for sign in signs):
            return StorageError(
                f"The database must take this work whole, and {what} ({kind}); nothing was kept; {remedy}."
            )
    return StorageError(
        f"The database must take this work whole, and refused it ({kind}); nothing was kept; try again."
    )
