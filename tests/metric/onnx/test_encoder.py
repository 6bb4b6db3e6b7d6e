"""The exported encoder embeds as torch does, whatever the batch, the threads and the kind of table."""

import copy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import polars as pl
import pytest
import torch
from torch import nn

from holdfast import __version__
from holdfast.metric.error import MetricError
from holdfast.metric.onnx.encoder import OnnxEncoder
from holdfast.metric.onnx.export import export_onnx


def test_a_table_is_embedded_as_torch_does(exported, frame: pl.DataFrame) -> None:
    got = OnnxEncoder.load(exported.path).transform(frame)
    assert got.dtype == np.float32
    assert got.shape == (5_000, 8)
    assert got.std() > 0.01
    np.testing.assert_allclose(got, exported.by_torch(frame), atol=1e-5)


def test_pandas_and_columns_in_another_order_are_embedded_alike(exported, frame: pl.DataFrame) -> None:
    encoder = OnnxEncoder.load(exported.path)
    turned = frame.select(reversed(frame.columns)).to_pandas()
    np.testing.assert_array_equal(encoder.transform(turned), encoder.transform(frame))


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("batch_rows", [1, 7, 512, 65_536])
def test_neither_threads_nor_batches_change_what_comes_out(exported, threads: int, batch_rows: int) -> None:
    rows = np.random.default_rng(0).normal(size=(999, exported.encoding.n_outputs)).astype(np.float32)
    got = OnnxEncoder.load(exported.path, threads=threads).transform_encoded(rows, batch_rows=batch_rows)
    expected = OnnxEncoder.load(exported.path, threads=1).transform_encoded(rows)
    np.testing.assert_allclose(got, expected, atol=1e-6)


@pytest.mark.parametrize("n_rows", [0, 1, 2])
def test_no_rows_or_few_are_embedded_too(exported, frame: pl.DataFrame, n_rows: int) -> None:
    got = OnnxEncoder.load(exported.path).transform(frame[:n_rows])
    np.testing.assert_allclose(got, exported.by_torch(frame[:n_rows]), atol=1e-5)
    assert got.shape == (n_rows, 8)


def test_a_stream_is_embedded_one_table_at_a_time(exported, frame: pl.DataFrame) -> None:
    taken = []

    def stream() -> Iterator[pl.DataFrame]:
        for first in range(0, 5_000, 2_000):
            taken.append(first)
            yield frame[first : first + 2_000]

    encoder = OnnxEncoder.load(exported.path)
    parts = encoder.transform_batches(stream())
    first = next(parts)
    assert taken == [0]
    np.testing.assert_allclose(np.concatenate([first, *parts]), encoder.transform(frame), atol=1e-6)


def test_the_card_says_what_the_file_is(exported) -> None:
    encoder = OnnxEncoder.load(exported.path)
    assert encoder.card.encoding == exported.encoding
    assert encoder.card.about == {"classes": ["a", "b"]}
    assert encoder.card.holdfast_version == __version__
    assert encoder.card.embedding_dim == encoder.embedding_dim == 8
    assert encoder.card.opset == onnx.load(exported.path).opset_import[0].version


def test_neither_torch_nor_scikit_learn_is_needed(exported) -> None:
    code = (
        "import sys; from holdfast.metric.onnx.encoder import OnnxEncoder; import numpy;"
        f"encoder = OnnxEncoder.load({str(exported.path)!r});"
        "rows = numpy.array([[30, 7.0, 'north']], dtype=object);"
        "print(encoder.transform(rows).shape, sorted({'torch', 'sklearn', 'onnx', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "(1, 8) []"


def test_infinities_are_refused_by_column_from_any_thread(exported, frame: pl.DataFrame) -> None:
    broken = frame.with_columns(pl.when(pl.col("age") > 70).then(float("inf")).otherwise(pl.col("age")).alias("age"))
    count = (frame["age"] > 70).sum()
    with pytest.raises(MetricError, match=f"'age' must be finite, got infinity in {count} of 5000 rows"):
        OnnxEncoder.load(exported.path, threads=2).transform(broken, batch_rows=200)


def test_other_columns_are_refused(exported, frame: pl.DataFrame) -> None:
    with pytest.raises(MetricError, match="got 'sleep' missing and none unknown"):
        OnnxEncoder.load(exported.path).transform(frame.drop("sleep"))


@pytest.mark.parametrize("batch_rows", [0, -1, True, 2.5])
def test_a_batch_without_rows_is_refused(exported, frame: pl.DataFrame, batch_rows: int) -> None:
    with pytest.raises(MetricError, match="batch_rows must be a whole number of at least 1"):
        OnnxEncoder.load(exported.path).transform(frame, batch_rows=batch_rows)


def test_encoded_rows_of_another_shape_or_with_gaps_are_refused(exported) -> None:
    encoder = OnnxEncoder.load(exported.path)
    with pytest.raises(
        MetricError, match=r"must be rows of numbers of shape `\(5,\)`, got an array of shape `\(2, 4\)`"
    ):
        encoder.transform_encoded(np.ones((2, 4)))
    with pytest.raises(MetricError, match="must be finite, got NaN or infinity"):
        encoder.transform_encoded(np.full((2, 5), np.nan))


@pytest.mark.parametrize("size", [1e6, 1e20, 1e30, 1e36])
def test_embeddings_of_length_one_stay_so_however_large_a_number_is(exported, size: float) -> None:
    """In single precision the squares of such rows overflow, and every direction would become zero."""
    far = pl.DataFrame({"age": [size, -size], "sleep": [7.0, 8.0], "region": ["north", "south"]})
    got = OnnxEncoder.load(exported.path).transform(far)
    rows = torch.from_numpy(exported.encoding.transform(far)).double()
    with torch.no_grad():
        expected = copy.deepcopy(exported.network).double()(rows).numpy()
    np.testing.assert_allclose(got, expected, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(got, axis=1), 1.0, atol=1e-5)


def test_embeddings_that_overflow_are_refused_as_torch_refuses_them(tmp_path: Path) -> None:
    network = nn.Linear(2, 2)
    with torch.no_grad():
        network.weight.fill_(1.0)
    export_onnx(network, path=tmp_path / "encoder.onnx", n_inputs=2)
    encoder = OnnxEncoder.load(tmp_path / "encoder.onnx")
    with pytest.raises(MetricError, match="Embeddings must be finite, got NaN or infinity in 1 of 2 rows"):
        encoder.transform(np.array([[1.0, 1.0], [3e38, 3e38]]))


def test_token_ids_beyond_those_known_or_of_their_type_are_refused(tmp_path: Path) -> None:
    network = nn.Sequential(nn.Embedding(9, 3), nn.Flatten())
    export_onnx(network, path=tmp_path / "encoder.onnx", example=torch.zeros(2, 4, dtype=torch.int32))
    encoder = OnnxEncoder.load(tmp_path / "encoder.onnx")
    with pytest.raises(MetricError, match="X must be rows this network can read"):
        encoder.transform(np.full((2, 4), 99))
    with pytest.raises(MetricError, match="X must hold whole numbers of int32, got larger ones"):
        encoder.transform(np.full((2, 4), 2**32 + 1))
