"""One made-up cohort for all tests of studies, and small visits made by hand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.schema import Feature, Kind
from holdfast.cohort.synthetic import build_synthetic
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.study.visits import Visits
from holdfast.study.visits.cohort_visits import CohortSelection, read_cohort


def number(name: str, **more: object) -> Feature:
    """Return a column of numbers."""
    said = {"kind": Kind.NUMERIC, "title": name, "group": "input", "source": name} | more
    return Feature(name=name, **said)  # type: ignore[arg-type]


def words(name: str, *levels: str) -> Feature:
    """Return a column of words."""
    return number(name, kind=Kind.CATEGORICAL, levels={level: level for level in levels})


def made_visits(values: NDArray[np.float64], columns: tuple[Feature, ...] = (), **more: object) -> Visits:
    """Return visits of these values, numbers where no columns are given."""
    columns = columns or tuple(number(f"c{i}") for i in range(values.shape[1]))
    persons = np.array([f"p{i}" for i in range(len(values))], dtype=object)
    return Visits(persons=persons, columns=columns, values=values.astype(np.float32), **more)  # type: ignore[arg-type]


def follow_up_of(log_hazard: NDArray[np.float64], *, seed: int, ends: float = 10.0) -> FollowUp:
    """Draw exponential times at a base hazard of 3 % a year, censored between the half and the whole of ``ends``."""
    generator = np.random.default_rng(seed)
    time = generator.exponential(np.exp(-log_hazard) / 0.03)
    censored = generator.uniform(ends / 2, ends, len(time))
    return FollowUp(np.minimum(time, censored), time <= censored)


@dataclass(frozen=True)
class Making:
    """What tests make visits with."""

    number: Callable[..., Feature] = number
    words: Callable[..., Feature] = words
    visits: Callable[..., Visits] = made_visits
    follow_up: Callable[..., FollowUp] = follow_up_of


@pytest.fixture(scope="session")
def make() -> Making:
    return Making()


@pytest.fixture(scope="session")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    """3,000 made-up people."""
    folder = tmp_path_factory.mktemp("study") / "cohort"
    return build_synthetic(folder, people=3_000, seed=5, today=date(2026, 1, 1))


@pytest.fixture(scope="session")
def people(made_up: Cohort) -> Visits:
    """The same, as visits with death as the outcome."""
    return read_cohort(made_up, CohortSelection())


@pytest.fixture(scope="session")
def truth(made_up: Cohort) -> NDArray[np.float64]:
    """Their true log hazard of death."""
    return pl.read_parquet(made_up.folder / "truth.parquet")["death_log_hazard"].to_numpy()
