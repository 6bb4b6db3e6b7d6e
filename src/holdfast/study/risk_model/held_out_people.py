"""Who is kept out of the training, so that a model can be judged on people it has never seen."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from holdfast.study.error import StudyError
from holdfast.study.visits.visits import Words

__all__ = ["held_out_people"]


def held_out_people(persons: Words, *, share: float, seed: int) -> NDArray[np.bool_]:
    """Return who is held out: (people,).

    It follows from the id and the seed alone, so that a person stays on one side whoever else is in the cohort.

    Args:
        persons: Ids.
        share: Of people, 0 to below 1.
        seed: Another seed holds others out.

    Raises:
        StudyError: The share is out of its range.
    """
    if not 0 <= share < 1:
        raise StudyError("Share held out must lie in 0 to below 1", repr(share), "0.25 is the default")
    if share == 0:
        return np.zeros(len(persons), dtype=np.bool_)
    limit = int(share * 2**64)
    key = seed.to_bytes(8, "little", signed=True)
    digests = (hashlib.blake2b(str(person).encode(), digest_size=8, key=key).digest() for person in persons)
    return np.fromiter((int.from_bytes(d, "little") < limit for d in digests), dtype=np.bool_, count=len(persons))
