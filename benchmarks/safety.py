"""Measure detection and output review: how well, how fast, beside guards of others, and with layers broken.

    python benchmarks/safety.py [--split test] [--messages 400] [--semantic FOLDER] [--comments FILE] [--json OUT.json]

Every guard reads the same held-out messages, one at a time and in turn, so that what else the machine does falls on
all of them alike: compare the ratios. ``wall`` is by the clock, ``cpu`` is processor time of the process. presidio
looks for personal data, not for danger, and is there for its overhead; so is the rail, which looks for a list of words
and calls no language model. The file is read by ``holdfast triage`` as a command, its start included and told by
itself. The labelled messages were written by the authors of the detector: other people's are harder. For figures by
group, and ids of what was missed: holdfast safety report.
"""

import gc
import json
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / "fakes"), str(ROOT / "benchmarks")]

from guards.contenders import Guard, guards  # noqa: E402
from guards.faults import dropped_by_fault  # noqa: E402

from holdfast.care.education.library import load_library  # noqa: E402
from holdfast.cli.triage_lines import batches, judge_all  # noqa: E402
from holdfast.measured import Measurement, measurement_to_dict, wilson  # noqa: E402
from holdfast.metric.benchmark.table import aligned  # noqa: E402
from holdfast.safety.crisis.helplines import load_helplines  # noqa: E402
from holdfast.safety.detection import artefacts, default_detector  # noqa: E402
from holdfast.safety.report.case import Label, case_of, judge_cases  # noqa: E402
from holdfast.safety.report.comments import judge_comments, read_comments  # noqa: E402
from holdfast.safety.report.rates import Rates, rates_of  # noqa: E402
from holdfast.safety.review.cutting import cut_sentences  # noqa: E402
from holdfast.safety.review.default import default_review  # noqa: E402
from holdfast.safety.review.verdict import ReviewContext  # noqa: E402
from holdfast.safety.utterances import Split, Utterance, load_utterances  # noqa: E402
from reply_sets import good_replies  # noqa: E402 - the sets live with the tests

_BUILT_IN = ("rules", "learned")
_SEED, _WARM_UP, _FAULT_MESSAGES = 0, 20, 60
_FILE_LINES, _LINES_HERE = 60_000, 16_000

Figures = dict[str, Any]


