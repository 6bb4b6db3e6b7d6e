"""The built-in encoder: a learnt vector for every bucket of hashed words and letters, summed and scaled to length one.

A few megabytes of numpy, no network, no vocabulary, any language. The vectors are trained with the NPLB loss
(``training``) and kept as eight-bit numbers with a scale for each bucket.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.errors import ContentError
from holdfast.safety.learned.encoder import Vectors
from holdfast.safety.learned.hashing import BUCKET_BITS, hash_texts

__all__ = ["NGramEncoder"]

KIND = "hashed-ngrams"
_BUCKETS = 2**BUCKET_BITS


@dataclass(frozen=True, kw_only=True)
class NGramEncoder:
    """Sum of bucket vectors.

    Attributes:
        codes: Eight-bit vectors, shape (2**16, dimensions). A bucket never seen in training is all zeros.
        scales: What one unit of a bucket's codes is worth, shape (2**16,).
        offset: Added to every sum, shape (dimensions,).
        id: Name and hash.
    """

    codes: NDArray[np.int8]
    scales: NDArray[np.float16]
    offset: Vectors
    id: str = KIND

    @classmethod
    def from_floats(cls, table: Vectors, offset: Vectors) -> Self:
        """Round a trained table, shape (2**16, dimensions), to eight bits."""
        peaks = np.abs(table).max(axis=1)
        scales = np.where(peaks > 0, peaks / 127, 1).astype(np.float16)
        codes = np.rint(table / scales[:, None].astype(np.float32)).clip(-127, 127).astype(np.int8)
        return cls(codes=codes, scales=scales, offset=offset.astype(np.float32))

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[Any]], name: str) -> Self:
        """Read back what ``tensors`` gave.

        Raises:
            ContentError: A tensor is missing or of another shape or type.
        """
        try:
            codes, scales, offset = (tensors[name] for name in ("codes", "scales", "offset"))
        except KeyError as error:
            raise ContentError(f"Learned model must hold the tensor {error.args[0]!r}; train it again.") from error
        fits = codes.dtype == np.int8 and codes.ndim == 2 and len(codes) == len(scales) == _BUCKETS
        if not fits or offset.shape != codes.shape[1:]:
            raise ContentError(
                f"Learned model's table must be int8 of {_BUCKETS} rows, got {codes.shape}; train again."
            )
        return cls(codes=codes, scales=scales.astype(np.float16), offset=offset.astype(np.float32), id=name)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return what has to be stored."""
        return {"codes": self.codes, "scales": self.scales, "offset": self.offset}

    @property
    def dimensions(self) -> int:
        """Length of every vector."""
        return int(self.codes.shape[1])

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape (texts, dimensions); all zeros for a text without any word or letter."""
        hashed = hash_texts(texts)
        sums = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        if len(hashed.buckets):
            weights = hashed.weights * self.scales[hashed.buckets].astype(np.float32)
            rows = self.codes[hashed.buckets] * weights[:, None]
            owners, starts = np.unique(hashed.texts, return_index=True)
            sums[owners] = np.add.reduceat(rows, starts, axis=0) + self.offset
        return unit(sums)


def unit(vectors: Vectors) -> Vectors:
    """Return ``vectors`` scaled to length one; a vector of zeros stays one."""
    lengths = np.sqrt((vectors * vectors).sum(axis=1, keepdims=True))
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), dtype=np.float32)
