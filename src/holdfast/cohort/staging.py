"""Write a folder whole or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from holdfast.cohort.error import CohortError
from holdfast.errors import StorageError

__all__ = ["check_free", "staged_folder"]

MARK = "schema.json"
"""The file by which a folder is known to be a cohort."""


def check_free(folder: Path, *, overwrite: bool) -> None:
    """Check before long work that a cohort can be put at ``folder``.

    Raises:
        CohortError: The folder above does not exist, something lies there already and ``overwrite`` is false, or what
            lies there is no cohort: that is never replaced.
    """
    if not folder.absolute().parent.is_dir():
        raise CohortError(
            "Cohort must lie in an existing folder", repr(str(folder)), f"make {str(folder.parent)!r} first"
        )
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not (folder / MARK).is_file():
        raise CohortError(
            "Cohort must take the place of nothing but a cohort", repr(str(folder)), "name another folder"
        )
    if not overwrite:
        raise CohortError("Cohort must be a new folder", repr(str(folder)), "name another, or give --overwrite")


@contextmanager
def staged_folder(folder: Path) -> Iterator[Path]:
    """Yield a new folder beside ``folder``; afterwards it takes the place of whatever was there.

    When writing breaks off, ``folder`` is as it was before and what was written is removed.

    Raises:
        StorageError: The disk is full or cannot be written to.
    """
    beside = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
    try:
        beside.mkdir()
        yield beside
        _sync(beside)
        _put(beside, folder)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else "the disk refused it"
        raise StorageError(
            f"{str(folder)!r} must be writable to its end, got: {why}; nothing was half-written. Make room or name "
            "another place, then run the same command again."
        ) from error
    finally:
        if beside.is_dir():
            shutil.rmtree(beside)


def _sync(folder: Path) -> None:
    """Have the disk hold what was written before it gets its name."""
    for file in folder.iterdir():
        with file.open("rb") as opened:
            os.fsync(opened.fileno())


def _put(beside: Path, folder: Path) -> None:
    """Move into place; a folder that was there stays until the new one lies ready."""
    if not folder.exists():
        beside.rename(folder)
        return
    before = folder.with_name(f".{folder.name}.{os.getpid()}.before")
    folder.rename(before)
    beside.rename(folder)
    shutil.rmtree(before)
