"""``holdfast triage``: flag risk in one text, or in a JSON Lines file of texts or conversations."""

import io
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import click

from holdfast.errors import InputError
from holdfast.safety.detection.default import default_detector
from holdfast.safety.detection.verdict import Detection, Detector, Evidence
from holdfast.turn import Role, Turn

__all__ = ["triage"]

MAX_LINE = 8_000_000
"""Longest line read, in characters; a longer one is an error of that line alone."""

_PROGRESS_EVERY = 1_000
_ROLES = {role.value: role for role in Role} | {"person": Role.PERSON}


@dataclass
class _Tally:
    """Lines read so far and how many of them could not be used."""

    lines: int = 0
    bad: int = 0


class _LineError(Exception):
    """A line that cannot be used. The message says what was expected and quotes nothing."""


@click.command("triage")
@click.argument("text", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of words.")
@click.option("--jsonl", "source", metavar="FILE", help='Lines of {"id", "text"} or {"id", "turns"}; - is stdin.')
@click.option("--out", "target", metavar="FILE", help="Where the verdicts go, one line each; - is stdout.")
def triage(text: str | None, as_json: bool, source: str | None, target: str | None) -> None:
    """Flag risk in TEXT, or in every line of a file.

    A screen for people to act on, not a diagnosis and not a decision. It misses cases and raises false alarms.
    """
    if (text is None) == (source is None):
        raise InputError("Input must be one TEXT or --jsonl FILE, got both or neither; give one of them.")
    detector = default_detector()
    if text is not None:
        click.echo(_shown(detector.detect([Turn(Role.PERSON, text)]), as_json=as_json))
        return
    tally = _run(detector, source or "-", target or "-")
    if tally.bad:
        click.echo(f"{tally.lines} lines read, {tally.bad} could not be used; see their error in the output.", err=True)
        raise SystemExit(1)


def _run(detector: Detector, source: str, target: str) -> _Tally:
    tally = _Tally()
    with _reading(source) as lines, _writing(target, beside=source) as out:
        for line in _lines(lines):
            out.write(json.dumps(_judged(detector, line, tally), ensure_ascii=False) + "\n")
            _progress(tally, is_last=False)
    _progress(tally, is_last=True)
    return tally


def _judged(detector: Detector, line: str | None, tally: _Tally) -> dict[str, Any]:
    """Return the verdict on one line, or its id and what is wrong with it; the text itself is never repeated."""
    tally.lines += 1
    row: Mapping[str, Any] = {}
    try:
        row = _row(line)
        turns = _turns(row)
        return {"id": row["id"], **_verdict(detector.detect(turns))}
    except _LineError as error:
        tally.bad += 1
        return {"id": _safe_id(row), "line": tally.lines, "error": str(error)}


def _row(line: str | None) -> Mapping[str, Any]:
    if line is None:
        raise _LineError(f"line must be at most {MAX_LINE} characters; split it.")
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _LineError("line must be one JSON object; correct it.") from error
    if not isinstance(row, dict):
        raise _LineError("line must be one JSON object; correct it.")
    return row


def _turns(row: Mapping[str, Any]) -> list[Turn]:
    if not isinstance(row.get("id"), str | int) or isinstance(row["id"], bool):
        raise _LineError("id must be a string or a whole number; add it.")
    if ("text" in row) == ("turns" in row):
        raise _LineError("line must have either text or turns; give one of them.")
    if "text" in row:
        return [Turn(Role.PERSON, _text(row["text"]))]
    turns = row["turns"]
    if not isinstance(turns, list) or not all(isinstance(turn, dict) for turn in turns):
        raise _LineError("turns must be a list of objects with role and text; correct it.")
    return [Turn(_role(turn.get("role")), _text(turn.get("text"))) for turn in turns]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _LineError("text must be a string; correct it.")
    return value


def _role(value: object) -> Role:
    if not isinstance(value, str) or value not in _ROLES:
        raise _LineError("role must be user or assistant; correct it.")
    return _ROLES[value]


def _safe_id(row: Mapping[str, Any]) -> str | int | None:
    value = row.get("id")
    return value if isinstance(value, str | int) and not isinstance(value, bool) else None


def _verdict(detection: Detection) -> dict[str, Any]:
    verdict: dict[str, Any] = {
        "level": detection.level.label,
        "categories": [category.value for category in detection.categories],
        "evidence": [_piece(piece) for piece in detection.evidence],
        "subject": detection.subject.value,
        "tense": detection.tense.value,
    }
    if detection.is_degraded:
        verdict["layers"] = [{"name": layer.name, "status": layer.status.value} for layer in detection.layers]
    return verdict


def _piece(piece: Evidence) -> dict[str, Any]:
    return {
        "turn": piece.turn,
        "start": piece.start,
        "end": piece.end,
        "category": piece.category.value,
        "level": piece.level.label,
        "rule": piece.rule,
    }


def _shown(detection: Detection, *, as_json: bool) -> str:
    if as_json:
        return json.dumps(_verdict(detection), ensure_ascii=False)
    lines = [f"Level: {detection.level.label}"]
    if detection.categories:
        lines.append("Kinds: " + ", ".join(category.value.replace("_", " ") for category in detection.categories))
        lines.append(f"About: {detection.subject.value}, {detection.tense.value}")
    lines += [f"  characters {e.start} to {e.end}: {e.rule} ({e.level.label})" for e in detection.evidence]
    if detection.is_degraded:
        lines.append("A part of the check did not work. Treat this as possible risk.")
    lines.append("A flag for a person to look at, not a diagnosis.")
    return "\n".join(lines)


def _lines(stream: IO[str]) -> Iterator[str | None]:
    """Yield the lines that are not blank, reading at most ``MAX_LINE`` characters of each; None for a longer one."""
    while line := stream.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE:
            while line and not line.endswith("\n"):
                line = stream.readline(MAX_LINE)
            yield None
        elif line.strip():
            yield line


@contextmanager
def _reading(source: str) -> Iterator[IO[str]]:
    if source == "-":
        stream = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace")
        yield stream
        stream.detach()
        return
    try:
        stream = os.fdopen(os.open(source, os.O_RDONLY), encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"Input must be a readable file, got {source!r}: {error.strerror}; check the path.") from error
    with stream:
        yield stream


@contextmanager
def _writing(target: str, *, beside: str) -> Iterator[IO[str]]:
    """Write to a file next to ``target`` and put it in place only when everything is in it."""
    if target == "-":
        yield sys.stdout
        return
    path = Path(target)
    if beside != "-" and path.exists() and path.samefile(beside):
        raise InputError(f"Output must be another file than the input, got {target!r}; choose another name.")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise InputError(f"Output must be in a writable folder, got {target!r}: {error.strerror}.") from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            yield stream
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _progress(tally: _Tally, *, is_last: bool) -> None:
    if sys.stderr.isatty() and (is_last or tally.lines % _PROGRESS_EVERY == 0):
        click.echo(f"\r{tally.lines} lines", err=True, nl=is_last)
