"""Claims about hashing: the features are those a plain loop counts, and texts do not touch one another."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.safety.learned.folding import fold
from holdfast.safety.learned.hashing import BUCKET_BITS, HashedTexts, hash_texts

TEXTS = [
    "I can't sleep, and nobody asks why?",
    "b",
    "",
    "Je ne dors plus. Personne ne demande.",
    "मुझे नींद नहीं आती",
    "لا أستطيع النوم",
    "我睡不着 没有人问",
    "  ...  ",
    "one word",
    "one one one one",
    "a" * 3 + " " + "supercalifragilistic" * 4,
    "ok 😀 ok",
]
BASE, MIX, ALL = 0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93, 2**64


def spread(value: int, salt: int) -> int:
    mixed = (value ^ salt) * MIX % ALL
    mixed = (mixed ^ (mixed >> 32)) * BASE % ALL
    return mixed >> (64 - BUCKET_BITS)


def in_base(values: list[int]) -> int:
    total = values[0]
    for value in values[1:]:
        total = (total * BASE + value) % ALL
    return total


def word_number(word: str) -> int:
    return sum((ord(letter) + 1) * pow(MIX, min(place, 47) + 1, ALL) for place, letter in enumerate(word)) % ALL


def plainly(text: str) -> list[tuple[str, int]]:
    """Return the kind and bucket of every feature, one at a time."""
    folded = fold(text)
    if not folded:
        return []
    padded, words = f" {folded} ", folded.split()
    found = [
        (f"run of {size}", spread(in_base([ord(c) for c in padded[n : n + size]]), 0x51 + size))
        for size in (2, 3, 4, 5)
        for n in range(len(padded) - size + 1)
    ]
    numbers = [word_number(word) for word in words]
    found += [("word", spread(number, 0xA7)) for number in numbers]
    found += [("pair", spread(in_base([a, b]), 0xC3)) for a, b in pairwise(numbers)]
    found += [("skip", spread(in_base([a, b]), 0xE9)) for a, b in zip(numbers, numbers[2:], strict=False)]
    found += [("triple", spread(in_base(numbers[n : n + 3]), 0x1D)) for n in range(len(numbers) - 2)]
    return found


def of_text(hashed: HashedTexts, number: int) -> list[tuple[int, float]]:
    mine = hashed.texts == number
    return sorted(zip(hashed.buckets[mine].tolist(), hashed.weights[mine].tolist(), strict=True))


def test_buckets_and_weights_are_those_a_plain_loop_counts_in_several_scripts() -> None:
    hashed = hash_texts(TEXTS)
    for number, text in enumerate(TEXTS):
        features = plainly(text)
        sizes = Counter(kind for kind, _ in features)
        expected = sorted((bucket, float(np.float32(1 / np.sqrt(sizes[kind])))) for kind, bucket in features)
        found = of_text(hashed, number)
        assert [bucket for bucket, _ in found] == [bucket for bucket, _ in expected]
        assert [weight for _, weight in found] == pytest.approx([weight for _, weight in expected])


def test_the_number_of_features_is_what_counting_on_fingers_gives() -> None:
    """``" one two six "``: 13 letters, so 12 + 11 + 10 + 9 runs; 3 words, 2 pairs, 1 apart, 1 triple."""
    assert len(hash_texts(["one two six"]).buckets) == 12 + 11 + 10 + 9 + 3 + 2 + 1 + 1


@given(st.lists(st.text(max_size=40), max_size=6))
def test_hashing_many_at_once_is_hashing_one_by_one(texts: list[str]) -> None:
    together = hash_texts(texts)
    assert together.count == len(texts)
    assert (np.diff(together.texts) >= 0).all()
    for number, text in enumerate(texts):
        assert of_text(together, number) == of_text(hash_texts([text]), 0)


@given(st.text(max_size=80))
def test_each_kind_of_feature_of_a_text_weighs_one_in_all(text: str) -> None:
    hashed = hash_texts([text])
    kinds = len({kind for kind, _ in plainly(text)})
    assert float((hashed.weights.astype(float) ** 2).sum()) == pytest.approx(kinds, abs=1e-3)


def test_a_blank_text_has_no_features_and_neither_has_no_text() -> None:
    for texts in ([], [""], [" ", "...", "\n"]):
        hashed = hash_texts(texts)
        assert len(hashed.buckets) == len(hashed.weights) == len(hashed.texts) == 0
        assert hashed.count == len(texts)


def test_the_order_of_words_counts() -> None:
    one, other = hash_texts(["ask him now"]), hash_texts(["now him ask"])
    assert set(one.buckets.tolist()) != set(other.buckets.tolist())
