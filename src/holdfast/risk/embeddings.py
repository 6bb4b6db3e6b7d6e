"""Arrays of embeddings: what is accepted, and how they are gone through in bounded memory."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.error import RiskError

__all__ = ["CACHED_VALUES", "Codes", "Embeddings", "Mask", "Scores", "check_embeddings", "chunks", "in_chunks"]

Embeddings = NDArray[np.floating[Any]]
"""(people, dimensions), finite, of any floating kind."""

Scores = NDArray[np.float64]
"""(people,): higher is worse."""

Mask = NDArray[np.bool_]
Codes = NDArray[np.int64]

_CHUNK_VALUES, CACHED_VALUES = 2**21, 2**17
"""Numbers of float64 held at once: 16 MiB where a chunk must be long to pay, 1 MiB where a cache should hold it."""


def check_embeddings(embeddings: Embeddings, *, dimensions: int | None = None, people: int | None = None) -> None:
    """Check shape, kind and finiteness. No people at all is fine.

    Raises:
        RiskError: The array is not (people, dimensions) of floating numbers with at least one dimension, has another
            number of people or dimensions than is asked, or holds numbers that are not finite.
    """
    if embeddings.ndim != 2 or embeddings.shape[1] == 0 or not np.issubdtype(embeddings.dtype, np.floating):
        raise RiskError(
            "Embeddings must be (people, dimensions) of floating numbers",
            f"shape {embeddings.shape} of {embeddings.dtype}",
            "give one row a person",
        )
    if dimensions is not None and embeddings.shape[1] != dimensions:
        raise RiskError(
            f"Embeddings must have {dimensions} dimensions",
            str(embeddings.shape[1]),
            "use the encoder that the risk was fitted with",
        )
    if people is not None and len(embeddings) != people:
        raise RiskError(f"Embeddings must have {people} rows", str(len(embeddings)), "give one row a person")
    with np.errstate(invalid="ignore", over="ignore"):
        if np.isfinite(embeddings.sum()):
            return
    rows = int(np.sum(~np.isfinite(embeddings).all(axis=1)))
    if rows:
        raise RiskError(
            "Embeddings must be finite", f"{rows} of {len(embeddings)} rows that are not", "leave them out", rows=rows
        )


def chunks(people: int, *, width: int, values: int = _CHUNK_VALUES) -> Iterator[slice]:
    """Cut ``people`` rows into slices of about ``values`` float64 numbers, ``width`` a row."""
    step = max(1, values // max(1, width))
    return (slice(start, min(start + step, people)) for start in range(0, people, step))


def in_chunks(
    embeddings: Embeddings, score: Callable[[NDArray[np.float64]], Scores], *, width: int | None = None
) -> Scores:
    """Score rows some at a time, as float64.

    Args:
        embeddings: Shape (n, d).
        score: From (m, d) to (m,); a row's score must not depend on the rows beside it.
        width: Numbers that scoring holds a row, where those are more than d.
    """
    found = np.empty(len(embeddings))
    for rows in chunks(len(embeddings), width=max(embeddings.shape[1], width or 0), values=CACHED_VALUES):
        found[rows] = score(embeddings[rows].astype(np.float64, copy=False))
    return found
