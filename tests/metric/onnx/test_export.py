"""Any network that embeds rows is exported as torch runs it, or refused, and never half-written."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import polars as pl
import pytest
import torch
from torch import Tensor, nn

from holdfast.metric.encoder.networks import small_convnet
from holdfast.metric.encoder.triplet_encoder import TripletEncoder
from holdfast.metric.error import MetricError
from holdfast.metric.onnx.encoder import OnnxEncoder
from holdfast.metric.onnx.export import export_onnx


class Noisy(nn.Module):
    """A network that draws random numbers even in use."""

    def forward(self, rows: Tensor) -> Tensor:
        return rows + torch.rand_like(rows)


class Branching(nn.Module):
    """A network whose path depends on the values it reads."""

    def forward(self, rows: Tensor) -> Tensor:
        return rows * 2 if rows.sum() > 0 else rows


def test_a_network_of_images_is_exported_with_any_batch(tmp_path: Path) -> None:
    network = small_convnet(1, 8, 4).eval()
    export_onnx(network, path=tmp_path / "images.onnx", example=torch.zeros(1, 1, 8, 8))
    images = np.random.default_rng(0).normal(size=(37, 1, 8, 8)).astype(np.float32)
    encoder = OnnxEncoder.load(tmp_path / "images.onnx")
    assert encoder.card.encoding is None
    with torch.no_grad():
        np.testing.assert_allclose(encoder.transform(images), network(torch.from_numpy(images)), atol=1e-5)


def test_a_network_of_token_ids_is_exported(tmp_path: Path) -> None:
    network = nn.Sequential(nn.Embedding(10, 4), nn.Flatten(), nn.Linear(12, 3)).eval()
    ids = torch.randint(10, (20, 3))
    export_onnx(network, path=tmp_path / "tokens.onnx", example=ids)
    encoder = OnnxEncoder.load(tmp_path / "tokens.onnx")
    with torch.no_grad():
        np.testing.assert_allclose(encoder.transform(ids.numpy()), network(ids), atol=1e-5)
    with pytest.raises(MetricError, match="must hold whole numbers"):
        encoder.transform(np.ones((2, 3)))


def test_a_network_in_training_and_double_precision_is_exported_for_use_and_left_as_it_was(tmp_path: Path) -> None:
    network = nn.Sequential(nn.Linear(3, 6), nn.BatchNorm1d(6), nn.Dropout(0.5), nn.Linear(6, 2)).double()
    export_onnx(network, path=tmp_path / "network.onnx", n_inputs=3)
    assert network.training
    assert network[0].weight.dtype == torch.float64
    rows = np.random.default_rng(0).normal(size=(9, 3))
    with torch.no_grad():
        expected = network.eval()(torch.from_numpy(rows))
    np.testing.assert_allclose(OnnxEncoder.load(tmp_path / "network.onnx").transform(rows), expected, atol=1e-5)


def test_the_file_passes_the_checker_of_onnx(exported) -> None:
    onnx.checker.check_model(onnx.load(exported.path), full_check=True)


def test_exporting_says_nothing(tmp_path: Path) -> None:
    code = (
        "from torch import nn; from holdfast.metric.onnx.export import export_onnx;"
        f"export_onnx(nn.Linear(2, 2), path={str(tmp_path / 'network.onnx')!r}, n_inputs=2)"
    )
    done = subprocess.run([sys.executable, "-W", "default", "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_a_triplet_encoder_is_exported_whole(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 200)
    frame = pl.DataFrame({"score": labels + rng.normal(0, 0.3, 200), "region": rng.choice(["north", "south"], 200)})
    trained = TripletEncoder(epochs=1, embedding_dim=4, random_state=0).fit(frame, labels)
    trained.export_onnx(tmp_path / "encoder.onnx")
    encoder = OnnxEncoder.load(tmp_path / "encoder.onnx")
    np.testing.assert_allclose(encoder.transform(frame), trained.transform(frame), atol=1e-5)
    assert encoder.card.about["classes"]["values"] == [0, 1, 2]


def test_an_export_that_differs_from_torch_is_refused_and_leaves_the_file_before_it(tmp_path: Path) -> None:
    path = tmp_path / "network.onnx"
    path.write_text("what was here")
    with pytest.raises(MetricError, match="must embed as torch does, to 1e-05, got a difference of"):
        export_onnx(Noisy(), path=path, n_inputs=3)
    assert path.read_text() == "what was here"
    assert list(tmp_path.iterdir()) == [path]


def test_a_network_onnx_cannot_say_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MetricError, match="must be exportable to ONNX for a batch of any size"):
        export_onnx(Branching(), path=tmp_path / "network.onnx", n_inputs=3)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (nn.Linear(4, 2), r"must read rows of shape `\(3,\)`, but fails"),
        (nn.Unflatten(1, (3, 1)), r"must return one embedding a row .* got `\(2, 3, 1\)`"),
        (nn.LSTM(3, 2), "must return one embedding a row .* got `tuple`"),
    ],
)
def test_a_network_that_does_not_embed_rows_is_refused(tmp_path: Path, network: nn.Module, message: str) -> None:
    with pytest.raises(MetricError, match=message):
        export_onnx(network, path=tmp_path / "network.onnx", n_inputs=3)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "must be given n_inputs or example, and not both"),
        ({"n_inputs": 2, "example": torch.ones(2, 2)}, "must be given n_inputs or example, and not both"),
        ({"n_inputs": 0}, "n_inputs must be a whole number of at least 1"),
        ({"example": torch.ones(2)}, r"example must be rows .* got shape `\(2,\)`"),
        ({"example": torch.ones(0, 2)}, r"example must be rows .* got shape `\(0, 2\)`"),
        ({"example": torch.ones(2, 2, dtype=torch.bool)}, "example must be rows .* of `torch.bool`"),
    ],
)
def test_what_the_network_reads_must_be_said_once(tmp_path: Path, given: dict, message: str) -> None:
    with pytest.raises(MetricError, match=message):
        export_onnx(nn.Linear(2, 2), path=tmp_path / "network.onnx", **given)


def test_a_folder_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "precious").write_text("kept")
    with pytest.raises(MetricError, match="Export must be to a file, got the folder"):
        export_onnx(nn.Linear(2, 2), path=tmp_path / "models", n_inputs=2)
    assert (tmp_path / "models" / "precious").read_text() == "kept"
