"""Measure detection on the labelled utterances: recall and false alarms by category and form, and speed.

    python benchmarks/detection.py [--split test] [--json OUT.json] [--comments FILE.jsonl] [--missed]

The utterances are in tests/safety/detection/utterances.jsonl; the rules were tuned on split dev, so test is the figure
to quote. They were written by the authors of the rules: other people's words are the harder test. ``--comments`` takes
lines of {"text"} of everyday talk, where nearly every alarm is a false one. Timings are one message at a time, by the
wall and on the processor; on a busy machine only the latter compares.
"""

import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from holdfast.measured import Scored, wilson
from holdfast.safety.detection import Detection, LayeredDetector, Level, artefacts, default_detector
from holdfast.turn import Role, Turn

UTTERANCES = Path(__file__).parents[1] / "tests" / "safety" / "detection" / "utterances.jsonl"

Row = dict[str, Any]
Judged = tuple[Row, Detection]


@click.command()
@click.option("--split", type=click.Choice(["dev", "test", "all"]), default="test", show_default=True)
@click.option("--json", "out", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
@click.option("--comments", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Everyday talk.")
@click.option("--repeats", default=5, show_default=True, help="Times every utterance is timed.")
@click.option("--missed", is_flag=True, help="List the ids of what was missed or wrongly flagged.")
def main(split: str, out: Path | None, comments: Path | None, repeats: int, missed: bool) -> None:
    """Print the figures of the default detector, with Wilson 95% intervals."""
    detector = default_detector()
    rows = [row for row in _rows(UTTERANCES) if split in {"all", row["split"]}]
    judged = [(row, detector.detect(_turns(row))) for row in rows]
    figures: Row = {
        "split": split,
        "artefacts": artefacts(),
        **_quality(judged),
        "speed": _speed(detector, rows, repeats),
    }
    if comments:
        figures["comments"] = _comments(detector, comments)
    _show(figures)
    if missed:
        click.echo("missed: " + ", ".join(row["id"] for row, found in judged if _at_risk(row) and not _raised(found)))
        click.echo("alarms: " + ", ".join(row["id"] for row, found in judged if _is_benign(row) and _raised(found)))
    if out:
        out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _turns(row: Row) -> list[Turn]:
    if "text" in row:
        return [Turn(Role.PERSON, row["text"])]
    return [Turn(Role(turn["role"]), turn["text"]) for turn in row["turns"]]


def _at_risk(row: Row) -> bool:
    return Level[row["level"].upper()] >= Level.CONCERN


def _is_benign(row: Row) -> bool:
    return not row["categories"]


def _raised(found: Detection) -> bool:
    return found.level >= Level.CONCERN


def _quality(judged: Sequence[Judged]) -> Row:
    risk = [item for item in judged if _at_risk(item[0])]
    benign = [item for item in judged if _is_benign(item[0])]
    caught = [item for item in risk if _raised(item[1])]
    return {
        "recall": _rate(risk, _raised_of),
        "recall_at_the_level_expected": _rate(risk, lambda item: item[1].level >= Level[item[0]["level"].upper()]),
        "false_alarms": _rate(benign, _raised_of),
        "category_right": _rate(caught, lambda item: item[0]["categories"][0] in item[1].categories),
        "subject_right": _rate(caught, lambda item: item[1].subject == item[0]["subject"]),
        "tense_right": _rate(caught, lambda item: item[1].tense == item[0]["tense"]),
        "recall_by_category": _by(risk, lambda row: row["categories"][0]),
        "recall_by_form": _by(risk, lambda row: row["form"]),
        "false_alarms_by_form": _by(benign, lambda row: row["form"]),
    }


def _raised_of(item: Judged) -> bool:
    return _raised(item[1])


def _by(items: Iterable[Judged], key: Callable[[Row], str]) -> Row:
    groups: dict[str, list[Judged]] = defaultdict(list)
    for item in items:
        groups[key(item[0])].append(item)
    return {name: _rate(group, _raised_of) for name, group in sorted(groups.items())}


def _rate(items: Sequence[Judged], holds: Callable[[Judged], bool]) -> Row:
    hits = sum(holds(item) for item in items)
    measured = wilson(hits, len(items))
    if not isinstance(measured, Scored) or measured.interval is None:
        return {"unscored": "no cases"}
    return {
        "value": measured.value,
        "low": measured.interval.low,
        "high": measured.interval.high,
        "hits": hits,
        "n": measured.n,
    }


def _speed(detector: LayeredDetector, rows: Sequence[Row], repeats: int) -> Row:
    conversations = [_turns(row) for row in rows]
    return _timings([_timed(detector, turns) for _ in range(repeats) for turns in conversations])


def _timed(detector: LayeredDetector, turns: Sequence[Turn]) -> tuple[Detection, float, float]:
    """Return the verdict with the seconds it took by the wall and on the processor."""
    wall, processor = time.perf_counter(), time.thread_time()
    found = detector.detect(turns)
    return found, time.perf_counter() - wall, time.thread_time() - processor


def _timings(timed: Sequence[tuple[Detection, float, float]]) -> Row:
    ordered = sorted(wall for _, wall, _ in timed)
    processor = sorted(seconds for _, _, seconds in timed)
    return {
        "messages": len(ordered),
        "p50_ms": 1_000 * ordered[len(ordered) // 2],
        "p99_ms": 1_000 * ordered[int(len(ordered) * 0.99)],
        "max_ms": 1_000 * ordered[-1],
        "p50_processor_ms": 1_000 * processor[len(processor) // 2],
        "p99_processor_ms": 1_000 * processor[int(len(processor) * 0.99)],
        "messages_per_s": len(ordered) / sum(ordered),
    }


def _comments(detector: LayeredDetector, path: Path) -> Row:
    with path.open(encoding="utf-8") as lines:
        timed = [_timed(detector, [Turn(Role.PERSON, json.loads(line)["text"])]) for line in lines]
    counts = Counter(found.level for found, _, _ in timed)
    per_1000 = {level.label: 1_000 * counts[level] / len(timed) for level in Level}
    return {"alarms_per_1000": per_1000, "speed": _timings(timed)}


def _show(figures: Row) -> None:
    for name, figure in figures.items():
        if name.endswith(("_category", "_form")):
            click.echo(name.replace("_", " "))
            for group, rate in figure.items():
                click.echo(f"  {group:24} {_said(rate)}")
        elif isinstance(figure, dict) and "n" in figure:
            click.echo(f"{name.replace('_', ' '):32} {_said(figure)}")
        elif name in {"speed", "comments"}:
            click.echo(f"{name}: {json.dumps(figure, default=float)}")


def _said(rate: Row) -> str:
    if "unscored" in rate:
        return str(rate["unscored"])
    return f"{rate['value']:.3f} ({rate['low']:.3f} to {rate['high']:.3f})  {rate['hits']} of {rate['n']}"


if __name__ == "__main__":
    main()
