"""References that depend on a stratum, such as sex by age band: each person is set against the healthy of their own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.embeddings import Codes, Embeddings, Mask
from holdfast.risk.reference import ReferenceGroups

__all__ = ["StratumCentres"]


@dataclass(frozen=True, kw_only=True, eq=False)
class StratumCentres:
    """The mean embedding of the healthy people of each stratum.

    Embeddings are recentred before any distance is taken::

        r = z - (mean of the healthy people of z's stratum)

    So a class is learnt as a displacement from the healthy people of one's own age and sex, shared by all strata: a
    stratum needs enough healthy people, but not enough ill ones. What differs between strata no longer adds to the
    score; where it should, give age and sex to the calibration to absolute risk.

    Attributes:
        centres: Shape (strata, d); zeros for a code that nobody had.
        counts: Healthy people of each stratum, (strata,).
    """

    centres: NDArray[np.float64]
    counts: Codes

    @classmethod
    def fit(cls, embeddings: Embeddings, groups: ReferenceGroups) -> Self:
        """Average the healthy people of each stratum of ``groups``, which must have strata."""
        strata = _strata(groups)
        number = int(strata.max()) + 1
        counts = np.bincount(strata[groups.healthy], minlength=number).astype(np.int64)
        centres = np.zeros((number, embeddings.shape[1]))
        for stratum in np.flatnonzero(counts):
            members = groups.healthy & (strata == stratum)
            centres[stratum] = embeddings[members].mean(axis=0, dtype=np.float64)
        return cls(centres=centres, counts=counts)

    def knows(self, strata: Codes) -> Mask:
        """Say who is of a stratum that has a reference, (n,)."""
        inside = (strata >= 0) & (strata < len(self.counts))
        return inside & (self.counts[np.where(inside, strata, 0)] > 0)

    def recentre(self, embeddings: Embeddings, strata: Codes) -> NDArray[np.float64]:
        """Subtract each person's own centre, (n, d). A stratum without a reference counts as centred at zero."""
        known = self.knows(strata)
        centres = np.where(known[:, None], self.centres[np.where(known, strata, 0)], 0.0)
        return embeddings.astype(np.float64) - centres

    def recentre_training(self, embeddings: Embeddings, groups: ReferenceGroups) -> NDArray[np.float64]:
        """Subtract centres that each healthy person was left out of: r n / (n - 1), n healthy people in the stratum."""
        strata = _strata(groups)
        counts = self.counts[strata]
        factor = np.where(groups.healthy, counts / np.maximum(counts - 1, 1), 1.0)
        return self.recentre(embeddings, strata) * factor[:, None]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what is kept, for safetensors."""
        return {"centres": self.centres, "counts": self.counts}

    @classmethod
    def from_stored(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read what ``arrays`` returned."""
        return cls(centres=arrays["centres"], counts=arrays["counts"])


def _strata(groups: ReferenceGroups) -> Codes:
    return np.zeros(groups.n_people, dtype=np.int64) if groups.strata is None else groups.strata
