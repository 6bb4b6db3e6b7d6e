"""Claims about cutting: nothing is lost, pieces do not matter, and what only looks like an end is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.safety.review.cutting import LONGEST_SENTENCE, SentenceCutter, cut_sentences
from reply_forms import chunks

TEXTS = st.lists(
    st.sampled_from([*"aB1 .!?\n-*[]\"'()", "Dr. ", "e.g. ", "\n\n", " [a-b#c] ", "。", "! ", "word ", "Then "]),
    max_size=60,
).map("".join)


def streamed(text: str, size: int) -> list[str]:
    cutter = SentenceCutter()
    cut = [sentence for piece in chunks(text, size) for sentence in cutter.feed(piece)]
    return [*cut, *cutter.finish()]


@given(TEXTS)
def test_the_sentences_put_end_to_end_are_the_text(text: str) -> None:
    assert "".join(cut_sentences(text)) == text


@given(TEXTS, st.integers(1, 40))
def test_how_the_text_is_delivered_does_not_change_its_sentences(text: str, size: int) -> None:
    assert streamed(text, size) == cut_sentences(text)


@pytest.mark.parametrize(
    "text",
    [
        "Ask Dr. Lee about it.",
        "Some foods, e.g. bread, may help.",
        "It opens at 9 a.m. on weekdays.",
        "About 3.5 hours.",
        "J. Smith wrote to you.",
        "Well... perhaps it can wait.",
        'He said "Stop." and left.',
        "1. Breathe out slowly.",
    ],
)
def test_what_only_looks_like_an_end_is_none(text: str) -> None:
    assert cut_sentences(text) == [text]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One. ", "Two! ", "Three?"]),
        ("One [a#b]. Two [c#d]", ["One [a#b]. ", "Two [c#d]"]),
        ("One. [a#b] Two. [c#d] [e#f] Three.", ["One. [a#b] ", "Two. [c#d] [e#f] ", "Three."]),
        ("- one\n- two\n- three", ["- one\n", "- two\n", "- three"]),
        ("First\n\nSecond", ["First\n\n", "Second"]),
        ("1. One\n2. Two", ["1. One\n", "2. Two"]),
        ("**Bold.** Next.", ["**Bold.** ", "Next."]),
        ('"Quoted." Next.', ['"Quoted." ', "Next."]),
        ("一。二！三", ["一。", "二！", "三"]),
        ("एक। दो।", ["एक। ", "दो।"]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_would_say(text: str, sentences: list[str]) -> None:
    assert cut_sentences(text) == sentences


def test_a_sentence_is_given_out_only_once_something_follows() -> None:
    cutter = SentenceCutter()
    assert list(cutter.feed("It helps. ")) == []
    assert list(cutter.feed("M")) == ["It helps. "]
    assert list(cutter.finish()) == ["M"]
    assert list(cutter.finish()) == []


@pytest.mark.parametrize("unit", ["word ", "x", "word, "])
def test_text_without_full_stops_is_cut_at_a_bounded_length(unit: str) -> None:
    text = unit * (5_000 // len(unit))
    sentences = cut_sentences(text)
    assert "".join(sentences) == text
    assert max(map(len, sentences)) <= LONGEST_SENTENCE + 400
    assert len(sentences) >= 5
