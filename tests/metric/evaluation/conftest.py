"""Small labelled sets to judge."""

from typing import NamedTuple

import numpy as np
import pytest


class Blobs(NamedTuple):
    points: np.ndarray
    labels: np.ndarray


def make_blobs(*, seed: int, n: int = 240, classes: int = 5, dims: int = 6, spread: float = 1.2) -> Blobs:
    """Overlapping clouds of uneven size; centres are the same for every seed."""
    centres = np.random.default_rng(99).normal(size=(classes, dims))
    generator = np.random.default_rng(seed)
    labels = generator.choice(classes, size=n, p=np.arange(1, classes + 1) / np.arange(1, classes + 1).sum())
    labels[: 2 * classes] = np.repeat(np.arange(classes), 2)  # every class has at least two
    return Blobs(centres[labels] + spread * generator.normal(size=(n, dims)), labels)


@pytest.fixture
def queries() -> Blobs:
    return make_blobs(seed=1)


@pytest.fixture
def reference() -> Blobs:
    return make_blobs(seed=2, n=400)
