"""Both grades are those of the published formulas, and markup does not count as words."""

import pytest

from holdfast.care.education.readability import count_syllables, readability


def test_both_scores_are_the_published_formulas_worked_by_hand() -> None:
    """Eleven words, two sentences, 31 letters, 12 syllables, of which happy has two."""
    scored = readability("The cat sat on the mat. It was a happy day.")
    assert (scored.words, scored.sentences) == (11, 2)
    assert scored.flesch_kincaid_grade == pytest.approx(0.39 * 11 / 2 + 11.8 * 12 / 11 - 15.59)
    assert scored.automated_readability_index == pytest.approx(4.71 * 31 / 11 + 0.5 * 11 / 2 - 21.43)


@pytest.mark.parametrize(
    ("word", "syllables"),
    [
        ("cat", 1),
        ("happy", 2),
        ("table", 2),
        ("anxiety", 4),
        ("society", 4),
        ("depression", 3),
        ("walked", 1),
        ("needed", 2),
        ("a", 1),
    ],
)
def test_syllables_are_counted_as_people_say_them(word: str, syllables: int) -> None:
    assert count_syllables(word) == syllables


def test_marks_emphasis_links_and_list_signs_are_not_words() -> None:
    plain = readability("Grief can hurt.\n\nRest helps. Friends help.")
    marked = readability("## Grief can hurt.\n\n- **Rest** helps. [@who-2023]\n- [Friends](/learn/x) help.")
    assert marked == plain


def test_longer_sentences_and_longer_words_are_harder() -> None:
    easy = readability("I am sad. I am low. I can rest.")
    hard = readability("Psychological interventions demonstrably ameliorate symptomatology across populations.")
    assert hard.flesch_kincaid_grade > easy.flesch_kincaid_grade + 10
    assert hard.automated_readability_index > easy.automated_readability_index + 10


def test_a_text_without_words_has_no_score() -> None:
    with pytest.raises(ValueError, match="must contain words"):
        readability("[@source] ***")
