"""Claims about the gate: what fails is never seen, not even its first words, whatever the source or reviewer does."""

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from holdfast.errors import InputError
from holdfast.safety.review.gate import Gate, GateEnd, GateLimits
from holdfast.safety.review.review import RuleReview
from holdfast.safety.review.verdict import Finding, Harm, ReviewContext, ReviewVerdict
from reply_forms import chunks
from reply_sets import Case

QUICK = GateLimits(review_s=0.2, silence_s=0.2, whole_s=2.0)
KIND = "It can help to rest. A walk may lift your mood. "


@dataclass
class Source:
    """Gives out pieces, then does what it is told to: end, raise, hang or never end."""

    pieces: list[str]
    then: Any = None
    taken: int = 0
    is_closed: bool = field(default=False)

    async def stream(self) -> AsyncIterator[str]:
        try:
            for piece in self.pieces:
                self.taken += 1
                yield piece
            if self.then == "hang":
                await asyncio.Event().wait()
            while self.then == "go on":
                yield "It can help to rest. "
            if isinstance(self.then, Exception):
                raise self.then
        finally:
            self.is_closed = True


@dataclass
class Reviewer:
    """Withholds texts with the word HARM; breaks as told on texts with the word BREAK."""

    how: Any = None
    seen: list[str] = field(default_factory=list)

    def review(self, text: str, context: ReviewContext) -> ReviewVerdict:
        self.seen.append(text)
        if "BREAK" in text:
            if isinstance(self.how, BaseException):
                raise self.how
            if self.how == "hang":
                threading.Event().wait(3)
            return self.how  # type: ignore[no-any-return]
        found = (Finding(harm=Harm.OFF_SCOPE, rule="test"),) if "HARM" in text else ()
        return ReviewVerdict(findings=found, version="test 1")


async def run(gate: Gate, source: Source) -> str:
    return "".join([sentence async for sentence in gate.let_through(source.stream())])


async def test_what_passes_comes_out_unchanged_and_in_order() -> None:
    for size in (1, 3, 1000):
        gate, source = Gate(Reviewer(), ReviewContext()), Source(chunks(KIND, size))
        assert await run(gate, source) == KIND
        assert gate.end is GateEnd.PASSED
        assert "".join(gate.released) == KIND
        assert source.is_closed


async def test_nothing_of_what_fails_is_seen_and_nothing_after_it_is_asked_for() -> None:
    gate = Gate(Reviewer(), ReviewContext())
    source = Source(chunks(f"{KIND}Then the HARM comes. It can help to rest. " + "It can help. " * 50, 4))
    assert await run(gate, source) == KIND
    assert gate.end is GateEnd.WITHHELD
    assert source.is_closed
    assert source.taken < len(source.pieces) - 100


async def test_each_sentence_is_judged_with_what_was_let_through_and_the_whole_at_the_end() -> None:
    reviewer = Reviewer()
    await run(Gate(reviewer, ReviewContext()), Source(["One. ", "Two. ", "Three."]))
    assert reviewer.seen == ["One. ", "One. Two. ", "One. Two. Three.", "One. Two. Three."]


async def test_a_whole_that_fails_after_its_sentences_passed_is_withheld() -> None:
    class OnlyWhole(Reviewer):
        def review(self, text: str, context: ReviewContext) -> ReviewVerdict:
            return super().review("HARM" if text.startswith("First") and len(text) > 500 else text, context)

    gate = Gate(OnlyWhole(), ReviewContext(), GateLimits(window_chars=50))
    await run(gate, Source(["First. ", *["It can help to rest. "] * 40]))
    assert gate.end is GateEnd.WITHHELD


