"""People made of two known factors, quick settings, and one thread for torch."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from holdfast.metric.representations import Classes, Rows


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@dataclass(frozen=True, eq=False)
class People:
    """Rows, the factors they were made of, and a class for two of three people: which side of zero the first is on."""

    rows: Rows
    factors: NDArray[np.float64]
    side: NDArray[np.int64]
    classes: Classes


@pytest.fixture(scope="session")
def people() -> People:
    generator = np.random.default_rng(5)
    factors = generator.normal(size=(400, 2))
    rows = factors @ generator.normal(size=(2, 10)) + 0.4 * generator.normal(size=(400, 10))
    side = (factors[:, 0] > 0).astype(np.int64)
    labelled = np.flatnonzero(np.arange(400) % 3)
    standard = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    return People(standard.astype(np.float32), factors, side, Classes(rows=labelled, codes=side[labelled]))


NETWORK: dict[str, Any] = {"hidden": (16,), "epochs": 3}
QUICK: dict[str, dict[str, Any]] = {
    "raw": {},
    "pca": {},
    "ica": {},
    "dae": NETWORK,
    "vae": NETWORK,
    "scarf": NETWORK,
    "triplet": NETWORK,
    "nplb": NETWORK,
}


@pytest.fixture(params=list(QUICK))
def named(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """Each representation's name and quick settings in turn."""
    return request.param, QUICK[request.param]


@pytest.fixture(scope="session")
def quick() -> dict[str, dict[str, Any]]:
    """Quick settings by name."""
    return QUICK
