"""What cannot be used is refused with a message that says what could."""

import math

import numpy as np
import pytest
import torch

from holdfast.errors import InputError, UnknownNameError
from holdfast.metric.error import MetricError
from holdfast.metric.losses.registry import (
    LOSSES,
    MDRLoss,
    NPairLoss,
    NPLBLoss,
    Pairs,
    SupConLoss,
    TripletLoss,
    Triplets,
    make_loss,
)

LABELS = torch.tensor([0, 0, 1, 1])
every_loss = pytest.mark.parametrize("name", LOSSES)


def with_value(value, dtype=torch.float32):
    x = torch.ones(4, 3, dtype=dtype)
    x[1, 2] = value
    return x


@every_loss
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_embeddings_that_are_not_finite(name, value):
    with pytest.raises(MetricError, match=r"embeddings must be finite .* got `1` of 4 rows with NaN"):
        make_loss(name)(with_value(value), LABELS)
    with pytest.raises(MetricError, match="ref_emb must be finite"):
        make_loss(name)(torch.ones(4, 3), LABELS, None, with_value(value), LABELS)
    with pytest.raises(MetricError, match="negative must be finite"):
        make_loss(name).on_triplets(torch.ones(4, 3), torch.ones(4, 3), with_value(value))


@every_loss
def test_embeddings_whose_squared_distance_would_overflow(name):
    with pytest.raises(MetricError, match=r"must be finite and below 3.8e\+18 in size"):
        make_loss(name)(with_value(1e19), LABELS)
    assert torch.isfinite(make_loss("triplet")(with_value(1e19, torch.float64), LABELS))


@every_loss
@pytest.mark.parametrize(
    "embeddings",
    [torch.ones(4), torch.ones(4, 3, 1), torch.ones(4, 3, dtype=torch.long), torch.ones(4, 0), np.ones((4, 3))],
    ids=["1-D", "3-D", "whole numbers", "no columns", "numpy"],
)
def test_embeddings_that_are_no_table_of_floats(name, embeddings):
    with pytest.raises(MetricError, match="embeddings must be a 2-D float tensor"):
        make_loss(name)(embeddings, LABELS)


@every_loss
@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (LABELS[:3], "labels must have as many entries as there are embeddings, 4, got `3`"),
        (LABELS[:, None], r"labels must be a 1-D tensor, got `\(4, 1\)`"),
        (LABELS.float(), r"labels must be whole numbers, got `torch.float32`"),
        ([0, 0, 1, 1], "labels must be a 1-D tensor, got `list`"),
    ],
    ids=["too few", "2-D", "floats", "a list"],
)
def test_labels_that_do_not_fit(name, labels, message):
    with pytest.raises(MetricError, match=message):
        make_loss(name)(torch.ones(4, 3), labels)


@every_loss
def test_neither_labels_nor_rows(name):
    with pytest.raises(MetricError, match="labels must be given, got `None`"):
        make_loss(name)(torch.ones(4, 3))


@every_loss
def test_references_that_do_not_fit(name):
    loss, x = make_loss(name), torch.ones(4, 3)
    with pytest.raises(MetricError, match="ref_emb must have 3 columns as the embeddings have, got `2`"):
        loss(x, LABELS, None, torch.ones(5, 2), torch.zeros(5, dtype=torch.long))
    with pytest.raises(MetricError, match="ref_labels must be given with ref_emb"):
        loss(x, LABELS, None, torch.ones(5, 3))
    with pytest.raises(MetricError, match="ref_labels must come with ref_emb"):
        loss(x, LABELS, None, None, torch.zeros(5, dtype=torch.long))
    with pytest.raises(MetricError, match="ref_labels must have as many entries as there are embeddings, 5"):
        loss(x, LABELS, None, torch.ones(5, 3), torch.zeros(4, dtype=torch.long))


@every_loss
@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (([0], [1]), "indices_tuple must hold 3 tensors .* or 4 .*, got `2`"),
        (([0, 1], [1], [2]), r"must have as many anchors as positives and negatives, got `\(2, 1, 1\)`"),
        (([0], [1], [4]), "must stay within the batch, got negative `4` of 4 rows"),
        (([9], [1], [2]), "must stay within the batch, got anchor `9` of 4 rows"),
        (([-1], [1], [2]), "must count rows from 0, got `-1` for anchor"),
        (([0.0], [1.0], [2.0]), "must have whole numbers as rows, got `torch.float32` for anchor"),
        (([[0]], [[1]], [[2]]), r"must have 1-D tensors of row numbers, got `\(1, 1\)` for anchor"),
        (([0], [1, 2], [0], [3]), r"Pairs must have two rows each, got lengths `\(1, 2, 1, 1\)`"),
        (([0], [1], [0], [3], [2]), "indices_tuple must hold 3 tensors .* got `5`"),
    ],
    ids=["two", "lengths", "beyond", "beyond anchor", "negative", "floats", "2-D", "pairs' lengths", "five"],
)
def test_rows_that_are_no_triplets_or_pairs(name, rows, message):
    indices = tuple(torch.tensor(part) for part in rows)
    with pytest.raises(MetricError, match=message):
        make_loss(name)(torch.ones(4, 3), LABELS, indices)


