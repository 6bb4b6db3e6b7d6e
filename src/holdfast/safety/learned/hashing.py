"""Hash the words and letters of texts into buckets, many texts at once.

Features are words, pairs (adjacent and one apart) and triples of words, and runs of two to five letters across word
borders. Nothing is looked up: any language and any spelling has features, and a text cannot be read back from them.
"""

from collections.abc import Sequence
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
    owner = np.repeat(np.arange(len(folded)), [len(plain) for plain in folded])
    groups = [*_letter_runs(codes, owner), *_words(codes, owner)] if len(codes) else []
    return _sorted(groups, len(texts))


def _letter_runs(codes: U64, owner: NDArray[np.int64]) -> list[tuple[U64, NDArray[np.int64]]]:
    found = []
    run = codes.copy()
    for size in range(2, LETTER_RUNS[-1] + 1):
        run = run[:-1] * _BASE + codes[size - 1 :]
        if not len(run):
            break
        if size in LETTER_RUNS:
            whole = owner[: len(run)] == owner[size - 1 :]
            found.append((_spread(run, _SALTS["letters"] + size)[whole], owner[: len(run)][whole]))
    return found


def _words(codes: U64, owner: NDArray[np.int64]) -> list[tuple[U64, NDArray[np.int64]]]:
    is_letter = codes != _SPACE
    starts = np.flatnonzero(is_letter & np.concatenate(([True], ~is_letter[:-1])))
    if not len(starts):
        return []
    number = np.searchsorted(starts, np.arange(len(codes)), side="right") - 1
    place = np.clip(np.arange(len(codes)) - starts[number], 0, len(_POWERS) - 1)
    words = np.add.reduceat(np.where(is_letter, (codes + np.uint64(1)) * _POWERS[place], np.uint64(0)), starts)
    whose = owner[starts]
    found = [(_spread(words, _SALTS["word"]), whose)]
    for name, apart in (("pair", 1), ("skip", 2)):
        both = words[:-apart] * _BASE + words[apart:]
        together = whose[:-apart] == whose[apart:]
        found.append((_spread(both, _SALTS[name])[together], whose[:-apart][together]))
    triples = (words[:-2] * _BASE + words[1:-1]) * _BASE + words[2:]
    together = whose[:-2] == whose[2:]
    found.append((_spread(triples, _SALTS["triple"])[together], whose[:-2][together]))
    return found


def _spread(values: U64, salt: int) -> U64:
    """Mix ``values`` and keep the top bits, which depend on all of them."""
    mixed = (values ^ np.uint64(salt)) * _MIX
    mixed = (mixed ^ (mixed >> np.uint64(32))) * _BASE
    return mixed >> np.uint64(64 - BUCKET_BITS)


def _sorted(groups: Sequence[tuple[U64, NDArray[np.int64]]], count: int) -> HashedTexts:
    if not groups:
        empty = np.empty(0, dtype=np.int64)
        return HashedTexts(empty, empty, np.empty(0, dtype=np.float32), count)
    weights = []
    for _, whose in groups:
        sizes = np.bincount(whose, minlength=count)
        weights.append((1.0 / np.sqrt(np.maximum(sizes, 1)))[whose].astype(np.float32))
    texts = np.concatenate([whose for _, whose in groups])
    order = np.argsort(texts, kind="stable")
    buckets = np.concatenate([hashed for hashed, _ in groups]).astype(np.int64)
    return HashedTexts(buckets[order], texts[order], np.concatenate(weights)[order], count)
