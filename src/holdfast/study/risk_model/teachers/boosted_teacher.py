"""Boosted trees on values as they were measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.optional import require
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.study.risk_model.teachers.teacher import Learner, LogHazard, TeachingData

__all__ = ["BoostedTaught", "BoostedTeacher"]


@dataclass(frozen=True, kw_only=True, eq=False)
class BoostedTaught:
    """The mean of some boosted models.

    Attributes:
        boosters: xgboost's.
        rounds: Trees of each that count.
    """

    boosters: tuple[Any, ...]
    rounds: int

    def log_hazard(self, data: TeachingData) -> LogHazard:
        """Foretell: (people,)."""
        total = np.zeros(data.n_people)
        for booster in self.boosters:
            total += booster.inplace_predict(
                data.values, iteration_range=(0, self.rounds), predict_type="margin", base_margin=None
            )
        return total / len(self.boosters)

    @classmethod
    def average(cls, several: Sequence[Self]) -> Self:
        """Take all boosters."""
        return cls(boosters=tuple(b for one in several for b in one.boosters), rounds=several[0].rounds)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the boosters' own bytes (UBJSON), cut to the trees that count."""
        return {
            f"booster_{place}": np.frombuffer(booster[: self.rounds].save_raw("ubj"), dtype=np.uint8)
            for place, booster in enumerate(self.boosters)
        }

    def to_json(self) -> dict[str, Any]:
        """Return the number of trees."""
        return {"rounds": self.rounds}

    @classmethod
    def from_stored(cls, said: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read what ``to_json`` and ``arrays`` returned."""
        xgboost = require("xgboost", extra="risk")
        boosters = []
        for place in range(len(arrays)):
            boosters.append(xgboost.Booster())
            boosters[-1].load_model(bytearray(arrays[f"booster_{place}"].tobytes()))
        return cls(boosters=tuple(boosters), rounds=int(said["rounds"]))


@dataclass(frozen=True, kw_only=True)
class BoostedTeacher:
    """Boosted trees under Cox's partial likelihood.

    Attributes:
        depths: Of trees, to choose from, each with its learning rate.
        rounds: Trees, to choose from, ascending.
    """

    name: ClassVar[str] = "trees"

    depths: tuple[tuple[int, float], ...] = ((2, 0.05), (3, 0.04))
    rounds: tuple[int, ...] = (100, 150, 200, 300)

    def at(self, strength: int) -> Self:
        """Return the teacher with one depth and number of trees."""
        depth, rounds = divmod(strength, len(self.rounds))
        return replace(self, depths=(self.depths[depth],), rounds=(self.rounds[rounds],))

    def begin(self, data: TeachingData, *, seed: int, threads: int) -> Learner:
        """Need nothing of the people beforehand."""
        del data
        return _BoostedLearner(self, seed, threads)

    def parameters(self, depth: int, rate: float, *, seed: int, threads: int) -> dict[str, Any]:
        """Return xgboost's parameters."""
        return {
            "objective": "survival:cox",
            "tree_method": "hist",
            "max_depth": depth,
            "eta": rate,
            "subsample": 0.7,
            "colsample_bytree": 0.4,
            "min_child_weight": 3,
            "lambda": 3,
            "max_bin": 128,
            "base_score": 1.0,
            "nthread": threads,
            "seed": seed,
            "verbosity": 0,
        }


@dataclass
class _BoostedLearner:
    teacher: BoostedTeacher
    seed: int
    threads: int

    def learn(self, data: TeachingData, follow_up: FollowUp) -> Sequence[BoostedTaught]:
        """Learn at every depth and number of trees."""
        xgboost = require("xgboost", extra="risk")
        labels = np.where(follow_up.event, follow_up.years, -follow_up.years)
        matrix = xgboost.QuantileDMatrix(data.values, label=labels, max_bin=128, nthread=self.threads)
        found = []
        for depth, rate in self.teacher.depths:
            chosen = self.teacher.parameters(depth, rate, seed=self.seed, threads=self.threads)
            booster = xgboost.train(chosen, matrix, self.teacher.rounds[-1])
            found += [BoostedTaught(boosters=(booster,), rounds=rounds) for rounds in self.teacher.rounds]
        return found
