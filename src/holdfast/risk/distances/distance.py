"""What every distance to the reference does: learn from training people, score others, and be kept without pickle."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.embeddings import Codes, Embeddings, Scores
from holdfast.risk.reference import ReferenceGroups
from holdfast.risk.survival.follow_up import FollowUp

__all__ = ["Distance", "FittedDistance", "Replicates"]


class Replicates(Protocol):
    """One distance fitted again to each of B resamples of the training people."""

    def score(self, embeddings: Embeddings) -> NDArray[np.float64]:
        """Score by every resample, (n, B). Higher is worse."""

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what is kept beside the fitted distance, for safetensors."""


class FittedDistance(Protocol):
    """A distance that has learnt its reference.

    Attributes:
        name: Its name in ``DISTANCES``.
    """

    name: ClassVar[str]

    @property
    def dimensions(self) -> int:
        """How many dimensions embeddings must have."""

    def score(self, embeddings: Embeddings) -> Scores:
        """Score people who were not in the training, (n,). Higher is worse.

        Raises:
            RiskError: The embeddings are not finite or have other dimensions.
        """

    def leave_one_out(self, embeddings: Embeddings, groups: ReferenceGroups) -> Scores:
        """Score the training people, each as if it had not been in the reference or in a class, (n,)."""

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what was learnt, for safetensors."""

    def to_json(self) -> dict[str, Any]:
        """Return the rest of what was learnt."""

    @classmethod
    def from_stored(cls, said: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read what ``to_json`` and ``arrays`` returned."""

    def replicates_from_stored(self, arrays: Mapping[str, NDArray[Any]]) -> Replicates:
        """Read what the replicates of this distance returned as ``arrays``."""


class Distance(Protocol):
    """The definition of a distance and its settings.

    Attributes:
        name: Its name in ``DISTANCES``.
        least: Fewest people that a group must hold.
    """

    name: ClassVar[str]
    least: ClassVar[int]

    def fit(self, embeddings: Embeddings, groups: ReferenceGroups, follow_up: FollowUp | None = None) -> FittedDistance:
        """Learn the reference; equal input gives equal numbers.

        Args:
            embeddings: Of the training people, (n, d), finite.
            groups: Of the same people. Strata are not looked at: recentre first.
            follow_up: Of the same people; only learnt class weights need it.

        Raises:
            RiskError: A group is too small, the healthy are all alike, or follow-up is needed and missing.
        """

    def resample(
        self,
        embeddings: Embeddings,
        groups: ReferenceGroups,
        follow_up: FollowUp | None,
        draws: Sequence[Codes],
    ) -> Replicates:
        """Fit again to each resample: ``draws`` holds the places of its people, who may repeat."""

    def to_json(self) -> dict[str, Any]:
        """Return the settings."""
