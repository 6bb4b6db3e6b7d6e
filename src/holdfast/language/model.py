"""What Holdfast asks of a language model: one text in answer to two, or a clear failure."""

from dataclasses import dataclass, field
from typing import Protocol

__all__ = ["Completion", "LanguageModel"]


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
