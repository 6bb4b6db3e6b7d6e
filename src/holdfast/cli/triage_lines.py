"""Judge lines of a file for ``holdfast triage``: a batch at a time, in this process or in several."""

import json
from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from typing import Any

from holdfast.safety.detection.default import SemanticLayer, default_detector
from holdfast.safety.detection.layered import LayeredDetector
from holdfast.safety.detection.verdict import Detection, Evidence, LayerStatus
from holdfast.turn import Role, Turn

__all__ = ["BUILT_IN", "Batch", "Judged", "batches", "judge_all", "judge_batch", "verdict"]

MAX_LINE = 8_000_000
"""Longest line read, in characters; a longer one is an error of that line alone."""

BUILT_IN = frozenset({"rules", "learned"})
"""The layers that every installation has."""

_ROLES = {role.value: role for role in Role} | {"person": Role.PERSON}
_MOST_CHARACTERS = 1_000_000


@dataclass(frozen=True)
class Batch:
    """Some lines in order, the first of which is number ``first``; None for one that is too long."""

    first: int
    lines: tuple[str | None, ...]


@dataclass(frozen=True)
class Judged:
    """A batch's verdicts, a JSON line for each, and what there was of each kind."""

    lines: tuple[str, ...]
    bad: int
    levels: Counter[str] = field(default_factory=Counter)
    layers: Counter[tuple[str, str]] = field(default_factory=Counter)


class _LineError(Exception):
    """A line that cannot be used. The message says what was expected and quotes nothing."""


@dataclass(frozen=True)
class _Read:
    """What a line says: an id with turns, or an id with what is wrong."""

    id: str | int | None
    turns: tuple[Turn, ...] = ()
    error: str | None = None


def batches(lines: Iterable[str | None], *, size: int) -> Iterator[Batch]:
    """Cut ``lines`` into batches of at most ``size``, and fewer where they are long."""
    held: list[str | None] = []
    first, characters = 1, 0
    for line in lines:
        held.append(line)
        characters += len(line or "")
        if len(held) == size or characters >= _MOST_CHARACTERS:
            yield Batch(first, tuple(held))
            first, held, characters = first + len(held), [], 0
    if held:
        yield Batch(first, tuple(held))


def judge_all(some: Iterable[Batch], *, workers: int, layers: tuple[str, ...] = ()) -> Iterator[Judged]:
    """Yield the verdicts of the default detector on each batch, in order. Several workers are processes.

    Args:
        layers: Names of the layers in use; all of them when empty.
    """
    judge = partial(_judge_batch, layers)
    if workers == 1:
        yield from map(judge, some)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        waiting: deque[Future[Judged]] = deque()
        try:
            for batch in some:
                waiting.append(pool.submit(judge, batch))
                if len(waiting) > 2 * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _judge_batch(layers: tuple[str, ...], batch: Batch) -> Judged:
    return judge_batch(chosen_detector(layers), batch)


def chosen_detector(layers: Collection[str]) -> LayeredDetector:
    """Return the default detector with ``layers`` alone, all of them when empty; no layer is read for nothing.

    Raises:
        UnknownNameError: There is no such layer here.
    """
    if not layers:
        return default_detector()
    semantic = SemanticLayer.OFF if BUILT_IN.issuperset(layers) else SemanticLayer.AUTO
    return default_detector(semantic=semantic).only(layers)


def judge_batch(detector: LayeredDetector, batch: Batch) -> Judged:
    """Judge every line; a bad one becomes its id and what is wrong with it. A text itself is never repeated."""
    read = [_read(line) for line in batch.lines]
    found = iter(detector.detect_many([one.turns for one in read if one.error is None]))
    rows: list[dict[str, Any]] = []
    levels: Counter[str] = Counter()
    layers: Counter[tuple[str, str]] = Counter()
    for number, one in enumerate(read, start=batch.first):
        if one.error is not None:
            rows.append({"id": one.id, "line": number, "error": one.error})
            continue
        detection = next(found)
        levels[detection.level.label] += 1
        layers.update((layer.name, layer.status.value) for layer in detection.layers)
        rows.append({"id": one.id, **verdict(detection)})
    lines = tuple(json.dumps(row, ensure_ascii=False) for row in rows)
    return Judged(lines, sum(one.error is not None for one in read), levels, layers)


def verdict(detection: Detection) -> dict[str, Any]:
    """Return a verdict as JSON-ready values.

    The layers are told where one of them did not do its work. By name alone are told, where there are such: those that
    are off, those that were not sure and therefore ask, and those whose concern another outweighed.
    """
    said: dict[str, Any] = {
        "level": detection.level.label,
        "categories": [category.value for category in detection.categories],
        "evidence": [_piece(piece) for piece in detection.evidence],
        "subject": detection.subject.value,
        "tense": detection.tense.value,
    }
    if detection.is_degraded:
        said["layers"] = [{"name": layer.name, "status": layer.status.value} for layer in detection.layers]
    told = {
        "off": [layer.name for layer in detection.layers if layer.status is LayerStatus.OFF],
        "unsure": [layer.name for layer in detection.layers if layer.is_unsure],
        "outweighed": [layer.name for layer in detection.layers if layer.is_outweighed],
        "seconded": [layer.name for layer in detection.layers if layer.is_seconded],
    }
    said.update({what: names for what, names in told.items() if names})
    return said


def _piece(piece: Evidence) -> dict[str, Any]:
    return {
        "turn": piece.turn,
        "start": piece.start,
        "end": piece.end,
        "category": piece.category.value,
        "level": piece.level.label,
        "rule": piece.rule,
    }


def _read(line: str | None) -> _Read:
    row: Mapping[str, Any] = {}
    try:
        row = _row(line)
        turns = tuple(_turns(row))
        return _Read(row["id"], turns)
    except _LineError as error:
        return _Read(_safe_id(row), error=str(error))


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


def _turns(row: Mapping[str, Any]) -> Sequence[Turn]:
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
