"""A cluster of two workers on this machine."""

from collections.abc import Iterator
from types import ModuleType

import numpy as np
import pytest

from holdfast.study.ray_engine.session import ray_session
from holdfast.study.visits import Visits


@pytest.fixture(scope="module")
def cluster() -> Iterator[ModuleType]:
    """Ray with two cores, which ends with the tests."""
    pytest.importorskip("ray", reason="needs the ray extra: pip install 'holdfast[ray]'")
    with ray_session(cores=2) as ray:
        yield ray


@pytest.fixture(scope="module")
def few(people: Visits) -> Visits:
    """900 people to learn from."""
    return people.take(np.arange(900))
