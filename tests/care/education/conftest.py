"""A small library on disk, written by the tests, next to the packaged one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from holdfast.care.education.library import Library, load_library
from holdfast.care.education.policy import AnsweringPolicy, load_answering
from holdfast.care.education.retrieval import FullTextRetriever

FRONT = """---
id: {id}
title: {title}
topic: {topic}
audience: [{audience}]
version: 1
language: en
reading_level: {level}
summary: A short article for tests.
sources:
  - {{id: first-source, publisher: First, title: A first document, year: 2020}}
  - {{id: second-source, publisher: Second, title: A second document, year: 2021}}
next_step: Talk to someone you trust about {topic}.
referral: See a doctor if {topic} does not lift.
review: {{written: 2026-11-22, due: 2027-11-22, reviewers: [], status: not reviewed}}
---
"""

BODY = """## What is {topic}?

{topic} is a word for something that many people live with. It can be talked about. [@first-source]

## What helps with {topic}?

Small steps can help. A walk, a friend and a plan are three of them. [@first-source] [@second-source]
"""

WriteArticle = Callable[..., Path]


@pytest.fixture
def write_article(tmp_path: Path) -> WriteArticle:
    """Write an article that holds together unless told otherwise; returns its path."""

    def write(
        name: str = "sample-article",
        *,
        topic: str = "kites",
        audience: str = "public",
        level: str = "plain",
        body: str = BODY,
        change: tuple[str, str] = ("", ""),
    ) -> Path:
        front = FRONT.format(id=name, title=f"About {topic}", topic=topic, audience=audience, level=level)
        text = front + body.format(topic=topic)
        assert change[0] in text
        path = tmp_path / "articles" / f"{name}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.replace(*change, 1) if change[0] else text, encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def library() -> Library:
    """The packaged library."""
    return load_library()


@pytest.fixture(scope="session")
def retriever(library: Library) -> FullTextRetriever:
    """The packaged library's index."""
    return FullTextRetriever(library.passages)


@pytest.fixture(scope="session")
def policy() -> AnsweringPolicy:
    """The packaged rules of answering."""
    return load_answering().value
