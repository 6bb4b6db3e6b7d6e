"""Small random follow-ups with many ties, and the 6-MP trial."""

from collections.abc import Callable

import numpy as np
import pytest

from holdfast.risk.survival import FollowUp

# Freireich et al. 1963 (Blood 21:699-716): weeks of remission, 21 pairs, 6-mercaptopurine and placebo.
TREATED = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"


def _read(column: str) -> FollowUp:
    marks = column.split()
    return FollowUp(
        np.array([float(mark.rstrip("+")) for mark in marks]), np.array([not mark.endswith("+") for mark in marks])
    )


@pytest.fixture
def treated() -> FollowUp:
    return _read(TREATED)


@pytest.fixture
def placebo() -> FollowUp:
    return _read(PLACEBO)


@pytest.fixture
def trial() -> tuple[np.ndarray, FollowUp]:
    """1 for placebo, 0 for treated, and everyone's follow-up."""
    everyone = _read(f"{PLACEBO} {TREATED}")
    return np.repeat([1.0, 0.0], 21), everyone


@pytest.fixture
def tied() -> Callable[[np.random.Generator, int], tuple[np.ndarray, FollowUp]]:
    """Make n people with few distinct times and risks."""

    def make(generator: np.random.Generator, n: int) -> tuple[np.ndarray, FollowUp]:
        times = generator.integers(1, int(generator.integers(2, 12)), size=n).astype(float)
        event = generator.random(n) < generator.uniform(0.2, 0.9)
        risk = generator.integers(0, int(generator.integers(1, 10)), size=n) / 10.0
        return risk, FollowUp(times, event)

    return make
