"""Let a model's words through sentence by sentence, each only after it has passed review; stop at the first that fails.

Each sentence is judged together with what was let through before it, so that harm spread over several sentences or
pieces is seen as soon as it is whole. Of what fails nothing is given out, not even its first words, and nothing that
comes after it. The whole is judged once more at the end.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from enum import StrEnum

from holdfast.errors import InputError
from holdfast.safety.review.cutting import SentenceCutter
from holdfast.safety.review.judging import judge_soon
from holdfast.safety.review.verdict import Finding, Harm, OutputReview, ReviewContext, ReviewVerdict

__all__ = ["Gate", "GateEnd", "GateLimits"]


class GateEnd(StrEnum):
    """How a stream ended. Only after ``PASSED`` may what was let through stand."""

    OPEN = "open"
    PASSED = "passed"
    WITHHELD = "withheld"
    BROKEN = "broken"
    ENDLESS = "endless"


@dataclass(frozen=True, kw_only=True)
class GateLimits:
    """How much and how long a gate waits for; all above 0.

    Attributes:
        chars: Characters of the whole text; one more and the stream counts as endless.
        review_s: Seconds for one verdict.
        silence_s: Seconds between two pieces.
        whole_s: Seconds for the whole stream.
        window_chars: How much of what was let through is judged again with the next sentence. The whole is judged at
            the end whatever this says.
    """

    chars: int = 8_000
    review_s: float = 10.0
    silence_s: float = 20.0
    whole_s: float = 60.0
    window_chars: int = 250

    def __post_init__(self) -> None:
        """Refuse limits that let nothing, or everything, through.

        Raises:
            InputError: A limit is not above 0.
        """
        if min(self.chars, self.review_s, self.silence_s, self.whole_s, self.window_chars) <= 0:
            raise InputError(f"Limits of a gate must all be above 0, got {self!r}; raise them.")


class Gate:
    """Judges one stream. ``end``, ``verdict`` and ``released`` say afterwards what came of it.

    Args:
        review: Judges; one that raises, hangs or answers nonsense closes the gate.
        context: What the review compares the text with.
        limits: When to give up on a stream.
    """

    def __init__(self, review: OutputReview, context: ReviewContext, limits: GateLimits | None = None) -> None:
        self._review, self._context, self._limits = review, context, limits or GateLimits()
        self.end = GateEnd.OPEN
        self.verdict: ReviewVerdict | None = None
        self.released: tuple[str, ...] = ()
        self._last = ""

    async def let_through(self, pieces: AsyncIterator[str]) -> AsyncGenerator[str]:
        """Yield each sentence of ``pieces`` that passed, in order; end at the first that does not.

        ``pieces`` is closed whatever happens, also when whoever reads leaves. Nothing is raised but cancellation: a
        source that breaks ends the stream as ``BROKEN``, one that is too long or too slow as ``ENDLESS``.
        """
        try:
            async with aclosing(self._sentences(pieces)) as sentences:
                async for sentence in sentences:
                    if not await self._passes(sentence):
                        return
                    self.released = (*self.released, sentence)
                    self._last = (self._last + sentence)[-self._limits.window_chars :]
                    yield sentence
            if self.end is GateEnd.OPEN:
                await self._judge_whole()
        finally:
            if self.end is GateEnd.OPEN:
                self.end = GateEnd.BROKEN
            await _close(pieces)

    async def _sentences(self, pieces: AsyncIterator[str]) -> AsyncGenerator[str]:
        """Yield the sentences of ``pieces`` unjudged; a source that misbehaves ends them and is named in ``end``."""
        cutter, taken = SentenceCutter(), 0
        deadline = asyncio.get_running_loop().time() + self._limits.whole_s
        while (piece := await self._next(pieces, deadline)) is not None:
            taken += len(piece)
            if taken > self._limits.chars:
                self._give_up(GateEnd.ENDLESS, "stream too long")
                return
            for sentence in cutter.feed(piece):
                yield sentence
        if self.end is GateEnd.OPEN:
            for sentence in cutter.finish():
                yield sentence

    async def _next(self, pieces: AsyncIterator[str], deadline: float) -> str | None:
        """Return the next piece; None at the end, and where the source broke or took too long."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout_at(min(deadline, loop.time() + self._limits.silence_s)):
                piece: object = await anext(pieces)
        except StopAsyncIteration:
            return None
        except TimeoutError:
            self._give_up(GateEnd.ENDLESS, "stream too slow")
            return None
        except Exception as error:  # noqa: BLE001 - a source may raise anything; it ends the stream, closed
            self._give_up(GateEnd.BROKEN, f"stream failed: {type(error).__name__}")
            return None
        if isinstance(piece, str):
            return piece
        self._give_up(GateEnd.BROKEN, "stream gave no text")
        return None

    async def _passes(self, sentence: str) -> bool:
        """Judge ``sentence`` with what came before it; the new sentence alone never decides."""
        is_cut = len(self._last) == self._limits.window_chars
        before = self._last.partition(" ")[2] if is_cut else self._last
        return await self._judge(before + sentence)

    async def _judge_whole(self) -> None:
        if await self._judge("".join(self.released)):
            self.end = GateEnd.PASSED

    async def _judge(self, text: str) -> bool:
        self.verdict = await judge_soon(self._review, text, self._context, budget_s=self._limits.review_s)
        if not self.verdict.is_passed:
            self.end = GateEnd.WITHHELD
        return self.verdict.is_passed

    def _give_up(self, end: GateEnd, reason: str) -> None:
        self.end = end
        self.verdict = ReviewVerdict(findings=(Finding(harm=Harm.UNREVIEWABLE, rule=reason),), version="stream")


async def _close(pieces: AsyncIterator[str]) -> None:
    """Close a source that can be closed; how it breaks while closing changes nothing any more."""
    if isinstance(pieces, AsyncGenerator):
        try:
            await pieces.aclose()
        except Exception:  # noqa: BLE001 - the stream is over; its verdict stands
            return
