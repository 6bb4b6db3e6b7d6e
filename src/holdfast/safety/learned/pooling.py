"""Read a long text at fewer and fewer places: after some layers, neighbouring states are averaged into one.

A sentence network's work grows with the words, and who wrote much would wait longest. What its upper layers say of two
neighbouring word pieces is much alike, and in the end the mean over all is taken anyway (Dai et al.,
Funnel-Transformer, 2020). Texts of ``WHOLE`` word pieces or fewer are read whole.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["AVERAGED", "WHOLE", "Averages", "averages", "pooled_before"]

WHOLE = 64
"""Word pieces up to which every state is kept to the end."""

AVERAGED = ((7 / 12, 2), (10 / 12, 4))
"""After what share of the layers how many neighbouring states become one."""


@dataclass(frozen=True)
class Averages:
    """How the states of one text are averaged.

    ``steps`` holds a matrix for each time, shape (states after, states before), whose rows sum to one; ``weights``,
    shape (states after the last,), is the share of the text's word pieces that each of the last states stands for.
    """

    steps: tuple[NDArray[np.float32], ...]
    weights: NDArray[np.float32]


def averages(count: int) -> Averages:
    """Return how ``count`` states, one for each word piece, are averaged; they are left as they are up to ``WHOLE``."""
    stands_for = np.ones(count, dtype=np.float32)
    steps = []
    for _, many in AVERAGED:
        owners = np.arange(len(stands_for)) // (many if count > WHOLE else 1)
        member = owners == np.arange(owners[-1] + 1)[:, None]
        shares = member * stands_for
        stands_for = shares.sum(axis=1)
        steps.append((shares / stands_for[:, None]).astype(np.float32))
    return Averages(tuple(steps), (stands_for / count).astype(np.float32))


def pooled_before(layers: int) -> tuple[int, ...]:
    """Return before which of ``layers`` layers states are averaged, counted from 0, in the order of ``AVERAGED``."""
    return tuple(int(share * layers) for share, _ in AVERAGED)
