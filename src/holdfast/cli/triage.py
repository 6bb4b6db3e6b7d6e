"""``holdfast triage``: flag risk in one text, or in a JSON Lines file of texts or conversations."""

import io
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import click

from holdfast.cli.layer_names import layer_names
from holdfast.cli.triage_lines import BUILT_IN, MAX_LINE, Judged, batches, chosen_detector, judge_all, verdict
from holdfast.errors import InputError
from holdfast.processors import usable_processors
from holdfast.safety.detection.verdict import Detection, LayerStatus, Level
from holdfast.turn import Role, Turn

__all__ = ["triage"]

_BATCH = 256
_BYTES_A_WORKER = 1_000_000
_MOST_WORKERS = 8
_PROGRESS_EVERY_S = 0.5


@dataclass
class _Tally:
    """Lines judged so far, how many of them could not be used, and what was found in the others."""

    lines: int = 0
    bad: int = 0
    levels: Counter[str] = field(default_factory=Counter)
    layers: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, judged: Judged) -> None:
        self.lines += len(judged.lines)
        self.bad += judged.bad
        self.levels += judged.levels
        self.layers += judged.layers


@click.command("triage")
@click.argument("text", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of words.")
@click.option("--jsonl", "source", metavar="FILE", help='Lines of {"id", "text"} or {"id", "turns"}; - is stdin.')
@click.option("--out", "target", metavar="FILE", help="Where the verdicts go, one line each; - is stdout.")
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Processes that judge a file.  [default: one for each megabyte of it, at most one for each processor and 8]",
)
@click.option(
    "--layers",
    default="",
    help="Layers in use, by comma.  [default: all that are installed; rules,learned reads a large file several "
    "times as fast]",
)
def triage(
    text: str | None, as_json: bool, source: str | None, target: str | None, workers: int | None, layers: str
) -> None:
    """Flag risk in TEXT, or in every line of a file.

    A screen for people to act on, not a diagnosis and not a decision. It misses cases and raises false alarms.
    """
    if (text is None) == (source is None):
        raise InputError("Input must be one TEXT or --jsonl FILE, got both or neither; give one of them.")
    names = layer_names(layers)
    if text is not None:
        click.echo(_shown(chosen_detector(names).detect([Turn(Role.PERSON, text)]), as_json=as_json))
        return
    if not BUILT_IN.issuperset(names):
        chosen_detector(names)  # a name that is none is refused before any work
    tally = _run(source or "-", target or "-", workers=workers or _workers_for(source or "-"), layers=names)
    click.echo(_summary(tally), err=True)
    if tally.bad:
        click.echo(f"{tally.lines} lines read, {tally.bad} could not be used; see their error in the output.", err=True)
        raise SystemExit(1)


def _workers_for(source: str) -> int:
    """Return how many processes are worth their start, a second or two each in which the rules are read anew."""
    size = Path(source).stat().st_size if source != "-" and Path(source).is_file() else 0
    return max(1, min(size // _BYTES_A_WORKER, usable_processors(), _MOST_WORKERS))


def _run(source: str, target: str, *, workers: int, layers: tuple[str, ...]) -> _Tally:
    tally, show = _Tally(), _progress()
    size = 1 if source == "-" and sys.stdin.isatty() else _BATCH
    with _reading(source) as lines, _writing(target, beside=source) as out:
        for judged in judge_all(batches(_lines(lines), size=size), workers=workers, layers=layers):
            out.writelines(f"{line}\n" for line in judged.lines)
            tally.add(judged)
            show(tally.lines, False)
    show(tally.lines, True)
    return tally


def _summary(tally: _Tally) -> str:
    levels = ", ".join(f"{tally.levels[level.label]:,} {level.label}" for level in reversed(Level))
    layers = ", ".join(
        f"{name} {status.replace('_', ' ')}" + (f" on {count:,}" if LayerStatus(status).is_risk else "")
        for (name, status), count in sorted(tally.layers.items())
    )
    return f"{tally.lines:,} lines: {levels}." + (f" Layers: {layers}." if layers else "")


def _shown(detection: Detection, *, as_json: bool) -> str:
    if as_json:
        return json.dumps(verdict(detection), ensure_ascii=False)
    lines = [f"Level: {detection.level.label}"]
    if detection.categories:
        lines.append("Kinds: " + ", ".join(category.value.replace("_", " ") for category in detection.categories))
        lines.append(f"About: {detection.subject.value}, {detection.tense.value}")
    lines += [f"  characters {e.start} to {e.end}: {e.rule} ({e.level.label})" for e in detection.evidence]
    if seconded := [layer.name for layer in detection.layers if layer.is_seconded]:
        lines.append(f"Grave, and seconded by another layer, so a crisis: {', '.join(seconded)}.")
    if unsure := [layer.name for layer in detection.layers if layer.is_unsure]:
        lines.append(f"Not sure either way, so a question to ask: {', '.join(unsure)}.")
    if off := [layer.name for layer in detection.layers if layer.status is LayerStatus.OFF]:
        lines.append(f"Off here, switched off or not installed: {', '.join(off)}.")
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


def _progress() -> Callable[[int, bool], None]:
    """Return what is told the lines done and whether they are all; it shows them, and their rate, on a terminal."""
    began = shown = time.monotonic()

    def show(lines: int, is_last: bool) -> None:
        nonlocal shown
        now = time.monotonic()
        if sys.stderr.isatty() and (is_last or now - shown >= _PROGRESS_EVERY_S):
            shown = now
            click.echo(f"\r{lines:,} lines, {lines / max(now - began, 1e-3):,.0f} a second", err=True, nl=is_last)

    return show
