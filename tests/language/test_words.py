"""Words are the same everywhere: normalised, lower case, without what separates them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.language.words import STOP_WORDS, content_stems, content_words, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("I can’t sleep!", ["i", "can't", "sleep"]),
        ("my mother's voice, the carers' week", ["my", "mother", "voice", "the", "carers", "week"]),
        ("café NAÏVE Straße", ["cafe", "naive", "strasse"]),
        ("CBT-I at 4am (988)", ["cbt", "i", "at", "4am", "988"]),
        ("a\x00b\u200bc\td\n😀e", ["a", "b", "c", "d", "e"]),
        ("שלום עולם", ["שלום", "עולם"]),
        ("_under_score_", ["under", "score"]),
    ],
)
def test_text_becomes_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_only_so_many_characters_are_read() -> None:
    assert words("one two three", limit=7) == ["one", "two"]


@given(st.text(max_size=300))
def test_words_of_words_are_the_same_words(text: str) -> None:
    once = words(text)
    assert words(" ".join(once)) == once


def test_content_words_leave_filler_out() -> None:
    assert content_words("What is it like to be anxious?") == ["anxious"]
    assert content_stems("worries, worrying") == ["worri", "worri"]


def test_stop_words_are_written_as_words_are_read() -> None:
    assert all(words(word) in ([word], [word.removesuffix("'s")]) for word in STOP_WORDS)
