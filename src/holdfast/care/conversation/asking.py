"""Recognise questions about what this is in languages other than English, and answer each in its own words (H2)."""

import re
from datetime import date
from pathlib import Path

from pydantic import Field, field_validator

from holdfast.care.conversation.compiled import compiled
from holdfast.content import ContentModel, Loaded, load_yaml
from holdfast.safety.review.normalise import fold_letters, plain

__all__ = ["Asking", "load_asking"]

_PATH = Path(__file__).with_name("asking.yaml")


class _Language(ContentModel):
    language: str
    patterns: tuple[re.Pattern[str], ...] = Field(min_length=1)
    text: str

    @field_validator("patterns", mode="before")
    @classmethod
    def _compile(cls, patterns: list[str]) -> tuple[re.Pattern[str], ...]:
        return compiled(map(fold_letters, patterns))


class Asking(ContentModel):
    """Questions by language, and the sentence that answers each."""

    id: str
    version: str
    written: date
    status: str
    languages: tuple[_Language, ...] = Field(min_length=1)

    def answer(self, message: str) -> str | None:
        """Return the sentence that says what this is, in the language ``message`` asks in, or None."""
        reading = plain(message)
        for language in self.languages:
            if any(pattern.search(reading) for pattern in language.patterns):
                return language.text
        return None


def load_asking(path: Path = _PATH) -> Loaded[Asking]:
    """Read the questions.

    Raises:
        ContentError: The file is malformed or a pattern does not compile.
    """
    return load_yaml(path, Asking)
