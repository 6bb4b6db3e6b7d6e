"""When the library answers and when it declines: one content file, patterns and threshold together."""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from holdfast.care.conversation.reply import Choice
from holdfast.content import ContentModel, Loaded, load_yaml

__all__ = ["AnsweringPolicy", "Declined", "Offer", "Wording", "load_answering"]

ANSWERING = Path(__file__).parent / "answering.yaml"

_CHARACTERS_READ = 4_000


_TERM = re.compile(r"<(\w+)>")

Pattern = Annotated[str, Field(min_length=3)]
Share = Annotated[float, Field(ge=0, le=1)]


class Offer(ContentModel):
    """A reply the person can give with one press: it sends ``value`` or opens ``path``."""

    label: str
    value: str | None = None
    path: str | None = None

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if (self.value is None) == (self.path is None):
            raise ValueError("a choice must have a value or a path, and not both")
        return self

    @property
    def choice(self) -> Choice:
        """The choice as a reply carries it."""
        return Choice(label=self.label, value=self.value, path=self.path)


class Wording(ContentModel):
    """What is said where the library does not answer."""

    text: str
    next_step: str
    referral: str
    choices: tuple[Offer, ...]


class Declined(Wording):
    """Questions that no passage may answer. ``see_also`` holds ids of articles to read instead.

    ``<name>`` in a pattern stands for any of the policy's terms of that name. Where an ``unless`` pattern matches, the
    rule does not apply.
    """

    id: str
    patterns: Annotated[tuple[Pattern, ...], Field(min_length=1)]
    unless: tuple[Pattern, ...] = ()
    see_also: tuple[str, ...]
    offers_article: bool = False


class AnsweringPolicy(ContentModel):
    """The rules of answering. ``threshold`` is the least evidence, 0 to 1, on which a passage is shown."""

    id: str
    version: int = Field(ge=1)
    written: str
    status: str
    threshold: Share
    most_passages: int = Field(ge=1, le=5)
    least_share_of_best: Share
    terms: Mapping[str, tuple[str, ...]]
    declined: tuple[Declined, ...]
    nothing_fits: Wording
    model_silent: str

    @model_validator(mode="after")
    def _compiles(self) -> Self:
        try:
            _ = self._expressions
        except (re.error, KeyError) as error:
            raise ValueError(f"declined holds a pattern that cannot be read: {error}") from error
        return self

    @cached_property
    def _expressions(self) -> tuple[tuple[Declined, re.Pattern[str], re.Pattern[str]], ...]:
        """Each rule with its patterns and its exceptions, each as one, terms put in, case ignored."""
        return tuple((rule, self._joined(rule.patterns), self._joined(rule.unless)) for rule in self.declined)

    def _joined(self, patterns: Sequence[str]) -> re.Pattern[str]:
        """Return a pattern that matches where one of ``patterns`` does; with none, one that never matches."""
        terms = {name: f"(?:{'|'.join(words)})" for name, words in self.terms.items()}
        filled = [_TERM.sub(lambda found: terms[found[1]], pattern) for pattern in patterns]
        return re.compile("|".join(filled) or r"(?!)", re.IGNORECASE)

    def declines(self, question: str) -> Declined | None:
        """Return the first rule that forbids answering ``question``, or None. Reads its first 4,000 characters."""
        text = " ".join(question[:_CHARACTERS_READ].replace("\u2019", "'").split())
        for rule, expression, exception in self._expressions:
            if expression.search(text) and not exception.search(text):
                return rule
        return None


def load_answering(path: Path = ANSWERING) -> Loaded[AnsweringPolicy]:
    """Read the rules of answering.

    Raises:
        ContentError: The file is malformed or a pattern is not a regular expression.
    """
    return load_yaml(path, AnsweringPolicy)
