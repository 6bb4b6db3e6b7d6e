"""Claims about bringing text into plain words without losing where they came from."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.safety.detection.rulebook import load_rulebook

NORMALISER = load_rulebook().normaliser


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("I can't, I CANNOT", "i can not , i can not"),
        ("i wanna d1e", "i want to die"),
        ("k1ll mys3lf", "kill myself"),
        ("su*cide", "suicide"),
        ("$uicidal", "suicidal"),
        ("s u i c i d a l now", "suicidal now"),
        ("k.i.l.l myself", "kill myself"),
        ("ѕuісіdе", "suicide"),
        ("ｋｉｌｌ", "kill"),
        ("sui\u200bcide", "suicide"),
        ("sùicïde", "suicide"),
        ("dieeeeee", "die"),
        ("suicdal", "suicidal"),
        ("hurt myslef", "hurt myself"),
        ("💊", "pills"),
        ("i really just so want", "i want"),
        ("ill be gone", "i will be gone"),
        ("i am ill", "i am ill"),
        ("what’s up", "what is up"),
        ("my mum's boyfriend", "my mum boyfriend"),
    ],
)
def test_disguises_and_slips_come_out_as_the_plain_word(written: str, plain: str) -> None:
    assert " ".join(word.text for word in NORMALISER.words(written)) == plain


@pytest.mark.parametrize("written", ["love", "health", "against", "sitting", "though", "2024", "h2o", "b2b", "shhhh"])
def test_ordinary_words_are_not_turned_into_words_of_risk(written: str) -> None:
    risky = {"live", "hurt", "kill", "die", "cutting", "thought", "self", "harm", "suicide"}
    assert not risky & {word.text for word in NORMALISER.words(written)}


def test_spans_point_into_the_original_text() -> None:
    text = "ok… I’m \u200bѕuісіdаl 😭 and 💊💊 k.i.l.l"
    spans = {word.text: text[word.start : word.end] for word in NORMALISER.words(text)}
    assert spans["suicidal"] == "ѕuісіdаl"
    assert spans["pills"] == "💊"
    assert spans["kill"] == "k.i.l.l"
    assert spans["am"] == "I’m"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_yields_words_in_order_whose_spans_lie_inside_it(text: str) -> None:
    words = NORMALISER.words(text)
    assert all(0 <= word.start < word.end <= len(text) for word in words)
    assert all(left.start <= right.start for left, right in pairwise(words))


def test_empty_and_blank_text_have_no_words() -> None:
    assert NORMALISER.words("") == []
    assert NORMALISER.words(" \t\u200b ") == []
