"""Misspellings are mended towards known words, and nothing else is."""

import time
from functools import cache
from itertools import product
from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.care.education.spelling import Speller, edit_distance

KNOWN = {"anxiety": 9, "depression": 9, "insomnia": 4, "therapist": 5, "schizophrenia": 2, "stage": 1, "stags": 7}


def slow_distance(first: str, second: str) -> int:
    """The textbook recursion for optimal string alignment."""

    @cache
    def cost(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        best = min(cost(i - 1, j) + 1, cost(i, j - 1) + 1, cost(i - 1, j - 1) + (first[i - 1] != second[j - 1]))
        if i > 1 and j > 1 and first[i - 1] == second[j - 2] and first[i - 2] == second[j - 1]:
            best = min(best, cost(i - 2, j - 2) + 1)
        return best

    return cost(len(first), len(second))


@given(st.text("abc", max_size=7), st.text("abc", max_size=7))
def test_the_distance_is_that_of_the_textbook_recursion(first: str, second: str) -> None:
    assert edit_distance(first, second) == slow_distance(first, second)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("anxeity", "anxiety"), ("anxety", "anxiety"), ("anxiiety", "anxiety"), ("depresion", "depression"),
        ("deppresion", "depression"), ("insomia", "insomnia"), ("theripist", "therapist"),
        ("schizofrenia", "schizophrenia"), ("stagx", "stags"),
    ],
)  # fmt: skip
def test_a_close_misspelling_is_mended(typed: str, meant: str) -> None:
    assert Speller(KNOWN).correct(typed) == meant


@pytest.mark.parametrize("typed", ["anxiety", "nxiety", "dog", "anx1ety", "депрессия", "aanxxiettyy", "", "a" * 5000])
def test_a_known_distant_short_foreign_or_endless_word_is_left_alone(typed: str) -> None:
    assert Speller(KNOWN).correct(typed) is None


def test_mending_takes_no_longer_with_a_thousand_near_words() -> None:
    speller = Speller({f"anxiety{a}{b}": 1 for a, b in product(ascii_lowercase, repeat=2)})
    start = time.perf_counter()
    speller.correct("anxietyzq")
    assert time.perf_counter() - start < 0.25
