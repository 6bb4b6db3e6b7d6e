"""Claims about what a person may type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.care.conversation.message import clean_message
from holdfast.errors import InputError


@pytest.mark.parametrize("text", ["", "   ", "\n\t ", "\x00\x07", "\u202e\u2066"])
def test_a_message_without_words_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="must have some words, got none"):
        clean_message(text, max_chars=4000)


def test_a_megabyte_is_refused_with_its_size_and_without_quoting_it() -> None:
    with pytest.raises(InputError, match=r"at most 4,000 characters, got 1,000,000; please send it in parts") as caught:
        clean_message("z" * 1_000_000, max_chars=4000)
    assert "zzz" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["مرحبا كيف حالك", "שלום", "我很难过", "मुझे नींद नहीं आती", "👩‍👩‍👧 ok", "naïve — “quotes”"]
)
def test_any_script_and_emoji_pass_unchanged(text: str) -> None:
    assert clean_message(text, max_chars=4000) == text


def test_characters_that_steer_a_terminal_or_reverse_a_line_are_dropped() -> None:
    assert clean_message("a\x1b[31mb\u202ec\x00d\r\ne", max_chars=4000) == "a[31mbcd\ne"


@given(st.text(max_size=200))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    try:
        once = clean_message(text, max_chars=4000)
    except InputError:
        return
    assert clean_message(once, max_chars=4000) == once
