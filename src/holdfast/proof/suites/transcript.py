"""Talk with the pipeline as a person would, and keep what was shown."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from holdfast.care.conversation.message import clean_message
from holdfast.care.conversation.pipeline import Conversation, TurnOutcome
from holdfast.care.conversation.reply import Reply
from holdfast.care.conversation.stage import Shown
from holdfast.care.conversation.state import ConversationState, Purpose

__all__ = ["AGREED", "Transcript", "converse", "shown"]

AGREED = frozenset({Purpose.CONVERSATION, Purpose.CHECK_INS, Purpose.EXERCISES, Purpose.LANGUAGE_MODEL})
"""What somebody who uses every part has agreed to."""

_MAX_CHARS = 4_000


@dataclass(frozen=True)
class Transcript:
    """Every turn's outcome, in order, at least one; and what was shown while replies were being written."""

    outcomes: tuple[TurnOutcome, ...] = field(repr=False)
    early: tuple[str, ...] = field(default=(), repr=False)

    @property
    def first(self) -> TurnOutcome:
        """The outcome of the first message."""
        return self.outcomes[0]

    @property
    def last(self) -> TurnOutcome:
        """The outcome of the last message."""
        return self.outcomes[-1]


async def converse(
    conversation: Conversation,
    messages: Iterable[str],
    state: ConversationState | None = None,
    *,
    is_streamed: bool = False,
) -> Transcript:
    """Send ``messages`` one after the other, from ``state`` (somebody new who agreed to everything) on.

    With ``is_streamed``, somebody watches the replies being written.
    """
    current = state or ConversationState(consents=AGREED)
    outcomes: list[TurnOutcome] = []
    early: list[str] = []

    async def watch(piece: Shown) -> None:
        early.append(piece.text)

    for message in messages:
        said = clean_message(message, max_chars=_MAX_CHARS)
        outcome = await (
            conversation.turn(said, current, show=watch) if is_streamed else conversation.turn(said, current)
        )
        outcomes.append(outcome)
        current = outcome.state
    return Transcript(tuple(outcomes), tuple(early))


def shown(reply: Reply) -> str:
    """Return every word of ``reply`` that a person sees, a paragraph each."""
    parts = [reply.notice, reply.text, reply.next_step, reply.referral]
    parts += [choice.label for choice in reply.choices]
    parts += [f"{source.title} ({source.published})" for source in reply.sources]
    parts += [f"{r.name} {r.contact} {r.hours} {r.region} {r.checked}" for r in reply.resources]
    return "\n\n".join(part for part in parts if part)
