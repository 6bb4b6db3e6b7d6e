"""Finished splits on disk, one JSON line each, so that a comparison that was stopped goes on where it stopped."""

import base64
import binascii
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from holdfast.errors import StorageError
from holdfast.measured import Failed
from holdfast.staged import staged
from holdfast.study.error import StudyError

__all__ = ["SplitRecord", "SplitStore"]

_CONFIGURATION, _SPLITS = "configuration.json", "splits.jsonl"

Outcome = NDArray[np.float64] | Failed


@dataclass(frozen=True, kw_only=True, eq=False)
class SplitRecord:
    """What came of one split.

    Attributes:
        repeat, fold: Which.
        outcomes: (representation, classifier) -> scores of the test people, or how it failed.
        unconverged: The pairs whose classifier ended at its last allowed step.
    """

    repeat: int
    fold: int
    outcomes: Mapping[tuple[str, str], Outcome]
    unconverged: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready values; scores as base64 of little-endian float64, exactly."""
        said = [
            {"representation": r, "classifier": c, **_outcome_to_json(outcome)}
            for (r, c), outcome in self.outcomes.items()
        ]
        return {"repeat": self.repeat, "fold": self.fold, "outcomes": said, "unconverged": list(self.unconverged)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "SplitRecord":
        """Read what ``to_json`` wrote."""
        return cls(
            repeat=int(stored["repeat"]),
            fold=int(stored["fold"]),
            outcomes={(o["representation"], o["classifier"]): _outcome_from_json(o) for o in stored["outcomes"]},
            unconverged=tuple((r, c) for r, c in stored["unconverged"]),
        )


def _outcome_to_json(outcome: Outcome) -> dict[str, str]:
    if isinstance(outcome, Failed):
        return {"failed": outcome.error}
    return {"scores": base64.b64encode(outcome.astype("<f8").tobytes()).decode("ascii")}


def _outcome_from_json(stored: Mapping[str, str]) -> Outcome:
    if "failed" in stored:
        return Failed(stored["failed"])
    return np.frombuffer(base64.b64decode(stored["scores"], validate=True), dtype="<f8").astype(np.float64)


class SplitStore:
    """A folder of finished splits.

    Args:
        folder: Made where it does not exist.
        configuration: What the splits follow from, JSON-ready.

    Raises:
        StudyError: The folder holds splits of another configuration; the message names what differs.
        StorageError: It cannot be written to.
    """

    def __init__(self, folder: Path, configuration: Mapping[str, Any]) -> None:
        self._path = folder / _SPLITS
        now = json.loads(json.dumps(configuration))
        path = folder / _CONFIGURATION
        if path.is_file():
            _check_same(_read(path), now)
            return
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(folder, error) from error
        with staged(path) as beside:
            beside.write_text(json.dumps(now, indent=1, sort_keys=True), encoding="utf-8")

    def finished(self) -> dict[tuple[int, int], SplitRecord]:
        """Return the finished splits by repeat and fold. A last line that broke off is dropped: it is done again.

        Raises:
            StudyError: Another line is damaged.
        """
        if not self._path.is_file():
            return {}
        content = self._path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):
            with staged(self._path) as beside:
                beside.write_bytes(whole)
        records = [_parsed(line, number) for number, line in enumerate(whole.splitlines(), start=1)]
        return {(record.repeat, record.fold): record for record in records}

    def add(self, record: SplitRecord) -> None:
        """Append a finished split.

        Raises:
            StorageError: The disk is full or cannot be written to.
        """
        try:
            with self._path.open("ab") as file:
                file.write(json.dumps(record.to_json(), allow_nan=False).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise _unwritable(self._path, error) from error


def _parsed(line: bytes, number: int) -> SplitRecord:
    try:
        return SplitRecord.from_json(json.loads(line))
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise StudyError(
            "Finished splits must be as they were written", f"line {number} damaged", "start anew in another folder"
        ) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        stored = None
    if not isinstance(stored, dict):
        raise StudyError(
            "Configuration must be as it was written", f"{path.name!r} damaged", "start anew in another folder"
        )
    return stored


def _check_same(before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    changed = sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
    if changed:
        raise StudyError(
            "Splits of a folder must be of one configuration",
            f"other {', '.join(changed)}",
            "set them back, or start anew in another folder",
        )


def _unwritable(path: Path, error: OSError) -> StorageError:
    why = os.strerror(error.errno) if error.errno else "the disk refused it"
    return StorageError(
        f"{str(path)!r} must be writable, got: {why}; make room or name another place, then run the same again: "
        "finished splits are kept."
    )
