"""How long output review takes for a sentence, alone and within a stream, and how often it errs.

    python benchmarks/review.py [--sentences 400] [--json review.json]

Rules, the learned layer and both together as they are served, on sentences of good replies and of the library's
passages, in milliseconds of processor time, so that other work on the machine does not count; ``wall`` is the mean on
the clock. ``in a stream`` is what the gate adds for each sentence of a reply of twelve: a thread, the window of what
was let through before, and a last look at the whole; ``sentence 1 to 10`` and ``31 to 40`` are what it adds at the
start and the end of a reply of forty, without that last look, which has a row of its own. All texts are of this
repository; the sets of replies are in tests/safety/review.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "fakes"))

from holdfast.care.education.library import load_library  # noqa: E402
from holdfast.safety.crisis.helplines import load_helplines  # noqa: E402
from holdfast.safety.review.cutting import cut_sentences  # noqa: E402
from holdfast.safety.review.default import default_review  # noqa: E402
from holdfast.safety.review.gate import Gate, GateEnd, GateLimits  # noqa: E402
from holdfast.safety.review.learned import load_learned_review  # noqa: E402
from holdfast.safety.review.review import RuleReview  # noqa: E402
from holdfast.safety.review.verdict import OutputReview, ReviewContext  # noqa: E402
from reply_sets import PRIVATE, SETS, good_replies, hostile_replies, read_set  # noqa: E402 - the sets live with the tests

_STREAM_SENTENCES = 12
_LONG_SENTENCES = 40
_STRETCH = 10


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sentences", type=int, default=400, help="how many of each kind")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    figures = {"speed_ms": _speeds(options.sentences), "errors": _errors()}
    print(_table(figures))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _speeds(count: int) -> dict[str, dict[str, float]]:
    passages = [f"{passage.heading}\n{passage.text}" for passage in load_library().passages]
    helplines = load_helplines()
    context = ReviewContext(helpline_numbers=helplines.numbers())
    rules, learned = RuleReview.load(helplines, passages), load_learned_review()
    served = default_review(helplines, passages)
    good = [sentence for reply in good_replies() for sentence in cut_sentences(reply)][:count]
    quoted = [sentence for passage in passages for sentence in cut_sentences(passage)][:count]
    rows: dict[str, dict[str, float]] = {}
    for name, texts in (("good replies", good), ("library", quoted)):
        for layer, review in (("rules", rules), ("learned", learned), ("as served", served)):
            rows[f"{layer}, {name}"] = _timed(lambda text, to=review: to.review(text, context), texts)
    rows["in a stream, good replies"] = _streamed(served, context, good)
    return rows | _by_place(served, context)


def _timed(act: Callable[[str], Any], texts: Sequence[str]) -> dict[str, float]:
    for text in texts[:50]:
        act(text)
    return _summary([_once(lambda text=text: act(text)) for text in texts])


def _once(act: Callable[[], Any]) -> tuple[float, float]:
    """Return how long ``act`` took: milliseconds of processor time, and on the clock."""
    wall, worked = time.perf_counter(), time.process_time()
    act()
    return (time.process_time() - worked) * 1000, (time.perf_counter() - wall) * 1000


def _streamed(review: OutputReview, context: ReviewContext, texts: Sequence[str]) -> dict[str, float]:
    passed = [text for text in texts if review.review(text, context).is_passed]
    taken = []
    for start in range(0, len(passed) - _STREAM_SENTENCES, _STREAM_SENTENCES):
        reply = " ".join(text.strip() for text in passed[start : start + _STREAM_SENTENCES])
        worked, wall = _once(lambda reply=reply: asyncio.run(_read(Gate(review, context), reply)))
        taken.append((worked / _STREAM_SENTENCES, wall / _STREAM_SENTENCES))
    return _summary(taken)


def _by_place(review: OutputReview, context: ReviewContext) -> dict[str, dict[str, float]]:
    """Return what the gate adds for the first and the last sentences of long replies, and for its look at the whole."""
    passed = [text.strip() for reply in good_replies() for text in cut_sentences(reply)]
    passed = [text for text in passed if len(text) > 20 and review.review(text, context).is_passed]
    first, last, whole = list[tuple[float, float]](), list[tuple[float, float]](), list[tuple[float, float]]()
    for start in range(0, len(passed) - _LONG_SENTENCES, _LONG_SENTENCES):
        gate = Gate(review, context, GateLimits(chars=100_000))
        taken = asyncio.run(_read(gate, " ".join(passed[start : start + _LONG_SENTENCES])))
        if gate.end is GateEnd.PASSED and len(taken) > _LONG_SENTENCES - _STRETCH:
            first, last, whole = first + taken[:_STRETCH], last + taken[-_STRETCH - 1 : -1], [*whole, taken[-1]]
    return {
        "sentence 1 to 10 of a long reply": _summary(first),
        "sentence 31 to 40": _summary(last),
        "the whole, once at the end": _summary(whole),
    }


async def _read(gate: Gate, reply: str) -> list[tuple[float, float]]:
    """Return how long each sentence took to come through, and at last how long the end did."""

    async def pieces() -> AsyncIterator[str]:
        for start in range(0, len(reply), 20):
            yield reply[start : start + 20]

    marks = [(time.process_time(), time.perf_counter())]
    async for _ in gate.let_through(pieces()):
        marks.append((time.process_time(), time.perf_counter()))
    marks.append((time.process_time(), time.perf_counter()))
    return [((to[0] - begun[0]) * 1000, (to[1] - begun[1]) * 1000) for begun, to in pairwise(marks)]


def _summary(taken: Sequence[tuple[float, float]]) -> dict[str, float]:
    worked, wall = np.array(taken).T
    p50, p99 = np.percentile(worked, [50, 99])
    return {
        "mean": float(worked.mean()), "p50": float(p50), "p99": float(p99), "most": float(worked.max()),
        "wall": float(wall.mean()), "n": len(taken),
    }  # fmt: skip


def _errors() -> dict[str, dict[str, int]]:
    helplines = load_helplines()
    review = default_review(helplines, [f"{p.heading}\n{p.text}" for p in load_library().passages])
    context = ReviewContext(helpline_numbers=helplines.numbers(), private=PRIVATE)

    def passed(texts: Sequence[str]) -> int:
        return sum(review.review(text, context).is_passed for text in texts)

    sets = {"hostile, known": [case.text for case in hostile_replies("dev", "held_out")]}
    sets["hostile, nothing written against"] = [case.text for case in read_set(SETS / "hostile" / "fresh.yaml")]
    good = {"good, all": good_replies()}
    good |= {f"good, {name}": good_replies(name) for name in ("held_out", "fresh")}
    return {name: {"of": len(texts), "passed": passed(texts)} for name, texts in {**sets, **good}.items()}


def _table(figures: dict[str, Any]) -> str:
    lines = [f"{'':<34}{'mean':>8}{'p50':>8}{'p99':>8}{'most':>8}{'wall':>8}   ms a sentence"]
    lines += [
        f"{name:<34}" + "".join(f"{row[key]:>8.2f}" for key in ("mean", "p50", "p99", "most", "wall"))
        for name, row in figures["speed_ms"].items()
    ]
    lines += ["", f"{'':<40}{'of':>8}{'passed':>8}"]
    lines += [f"{name:<40}{row['of']:>8}{row['passed']:>8}" for name, row in figures["errors"].items()]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
