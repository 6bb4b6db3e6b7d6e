"""Prompts: files with an id, a version and a hash, filled in by plain substitution."""

from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import Annotated, Self

from pydantic import Field, model_validator

from holdfast.content import ContentModel, Loaded, load_yaml

__all__ = ["PROMPTS", "DraftPrompt", "SupportPolicy", "load_draft_prompt"]

PROMPTS = Path(__file__).parent / "prompts"

Share = Annotated[float, Field(ge=0, le=1)]


class SupportPolicy(ContentModel):
    """When a drafted sentence counts as supported, and when enough of a draft is.

    ``overlap`` is the least share of the sentence's subject words that the cited passages must have. ``decisive``
    words must all be in the cited passages, and what follows a ``pivots`` word must follow it there. With fewer than
    ``min_sentences`` sentences kept, or less than ``min_kept_share`` of them, there is no draft.
    """

    overlap: Share
    min_sentences: int = Field(ge=1)
    min_kept_share: Share
    decisive: tuple[str, ...]
    pivots: tuple[str, ...]


class DraftPrompt(ContentModel):
    """The instructions under which a model drafts an answer from passages."""

    id: str
    version: int = Field(ge=1)
    written: str
    system: str
    user: str
    support: SupportPolicy

    @model_validator(mode="after")
    def _has_exactly_its_places(self) -> Self:
        places = set(Template(self.user).get_identifiers())
        if places != {"passages", "question"} or not Template(self.user).is_valid():
            raise ValueError("user must have the places $passages and $question and no other")
        return self

    def fill(self, *, passages: str, question: str) -> str:
        """Return the user message. Both texts are put in as they are: a ``$`` in either stays a ``$``."""
        return Template(self.user).substitute(passages=passages, question=question)

    def private_lines(self) -> Sequence[str]:
        """Return the lines of the instructions that must never reach a person."""
        return [line.strip() for line in self.system.splitlines() if line.strip()]


def load_draft_prompt(path: Path = PROMPTS / "education-draft.yaml") -> Loaded[DraftPrompt]:
    """Read a drafting prompt and its hash.

    Raises:
        ContentError: The file is malformed.
    """
    return load_yaml(path, DraftPrompt)
