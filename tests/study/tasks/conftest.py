"""A small cohort in which a hidden state makes both the rows and the condition, and quick comparisons."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from holdfast.study.tasks.comparison import Comparison, Contender, Inputs
from holdfast.study.tasks.task import Task


@dataclass(frozen=True, eq=False)
class Cohort:
    """Measurements with a mean to take away, who has the condition, and of whom that is known."""

    values: NDArray[np.float64]
    has: NDArray[np.bool_]
    is_known: NDArray[np.bool_]

    @property
    def task(self) -> Task:
        return Task.prevalent("low mood", self.has, is_known=self.is_known)

    def prepare(self, train: NDArray[np.int64]) -> tuple[Any, Any]:
        mean, spread = self.values[train].mean(axis=0), self.values[train].std(axis=0)
        everybody = ((self.values - mean) / spread).astype(np.float32)
        return everybody[train], everybody

    @property
    def inputs(self) -> Inputs:
        return Inputs(task=self.task, prepare=self.prepare)


@pytest.fixture(scope="session")
def cohort() -> Cohort:
    generator = np.random.default_rng(8)
    state = generator.normal(size=320)
    values = 5.0 + np.outer(state, generator.normal(size=6)) + generator.normal(size=(320, 6))
    has = state + 0.5 * generator.normal(size=320) > 0.6
    return Cohort(values, has, generator.random(320) > 0.1)


@pytest.fixture(scope="session")
def quick() -> Comparison:
    return Comparison(
        contenders=(Contender(representation="raw"), Contender(representation="pca", dimensions=1)),
        classifiers=("logistic", "knn"),
        repeats=2,
        resamples=200,
        seed=3,
    )
