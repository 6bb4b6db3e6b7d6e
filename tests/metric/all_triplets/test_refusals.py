"""Bad input to the exact sums is refused with the value and the remedy."""

import math

import pytest
import torch

from holdfast.errors import InputError
from holdfast.metric.error import MetricError
from holdfast.metric.losses.all_triplets import all_triplet_sums

X = torch.randn(6, 3, generator=torch.Generator().manual_seed(0))
Y = torch.tensor([0, 0, 1, 1, 2, 2])


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_points_that_are_not_finite_are_counted(bad: float) -> None:
    points = X.clone()
    points[1, 2], points[4, 0] = bad, bad
    with pytest.raises(MetricError, match="Embeddings must be finite, got NaN or infinity in 2 rows"):
        all_triplet_sums(points, Y, margin=0.1)


@pytest.mark.parametrize("points", [X[0], X[None], torch.ones(6, 3, dtype=torch.int64)])
def test_points_must_be_a_table_of_floats(points: torch.Tensor) -> None:
    with pytest.raises(MetricError, match=r"must be a floating-point tensor of shape \(points, dimensions\)"):
        all_triplet_sums(points, Y, margin=0.1)


@pytest.mark.parametrize("labels", [Y[:4], Y[:, None], torch.tensor(1)])
def test_labels_must_be_one_a_row(labels: torch.Tensor) -> None:
    with pytest.raises(MetricError, match=r"Labels must be one a row, shape \(6,\)"):
        all_triplet_sums(X, labels, margin=0.1)


def test_labels_must_be_whole_numbers() -> None:
    with pytest.raises(MetricError, match=r"Labels must be whole numbers, got torch\.float32"):
        all_triplet_sums(X, Y.float(), margin=0.1)


@pytest.mark.parametrize("margin", [-0.1, math.nan, math.inf])
def test_the_margin_must_be_zero_or_more(margin: float) -> None:
    with pytest.raises(MetricError, match="margin must be a finite number of at least 0"):
        all_triplet_sums(X, Y, margin=margin)


@pytest.mark.parametrize("power", [1, 3, 0, -2, 4.0, True])
def test_the_power_must_be_even(power: float) -> None:
    with pytest.raises(MetricError, match=r"power must be an even whole number of at least 2, got .*unbounded below"):
        all_triplet_sums(X, Y, margin=0.1, power=power)  # type: ignore[arg-type]


def test_references_come_with_labels_and_the_same_width() -> None:
    with pytest.raises(MetricError, match="References must come with labels"):
        all_triplet_sums(X, Y, margin=0.1, ref_emb=X)
    with pytest.raises(MetricError, match="must have the dimensions and device"):
        all_triplet_sums(X, Y, margin=0.1, ref_emb=X[:, :2], ref_labels=Y)
    with pytest.raises(MetricError, match="Reference labels must be one a row"):
        all_triplet_sums(X, Y, margin=0.1, ref_emb=X, ref_labels=Y[:2])


def test_the_refusal_is_an_input_error_and_a_value_error() -> None:
    assert issubclass(MetricError, InputError)
    assert issubclass(MetricError, ValueError)


@pytest.mark.parametrize("max_bytes", [0, -5, 1.5])
def test_the_bound_on_memory_is_a_number_of_bytes(max_bytes: float) -> None:
    with pytest.raises(MetricError, match="max_bytes must be a whole number above 0"):
        all_triplet_sums(X, Y, margin=0.1, max_bytes=max_bytes)  # type: ignore[arg-type]


def test_rows_are_a_slice_and_points_and_labels_tensors() -> None:
    with pytest.raises(MetricError, match="rows must be a slice or None, got `3`"):
        all_triplet_sums(X, Y, margin=0.1, rows=3)  # type: ignore[arg-type]
    with pytest.raises(MetricError, match="Labels must be a tensor, got `list`"):
        all_triplet_sums(X, Y.tolist(), margin=0.1)
    with pytest.raises(MetricError, match="Embeddings must be a tensor, got `ndarray`"):
        all_triplet_sums(X.numpy(), Y, margin=0.1)  # type: ignore[arg-type]
