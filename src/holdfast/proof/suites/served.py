"""The system under test: the pipeline as it is served, and the same pipeline with another language model."""

from collections.abc import Callable
from dataclasses import dataclass

from holdfast.care.conversation.pipeline import Conversation
from holdfast.language.model import LanguageModel

__all__ = ["Served"]


@dataclass(frozen=True, kw_only=True)
class Served:
    """What suites are put to.

    Attributes:
        conversation: The pipeline with the language model of this release, or with none.
        with_model: Builds the same pipeline around a language model; the hostile suite brings its own.
    """

    conversation: Conversation
    with_model: Callable[[LanguageModel], Conversation]
