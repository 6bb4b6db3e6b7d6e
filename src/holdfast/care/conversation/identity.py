"""Say what this is: fixed answers to "are you human", and to requests to be someone or something else (A2, H2)."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from holdfast.care.conversation.compiled import compiled
from holdfast.care.conversation.parts import EngineReply, Routing
from holdfast.care.conversation.reply import Author, Choice
from holdfast.care.conversation.state import ConversationState
from holdfast.content import ContentModel, Loaded, load_yaml
from holdfast.safety.review.normalise import plain, views

__all__ = ["Identity", "IdentityEngine", "IdentityKind", "load_identity"]

_PATH = Path(__file__).with_name("identity.yaml")

IdentityKind = Literal["override", "persona", "clinician", "product", "human"]


class _Ask(ContentModel):
    kind: IdentityKind
    patterns: tuple[re.Pattern[str], ...] = Field(min_length=1)
    text: str

    @field_validator("patterns", mode="before")
    @classmethod
    def _compile(cls, patterns: list[str]) -> tuple[re.Pattern[str], ...]:
        return compiled(patterns)


class Identity(ContentModel):
    """What can be asked, in order of precedence, and the fixed answer to each."""

    id: str
    version: str
    written: date
    status: str
    asks: tuple[_Ask, ...] = Field(min_length=1)

    def asked(self, message: str) -> IdentityKind | None:
        """Return what ``message`` asks about, or None. Look-alike letters and figures for letters are seen through."""
        readings = views(plain(message))
        for ask in self.asks:
            if any(pattern.search(reading) for pattern in ask.patterns for reading in readings):
                return ask.kind
        return None

    def answer(self, kind: IdentityKind) -> str:
        """Return the fixed answer to ``kind``."""
        return next(ask.text for ask in self.asks if ask.kind == kind)


def load_identity(path: Path = _PATH) -> Loaded[Identity]:
    """Read the answers.

    Raises:
        ContentError: The file is malformed or a pattern does not compile.
    """
    return load_yaml(path, Identity)


@dataclass(frozen=True, kw_only=True)
class IdentityEngine:
    """The part that answers what this is (implements ``Engine``).

    A message that it cannot place gets the plainest answer: software, not a person.
    """

    identity: Loaded[Identity]

    async def reply(self, message: str, routing: Routing, state: ConversationState) -> EngineReply:  # noqa: ARG002 - protocol
        """Answer with the fixed text; what is under way stays under way."""
        kind = self.identity.value.asked(message) or "human"
        name = f"{self.identity.value.id}@{self.identity.value.version}"
        return EngineReply(
            text=self.identity.value.answer(kind),
            author=Author.TEMPLATE,
            choices=(Choice(label="People you can reach", path="/help"),),
            activity=state.activity,
            artefacts=((name, self.identity.sha256),),
        )
