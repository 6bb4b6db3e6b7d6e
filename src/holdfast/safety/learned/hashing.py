"""Hash the words and letters of texts into buckets, many texts at once.

Features are words, pairs (adjacent and one apart) and triples of words, and runs of two to five letters across word
borders. Nothing is looked up: any language and any spelling has features, and a text cannot be read back from them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from holdfast.safety.learned.folding import fold

__all__ = ["BUCKET_BITS", "HashedTexts", "hash_texts"]

BUCKET_BITS = 17
"""Features fall into 2**17 buckets."""

LETTER_RUNS = (2, 3, 4, 5)

_SPACE = np.uint64(32)
_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xD6E8FEB86659FD93)
_POWERS = np.cumprod(np.full(48, _MIX, dtype=np.uint64), dtype=np.uint64)
_SALTS = {"letters": 0x51, "word": 0xA7, "pair": 0xC3, "skip": 0xE9, "triple": 0x1D}

U64 = NDArray[np.uint64]
_Group = tuple[U64, NDArray[np.int64]]
"""Features of one kind, in the order of the texts, and how many of them each text has."""


@dataclass(frozen=True)
class HashedTexts:
    """Features of some texts, sorted by text.

    ``buckets`` (features) lie in 0 to 2**17 - 1; ``texts`` (features) say whose they are; ``weights`` (features) make
    each kind of feature of one text weigh the same in all, however long the text: 1 / sqrt(count of its kind).
    """

    buckets: NDArray[np.int64]
    texts: NDArray[np.int64]
    weights: NDArray[np.float32]
    count: int


def hash_texts(texts: Sequence[str]) -> HashedTexts:
    """Return the features of ``texts``. A blank text has none."""
    folded = [f" {plain} " if (plain := fold(text)) else "" for text in texts]
    codes = np.frombuffer("".join(folded).encode("utf-32-le"), dtype="<u4").astype(np.uint64)
    lengths = np.fromiter(map(len, folded), dtype=np.int64, count=len(folded))
    owner = np.repeat(np.arange(len(folded)), lengths)
    return _by_text([*_letter_runs(codes, owner, lengths), *_words(codes, owner, len(folded))], len(folded))


def _letter_runs(codes: U64, owner: NDArray[np.int64], lengths: NDArray[np.int64]) -> Iterator[_Group]:
    run = codes
    for size in range(2, LETTER_RUNS[-1] + 1):
        run = run[:-1] * _BASE + codes[size - 1 :]
        if not len(run):
            return
        if size in LETTER_RUNS:
            whole = owner[: len(run)] == owner[size - 1 :]
            yield run[whole] ^ np.uint64(_SALTS["letters"] + size), np.maximum(lengths - (size - 1), 0)


def _words(codes: U64, owner: NDArray[np.int64], count: int) -> Iterator[_Group]:
    is_letter = codes != _SPACE
    begins = is_letter.copy()
    begins[1:] &= ~is_letter[:-1]
    starts = np.flatnonzero(begins)
    if not len(starts):
        return
    place = np.arange(len(codes)) - starts[np.maximum(np.cumsum(begins) - 1, 0)]
    letters = (codes + np.uint64(1)) * _POWERS[np.clip(place, 0, len(_POWERS) - 1)]
    words, whose = np.add.reduceat(letters * is_letter, starts), owner[starts]
    sizes = np.bincount(whose, minlength=count)
    pairs, skips = words[:-1] * _BASE + words[1:], words[:-2] * _BASE + words[2:]
    triples = pairs[:-1] * _BASE + words[2:]
    yield words ^ np.uint64(_SALTS["word"]), sizes
    for name, values, more in (("pair", pairs, 1), ("skip", skips, 2), ("triple", triples, 2)):
        together = whose[: len(values)] == whose[more:]
        yield values[together] ^ np.uint64(_SALTS[name]), np.maximum(sizes - more, 0)


def _by_text(groups: Sequence[_Group], count: int) -> HashedTexts:
    """Put the features of all ``groups`` in the order of the texts, those of a text in the order of the groups."""
    if not groups:
        empty = np.empty(0, dtype=np.int64)
        return HashedTexts(empty, empty, np.empty(0, dtype=np.float32), count)
    values, sizes = np.concatenate([some for some, _ in groups]), np.stack([each for _, each in groups])
    ends = np.cumsum(sizes.T).reshape(count, len(groups)).T
    moved = ends.ravel() - np.cumsum(sizes)
    salted = np.empty_like(values)
    salted[np.arange(len(values)) + np.repeat(moved, sizes.ravel())] = values
    weights = (1.0 / np.sqrt(np.maximum(sizes.T, 1))).astype(np.float32)
    texts = np.repeat(np.arange(count), sizes.sum(axis=0))
    return HashedTexts(_buckets(salted), texts, np.repeat(weights.ravel(), sizes.T.ravel()), count)


def _buckets(salted: U64) -> NDArray[np.int64]:
    """Mix ``salted``, in place, and keep the top bits, which depend on all of them."""
    salted *= _MIX
    salted ^= salted >> np.uint64(32)
    salted *= _BASE
    salted >>= np.uint64(64 - BUCKET_BITS)
    return salted.view(np.int64)