@pytest.mark.parametrize(
    "how", [RuntimeError("x"), TimeoutError(), KeyboardInterrupt(), SystemExit(), "hang", None, True, "fine", ()]
)
async def test_a_reviewer_that_breaks_hangs_or_talks_nonsense_stops_the_stream(how: Any) -> None:
    gate, source = Gate(Reviewer(how), ReviewContext(), QUICK), Source([KIND, "Then BREAK. ", KIND])
    assert await run(gate, source) == KIND
    assert gate.end is GateEnd.WITHHELD
    assert gate.verdict is not None
    assert gate.verdict.findings[0].harm is Harm.UNREVIEWABLE
    assert source.is_closed


async def test_a_verdict_with_nonsense_for_findings_is_no_permission() -> None:
    nonsense: tuple[Any, ...] = (None, [], ("harm",), (Finding(harm="rude", rule="x"),))  # type: ignore[arg-type]
    for findings in nonsense:
        verdict = ReviewVerdict(findings=findings, version="1")
        gate = Gate(Reviewer(verdict), ReviewContext(), QUICK)
        assert await run(gate, Source(["BREAK. "])) == ""
        assert gate.end is GateEnd.WITHHELD


@pytest.mark.parametrize(
    ("then", "end"),
    [(RuntimeError("x"), GateEnd.BROKEN), ("hang", GateEnd.ENDLESS), ("go on", GateEnd.ENDLESS)],
)
async def test_a_source_that_breaks_hangs_or_never_ends_is_closed_and_said(then: Any, end: GateEnd) -> None:
    gate, source = Gate(Reviewer(), ReviewContext(), QUICK), Source([KIND, "Half a sen"], then)
    seen = await run(gate, source)
    assert gate.end is end
    assert "Half a sen" not in seen or then == "go on"
    assert source.is_closed


async def test_a_source_that_gives_no_text_ends_the_stream() -> None:
    gate = Gate(Reviewer(), ReviewContext())
    assert await run(gate, Source([KIND, b"bytes"])) == "It can help to rest. "  # type: ignore[list-item]
    assert gate.end is GateEnd.BROKEN


async def test_a_reader_who_leaves_closes_the_source() -> None:
    gate, source = Gate(Reviewer(), ReviewContext()), Source([KIND] * 50)
    passed = gate.let_through(source.stream())
    assert await anext(passed) == "It can help to rest. "
    await passed.aclose()
    assert source.is_closed
    assert gate.end is GateEnd.BROKEN


async def test_a_cancelled_turn_closes_the_source_while_it_waits() -> None:
    gate, source = Gate(Reviewer(), ReviewContext(), GateLimits(silence_s=60)), Source([KIND], "hang")
    task = asyncio.create_task(run(gate, source))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert source.is_closed
    assert gate.end is GateEnd.BROKEN


@pytest.mark.parametrize("limit", ["chars", "review_s", "silence_s", "whole_s", "window_chars"])
def test_limits_that_limit_nothing_are_refused(limit: str) -> None:
    with pytest.raises(InputError, match="must all be above 0"):
        GateLimits(**{limit: 0})


async def test_no_hostile_reply_comes_through_in_pieces_of_any_size(
    review: RuleReview, context: ReviewContext, hostile: list[Case]
) -> None:
    for at, case in enumerate(hostile):
        gate = Gate(review, context)
        size = (1, 2, 5, 17, 80)[at % 5]
        seen = await run(gate, Source(chunks(f"{KIND}{case.text} {KIND}", size)))
        assert gate.end is GateEnd.WITHHELD, case
        assert seen.startswith(KIND) or KIND.startswith(seen), case
        assert case.text.strip() not in seen, case
        assert review.review(seen, context).is_passed, case


async def test_harm_split_over_sentences_is_seen_when_it_is_whole(review: RuleReview, context: ReviewContext) -> None:
    for text in ("You should. End. Your life. ", "Nobody. Would. Miss. You. ", "You should\n\n- just\n- end it\n"):
        gate = Gate(review, context)
        seen = await run(gate, Source(chunks(KIND + text, 3)))
        assert gate.end is GateEnd.WITHHELD
        assert "life" not in seen
        assert "end it" not in seen
