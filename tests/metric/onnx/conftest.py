"""One exported encoder of a table with missing values and categories, for every test that only reads it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch
from torch import nn

from holdfast.metric.encoder.networks import multilayer_perceptron
from holdfast.metric.onnx.export import export_onnx
from holdfast.metric.tabular.encoding import TabularEncoding


@dataclass(frozen=True)
class Exported:
    """An encoder as torch has it, and the file it was exported to."""

    network: nn.Module
    encoding: TabularEncoding
    path: Path

    @torch.no_grad()
    def by_torch(self, frame: pl.DataFrame) -> np.ndarray:
        return self.network(torch.from_numpy(self.encoding.transform(frame))).numpy()


def people(n_rows: int, seed: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    sleep = pl.Series(rng.normal(7, 1.5, n_rows)).set(pl.Series(rng.random(n_rows) < 0.2), None)
    return pl.DataFrame(
        {"age": rng.integers(18, 80, n_rows), "sleep": sleep, "region": rng.choice(["north", "south"], n_rows)}
    )


@pytest.fixture
def frame() -> pl.DataFrame:
    return people(5_000, seed=1)


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    encoding = TabularEncoding.fit(people(500))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = multilayer_perceptron(encoding.n_outputs, hidden=(32, 16), embedding_dim=8, normalize=True).eval()
    path = tmp_path_factory.mktemp("onnx") / "encoder.onnx"
    export_onnx(
        network, path=path, n_inputs=encoding.n_outputs, card={"encoding": encoding.to_json(), "classes": ["a", "b"]}
    )
    return Exported(network, encoding, path)
