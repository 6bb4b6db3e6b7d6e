"""What the German, Spanish, French and Portuguese phrasebooks alone find in lines written for this test."""

import pytest

from holdfast.safety.detection.phrasebook import Phrasebook
from holdfast.safety.detection.rulebook import load_rulebook
from holdfast.safety.detection.verdict import Category, Level, Subject
from phrase_lines import danger, lines

LANGUAGES = ("de", "es", "fr", "pt")


@pytest.fixture(scope="module")
def book() -> Phrasebook:
    return load_rulebook().phrasebook


def worst(book: Phrasebook, text: str) -> Level:
    return max((finding.level for finding in book.find(text) if finding.alone), default=Level.NONE)


@pytest.mark.parametrize(("category", "text"), danger(*LANGUAGES))
def test_danger_in_plain_words_is_at_least_a_concern(book: Phrasebook, category: str, text: str) -> None:
    found = {finding.category for finding in book.find(text) if finding.level >= Level.CONCERN and finding.alone}
    assert Category(category) in found


@pytest.mark.parametrize("text", lines("harmless", *LANGUAGES))
def test_everyday_talk_stays_below_concern(book: Phrasebook, text: str) -> None:
    assert worst(book, text) < Level.CONCERN


@pytest.mark.parametrize("text", lines("denied_or_over", *LANGUAGES))
def test_what_is_denied_or_long_over_stays_below_concern(book: Phrasebook, text: str) -> None:
    assert worst(book, text) < Level.CONCERN


@pytest.mark.parametrize("text", lines("about_somebody_else", *LANGUAGES))
def test_danger_to_somebody_else_is_theirs(book: Phrasebook, text: str) -> None:
    grave = [finding for finding in book.find(text) if finding.level >= Level.CONCERN]
    assert {finding.subject for finding in grave} == {Subject.OTHER}
