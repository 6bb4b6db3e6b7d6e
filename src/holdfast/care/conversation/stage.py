"""Show a draft while it is written: each sentence only once it has passed, and nothing at all unless all went well.

What is shown here is a preview for a person who waits; the reply that is kept comes at the end and takes its place.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from enum import StrEnum

from holdfast.care.conversation.reply import Source
from holdfast.safety.review.gate import Gate, GateEnd
from holdfast.safety.review.verdict import ReviewVerdict

__all__ = ["Show", "Shown", "ShownKind", "Stage"]


class ShownKind(StrEnum):
    """What is shown before the reply is whole."""

    NOTICE = "notice"
    SENTENCE = "sentence"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A piece of a reply in the making: the notice that this is software, or a sentence that has passed review."""

    kind: ShownKind
    text: str


Show = Callable[[Shown], Awaitable[None]]
"""Puts a piece before the person; one that raises ends the draft as if review had stopped it."""


class Stage:
    """Lets one draft of one turn through, sentence by sentence.

    Args:
        open_gate: Makes the gate for a draft with these sources.
        show: Puts each sentence that passed before the person.
        notice: Shown before the first sentence, where one is due.
    """

    def __init__(
        self, *, open_gate: Callable[[tuple[Source, ...]], Gate], show: Show, notice: str | None = None
    ) -> None:
        self._open_gate, self._show, self._notice = open_gate, show, notice
        self._gate: Gate | None = None
        self.shown = 0

    @property
    def end(self) -> GateEnd:
        """How the draft ended; ``OPEN`` where none was begun."""
        return self._gate.end if self._gate is not None else GateEnd.OPEN

    @property
    def verdict(self) -> ReviewVerdict | None:
        """The verdict that ended the draft, or the last one."""
        return self._gate.verdict if self._gate is not None else None

    async def perform(self, pieces: AsyncIterator[str], sources: tuple[Source, ...]) -> GateEnd:
        """Show what passes of ``pieces``, a text that may cite ``sources``; return how it ended. May be called once."""
        gate = self._gate = self._open_gate(sources)
        async with aclosing(gate.let_through(pieces)) as passed:
            async for sentence in passed:
                if self._notice is not None and not self.shown:
                    await self._show(Shown(kind=ShownKind.NOTICE, text=self._notice))
                self.shown += 1
                await self._show(Shown(kind=ShownKind.SENTENCE, text=sentence.strip()))
        return gate.end
