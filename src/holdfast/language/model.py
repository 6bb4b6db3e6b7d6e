"""What Holdfast asks of a language model: one text in answer to two, or a clear failure."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

__all__ = ["Completion", "LanguageModel", "StreamingModel"]


@dataclass(frozen=True, kw_only=True)
class Completion:
    """What a model wrote. ``model_id`` names the model, for the trace."""

    text: str = field(repr=False)
    model_id: str


class LanguageModel(Protocol):
    """Completes a prompt. It never routes, scores or speaks in a crisis."""

    async def complete(self, system: str, user: str) -> Completion:
        """Answer ``user`` under the instructions ``system``.

        Raises:
            ModelError: The model stalled, broke or answered nothing; the message quotes neither text.
        """
        ...


@runtime_checkable
class StreamingModel(LanguageModel, Protocol):
    """A language model that can also give its answer in pieces while it writes. ``model_id`` names it."""

    @property
    def model_id(self) -> str:
        """The model's name, for the trace."""
        ...

    def stream(self, system: str, user: str) -> AsyncIterator[str]:
        """Yield the answer to ``user`` under ``system`` in pieces of any size; closing it ends the request.

        Raises:
            ModelError: While iterating: the model stalled, broke or answered nothing; neither text is quoted.
        """
        ...
