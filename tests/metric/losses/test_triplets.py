"""Triplets and pairs are listed as a triple loop lists them."""

import pytest
import torch
from pytorch_metric_learning.utils import loss_and_miner_utils

from holdfast.metric.losses.triplets import Pairs, Triplets


def test_all_triplets_are_those_of_the_loop(loops, labels):
    listed = list(zip(*(rows.tolist() for rows in Triplets.all_of(labels)), strict=True))
    assert listed == loops.every_triplet(labels)


def test_all_triplets_with_references_are_those_of_the_loop(loops, labels):
    others = torch.tensor([0, 2, 9, 0, 4])
    listed = list(zip(*(rows.tolist() for rows in Triplets.all_of(labels, others)), strict=True))
    assert listed == loops.every_triplet(labels, others)


def test_all_pairs_are_those_of_the_library(labels):
    for ours, theirs in zip(
        Pairs.all_of(labels).rows(), loss_and_miner_utils.get_all_pairs_indices(labels), strict=True
    ):
        torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("classes", [[3, 3, 3], [0, 1, 2], [5], []], ids=["one class", "singles", "one row", "none"])
def test_without_two_of_a_class_and_one_of_another_there_are_none(classes):
    assert len(Triplets.all_of(torch.tensor(classes, dtype=torch.long))) == 0


def test_triplets_pass_through_as_they_are():
    rows = torch.tensor([0, 1]), torch.tensor([2, 3]), torch.tensor([4, 0])
    again = Triplets.from_indices_tuple(Triplets(*rows))
    assert [part.tolist() for part in again] == [part.tolist() for part in rows]


def test_pairs_of_ours_are_joined_too():
    pairs = Pairs(torch.tensor([0, 1]), torch.tensor([1, 0]), torch.tensor([1, 1]), torch.tensor([2, 3]))
    assert [part.tolist() for part in Triplets.from_indices_tuple(pairs)] == [[1, 1], [0, 0], [2, 3]]


def test_small_whole_numbers_and_empty_tensors_become_row_numbers():
    triplets = Triplets(*(torch.tensor([1], dtype=torch.int32) for _ in range(3)))
    none = Triplets(*(torch.tensor([]) for _ in range(3)))
    assert {rows.dtype for rows in (*triplets, *none)} == {torch.long}
    assert len(none) == 0
