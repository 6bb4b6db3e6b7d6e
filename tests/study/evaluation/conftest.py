"""A method that counts its fits, and people to fit it to."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from holdfast.measured import Unscored
from holdfast.study.visits import Visits
from holdfast.study.visits.age_bands import AGE_BAND, age_bands


@dataclass
class Column:
    """Takes a column for the risk, of people who were taught to it or not; counts how often it learnt."""

    name: str
    place: int
    sign: float = 1.0
    refuses: str | None = None
    refuses_at: int = 0
    spoilt: float | None = None
    fits: list[int] = field(default_factory=list)

    @property
    def title(self) -> str:
        return f"Column {self.place}"

    def fit(self, train: Visits, *, seed: int) -> Any:
        del train
        self.fits.append(seed)
        return self

    def risk(self, visits: Visits) -> NDArray[np.float64] | Unscored:
        if self.refuses is not None and len(self.fits) > self.refuses_at:
            return Unscored(self.refuses)
        risk = self.sign * visits.values[:, self.place].astype(np.float64)
        if self.spoilt is not None:
            risk[0] = self.spoilt
        return risk


@pytest.fixture
def column() -> type[Column]:
    return Column


@pytest.fixture(scope="session")
def risky(make: Any) -> Visits:
    """240 people: column 0 is the log hazard with little noise, 1 with much, 2 is noise; and ages."""
    generator = np.random.default_rng(0)
    eta = generator.normal(size=240)
    noise = generator.normal(size=(3, 240))
    values = np.column_stack([eta + 0.3 * noise[0], eta + 1.5 * noise[1], noise[2]])
    age = generator.uniform(30, 90, 240)
    follow_up = make.follow_up(1.2 * eta, seed=2)
    return make.visits(  # type: ignore[no-any-return]
        values, age=age, follow_up=follow_up, attributes={AGE_BAND: age_bands(age)}
    )
