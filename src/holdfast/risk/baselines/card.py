"""The JSON file that a kept baseline is read back from."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from holdfast.risk.error import RiskError

__all__ = ["FILE", "read_card", "read_name", "write_card"]

FILE = "baseline.json"
FORMAT = "holdfast-baseline"
FORMAT_VERSION = 1


def write_card(folder: Path, name: str, content: Mapping[str, Any]) -> None:
    """Write the card of the baseline called ``name`` into ``folder``, which must be there."""
    card = {"format": FORMAT, "format_version": FORMAT_VERSION, "name": name, **content}
    text = json.dumps(card, ensure_ascii=False, allow_nan=False, indent=1)
    (folder / FILE).write_text(text, encoding="utf-8")


def read_name(folder: Path) -> str:
    """Return the name of the baseline that is kept in ``folder``.

    Raises:
        RiskError: The folder holds no baseline of this format.
    """
    return str(_read(folder)["name"])


def read_card(folder: Path, name: str) -> dict[str, Any]:
    """Read the card of the baseline called ``name``.

    Raises:
        RiskError: The folder holds no baseline of this format, or another one.
    """
    card = _read(folder)
    if card["name"] != name:
        raise RiskError(f"Baseline in {folder.name!r} must be {name!r}", f"`{card['name']!r}`", "load it as that one")
    return card


def _read(folder: Path) -> dict[str, Any]:
    try:
        card = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise RiskError(
            f"{folder.name!r} must hold a baseline",
            f"no readable {FILE}",
            "name the folder that `save` wrote, or fit it again",
        ) from error
    if not isinstance(card, dict) or card.get("format") != FORMAT or card.get("format_version") != FORMAT_VERSION:
        raise RiskError(
            f"{FILE} must be of format {FORMAT!r}, version {FORMAT_VERSION}",
            "another",
            "use the version of Holdfast that wrote it, or fit it again",
        )
    return card
