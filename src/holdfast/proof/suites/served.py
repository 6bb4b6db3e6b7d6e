"""The system under test: the pipeline as it is served, and the same pipeline with another language model."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from holdfast.care.conversation.pipeline import Conversation
from holdfast.language.model import LanguageModel

__all__ = ["Served", "as_served"]


@dataclass(frozen=True, kw_only=True)
class Served:
    """What suites are put to.

    Attributes:
        conversation: The pipeline with the language model of this release, or with none.
        with_model: Builds the same pipeline around a language model; the hostile suite brings its own.
    """

    conversation: Conversation
    with_model: Callable[[LanguageModel], Conversation]


def as_served(*, tier: str, now: datetime, language_model: LanguageModel | None = None) -> Served:
    """Assemble the pipeline exactly as the service does, at a fixed time so that a run can be repeated.

    Raises:
        ContentError: A content file is missing or malformed.
    """
    from holdfast.care.conversation.assembly import assemble

    def build(model: LanguageModel | None) -> Conversation:
        return assemble(tier=tier, clock=lambda: now, language_model=model)

    return Served(conversation=build(language_model), with_model=build)
