"""Everyday messages of others, unlabelled, in which nearly every alarm is a false one."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from holdfast.errors import InputError
from holdfast.measured import Measurement, measurement_to_dict, wilson
from holdfast.optional import require
from holdfast.safety.detection.verdict import Level, ReadsMany
from holdfast.safety.report.case import Case, Label, Progress, judge_cases
from holdfast.turn import Role, Turn

__all__ = ["CommentFigures", "judge_comments", "read_comments"]


@dataclass(frozen=True, kw_only=True)
class CommentFigures:
    """How many messages were flagged at each level, as shares, and the ids of those at concern and crisis."""

    messages: int
    shares: dict[str, Measurement]
    ids: dict[str, tuple[str, ...]]
    flagged: int

    def to_dict(self) -> dict[str, Any]:
        """Return the figures, JSON-ready; a share of 0.001 is one in 1,000."""
        return {
            "messages": self.messages,
            "shares": {name: measurement_to_dict(share) for name, share in self.shares.items()},
            "ids": {name: list(ids) for name, ids in self.ids.items()},
        }


def read_comments(path: Path) -> list[Case]:
    """Return the messages of a JSON Lines or Parquet file with a column ``text``; rows without an ``id`` are numbered.

    Raises:
        InputError: The file cannot be read as such, or holds no message.
        MissingExtraError: It is Parquet, and polars is not installed.
    """
    try:
        rows = _parquet(path) if path.suffix == ".parquet" else _json_lines(path)
    except OSError as error:
        raise InputError(f"Comments must be a readable file, got {path.name!r}: {error.strerror}; check it.") from error
    except ValueError as error:
        raise InputError(f"Comments must be JSON Lines in UTF-8, or Parquet, got {path.name!r}; convert it.") from error
    if not rows or not all(isinstance(text, str) for _, text in rows):
        raise InputError(f"Comments must have a column text of strings, got {path.name!r} without; name it so.")
    return [Case(id=name, turns=(Turn(Role.PERSON, text),), label=Label.BENIGN) for name, text in rows]


def _json_lines(path: Path) -> list[tuple[str, Any]]:
    read = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    rows = [row if isinstance(row, dict) else {} for row in read]
    return [(str(row.get("id", number)), row.get("text")) for number, row in enumerate(rows)]


def _parquet(path: Path) -> list[tuple[str, Any]]:
    polars = require("polars", extra="cohort")
    try:
        table = polars.read_parquet(path)
    except polars.exceptions.PolarsError as error:
        raise ValueError("not Parquet") from error
    if "text" not in table.columns:
        return []
    ids = table["id"].to_list() if "id" in table.columns else range(len(table))
    return [(str(name), text) for name, text in zip(ids, table["text"].to_list(), strict=True)]


def judge_comments(
    detector: ReadsMany, comments: Sequence[Case], *, progress: Progress = lambda _done, _of: None
) -> CommentFigures:
    """Judge every message."""
    found = [(one.case.id, one.detection.level) for one in judge_cases(detector, comments, progress=progress)]
    counts = Counter(level for _, level in found)
    return CommentFigures(
        messages=len(found),
        shares={level.label: wilson(counts[level], len(found)) for level in reversed(Level)},
        ids={
            level.label: tuple(name for name, given in found if given is level)
            for level in (Level.CRISIS, Level.CONCERN)
        },
        flagged=counts[Level.CRISIS] + counts[Level.CONCERN],
    )
