"""The library loads whole or not at all, and the packaged one keeps its promises."""

from collections.abc import Callable
from pathlib import Path

import pytest

from holdfast.care.conversation.state import Audience
from holdfast.care.education.article import slug
from holdfast.care.education.library import ARTICLES, Library, load_library
from holdfast.errors import ContentError, UnknownNameError

WriteArticle = Callable[..., Path]

GRADE_LIMIT = 9.0
TOPICS_ASKED_FOR = {
    "depression", "anxiety", "panic", "ptsd", "ocd", "bipolar", "psychosis", "eating-disorders", "substance-use",
    "perinatal", "grief", "loneliness", "sleep", "stress-and-burnout", "self-esteem", "anger", "adolescents",
    "older-adults", "autism-and-adhd", "medication-questions", "therapy-and-finding-care", "caring-for-someone",
    "supporting-someone-in-crisis", "stigma", "help-seeking", "digital-tools",
}  # fmt: skip


def test_the_packaged_library_has_at_least_sixty_articles(library: Library) -> None:
    assert len(library.by_id) >= 60
    assert len(library.by_id) == len(list(ARTICLES.glob("*.md")))


def test_every_topic_asked_for_is_covered(library: Library) -> None:
    assert set(library.topics) >= TOPICS_ASKED_FOR


def test_every_audience_has_articles(library: Library) -> None:
    for audience in Audience:
        assert library.articles(audience=audience)


def test_articles_for_the_public_stay_at_or_under_grade_nine_on_both_scores(library: Library) -> None:
    too_hard = {
        article.id: article.readability
        for article in library.by_id.values()
        if article.is_for_public
        and max(article.readability.flesch_kincaid_grade, article.readability.automated_readability_index) > GRADE_LIMIT
    }
    assert not too_hard


def test_no_article_claims_a_reviewer(library: Library) -> None:
    for article in library.by_id.values():
        assert article.front.review.reviewers == ()
        assert "not yet reviewed" in article.front.review.status


def test_every_passage_is_in_its_file_word_for_word_and_has_a_source(library: Library) -> None:
    for passage in library.passages:
        article = library.get(passage.article)
        assert passage.marked in article.path.read_text(encoding="utf-8")
        assert passage.text.split() == [w for w in passage.marked.split() if not w.startswith("[@")]
        assert "[@" not in passage.text
        assert passage.sources
        assert library.passage(passage.citation) is passage
        assert passage.path == f"/learn/{article.id}#{passage.slug}"


def test_articles_can_be_narrowed_by_topic_and_audience(library: Library) -> None:
    found = library.articles(topic="caring-for-someone", audience=Audience.CAREGIVER)
    assert found
    assert all(a.front.topic == "caring-for-someone" and Audience.CAREGIVER in a.front.audience for a in found)
    assert library.articles(topic="no-such-topic") == ()


def test_an_unknown_article_or_passage_is_refused_with_the_closest_ids(library: Library) -> None:
    with pytest.raises(UnknownNameError, match=r"Article must be a known id.*depression-what-it-is"):
        library.get("depression-what-is-it")
    with pytest.raises(UnknownNameError, match="Passage must be a known id"):
        library.passage("depression-what-it-is#nowhere")


def test_a_small_library_gives_its_passages_with_text_sources_and_scores(write_article: WriteArticle) -> None:
    path = write_article()
    library = load_library(path.parent)
    first, second = library.passages
    assert first.citation == "sample-article#what-is-kites"
    assert first.text == "kites is a word for something that many people live with. It can be talked about."
    assert [source.id for source in second.sources] == ["first-source", "second-source"]
    assert second.published == "First: A first document (2020); Second: A second document (2021)"
    assert library.get("sample-article").readability.words > 30


def test_the_librarys_hash_changes_with_any_article(write_article: WriteArticle) -> None:
    folder = write_article().parent
    before = load_library(folder).sha256
    write_article(topic="boats")
    assert load_library(folder).sha256 != before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("id: sample-article", "id: other-article"), "id 'other-article' differs from the file's name"),
        (("[@second-source]", "[@third-source]"), r"mark \[@third-source\] names no source"),
        ((" [@second-source]", ""), "source 'second-source' is never cited"),
        (("talked about. [@first-source]", "talked about."), "does not end with a source mark"),
        (("## What helps with kites?", "# What helps with kites?"), "has one of level 1"),
        (("## What helps with kites?", "## What is kites?"), "a heading is empty or repeated"),
        (("## What is kites?\n", ""), "does not open with"),
        (("reading_level: plain", "reading_level: professional"), "professional is for helpers only"),
        (("due: 2027-11-22", "due: 2026-11-22"), "review.due does not lie after"),
        (("id: second-source", "id: first-source"), "two sources share an id"),
        (("year: 2020", "year: soon"), r"sources.0.year: Input should be a valid integer"),
        (("version: 1", "version: 1\ncolour: blue"), "colour: Extra inputs are not permitted"),
        (("audience: [public]", "audience: []"), "audience"),
        (("title: About kites", "title: [unclosed"), "must be valid YAML"),
        (("---\nid", "id"), "must start with YAML front matter"),
    ],
)
def test_an_article_that_does_not_hold_together_is_refused_with_its_name_and_the_reason(
    write_article: WriteArticle, change: tuple[str, str], message: str
) -> None:
    path = write_article(change=change)
    with pytest.raises(ContentError, match=message) as caught:
        load_library(path.parent)
    assert path.name in str(caught.value)


def test_an_article_that_is_not_text_is_refused_with_its_name(write_article: WriteArticle) -> None:
    path = write_article()
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ContentError, match=r"sample-article\.md must be UTF-8"):
        load_library(path.parent)


def test_a_folder_without_articles_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"must hold at least one \.md file"):
        load_library(tmp_path)


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("What is CBT-I?", "what-is-cbt-i"),
        ("Who's who?", "whos-who"),
        ("It’s 4 a.m.", "its-4-a-m"),
        ("?", ""),
    ],
)
def test_a_heading_becomes_a_fragment_of_letters_digits_and_hyphens(heading: str, expected: str) -> None:
    assert slug(heading) == expected
