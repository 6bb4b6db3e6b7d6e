"""The head of a SAS transport file (version 5), and whether the file is whole.

Layout: SAS Institute, "The Record Layout of a Data Set in SAS Transport (XPORT) Format" (TS-140). Records are of 80
bytes; observations run on across them and the last one is filled up with blanks, so that a file cut short shows as a
size that is no multiple of 80, or as a piece of an observation at the end.
"""

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from holdfast.cohort.error import CohortError

__all__ = ["CARD", "TransportHeader", "read_transport_header"]

CARD = 80
"""Bytes of a record."""
_LIBRARY = b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!"
_LATER = b"HEADER RECORD*******LIBV8"
_MEMBER = b"HEADER RECORD*******MEMBER  HEADER RECORD!!!!!!!"
_NAMES = b"HEADER RECORD*******NAMESTR HEADER RECORD!!!!!!!"
_ROWS = b"HEADER RECORD*******OBS     HEADER RECORD!!!!!!!"
_NAME = struct.Struct(">hhhh8s")


@dataclass(frozen=True, kw_only=True)
class TransportHeader:
    """What the head of a transport file says.

    Attributes:
        columns: Names, in upper case.
        numeric: The names of those that hold numbers.
        width: Bytes of an observation.
        rows: How many observations follow.
    """

    columns: tuple[str, ...]
    numeric: frozenset[str]
    width: int
    rows: int


def read_transport_header(path: Path) -> TransportHeader:
    """Read the head of a transport file and check that all of its observations are there.

    Raises:
        CohortError: It is no transport file of version 5, holds several tables or none, or is cut short.
    """
    try:
        with path.open("rb") as opened:
            return _read(opened, path)
    except OSError as error:
        raise CohortError(
            f"{path.name} must be a readable file", error.strerror or "an error", "copy it again"
        ) from error
    except (struct.error, ValueError) as error:
        if isinstance(error, CohortError):
            raise
        raise _cut_short(path, "a head that breaks off") from error


def _read(opened: BinaryIO, path: Path) -> TransportHeader:
    first = opened.read(CARD)
    if not first.startswith(_LIBRARY):
        what = "version 8" if first.startswith(_LATER) else "other bytes at its start"
        raise CohortError(
            f"{path.name} must be a SAS transport file of version 5", what, "download the .XPT file again from CDC"
        )
    opened.seek(3 * CARD)
    member = _card(opened, _MEMBER, path)
    opened.seek(7 * CARD)
    n = int(_card(opened, _NAMES, path)[54:58])
    fields = _fields(opened, n, int(member[-5:-2]))
    _card(opened, _ROWS, path)
    width = sum(wide for _, _, wide in fields)
    return TransportHeader(
        columns=tuple(name for name, _, _ in fields),
        numeric=frozenset(name for name, kind, _ in fields if kind == 1),
        width=width,
        rows=_count_rows(opened, width, path),
    )


def _card(opened: BinaryIO, start: bytes, path: Path) -> bytes:
    card = opened.read(CARD)
    if len(card) < CARD or not card.startswith(start):
        raise _cut_short(path, "a head that breaks off")
    return card


def _fields(opened: BinaryIO, n: int, width: int) -> list[tuple[str, int, int]]:
    """Return name, kind (1: number, 2: text) and width in bytes of each column."""
    data = opened.read(-(-n * width // CARD) * CARD)
    found = []
    for at in range(0, n * width, width):
        kind, _, bytes_wide, _, name = _NAME.unpack_from(data, at)
        found.append((name.decode("latin-1").strip().upper(), kind, bytes_wide))
    return found


def _count_rows(opened: BinaryIO, width: int, path: Path) -> int:
    start = opened.tell()
    size = opened.seek(0, 2)
    if size % CARD:
        raise _cut_short(path, f"{size} bytes, no multiple of {CARD}")
    if size == start or width == 0:
        raise CohortError(f"{path.name} must hold observations", "0", "download it again")
    rows, rest = divmod(size - start, width)
    with mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if data.find(_MEMBER, start) >= 0:
            raise CohortError(f"{path.name} must hold one table", "several", "export each to a file of its own")
        if data[size - rest : size].strip(b" "):
            raise _cut_short(path, f"{rows} whole observations and a piece of one")
        while rows and not data[start + (rows - 1) * width : start + rows * width].strip(b" "):
            rows -= 1
    return rows


def _cut_short(path: Path, found: str) -> CohortError:
    return CohortError(f"{path.name} must be a whole SAS transport file", found, "download it again: it was cut short")
