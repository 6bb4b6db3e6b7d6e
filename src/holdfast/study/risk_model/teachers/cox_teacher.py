"""Ridge Cox on the encoded inputs, hinges and all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.cox import fit_cox
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.study.risk_model.teachers.teacher import Learner, LogHazard, TeachingData

__all__ = ["CoxTaught", "CoxTeacher"]


@dataclass(frozen=True, kw_only=True, eq=False)
class CoxTaught:
    """A log hazard linear in the inputs."""

    coefficients: NDArray[np.float32]

    def log_hazard(self, data: TeachingData) -> LogHazard:
        """Foretell: (people,). A person at a time: a matrix product's last bit depends on who stands where."""
        return np.asarray(np.einsum("ij,j->i", data.inputs, self.coefficients), dtype=np.float64)

    @classmethod
    def average(cls, several: Sequence[Self]) -> Self:
        """Average the coefficients."""
        return cls(coefficients=np.mean([one.coefficients for one in several], axis=0, dtype=np.float32))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the coefficients."""
        return {"coefficients": self.coefficients}

    def to_json(self) -> dict[str, Any]:
        """Return nothing more."""
        return {}

    @classmethod
    def from_stored(cls, said: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read what ``arrays`` returned."""
        del said
        return cls(coefficients=arrays["coefficients"])


@dataclass(frozen=True, kw_only=True)
class CoxTeacher:
    """Ridge Cox.

    Attributes:
        ridges: To choose from; see ``fit_cox``.
    """

    name: ClassVar[str] = "cox"

    ridges: tuple[float, ...] = (0.03, 0.1, 0.3, 1.0)

    def at(self, strength: int) -> Self:
        """Return the teacher with one ridge."""
        return replace(self, ridges=(self.ridges[strength],))

    def begin(self, data: TeachingData, *, seed: int, threads: int) -> Learner:
        """Need nothing of the people beforehand."""
        del data, seed, threads
        return self

    def learn(self, data: TeachingData, follow_up: FollowUp) -> Sequence[CoxTaught]:
        """Learn at every ridge."""
        inputs = data.inputs.astype(np.float64)
        return [
            CoxTaught(coefficients=fit_cox(inputs, follow_up, ridge=ridge).astype(np.float32)) for ridge in self.ridges
        ]
