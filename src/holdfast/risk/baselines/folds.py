"""Parts of the people to leave out in turn, each with its share of the events."""

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.survival.follow_up import FollowUp

__all__ = ["fold_of_each"]


def fold_of_each(follow_up: FollowUp, *, folds: int, seed: int) -> NDArray[np.int64]:
    """Return the fold of each person, 0 to ``folds`` - 1: (people,).

    People with the event and people without are dealt out apart, in random order, so that folds differ by at most one
    event and by at most two people.
    """
    generator = np.random.default_rng(seed)
    fold = np.empty(follow_up.n_people, dtype=np.int64)
    for members in (np.flatnonzero(follow_up.event), np.flatnonzero(~follow_up.event)):
        fold[generator.permutation(members)] = np.arange(len(members)) % folds
    return fold
