"""Claims about folding: disguises come off, scripts stay whole, and nothing takes longer than its length asks for."""

import random
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.safety.learned.folding import fold
from holdfast.safety.learned.training.noise import disturbed

SCRIPTS = (
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "àéîõüçñßÅØŁœÆ",
    "αβγδεζάέΩΣς",
    "абвгдежйёЖЩЪ",
    "ابتثجحخدذرزسشأإآةى",
    "अआइकखगघचजटडतदनपमयरलवशसह",
    "我很你想今天心里难受好",
    "가나다라마바사",
)
WORD = st.one_of(*(st.text(alphabet=script, min_size=2, max_size=12) for script in SCRIPTS))


@given(st.lists(WORD, max_size=8))
def test_folding_words_of_any_script_again_changes_nothing(words: list[str]) -> None:
    once = fold(" ".join(words))
    assert fold(once) == once


@given(st.text(max_size=60))
def test_whatever_comes_in_words_come_out_one_space_apart(text: str) -> None:
    folded = fold(text)
    assert folded == " ".join(folded.split())
    assert not any(unicodedata.category(letter) in {"Cf", "Cc", "Zs"} for letter in folded.replace(" ", ""))


def plainly(text: str) -> str:
    """Fold step by step, letter by letter."""
    plain = text.lower()
    if not text.isascii():
        folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        marks = [unicodedata.combining(c) or unicodedata.category(c) in {"Cf", "Me", "Cc", "Co", "Cs"} for c in folded]
        plain = "".join(c for c, is_mark in zip(folded, marks, strict=True) if c.isspace() or not is_mark)
    plain = re.sub(r"['\u2018\u2019\u02bc`*]", "", plain)
    plain = re.sub(r"[^\w?\u0900-\u0dff\u2600-\u27bf\U0001f000-\U0001ffff]|_", " ", plain.replace("?", " ? "))
    plain = " ".join(plain.split())
    plain = re.sub(r"(?<!\S)(?:[^\W\d_] ){2,}[^\W\d_](?!\S)", lambda spelt: spelt.group().replace(" ", ""), plain)
    return re.sub(r"([^\W\d])\1{2,}", r"\1\1", plain)


LETTERS = [
    *"aab  .?'*_-",
    "\x00",
    "\t",
    "\u00e9",
    "e\u0301",
    "\u0131",
    "\u0939",
    "\u200d",
    "\u2600",
    "\ufdfa",
    "\ud800",
]


@given(st.one_of(st.lists(st.sampled_from(LETTERS), max_size=30).map("".join), st.text(max_size=40)))
def test_folding_is_what_its_steps_one_after_another_give(text: str) -> None:
    signs = (letter in "$@!|" or letter.isdecimal() for letter in unicodedata.normalize("NFKD", text))
    assert fold(text) == plainly(text) or any(signs)


def test_letters_beyond_those_remembered_fold_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(chr(code) for code in range(0x3000, 0x3400))
    once = fold(text)
    monkeypatch.setattr("holdfast.safety.learned.folding._MOST_REMEMBERED", 0)
    assert fold(text) == once == plainly(text)
    later = "".join(chr(code) for code in range(0x3400, 0x3500))
    assert fold(later) == plainly(later)


@given(st.text(alphabet=SCRIPTS[0], min_size=1, max_size=30))
def test_case_makes_no_difference(text: str) -> None:
    assert fold(text.upper()) == fold(text.lower()) == fold(text.title())


@pytest.mark.parametrize(
    ("disguised", "plain"),
    [
        ("H3LP m3", "help me"),
        ("h e l p me", "help me"),
        ("h.e.l.p me", "help me"),
        ("h-e-l-p, me", "help, me"),
        ("heeeeelp me", "heelp me"),
        ("h\u200belp\u00ad me", "help me"),
        ("hélp mè", "help me"),
        ("\U0001d407\U0001d41e\U0001d425\U0001d429 me", "help me"),
        ("ＨＥＬＰ ｍｅ", "help me"),
        ("ⓗⓔⓛⓟ me", "help me"),
        ("h̷e̷l̷p̷ me", "help me"),
        ("I can't", "i cant"),
        ("I can\u2019t", "i cant"),
        ("$ad and l0$t", "sad and lost"),
        ("s@d  \n\t and   lo5t", "sad and lost"),
        ("a|one", "alone"),
    ],
)
def test_a_disguised_text_folds_like_the_plain_one(disguised: str, plain: str) -> None:
    assert fold(disguised) == fold(plain)


def test_numbers_stay_numbers_and_questions_stay_questions() -> None:
    assert fold("I am 17, ok?") == "i am 17 ok ?"
    assert fold("5 of 10!") == "5 of 10"


def test_pictures_and_vowel_signs_stay() -> None:
    assert fold("ok 😀") == "ok 😀"
    assert fold("मुझे मदद चाहिए") == "मुझे मदद चाहिए"
    assert fold("我很难受") == "我很难受"


@pytest.mark.parametrize("blank", ["", " ", "\n\t", "...", "\u200b\u200d", "—_—"])
def test_a_text_without_words_folds_to_nothing(blank: str) -> None:
    assert fold(blank) == ""


@pytest.mark.timeout(30)
@pytest.mark.parametrize("unit", ["1!", "a!", "@|", "a.", "a ", "9", "ñ!1", "''", "?_"])
def test_a_huge_run_of_signs_is_folded_in_seconds_and_not_in_hours(unit: str) -> None:
    """One regular expression took time in the square of the length: an hour and a half for a million characters."""
    assert isinstance(fold(unit * 150_000), str)


def test_training_noise_disguises_only_what_folding_undoes_and_leaves_the_rest_alone() -> None:
    draw = random.Random(7)
    text = "some notes about the weather taste of salt and iron at sea"
    assert disturbed(text, draw, share=0.0) == text
    found = [disturbed(text, draw, share=1.0) for _ in range(400)]
    disguised = [one for one in found if set(one) & set("4@31!05$7")]
    assert len(disguised) > 50
    assert sum(fold(one) == text for one in disguised) / len(disguised) > 0.5


def test_any_blank_between_words_keeps_them_apart_whatever_else_the_text_holds() -> None:
    for blank in (" ", "\t", "\n", "\r", "\x0b", "\u00a0", "\u2028", "\u3000"):
        assert fold(f"help{blank}me") == "help me"
        assert fold(f"hélp{blank}me") == "help me"