@click.command()
@click.option("--split", type=click.Choice(["dev", "test"]), default="test", show_default=True)
@click.option("--messages", default=400, show_default=True, help="How many messages each guard is timed on.")
@click.option("--comments", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Everyday talk.")
@click.option("--json", "out", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
def main(split: str, messages: int, comments: Path | None, out: Path | None) -> None:
    """Print how well and how fast detection and output review are."""
    utterances = load_utterances().of(Split(split))
    single = [one for one in utterances if not one.is_window]
    sample = random.Random(_SEED).sample(single, min(messages, len(single)))
    found, left_out = guards()
    figures: Figures = {
        "machine": f"Python {platform.python_version()}, {platform.machine()}",
        "split": split,
        "artefacts": artefacts(),
        "quality": _quality(utterances),
        "speed_ms": {**_speed(found, sample), "output review, a sentence": _review(messages)},
        "left_out": left_out,
        "keywords": _keywords(found, sample),
        "file": _file_speed(single),
        "faults": dropped_by_fault([one.text for one in sample[:_FAULT_MESSAGES]]),
    }
    if comments:
        figures["comments"] = judge_comments(default_detector(), read_comments(comments)).to_dict()
    _show(figures)
    if out:
        out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _quality(utterances: Sequence[Utterance]) -> Figures:
    detector = default_detector()
    judged = judge_cases(detector, [case_of(one) for one in utterances])
    return {
        name or "together": _as_json(rates_of(judged, name))
        for name in (None, *(detector.names if len(detector.names) > 1 else ()))
    }


def _as_json(rates: Rates) -> Figures:
    return {name: rates.to_dict()[name] for name in ("recall", "crisis_flagged", "crisis_recall", "false_alarms")}


def _speed(found: dict[str, Guard], sample: Sequence[Utterance]) -> dict[str, Figures]:
    """Time every guard on every message, all of them in turn before the next message.

    What was read before, the labelled set among it, is kept from the collector: going through that takes tens of
    milliseconds, and whichever guard is at work then would be charged with it.
    """
    gc.collect()
    gc.freeze()
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in found}
    for one in [*sample[:_WARM_UP], *sample]:
        for name, guard in found.items():
            taken[name].append(_timed(guard, one.text))
    return {name: _summary(times[_WARM_UP:]) for name, times in taken.items()}


def _timed(act: Callable[[str], object], text: str) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    act(text)
    return (time.perf_counter() - wall) * 1_000, (time.process_time() - cpu) * 1_000


def _summary(taken: Sequence[tuple[float, float]]) -> Figures:
    columns = zip(("wall", "cpu"), np.array(taken).T, strict=True)
    return {
        f"{name}_{at}": float(np.percentile(values, int(at[1:])))
        for name, values in columns
        for at in ("p50", "p95", "p99")
    } | {"n": len(taken)}


def _review(count: int) -> Figures:
    helplines = load_helplines()
    review = default_review(helplines, [f"{p.heading}\n{p.text}" for p in load_library().passages])
    context = ReviewContext(helpline_numbers=helplines.numbers())
    sentences = [one for reply in good_replies() for one in cut_sentences(reply)][: count + _WARM_UP]
    return _summary([_timed(lambda text: review.review(text, context), one) for one in sentences][_WARM_UP:])


def _keywords(found: dict[str, Guard], sample: Sequence[Utterance]) -> Figures:
    """Return what each guard that looks for danger flags of the timed messages."""
    said = {}
    for name, guard in found.items():
        flagged = [(case_of(one).label, guard(one.text)) for one in sample]
        if any(found is not None for _, found in flagged):
            said[name] = {
                "recall": measurement_to_dict(_share(flagged, Label.RISK)),
                "false_alarms": measurement_to_dict(_share(flagged, Label.BENIGN)),
            }
    return said


def _share(flagged: Sequence[tuple[Label, bool | None]], label: Label) -> Measurement:
    some = [bool(found) for given, found in flagged if given is label]
    return wilson(sum(some), len(some))


def _file_speed(single: Sequence[Utterance]) -> Figures:
    """Return messages a second on lines of one message: in this process, and by the command with one process or two.

    The command reads a file that is long beside its start, which is told by itself: ``start`` is its seconds on one
    line, ``command`` all lines by all of its time, ``after_start`` by the rest of it.
    """
    lines = [json.dumps({"id": n, "text": single[n % len(single)].text}) for n in range(_FILE_LINES)]
    some = lines[:_LINES_HERE]
    wall, cpu = time.perf_counter(), time.process_time()
    judged = sum(len(one.lines) for one in judge_all(batches(some, size=256), workers=1, layers=_BUILT_IN))
    found: Figures = {
        "lines": len(lines),
        "wall": judged / (time.perf_counter() - wall),
        "cpu": judged / (time.process_time() - cpu),
    }
    with tempfile.TemporaryDirectory() as folder:
        for workers in (1, 2):
            start = _command_s(Path(folder), lines[:1], workers)
            taken = _command_s(Path(folder), lines, workers)
            found[f"start_s_{workers}"] = start
            found[f"command_{workers}"] = len(lines) / taken
            found[f"after_start_{workers}"] = len(lines) / max(taken - start, 1e-3)
    return found


def _command_s(folder: Path, lines: Sequence[str], workers: int) -> float:
    source = folder / "in.jsonl"
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    run = "from holdfast.cli.main import main; main()"
    options = ["triage", "--jsonl", str(source), "--out", str(source.with_suffix(".out")), "--workers", str(workers)]
    options += ["--layers", ",".join(_BUILT_IN)]
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", run, *options], check=True, capture_output=True)
    return time.perf_counter() - began


def _show(figures: Figures) -> None:
    click.echo(f"{figures['machine']}, split {figures['split']}\n")
    heads = ("recall", "crisis_flagged", "crisis_recall", "false_alarms")
    rows = [("layer", *(head.replace("_", " ") for head in heads))]
    rows += [(name, *(_said(rates[head]) for head in heads)) for name, rates in figures["quality"].items()]
    click.echo(aligned(rows) + "\n")
    base = figures["speed_ms"].get("rules and learned", figures["speed_ms"]["rules"])
    columns = [f"{kind}_{at}" for kind in ("wall", "cpu") for at in ("p50", "p95", "p99")]
    rows = [("ms a message", *(column.replace("_", " ") for column in columns), "x ours, wall p50")]
    for name, row in figures["speed_ms"].items():
        rows.append((name, *(f"{row[column]:.2f}" for column in columns), f"{row['wall_p50'] / base['wall_p50']:.1f}"))
    click.echo(aligned(rows) + "\n")
    for name, row in figures["keywords"].items():
        click.echo(f"{name}: of the timed messages, recall {_said(row['recall'])}, alarms {_said(row['false_alarms'])}")
    speed = figures["file"]
    click.echo(f"file: {speed['wall']:,.0f} messages a second ({speed['cpu']:,.0f} by processor time) in this process")
    for workers in (1, 2):
        click.echo(
            f"file, the command with {workers} at work: {speed[f'command_{workers}']:,.0f} messages a second on "
            f"{speed['lines']:,} lines, its start of {speed[f'start_s_{workers}']:.1f} s included; "
            f"{speed[f'after_start_{workers}']:,.0f} after it"
        )
    for name, row in figures["faults"].items():
        click.echo(f"{name}: risk dropped silently in {row['dropped']} of {row['messages']}")
    if "comments" in figures:
        shares = {name: share.get("value", 0) * 1_000 for name, share in figures["comments"]["shares"].items()}
        click.echo("everyday messages, in 1,000: " + ", ".join(f"{name} {n:.2f}" for name, n in shares.items()))
    for line in figures["left_out"]:
        click.echo(f"left out: {line}")


def _said(measured: Figures) -> str:
    if measured["outcome"] != "scored":
        return str(measured.get("reason", "failed"))
    low, high, _ = measured["interval"]
    return f"{measured['value']:.3f} ({low:.3f} to {high:.3f}) of {measured['n']}"


if __name__ == "__main__":
    main()
