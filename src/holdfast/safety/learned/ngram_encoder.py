"""The built-in encoder: a learnt vector for every bucket of hashed words and letters, summed and scaled to length one.

A few megabytes of numpy, no network, no vocabulary, any language. Features weigh more the rarer they are. The vectors
are trained with the NPLB loss (``training``) and kept as eight-bit numbers with a scale for each bucket. A second
table of the same kind guesses the language, since how far is far differs from one language to the next.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.errors import ContentError
from holdfast.safety.learned.encoder import Vectors
from holdfast.safety.learned.hashing import BUCKET_BITS, HashedTexts, hash_texts
from holdfast.safety.learned.pieces import Piece, pieces

__all__ = ["KIND", "ByteTable", "NGramEncoder", "unit", "weighed"]

KIND = "hashed-ngrams"
_BUCKETS = 2**BUCKET_BITS
_ROWS_AT_ONCE = 4_096


@dataclass(frozen=True)
class ByteTable:
    """A table of eight-bit numbers, shape (2**17, columns), with what one unit is worth in each row."""

    codes: NDArray[np.int8]
    scales: NDArray[np.float16]

    @classmethod
    def of(cls, table: Vectors) -> Self:
        """Round a table to eight bits."""
        scales = (np.abs(table).max(axis=1) / 127).astype(np.float16)
        worth = np.where(scales > 0, scales.astype(np.float32), 1)[:, None]
        return cls(np.rint(table / worth).clip(-127, 127).astype(np.int8), scales)

    def sums(self, hashed: HashedTexts, weights: Vectors) -> Vectors:
        """Return the weighed sum of each text's rows, shape (texts, columns); zeros for a text without features.

        A product for each text, over rows of a few texts that are read into memory at once.
        """
        sums = np.zeros((hashed.count, self.codes.shape[1]), dtype=np.float32)
        worth = weights * self._worth.take(hashed.buckets)
        ends = np.searchsorted(hashed.texts, np.arange(1, hashed.count + 1)).tolist()
        first = begin = 0
        while first < hashed.count:
            last = max(first + 1, bisect_right(ends, begin + _ROWS_AT_ONCE))
            start, rows = begin, self.codes.take(hashed.buckets[begin : ends[last - 1]], axis=0).astype(np.float32)
            for text in range(first, last):
                np.dot(worth[begin : ends[text]], rows[begin - start : ends[text] - start], out=sums[text])
                begin = ends[text]
            first = last
        return sums

    @cached_property
    def _worth(self) -> Vectors:
        return self.scales.astype(np.float32)


@dataclass(frozen=True, kw_only=True)
class NGramEncoder:
    """Sum of bucket vectors.

    Attributes:
        rarity: What a bucket weighs, shape (2**17,): the log of how few texts have it; 0 where it was not trained.
        vectors: The learnt vectors.
        tongues: Scores of each language.
        languages: The languages, by tag, in the order of the columns of ``tongues``.
        id: Name and hash.
    """

    rarity: NDArray[np.float16]
    vectors: ByteTable
    tongues: ByteTable
    languages: tuple[str, ...]
    id: str = KIND

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[Any]], languages: Sequence[str], name: str) -> Self:
        """Read back what ``tensors`` gave.

        Raises:
            ContentError: A tensor is missing or of another shape or type.
        """
        needed = ("rarity", "codes", "scales", "tongue_codes", "tongue_scales")
        missing = [key for key in needed if key not in tensors]
        if missing:
            raise ContentError(f"Learned model must hold the tensor {missing[0]!r}; train it again.")
        rarity, codes, scales, tongue_codes, tongue_scales = (tensors[key] for key in needed)
        by_bucket = (rarity, codes, scales, tongue_codes, tongue_scales)
        fits = all(len(tensor) == _BUCKETS for tensor in by_bucket) and codes.dtype == tongue_codes.dtype == np.int8
        if not fits or codes.ndim != 2 or tongue_codes.shape[1:] != (len(languages),):
            raise ContentError(f"Learned model's tables must have {_BUCKETS} rows of int8, and do not; train it again.")
        return cls(
            rarity=rarity,
            vectors=ByteTable(codes, scales),
            tongues=ByteTable(tongue_codes, tongue_scales),
            languages=tuple(languages),
            id=name,
        )

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return what has to be stored."""
        return {
            "rarity": self.rarity,
            "codes": self.vectors.codes,
            "scales": self.vectors.scales,
            "tongue_codes": self.tongues.codes,
            "tongue_scales": self.tongues.scales,
        }

    @property
    def dimensions(self) -> int:
        """Length of every vector."""
        return int(self.vectors.codes.shape[1])

    @property
    def joins_turns(self) -> bool:
        """Yes: what is said in two turns is as many words as in one."""
        return True

    def reads_all(self, text: str) -> bool:  # noqa: ARG002 - the same for every text
        """No: it knows words and their letters, and cannot tell which of them it has never learnt."""
        return False

    def cut(self, text: str) -> list[Piece]:
        """Return the sentences of ``text``, each with the next, and a short text whole: a sign is a few words."""
        return pieces(text)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape (texts, dimensions); all zeros for a text of which nothing was ever seen."""
        return self.encode_with_language(texts)[0]

    def encode_with_language(self, texts: Sequence[str]) -> tuple[Vectors, list[str]]:
        """Return unit vectors and the likeliest language of each text; the first language where nothing is known.

        Weights are not scaled by text, as ``weighed`` does for training: neither direction nor order depends on it.
        """
        hashed = hash_texts(texts)
        weights = hashed.weights * self._rarity.take(hashed.buckets)
        sums = self.vectors.sums(hashed, weights)
        scores = self.tongues.sums(hashed, weights)
        tongues = [self.languages[place] for place in scores.argmax(axis=1)]
        return unit(sums), tongues

    @cached_property
    def _rarity(self) -> Vectors:
        return self.rarity.astype(np.float32)


def weighed(hashed: HashedTexts, rarity: NDArray[np.float16]) -> Vectors:
    """Return the weights of all features: by kind and rarity, scaled so that those of a text have length one."""
    weights = hashed.weights * rarity[hashed.buckets].astype(np.float32)
    lengths = np.sqrt(np.bincount(hashed.texts, weights=weights * weights, minlength=hashed.count))
    return np.asarray(weights / np.maximum(lengths, 1e-9)[hashed.texts], dtype=np.float32)


def unit(vectors: Vectors) -> Vectors:
    """Return ``vectors`` scaled to length one; a vector of zeros stays one."""
    lengths = np.sqrt((vectors * vectors).sum(axis=1, keepdims=True))
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), dtype=np.float32)
