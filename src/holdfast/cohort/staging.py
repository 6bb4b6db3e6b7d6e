"""Write a folder whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from holdfast.cohort.error import CohortError
from holdfast.staged import staged

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
    with staged(folder) as beside:
        beside.mkdir()
        yield beside
