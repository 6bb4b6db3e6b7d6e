"""A run's folder: what was run, each case as it finishes, and what it came to. It survives being interrupted.

``manifest.json`` says what was run, ``cases.jsonl`` holds one record a line, ``results.json`` the measurements and
``report.html`` the same for reading. No file holds a word of what was said.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from holdfast.errors import EvidenceError
from holdfast.proof.suites.record import CaseRecord

__all__ = ["CASES", "MANIFEST", "REPORT", "RunFolder"]

MANIFEST = "manifest.json"
CASES = "cases.jsonl"
REPORT = "report.html"

_MUST_AGREE = ("release", "suites", "settings")


@dataclass(frozen=True)
class RunFolder:
    """An open run folder. ``description`` is what ``manifest.json`` says, from the run's first start."""

    path: Path
    description: Mapping[str, Any]

    @classmethod
    def open(cls, path: Path, description: Mapping[str, Any]) -> "RunFolder":
        """Begin a run in ``path``, or go on with the one there.

        Args:
            path: A folder that is new, empty, or holds a run of the same.
            description: What is to be run: release, suites, settings, and when and where.

        Raises:
            EvidenceError: The folder holds something else, or a run of another release, suite or setting.
        """
        try:
            path.mkdir(parents=True, exist_ok=True)
            found = sorted(entry.name for entry in path.iterdir())
        except OSError as error:
            raise _unusable(path, error) from error
        if MANIFEST not in found:
            if found:
                raise EvidenceError(
                    f"Run folder {path} must be new, empty or hold a run, and holds other files; choose another."
                )
            folder = cls(path, dict(description))
            folder.write(MANIFEST, _json(description))
            return folder
        before = _read_object(path / MANIFEST)
        if differing := [name for name in _MUST_AGREE if before.get(name) != description.get(name)]:
            raise EvidenceError(
                f"Run folder {path} must hold a run of the same {', '.join(differing)}, and holds another; "
                "choose a new folder."
            )
        return cls(path, before)

    @property
    def started(self) -> str:
        """When the run was first started, as ISO 8601."""
        return str(self.description["started"])

    def records(self) -> tuple[CaseRecord, ...]:
        """Return the records kept so far. A last line cut short by an interruption is dropped from the file.

        Raises:
            EvidenceError: Any other line is damaged.
        """
        path = self.path / CASES
        try:
            raw = path.read_bytes() if path.exists() else b""
            whole = raw[: raw.rfind(b"\n") + 1]
            if len(whole) < len(raw):
                os.truncate(path, len(whole))
        except OSError as error:
            raise _unusable(self.path, error) from error
        return tuple(_record(line) for line in whole.splitlines())

    def keep(self, record: CaseRecord) -> None:
        """Append a record; it is on disk when this returns.

        Raises:
            EvidenceError: It cannot be written.
        """
        line = json.dumps(record.to_dict(), sort_keys=True) + "\n"
        try:
            with (self.path / CASES).open("a", encoding="utf-8") as file:
                file.write(line)
        except OSError as error:
            raise _unusable(self.path, error) from error

    def write(self, name: str, text: str) -> None:
        """Write a whole file, all of it or nothing.

        Raises:
            EvidenceError: It cannot be written.
        """
        unfinished = self.path / f".{name}.unfinished"
        try:
            unfinished.write_text(text, encoding="utf-8")
            unfinished.replace(self.path / name)
        except OSError as error:
            raise _unusable(self.path, error) from error

    def write_json(self, name: str, data: Mapping[str, Any]) -> None:
        """Write ``data`` as JSON.

        Raises:
            EvidenceError: It cannot be written.
        """
        self.write(name, _json(data))


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _record(line: bytes) -> CaseRecord:
    try:
        return CaseRecord.from_dict(json.loads(line))
    except ValueError as error:
        raise EvidenceError(f"{CASES} must hold one JSON record a line, and does not; use a new folder.") from error


def _read_object(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EvidenceError(f"{path.name} must be readable JSON, and is not; use a new folder.") from error
    if not isinstance(data, dict) or not isinstance(data.get("started"), str):
        raise EvidenceError(f"{path.name} must describe a run, and does not; use a new folder.")
    return data


def _unusable(path: Path, error: OSError) -> EvidenceError:
    return EvidenceError(f"Run folder {path} must be a writable folder: {error.strerror}; choose another.")
