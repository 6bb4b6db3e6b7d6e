"""A representation on disk: a folder of files and a card that names each with its digest, never pickle.

The card, ``representation.json``, is written last and carries a digest of itself: a write that broke off and a changed
file are noticed. A digest guards against accidents, not against somebody who writes a new one.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

from holdfast import __version__
from holdfast.metric.error import MetricError
from holdfast.staged import staged

__all__ = ["CARD", "Card", "check_new", "new_folder", "read_card", "write_card"]

CARD = "representation.json"
FORMAT, FORMAT_VERSION = "holdfast-representation", 1


@dataclass(frozen=True, kw_only=True)
class Card:
    """What a folder holds.

    Attributes:
        name: Which representation it is.
        content: What that representation wrote about itself.
        files: The bytes of every other file, by its path in the folder.
    """

    name: str
    content: Mapping[str, Any]
    files: Mapping[str, bytes]


def check_new(folder: Path) -> None:
    """Check that a folder is new or empty.

    Raises:
        MetricError: It is neither.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise MetricError(f"Representation must be saved to a new folder, got `{folder}`; choose another path.")


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Yield a folder to write files to, which takes its name once all are written.

    Raises:
        MetricError: There is something at ``folder`` already.
        StorageError: The disk is full or cannot be written to.
    """
    check_new(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with staged(folder) as beside:
        beside.mkdir()
        yield beside


def write_card(folder: Path, *, name: str, content: Mapping[str, Any]) -> None:
    """Write the card of the files that lie in a folder, the folders in it included.

    Args:
        folder: Where they lie.
        name: Which representation it is.
        content: What to keep, JSON-ready.

    Raises:
        MetricError: ``content`` does not fit JSON.
        StorageError: The disk is full or cannot be written to.
    """
    card: dict[str, Any] = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "holdfast_version": __version__,
        "name": name,
        "content": dict(content),
        "files": {path: _sha256((folder / path).read_bytes()) for path in _paths(folder)},
    }
    try:
        text = json.dumps(card | {"digest": _digest(card)}, indent=1, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise MetricError(f"{name} settings must fit JSON ({error}); use plain numbers and text.") from None
    with staged(folder / CARD) as beside:
        beside.write_text(text, encoding="utf-8")


def read_card(folder: Path) -> Card:
    """Read a card and the files it names.

    Raises:
        MetricError: There is none, it is of another format version, it was changed, or a file was changed, is missing
            or was added.
    """
    card = _parsed(folder / CARD)
    version = card.get("format_version")
    if version != FORMAT_VERSION:
        raise MetricError(
            f"Representation must be of format version {FORMAT_VERSION}, got `{version!r}`; load it with the Holdfast "
            "that wrote it."
        )
    digest = card.pop("digest", None)
    named = card.get("files")
    if digest != _digest(card) or not isinstance(named, dict) or not isinstance(card.get("content"), dict):
        raise MetricError(f"Representation card must be as it was saved, got `{CARD}` changed; {_ANEW}")
    if sorted(named) != _paths(folder):
        raise MetricError(f"Representation must have the files it was saved with, got more or fewer; {_ANEW}")
    files = {path: (folder / PurePosixPath(path)).read_bytes() for path in named}
    changed = sorted(path for path, content in files.items() if _sha256(content) != named[path])
    if changed:
        raise MetricError(f"Representation files must be as they were saved, got {changed!r} changed; {_ANEW}")
    return Card(name=str(card.get("name")), content=card["content"], files=files)


_ANEW = "copy the whole folder again."


def _paths(folder: Path) -> list[str]:
    """Return every file of a folder but its own card and hidden ones, sorted."""
    inside = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(
        path.as_posix()
        for path in inside
        if path != Path(CARD) and not any(part.startswith(".") for part in path.parts)
    )


def _parsed(path: Path) -> dict[str, Any]:
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        _refuse(path)
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        _refuse(path)
    return card


def _refuse(path: Path) -> NoReturn:
    raise MetricError(
        f"Representation must be a folder that save wrote, got no card at `{path}`; check the path."
    ) from None


def _digest(card: Mapping[str, Any]) -> str:
    return _sha256(json.dumps(card, sort_keys=True).encode())


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
