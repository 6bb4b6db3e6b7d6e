"""The system under test: the pipeline as it is served, and the same pipeline with another language model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from holdfast.care.conversation.pipeline import Conversation
from holdfast.language.model import LanguageModel

if TYPE_CHECKING:
    from holdfast.proof.suites.imprint import Imprint

__all__ = ["RunsAfresh", "Served", "as_served"]


class RunsAfresh(Protocol):
    """Says messages to a pipeline that was started anew, in a process of its own."""

    async def __call__(self, messages: Sequence[str], *, seed: int) -> Sequence["Imprint"]:
        """Return what came of each message, said by somebody new. ``seed`` is that of the process's hashes.

        Raises:
            EvidenceError: The process broke.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Served:
    """What suites are put to.

    Attributes:
        conversation: The pipeline with the language model of this release, or with none.
        with_model: Builds the same pipeline around a language model; the hostile suite brings its own.
        afresh: The same pipeline without a language model in a process of its own; None where there is no such thing.
        is_drafting: Whether a language model drafts in ``conversation``.
    """

    conversation: Conversation
    with_model: Callable[[LanguageModel], Conversation]
    afresh: RunsAfresh | None = None
    is_drafting: bool = False


def as_served(*, tier: str, now: datetime, language_model: LanguageModel | None = None) -> Served:
    """Assemble the pipeline exactly as the service does, at a fixed time so that a run can be repeated.

    Raises:
        ContentError: A content file is missing or malformed.
    """
    from holdfast.care.conversation.assembly import assemble
    from holdfast.proof.suites.fresh_process import FreshProcess

    def build(model: LanguageModel | None) -> Conversation:
        return assemble(tier=tier, clock=lambda: now, language_model=model)

    return Served(
        conversation=build(language_model),
        with_model=build,
        afresh=FreshProcess(tier=tier, now=now.isoformat()),
        is_drafting=language_model is not None,
    )
