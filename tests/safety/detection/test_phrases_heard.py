"""What all rules together make of lines in Arabic, Hindi and Chinese, written for this test.

No line stands in the utterances.
"""

from collections.abc import Callable

import pytest

from holdfast.safety.detection import Category, Detection, Level, Subject
from phrase_lines import danger, lines

Detect = Callable[..., Detection]

LANGUAGES = ("ar", "hi-Deva", "hi-Latn", "zh")


@pytest.mark.parametrize(("category", "said"), danger(*LANGUAGES))
def test_danger_is_at_least_a_concern_and_in_its_category_where_one_is_named(
    detect: Detect, category: str, said: str
) -> None:
    found = detect(said)
    assert found.level >= Level.CONCERN
    assert category == "any" or Category(category) in found.categories


@pytest.mark.parametrize("said", lines("harmless", *LANGUAGES))
def test_harmless_lines_that_share_the_words_of_danger_stay_below_concern(detect: Detect, said: str) -> None:
    assert detect(said).level < Level.CONCERN


@pytest.mark.parametrize("said", lines("denied_or_over", *LANGUAGES))
def test_what_is_denied_or_long_over_stays_below_concern(detect: Detect, said: str) -> None:
    assert detect(said).level < Level.CONCERN


@pytest.mark.parametrize("said", lines("about_somebody_else", *LANGUAGES))
def test_danger_of_somebody_else_is_heard_as_theirs(detect: Detect, said: str) -> None:
    found = detect(said)
    assert found.level >= Level.CONCERN
    assert found.subject is Subject.OTHER


@pytest.mark.parametrize(
    ("traditional", "simplified"), [("我不想活了，對這個世界沒有留戀", "我不想活了，对这个世界没有留恋")]
)
def test_traditional_characters_read_as_simplified_ones(detect: Detect, traditional: str, simplified: str) -> None:
    one, other = detect(traditional), detect(simplified)
    assert [(piece.rule, piece.start, piece.end) for piece in one.evidence] == [
        (piece.rule, piece.start, piece.end) for piece in other.evidence
    ]
