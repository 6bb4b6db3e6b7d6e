"""The languages this knows something of, as data: what it answers in, what detection has learnt, how well (G3)."""

from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from holdfast.content import ContentModel, Loaded, load_yaml

__all__ = ["Languages", "LearntLanguage", "Recall", "load_languages"]

_PATH = Path(__file__).with_name("languages.yaml")

Script = Literal["LATIN", "DEVANAGARI", "ARABIC", "CJK"]
"""The first word of a letter's name in Unicode."""


class Recall(ContentModel):
    """Messages of risk that detection found, of so many in our own held-out lines; more is better."""

    found: int = Field(ge=0)
    of: int = Field(ge=1)

    @model_validator(mode="after")
    def _is_share(self) -> Self:
        if self.found > self.of:
            raise ValueError("recall must not find more than there were")
        return self

    @property
    def share(self) -> float:
        """The share found, 0 to 1."""
        return self.found / self.of


class _Words(ContentModel):
    """What is said to somebody who writes in another language: a line, and the words of the link to help."""

    text: str
    help: str


class LearntLanguage(_Words):
    """A language that detection has learnt a little of. ``tag`` is its BCP 47 tag, ``words`` tell of it."""

    tag: str
    name: str
    own_name: str
    script: Script
    direction: Literal["ltr", "rtl"]
    recall: Recall
    words: frozenset[str] = frozenset()

    @field_validator("words", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return value.split() if isinstance(value, str) else value


class Languages(ContentModel):
    """Every language there is something to say about.

    Attributes:
        answers_in: The language of the service, by its English name.
        measured_in: The page that the recalls come from.
        elsewhere: What is said, in English, to somebody who writes in a language that nothing here has learnt.
        learnt: The languages detection has learnt a little of.
        others: Words that tell of languages it has not learnt, so that they are not taken for those it has.
    """

    id: str
    version: str
    written: date
    status: str
    answers_in: str
    measured_in: str
    elsewhere: _Words
    learnt: tuple[LearntLanguage, ...] = Field(min_length=1)
    others: dict[str, frozenset[str]]

    @field_validator("others", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {name: words.split() if isinstance(words, str) else words for name, words in value.items()}

    @model_validator(mode="after")
    def _are_distinct(self) -> Self:
        if len({one.tag for one in self.learnt}) < len(self.learnt):
            raise ValueError("every language must stand once")
        return self

    @cached_property
    def by_tag(self) -> dict[str, LearntLanguage]:
        """The learnt languages by tag."""
        return {one.tag: one for one in self.learnt}


def load_languages(path: Path = _PATH) -> Loaded[Languages]:
    """Read the list.

    Raises:
        ContentError: The file is malformed.
    """
    return load_yaml(path, Languages)
