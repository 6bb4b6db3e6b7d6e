"""An article of the library: its front matter, its passages and how hard it is to read."""

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from holdfast.care.conversation.state import Audience
from holdfast.care.education.readability import Readability
from holdfast.content import ContentModel

__all__ = ["Article", "ArticleSource", "FrontMatter", "Passage", "ReadingLevel", "Review", "slug"]

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=80)]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=400)]


class ReadingLevel(StrEnum):
    """How hard an article may be: ``PLAIN`` is US grade 9 or under on both scores."""

    PLAIN = "plain"
    PROFESSIONAL = "professional"


class ArticleSource(ContentModel):
    """A published document that an article rests on."""

    id: Identifier
    publisher: Sentence
    title: Sentence
    year: int = Field(ge=1900, le=2100)
    url: str | None = Field(default=None, pattern=r"^https://\S+$")

    @property
    def citation(self) -> str:
        """Publisher, title and year on one line."""
        return f"{self.publisher}: {self.title} ({self.year})"


class Review(ContentModel):
    """Who wrote an article when, when it is due, and who has reviewed it. ``reviewers`` ships empty."""

    written: date
    due: date
    reviewers: tuple[Sentence, ...]
    status: Sentence


class FrontMatter(ContentModel):
    """What an article says of itself, above its text."""

    id: Identifier
    title: Sentence
    topic: Identifier
    audience: Annotated[tuple[Audience, ...], Field(min_length=1)]
    version: int = Field(ge=1)
    language: str = Field(pattern=r"^[a-z]{2}$")
    reading_level: ReadingLevel
    summary: Sentence
    sources: Annotated[tuple[ArticleSource, ...], Field(min_length=2)]
    next_step: Sentence
    referral: Sentence
    review: Review


@dataclass(frozen=True, kw_only=True)
class Passage:
    """One section of an article: the unit that is found, quoted and cited.

    ``citation`` is ``article-id#section-slug``. ``text`` is the section word for word, its source marks taken out;
    ``marked`` has them still. ``sources`` are the documents those marks name, in order.
    """

    citation: str
    heading: str
    text: str = field(repr=False)
    marked: str = field(repr=False)
    front: FrontMatter = field(repr=False)
    sources: tuple[ArticleSource, ...] = field(repr=False)

    @property
    def article(self) -> str:
        """The id of the article it belongs to."""
        return self.front.id

    @property
    def title(self) -> str:
        """The title of the article it belongs to."""
        return self.front.title

    @property
    def slug(self) -> str:
        """Its place within the article's page."""
        return self.citation.partition("#")[2]

    @property
    def path(self) -> str:
        """Its page on this site."""
        return f"/learn/{self.citation}"

    @property
    def published(self) -> str:
        """The documents it rests on, on one line."""
        return "; ".join(source.citation for source in self.sources)


@dataclass(frozen=True, kw_only=True)
class Article:
    """A validated article. ``readability`` scores its text; ``sha256`` is that of the file's bytes."""

    front: FrontMatter
    passages: tuple[Passage, ...]
    body: str = field(repr=False)
    readability: Readability
    path: Path
    sha256: str

    @property
    def id(self) -> str:
        """The article's id, which is also its file name."""
        return self.front.id

    @property
    def is_for_public(self) -> bool:
        """Whether people without training read it, so that it must stay at or under grade 9."""
        return not {Audience.PUBLIC, Audience.CAREGIVER}.isdisjoint(self.front.audience)


def slug(heading: str) -> str:
    """Return ``heading`` as a URL fragment: lower-case letters and digits joined by hyphens; empty if it has none."""
    return "-".join(re.findall(r"[a-z0-9]+", heading.lower().replace("'", "").replace("\u2019", "")))
