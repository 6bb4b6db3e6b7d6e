"""Closer to the healthy or to those who fell ill: squared distance to the healthy centroid less that to each class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.distances.class_weights import Weighting, check_weighting, combine, weights_for
from holdfast.risk.distances.distance import Replicates
from holdfast.risk.distances.prototypes import Prototypes
from holdfast.risk.distances.refitted import refitted, unstacked
from holdfast.risk.embeddings import CACHED_VALUES, Codes, Embeddings, Scores, check_embeddings, chunks, in_chunks
from holdfast.risk.error import RiskError
from holdfast.risk.reference import ReferenceGroups
from holdfast.risk.survival.follow_up import FollowUp

__all__ = ["FittedRelative", "Relative"]


@dataclass(frozen=True, kw_only=True)
class Relative:
    """Squared distance to the healthy less squared distance to each class.

    ::

        m[0](z) = |z - h|²                       h    = mean of the healthy
        m[c](z) = |z - h|² - |z - g[c]|²         g[c] = mean of class c
                = 2 z'(g[c] - h) + |h|² - |g[c]|²

        nearest                  score = max over c of m[c]
        equal                    score = mean over c of m[c]
        learned                  score = sum over c of w[c] m[c]
        learned with reference   score = w[0] m[0] + sum over c of w[c] m[c]

    Learnt weights come from a penalised Cox model of the training people, each left out of the means of their own
    groups. Not in the paper: ours. With several prototypes a group is described by so many k-means centres, and the
    nearest of them counts. Rotating and moving all embeddings leaves the score as it is; scaling them by s multiplies
    nearest and equal scores by s² and leaves learnt ones as they are.

    Attributes:
        weighting: How classes become one score.
        ridge: Penalty on learnt weights.
        prototypes: Centres a group, at most; a group has one for every ten people it holds at most.
        seed: Of k-means.

    Raises:
        RiskError: A setting is out of its range.
    """

    name: ClassVar[str] = "relative"
    least: ClassVar[int] = 2

    weighting: Weighting = "learned"
    ridge: float = 0.01
    prototypes: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        check_weighting(self.weighting, self.ridge)
        if self.prototypes < 1:
            raise RiskError("Prototypes must number 1 or more", repr(self.prototypes), "1 is the centroid")

    def fit(
        self, embeddings: Embeddings, groups: ReferenceGroups, follow_up: FollowUp | None = None
    ) -> "FittedRelative":
        """Find the centres and the weights.

        Raises:
            RiskError: There is no class, a group holds fewer than two people, or weights are to be learnt without
                follow-up or without events.
        """
        groups.check(embeddings, least=self.least)
        prototypes = Prototypes.fit(embeddings, groups, most=self.prototypes, seed=self.seed)
        measured = prototypes.measure_without_self(embeddings, groups)
        weights = weights_for(self.weighting, measured, groups, follow_up, ridge=self.ridge)
        return FittedRelative(prototypes=prototypes, weights=weights, class_names=tuple(groups.classes))

    def resample(
        self, embeddings: Embeddings, groups: ReferenceGroups, follow_up: FollowUp | None, draws: Sequence[Codes]
    ) -> Replicates:
        """Find centres and weights again from each resample."""
        return _RelativeReplicates(refitted(self.fit, embeddings, groups, follow_up, draws))

    def to_json(self) -> dict[str, Any]:
        """Return the settings."""
        return {
            "name": self.name,
            "weighting": self.weighting,
            "ridge": self.ridge,
            "prototypes": self.prototypes,
            "seed": self.seed,
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class FittedRelative:
    """Centres of the groups and what each class weighs.

    Attributes:
        prototypes: The centres.
        weights: Shape (1 + classes,): of the distance to the healthy, then of each class. None: the nearest counts.
        class_names: Names of the classes, in order.
    """

    name: ClassVar[str] = "relative"

    prototypes: Prototypes
    weights: NDArray[np.float64] | None
    class_names: tuple[str, ...]

    @property
    def dimensions(self) -> int:
        """How many dimensions embeddings must have."""
        return len(self.prototypes.origin)

    @property
    def is_linear(self) -> bool:
        """Whether the score is linear in z and |z|²: one centre a group, and weights."""
        return self.weights is not None and self.prototypes.is_single

    def score(self, embeddings: Embeddings) -> Scores:
        """Measure, any sign; higher is worse."""
        check_embeddings(embeddings, dimensions=self.dimensions)
        if self.is_linear:
            return _Linear([self]).score(embeddings)[:, 0]
        return in_chunks(
            embeddings,
            lambda rows: combine(self.prototypes.measure(rows), self.weights),
            width=2 * self.prototypes.number,
        )

    def leave_one_out(self, embeddings: Embeddings, groups: ReferenceGroups) -> Scores:
        """Measure each training person without them in the centres of their own groups; the weights are held."""
        check_embeddings(embeddings, dimensions=self.dimensions)
        return combine(self.prototypes.measure_without_self(embeddings, groups), self.weights)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return centres and weights."""
        return self.prototypes.arrays() | ({} if self.weights is None else {"weights": self.weights})

    def to_json(self) -> dict[str, Any]:
        """Return the names of the classes."""
        return {"class_names": list(self.class_names)}

    @classmethod
    def from_stored(cls, said: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read what ``to_json`` and ``arrays`` returned."""
        return cls(
            prototypes=Prototypes.from_stored(arrays),
            weights=arrays.get("weights"),
            class_names=tuple(str(name) for name in said["class_names"]),
        )

    def replicates_from_stored(self, arrays: Mapping[str, NDArray[Any]]) -> Replicates:
        """Read the replicates' centres and weights."""
        return _RelativeReplicates([self.from_stored(self.to_json(), one) for one in unstacked(arrays)])


class _Linear:
    """Several linear scores as one matrix product: z'V + c + |z|² u, with z less a common origin."""

    def __init__(self, fitted: Sequence[FittedRelative]) -> None:
        self.origin = fitted[0].prototypes.origin
        terms = [_terms(one, self.origin) for one in fitted]
        self.slopes = np.column_stack([slope for slope, _, _ in terms])
        self.constants = np.array([constant for _, constant, _ in terms])
        self.squares = np.array([square for _, _, square in terms])

    def score(self, embeddings: Embeddings) -> NDArray[np.float64]:
        found = np.empty((len(embeddings), len(self.constants)))
        width = max(embeddings.shape[1], len(self.constants))
        for rows in chunks(len(embeddings), width=width, values=CACHED_VALUES):
            points = embeddings[rows] - self.origin
            found[rows] = points @ self.slopes + self.constants
            if self.squares.any():
                found[rows] += np.einsum("ij,ij->i", points, points)[:, None] * self.squares
        return found


def _terms(fitted: FittedRelative, origin: NDArray[np.float64]) -> tuple[NDArray[np.float64], float, float]:
    """Return slope, constant and the factor of |z|² of a linear score, for embeddings less ``origin``."""
    weights = np.zeros(0) if fitted.weights is None else fitted.weights
    centres = fitted.prototypes.centres + (fitted.prototypes.origin - origin)
    factors = np.concatenate([[weights.sum()], -weights[1:]])  # of |z - h|², then of each |z - g[c]|²
    constant = factors @ np.einsum("ij,ij->i", centres, centres)
    return -2.0 * factors @ centres, float(constant), float(weights[0])


class _RelativeReplicates:
    """Replicates of a relative distance: a matrix product where scores are linear."""

    def __init__(self, fitted: Sequence[FittedRelative]) -> None:
        self.fitted = tuple(fitted)
        self._linear = _Linear(fitted) if all(one.is_linear for one in fitted) else None

    def score(self, embeddings: Embeddings) -> NDArray[np.float64]:
        """Score by every resample, (n, B)."""
        if self._linear is None:
            return np.column_stack([one.score(embeddings) for one in self.fitted])
        check_embeddings(embeddings, dimensions=self.fitted[0].dimensions)
        return self._linear.score(embeddings)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays of all, stacked along a new first axis."""
        each = [one.arrays() for one in self.fitted]
        return {name: np.stack([arrays[name] for arrays in each]) for name in each[0]}
