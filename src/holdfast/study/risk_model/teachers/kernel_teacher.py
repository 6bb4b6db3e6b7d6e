"""Ridge Cox in likeness to landmarks: a smooth log hazard of any shape.

It is Cox's model in a reproducing-kernel space, by Nyström's approximation (Williams and Seeger 2001, NIPS 13). With
landmarks l_1 ... l_m and the Gaussian kernel ``k(x, l) = exp(-g |x - l|^2 / (2 p))`` over p inputs, hinges left out and
age doubled, the covariates are ``k(x) U W^(-1/2)``, where ``U`` and ``W`` are eigenvectors and eigenvalues of the
kernel among the landmarks. Landmarks are k-means centres, each the mean of five people or more: nobody's values are
kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.cox import fit_cox
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.study.risk_model.teachers.teacher import Learner, LogHazard, TeachingData

__all__ = ["KernelTaught", "KernelTeacher"]

Floats = NDArray[np.float32]

_CHUNK = 8_192
_SMALLEST_EIGENVALUE = 1e-6
_FEWEST_PEOPLE = 10  # behind a landmark, on average
_FEWEST_BEHIND = 5  # any landmark: a person far from all others would be one alone


@dataclass(frozen=True, kw_only=True, eq=False)
class _Likeness:
    """What likeness is measured by.

    Attributes:
        scales: What each input is multiplied by: 0 leaves it out; (inputs,).
        landmarks: (landmarks, inputs), so multiplied.
        width: ``g / p`` of the formula.
    """

    scales: Floats
    landmarks: Floats
    width: float

    def of(self, inputs: Floats) -> NDArray[np.float64]:
        """Return the likeness of people to landmarks: (people, landmarks), in double precision.

        Squared distances are differences of large sums: in single precision they would depend on the rows beside them.
        """
        x, landmarks = (inputs * self.scales).astype(np.float64), self.landmarks.astype(np.float64)
        squares = np.square(x).sum(axis=1)[:, None] + np.square(landmarks).sum(axis=1)[None]
        near: NDArray[np.float64] = np.exp(-0.5 * self.width * np.maximum(squares - 2 * (x @ landmarks.T), 0))
        return near


@dataclass(frozen=True, kw_only=True, eq=False)
class KernelTaught:
    """A log hazard linear in likeness to landmarks, of which each has a weight."""

    likeness: _Likeness
    weights: Floats

    def log_hazard(self, data: TeachingData) -> LogHazard:
        """Foretell: (people,)."""
        out = np.empty(data.n_people)
        for start in range(0, len(out), _CHUNK):
            rows = slice(start, start + _CHUNK)
            out[rows] = self.likeness.of(data.inputs[rows]) @ self.weights
        return out

    @classmethod
    def average(cls, several: Sequence[Self]) -> Self:
        """Average the weights; the landmarks are the same."""
        weights: Floats = np.mean(np.stack([one.weights for one in several]), axis=0)
        return cls(likeness=several[0].likeness, weights=weights)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return landmarks, scales and weights."""
        return {"scales": self.likeness.scales, "landmarks": self.likeness.landmarks, "weights": self.weights}

    def to_json(self) -> dict[str, Any]:
        """Return the width."""
        return {"width": self.likeness.width}

    @classmethod
    def from_stored(cls, said: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read what ``to_json`` and ``arrays`` returned."""
        likeness = _Likeness(scales=arrays["scales"], landmarks=arrays["landmarks"], width=float(said["width"]))
        return cls(likeness=likeness, weights=arrays["weights"])


@dataclass(frozen=True, kw_only=True)
class KernelTeacher:
    """Ridge Cox in likeness to landmarks.

    Attributes:
        landmarks: How many at most; one for every ten people at most.
        width: ``g`` of the formula, above 0: the larger, the closer two people must be to be alike.
        age_scale: What age counts against another input.
        ridges: To choose from; see ``fit_cox``.
    """

    name: ClassVar[str] = "kernel"

    landmarks: int = 200
    width: float = 0.3
    age_scale: float = 2.0
    ridges: tuple[float, ...] = (3e-5, 1e-4, 3e-4, 1e-3, 3e-3)

    def at(self, strength: int) -> Self:
        """Return the teacher with one ridge."""
        return replace(self, ridges=(self.ridges[strength],))

    def begin(self, data: TeachingData, *, seed: int, threads: int) -> Learner:
        """Find the landmarks."""
        del threads
        from sklearn.cluster import MiniBatchKMeans  # type: ignore[import-untyped]  # it ships no types

        scales = np.where(data.is_bent, 0.0, np.where(data.is_age, self.age_scale, 1.0)).astype(np.float32)
        number = max(2, min(self.landmarks, data.n_people // _FEWEST_PEOPLE))
        scaled = data.inputs * scales
        found = MiniBatchKMeans(number, n_init=1, random_state=seed, batch_size=2_048).fit(scaled)
        width = self.width / max(1, int((scales > 0).sum()))
        likeness = _Likeness(scales=scales, landmarks=_centres(scaled, found.labels_), width=width)
        return _KernelLearner(likeness, self.ridges)


def _centres(inputs: Floats, labels: NDArray[np.int64]) -> Floats:
    """Return the mean of each cluster that is large enough: (clusters, inputs)."""
    counts = np.bincount(labels)
    kept = np.flatnonzero(counts >= min(_FEWEST_BEHIND, counts.max()))
    sums = np.stack([np.bincount(labels, weights=column) for column in inputs.T], axis=1)
    centres: Floats = (sums[kept] / counts[kept, None]).astype(np.float32)
    return centres


class _KernelLearner:
    def __init__(self, likeness: _Likeness, ridges: tuple[float, ...]) -> None:
        self._likeness, self._ridges = likeness, ridges
        among = likeness.of((likeness.landmarks / np.where(likeness.scales > 0, likeness.scales, 1)).astype(np.float32))
        values, vectors = np.linalg.eigh(among)
        self._whitening = vectors / np.sqrt(np.maximum(values, _SMALLEST_EIGENVALUE))

    def learn(self, data: TeachingData, follow_up: FollowUp) -> Sequence[KernelTaught]:
        """Learn at every ridge."""
        covariates = self._likeness.of(data.inputs) @ self._whitening
        fits = [fit_cox(covariates, follow_up, ridge=ridge) for ridge in self._ridges]
        return [KernelTaught(likeness=self._likeness, weights=(self._whitening @ b).astype(np.float32)) for b in fits]
