"""Read labelled messages of others: lines of ``{"id", "text" or "turns", "risk"}`` with any columns to group by."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from holdfast.errors import InputError
from holdfast.safety.report.case import Case, Label, length_band
from holdfast.turn import Role, Turn

__all__ = ["read_labelled"]

_OWN = frozenset({"id", "text", "turns", "risk"})
_ROLES = {role.value: role for role in Role} | {"person": Role.PERSON}
_MOST_GROUPS = 60


def read_labelled(path: Path) -> list[Case]:
    """Return the cases of a file, in order. Columns of words, numbers or yes and no become dimensions to group by.

    A column with more than 60 different values groups nothing and is left out.

    Raises:
        InputError: The file cannot be read, holds no line, or a line is not as it must be; the message names the line
            and quotes nothing of it.
    """
    rows = [_row(line, number) for number, line in enumerate(_lines(path), start=1) if line.strip()]
    if not rows:
        raise InputError(f"Labelled file must hold lines, got none in {path.name!r}; give another.")
    ids = [str(row["id"]) for row in rows]
    if len(set(ids)) != len(ids):
        raise InputError(f"Labelled ids must be unique, got {len(ids) - len(set(ids))} repeated; number them anew.")
    columns = sorted({name for row in rows for name, value in row.items() if name not in _OWN and _is_group(value)})
    kept = [name for name in columns if len({_said(row.get(name)) for row in rows}) <= _MOST_GROUPS]
    return [_case(row, kept) for row in rows]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise InputError(f"Labelled file must be readable, got {path.name!r}: {error.strerror}; check it.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"Labelled file must be UTF-8, got other bytes in {path.name!r}; save it as UTF-8.") from error


def _row(line: str, number: int) -> Mapping[str, Any]:
    try:
        row: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"Line {number} must be one JSON object; correct it.") from error
    is_named = isinstance(row, dict) and isinstance(row.get("id"), str | int) and isinstance(row.get("risk"), bool)
    if not is_named or ("text" in row) == ("turns" in row):
        raise InputError(
            f"Line {number} must have id, either text or turns, and risk (true or false); add what is missing."
        )
    if not all(isinstance(text, str) and role in _ROLES for role, text in _said_by(row, number)):
        raise InputError(f"Line {number} must have text as strings, by user or assistant; correct it.")
    return dict(row)


def _said_by(row: Mapping[str, Any], number: int) -> list[tuple[Any, Any]]:
    if "text" in row:
        return [("user", row["text"])]
    turns = row["turns"]
    if not isinstance(turns, list) or not all(isinstance(turn, dict) for turn in turns):
        raise InputError(f"Line {number} must have turns as objects with role and text; correct it.")
    return [(str(turn.get("role")), turn.get("text")) for turn in turns]


def _is_group(value: object) -> bool:
    return isinstance(value, str | int | bool)


def _said(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _case(row: Mapping[str, Any], columns: list[str]) -> Case:
    turns = tuple(Turn(_ROLES[role], text) for role, text in _said_by(row, 0))
    groups = {name: (_said(row[name]),) for name in columns if _is_group(row.get(name))}
    return Case(
        id=str(row["id"]),
        turns=turns,
        label=Label.RISK if row["risk"] else Label.BENIGN,
        groups={"length": (length_band(turns),), **groups},
    )