@every_loss
def test_rows_that_are_no_tensors(name):
    with pytest.raises(MetricError, match="indices_tuple must be a tuple of 3 or 4 tensors, got `int`"):
        make_loss(name)(torch.ones(4, 3), LABELS, 3)
    with pytest.raises(MetricError, match="must have 1-D tensors of row numbers, got `list` for anchor"):
        make_loss(name)(torch.ones(4, 3), LABELS, ([0], [1], [2]))


@every_loss
def test_explicit_triplets_of_different_shapes(name):
    with pytest.raises(MetricError, match=r"must have one shape, got `\(4, 3\)`, `\(4, 3\)` and `\(5, 3\)`"):
        make_loss(name).on_triplets(torch.ones(4, 3), torch.ones(4, 3), torch.ones(5, 3))


@pytest.mark.parametrize("power", [1, 3, 0, -2, 2.0, True, "2"])
def test_powers_that_are_not_even_and_positive(power):
    with pytest.raises(MetricError, match="power must be an even whole number of at least 2, got"):
        NPLBLoss(power=power)


@pytest.mark.parametrize("number", [-0.1, math.nan, math.inf, "1", None, True])
@pytest.mark.parametrize(
    ("name", "setting"),
    [(name, "margin") for name in ("triplet", "nplb", "swap", "mdr")]
    + [("nplb", "weight"), ("npair", "weight"), ("mdr", "weight"), ("mdr", "level_weight")],
)
def test_numbers_below_zero_or_none(name, setting, number):
    with pytest.raises(MetricError, match=f"{setting} must be a finite number of at least 0, got"):
        make_loss(name, **{setting: number})


@pytest.mark.parametrize("number", [0, -1.0, math.nan, "1"])
def test_temperatures_that_are_not_positive(number):
    with pytest.raises(MetricError, match="temperature must be a finite number above 0, got"):
        SupConLoss(temperature=number)


@pytest.mark.parametrize("number", [1.0, -0.1, math.nan])
def test_momentum_that_is_no_fraction(number):
    with pytest.raises(MetricError, match="momentum must be at least 0 and below 1, got"):
        MDRLoss(momentum=number)


@pytest.mark.parametrize("number", [0, -1, 1.5, True])
def test_rounds_that_are_no_count(number):
    with pytest.raises(MetricError, match="rounds must be a whole number above 0 or None, got"):
        NPairLoss(rounds=number)


@pytest.mark.parametrize("number", [0, -1, 1.5, True])
def test_bytes_that_are_no_count(number):
    with pytest.raises(MetricError, match="max_bytes must be a whole number above 0, got"):
        TripletLoss(max_bytes=number)


@pytest.mark.parametrize(
    ("name", "reduction", "choices"),
    [
        ("nplb", "median", "mean, sum, mean-active"),
        ("supcon", "mean-active", "mean or sum"),
        ("npair", None, "mean or"),
    ],
)
def test_reductions_that_do_not_exist(name, reduction, choices):
    with pytest.raises(MetricError, match=f"reduction must be .*{choices}.*, got"):
        make_loss(name, reduction=reduction)


def test_names_and_settings_that_do_not_exist():
    with pytest.raises(UnknownNameError, match="Loss must be a known id, got 'nplbb'; did you mean nplb"):
        make_loss("nplbb")
    with pytest.raises(MetricError, match=r"swap must be given settings it has, got `'weight'`; choose from margin, "):
        make_loss("swap", weight=1.0)


def test_refusals_are_errors_of_holdfast_and_of_python():
    assert issubclass(MetricError, InputError)
    assert issubclass(MetricError, ValueError)


def test_triplets_and_pairs_refuse_on_their_own():
    with pytest.raises(MetricError, match="Triplets must count rows from 0"):
        Triplets(torch.tensor([0]), torch.tensor([1]), torch.tensor([-2]))
    with pytest.raises(MetricError, match="Pairs must have whole numbers as rows"):
        Pairs(*(torch.tensor([True]) for _ in range(4)))
