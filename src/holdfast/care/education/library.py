"""Load the articles, refuse what does not hold together, and find one by its id or citation."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from holdfast.care.conversation.state import Audience
from holdfast.care.education.article import Article, FrontMatter, Passage, ReadingLevel, slug
from holdfast.care.education.readability import readability
from holdfast.content import Loaded, load_markdown, sha256_hex
from holdfast.errors import ContentError, UnknownNameError

__all__ = ["ARTICLES", "Library", "load_library"]

ARTICLES = Path(__file__).parent / "articles"

_HEADING = re.compile(r"^(#{1,6})\s*(.*?)\s*#*$", re.MULTILINE)
_MARK = re.compile(r"\[@([^\]\s]*)\]")
_SPACE_BEFORE_MARK = re.compile(r"[ \t]*\[@[^\]\s]*\]")


@dataclass(frozen=True)
class Library:
    """Every article, by id, and every passage, by citation. ``sha256`` changes with any byte of any article."""

    by_id: Mapping[str, Article] = field(repr=False)
    by_citation: Mapping[str, Passage] = field(repr=False)
    sha256: str

    def get(self, id: str) -> Article:  # noqa: A002 - the articles' own word
        """Return the article called ``id``.

        Raises:
            UnknownNameError: There is none; the message suggests the closest ids.
        """
        if id not in self.by_id:
            raise UnknownNameError("article", id, self.by_id)
        return self.by_id[id]

    def articles(self, *, topic: str | None = None, audience: Audience | None = None) -> tuple[Article, ...]:
        """Return the articles by id, only those on ``topic`` and for ``audience`` where given; none match: empty."""
        return tuple(
            article
            for article in self.by_id.values()
            if topic in (None, article.front.topic) and (audience is None or audience in article.front.audience)
        )

    def passage(self, citation: str) -> Passage:
        """Return the passage cited as ``article-id#section-slug``.

        Raises:
            UnknownNameError: There is none; the message suggests the closest citations.
        """
        if citation not in self.by_citation:
            raise UnknownNameError("passage", citation, self.by_citation)
        return self.by_citation[citation]

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Every passage, by article id and in the order of its article."""
        return tuple(self.by_citation.values())

    @property
    def topics(self) -> tuple[str, ...]:
        """Every topic an article is filed under, sorted."""
        return tuple(sorted({article.front.topic for article in self.by_id.values()}))


def load_library(folder: Path = ARTICLES) -> Library:
    """Read every ``*.md`` file in ``folder``.

    Raises:
        ContentError: The folder holds no article, or a file breaks a rule: its id is not its name, a source mark
            names no source, a source goes unused, a section is unmarked, empty or not under a level-2 heading. The
            message names the file and every such problem in it.
    """
    files = sorted(folder.glob("*.md"))
    if not files:
        raise ContentError(f"Article folder {folder.name!r} must hold at least one .md file; restore it.")
    articles = {article.id: article for article in map(_load_article, files)}
    passages = {passage.citation: passage for article in articles.values() for passage in article.passages}
    lines = "".join(f"{article.id} {article.sha256}\n" for article in articles.values())
    return Library(articles, passages, sha256_hex(lines.encode()))


def _load_article(path: Path) -> Article:
    loaded = load_markdown(path, FrontMatter)
    sections = list(_sections(loaded.body))
    if problems := [*_front_problems(loaded), *_body_problems(loaded.body, sections, loaded.value)]:
        raise ContentError(f"{path.name} must follow the article format: {'; '.join(problems)}.")
    return Article(
        front=loaded.value,
        passages=tuple(_passage(loaded.value, heading, text) for heading, text in sections),
        body=loaded.body,
        readability=readability(loaded.body),
        path=path,
        sha256=loaded.sha256,
    )


def _sections(body: str) -> Iterator[tuple[str, str]]:
    """Yield each level-2 section's heading and text."""
    for section in re.split(r"^##(?!#)", body, flags=re.MULTILINE)[1:]:
        heading, _, text = section.partition("\n")
        yield heading.strip(), text.strip()


def _front_problems(loaded: Loaded[FrontMatter]) -> Iterator[str]:
    front, review = loaded.value, loaded.value.review
    if front.id != loaded.path.stem:
        yield f"id {front.id!r} differs from the file's name"
    if len({source.id for source in front.sources}) < len(front.sources):
        yield "two sources share an id"
    if front.reading_level is ReadingLevel.PROFESSIONAL and set(front.audience) != {Audience.HELPER}:
        yield "reading_level professional is for helpers only"
    if review.due <= review.written:
        yield "review.due does not lie after review.written"


def _body_problems(body: str, sections: list[tuple[str, str]], front: FrontMatter) -> Iterator[str]:
    if not body.startswith("## ") or any(len(m[1]) < 2 for m in _HEADING.finditer(body)):
        yield "the text does not open with a '## ' heading, or has one of level 1"
    slugs = [slug(heading) for heading, _ in sections]
    if "" in slugs or len(set(slugs)) < len(slugs):
        yield "a heading is empty or repeated"
    for heading, text in sections:
        if not _MARK.sub("", text).strip():
            yield f"section {heading!r} is empty"
        elif not re.search(r"\[@[^\]\s]+\]\W*\Z", text):
            yield f"section {heading!r} does not end with a source mark"
    known, used = {source.id for source in front.sources}, set(_MARK.findall(body))
    yield from (f"mark [@{name}] names no source" for name in sorted(used - known))
    yield from (f"source {name!r} is never cited" for name in sorted(known - used))


def _passage(front: FrontMatter, heading: str, text: str) -> Passage:
    sources = {source.id: source for source in front.sources}
    return Passage(
        citation=f"{front.id}#{slug(heading)}",
        heading=heading,
        text=_SPACE_BEFORE_MARK.sub("", text).strip(),
        marked=text,
        front=front,
        sources=tuple(sources[name] for name in dict.fromkeys(_MARK.findall(text))),
    )
