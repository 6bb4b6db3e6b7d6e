"""What the served reviewer says of a text, as if a language model had written it."""

from dataclasses import replace

from holdfast.care.conversation.parts import EngineReply
from holdfast.care.conversation.release import Releaser
from holdfast.care.conversation.reply import Author, Source

__all__ = ["is_let_through", "verdicts_on"]

_PATIENCE_S = 60.0
"""A slow reviewer counts as a finding where people wait. Here the words are judged, and not how busy the machine is."""


def verdicts_on(releaser: Releaser, text: str, sources: tuple[Source, ...] = ()) -> tuple[tuple[str, str], ...]:
    """Return outcome, findings and version of the verdict on ``text``, which names its sources in brackets."""
    patient = replace(releaser, limits=replace(releaser.limits, review_s=_PATIENCE_S))
    released = patient.release(EngineReply(text=text, author=Author.MODEL, sources=sources))
    return tuple(item for verdict in released.review for item in sorted(verdict.items()))


def is_let_through(releaser: Releaser, text: str, sources: tuple[Source, ...] = ()) -> bool:
    """Whether nothing is found in ``text``."""
    return ("outcome", "passed") in verdicts_on(releaser, text, sources)
