"""Small data that can be learnt from in a second, and records of runs without running any."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from holdfast.measured import Measurement, Scored
from holdfast.metric.benchmark.data import BenchmarkData, prepare
from holdfast.metric.benchmark.datasets import Dataset, ImageShape, Split
from holdfast.metric.benchmark.peak_memory import PeakMemory
from holdfast.metric.benchmark.record import RunRecord
from holdfast.metric.benchmark.scores import RetrievalScores
from holdfast.metric.benchmark.spec import RunSpec


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Use one thread: these networks are too small to share out, and other work may be going on."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def clusters(n: int, *, classes: int, seed: int) -> Split:
    """Pictures whose class shows in 6 of 16 pixels; the others are loud and mean nothing."""
    generator = np.random.default_rng(seed)
    means = np.random.default_rng(99).uniform(60, 195, size=(classes, 6))
    labels = np.arange(n) % classes
    telling = means[labels] + generator.normal(0, 15, size=(n, 6))
    pixels = np.concatenate([telling, generator.uniform(0, 255, size=(n, 10))], axis=1)
    return Split(inputs=np.clip(pixels, 0, 255).astype(np.uint8), labels=labels.astype(np.int64))


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    """300 4 x 4 pictures of 5 classes to learn from, 100 to judge."""
    return Dataset(
        name="clusters",
        train=clusters(300, classes=5, seed=0),
        test=clusters(100, classes=5, seed=1),
        classes=("a", "b", "c", "d", "e"),
        image_shape=ImageShape(1, 4, 4),
    )


@pytest.fixture(scope="session")
def data(dataset: Dataset) -> BenchmarkData:
    """The small data, ready for runs."""
    return prepare(dataset)


@pytest.fixture
def spec() -> RunSpec:
    """A run that takes no time."""
    return RunSpec(loss="triplet", steps=20, images_per_step=30, embedding_dim=8, hidden=(16,))


@pytest.fixture
def record(spec: RunSpec) -> Callable[..., RunRecord]:
    """Make a record of a run that never was."""

    def make(loss: str, seed: int, figure: float | Measurement, **changed: object) -> RunRecord:
        measured = Scored(value=figure, n=100) if isinstance(figure, float) else figure
        names = ("knn_weighted_f1", "knn_accuracy", "precision_at_1", "map_at_r")
        made = RunRecord(
            spec=replace(spec, loss=loss, seed=seed),
            data={"name": "d", "fingerprint": "f", "judged_on": "test", "classes": ["a", "b"], "notes": ["n"]},
            machine={"device": "cpu", "device_name": "a processor", "threads": 1},
            loss_settings={"margin": 1.0},
            normalize=False,
            scores=RetrievalScores(**dict.fromkeys(names, measured)),
            curve=(1.0, 0.5),
            training_s=2.0,
            steps_per_s=10.0,
            peak_memory=PeakMemory(2**20, "as measured"),
            parameters=10,
        )
        return replace(made, **changed)

    return make
