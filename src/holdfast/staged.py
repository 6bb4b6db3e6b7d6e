"""Write a file or a folder whole or not at all."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from holdfast.errors import StorageError

__all__ = ["staged", "write_json"]


@contextmanager
def staged(path: Path) -> Iterator[Path]:
    """Yield a path beside ``path`` to write to; afterwards it takes the place of whatever was at ``path``.

    When writing breaks off, ``path`` is as it was before and what was written is removed.

    Raises:
        StorageError: The disk is full or cannot be written to, or a file would replace a folder.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        yield beside
        _sync(beside)
        _put(beside, path)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else "the disk refused it"
        raise StorageError(
            f"{str(path)!r} must be writable to its end, got: {why}; nothing was half-written. Make room or name "
            "another place, then run the same command again."
        ) from error
    finally:
        _remove(beside)


def write_json(path: Path, said: object) -> None:
    """Write what JSON can hold, indented, whole or not at all.

    Raises:
        StorageError: The disk is full or cannot be written to.
    """
    with staged(path) as beside:
        beside.write_text(json.dumps(said, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _sync(path: Path) -> None:
    """Have the disk hold what was written before it gets its name."""
    for file in (f for f in path.rglob("*") if f.is_file()) if path.is_dir() else [path]:
        with file.open("rb") as opened:
            os.fsync(opened.fileno())


def _put(beside: Path, path: Path) -> None:
    """Move into place; a folder that was there stays until the new one lies ready."""
    if not path.is_dir():
        beside.replace(path)
        return
    if not beside.is_dir():
        raise StorageError(f"{str(path)!r} must name a file, got a folder, which a file never replaces; name another.")
    before = path.with_name(f".{path.name}.{os.getpid()}.before")
    path.rename(before)
    beside.rename(path)
    _remove(before)


def _remove(path: Path) -> None:
    """Remove a file or a folder, if there is one."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
