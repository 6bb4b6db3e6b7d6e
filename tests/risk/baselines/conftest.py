"""People whose hazard is known: log hazard = 0.8 age + 0.5 marker, both standardised; the third input is noise."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from holdfast.risk.survival.follow_up import FollowUp


@dataclass(frozen=True)
class People:
    rows: NDArray[np.float64]
    follow_up: FollowUp
    hazard: NDArray[np.float64]


@pytest.fixture(scope="session")
def make_people() -> Callable[..., People]:
    def make(n: int = 600, *, seed: int = 0, strength: float = 1.0, missing: float = 0.0) -> People:
        generator = np.random.default_rng(seed)
        standard = generator.normal(size=(n, 3))
        hazard = strength * (0.8 * standard[:, 0] + 0.5 * standard[:, 1])
        years = generator.exponential(np.exp(-hazard) * 12)
        until = generator.uniform(0.5, 9.0, size=n)
        months = np.ceil(np.minimum(years, until) * 12) / 12  # rounded up to months: many ties
        rows = np.column_stack([55 + 10 * standard[:, 0], 5 + standard[:, 1], standard[:, 2]])
        rows[generator.random(rows.shape) < missing] = np.nan
        return People(rows, FollowUp(months, years <= until), hazard)

    return make


@pytest.fixture(scope="session")
def people(make_people: Callable[..., People]) -> People:
    return make_people()


@pytest.fixture(scope="session")
def nhanes() -> Path:
    """The merged NHANES file of 2011-2018."""
    data = Path(os.environ.get("HOLDFAST_DATA", Path(__file__).parents[4] / "shared" / "data"))
    path = data / "nhanes_2011_2018.parquet"
    if not path.exists():
        pytest.skip("no NHANES: set HOLDFAST_DATA to the folder that holds nhanes_2011_2018.parquet")
    return path
