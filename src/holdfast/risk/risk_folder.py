"""A fitted risk on disk: ``risk.json`` and ``arrays.safetensors``, never pickle, each with its digest."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from holdfast import __version__
from holdfast.optional import require
from holdfast.risk.error import RiskError
from holdfast.staged import staged

__all__ = ["part_of", "read_risk", "write_risk"]

CARD, ARRAYS = "risk.json", "arrays.safetensors"
FORMAT, FORMAT_VERSION = "holdfast-single-time-risk", 1


def write_risk(folder: Path, card: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write a risk whole or not at all, over a risk that is there.

    Raises:
        RiskError: Something that is no risk lies there, or the card is not JSON.
        StorageError: The disk is full or cannot be written to.
    """
    if folder.exists() and not (folder / CARD).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise RiskError("Risk must take the place of nothing but a risk", repr(str(folder)), "name another folder")
    if not folder.absolute().parent.is_dir():
        raise RiskError("Risk must lie in an existing folder", repr(str(folder)), f"make {str(folder.parent)!r} first")
    numbers = require("safetensors.numpy", extra="risk").save({n: np.ascontiguousarray(a) for n, a in arrays.items()})
    said = {"format": FORMAT, "format_version": FORMAT_VERSION, "holdfast_version": __version__}
    said |= {**card, "arrays_sha256": hashlib.sha256(numbers).hexdigest()}
    try:
        said["card_sha256"] = _digest(said)
        text = json.dumps(said, indent=2, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise RiskError("Risk must fit JSON to be saved", type(error).__name__, "use plain numbers and text") from error
    with staged(folder) as beside:
        beside.mkdir()
        (beside / ARRAYS).write_bytes(numbers)
        (beside / CARD).write_text(text + "\n", encoding="utf-8")


def read_risk(folder: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Read card and arrays.

    Raises:
        RiskError: The folder holds no risk, one of another format version, or one that was changed after it was
            written.
    """
    card = _read_card(folder)
    if card.get("format_version") != FORMAT_VERSION:
        raise RiskError(
            f"Risk must be of format version {FORMAT_VERSION}",
            repr(card.get("format_version")),
            f"load it with the Holdfast that wrote it ({card.get('holdfast_version')})",
        )
    if _digest(card) != card.get("card_sha256"):
        raise RiskError(f"{CARD} must be as it was written", "another", "save the risk again")
    try:
        numbers = (folder / ARRAYS).read_bytes()
    except OSError:
        raise RiskError(f"Risk folder must hold {ARRAYS}", "none that can be read", "copy the whole folder") from None
    if hashlib.sha256(numbers).hexdigest() != card["arrays_sha256"]:
        raise RiskError(f"{ARRAYS} must be those written with {CARD}", "others", "save the risk again")
    return card, dict(require("safetensors.numpy", extra="risk").load(numbers))


def part_of(arrays: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    """Return the arrays whose names start so, by the rest of their names."""
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _read_card(folder: Path) -> dict[str, Any]:
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        card = None
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        raise RiskError(f"{str(folder)!r} must be a risk's folder", f"no readable {CARD}", "fit one, or check the path")
    return card


def _digest(card: Mapping[str, Any]) -> str:
    """Return the digest of everything but the digest itself."""
    rest = {name: value for name, value in card.items() if name != "card_sha256"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
