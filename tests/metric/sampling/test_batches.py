"""Batches: their make-up, evenness, seeds and refusals."""

from collections import Counter
from itertools import chain

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare
from torch.utils.data import DataLoader, TensorDataset

from holdfast.metric.error import MetricError
from holdfast.metric.sampling.drawing import ClassBalancedBatches, ShuffledBatches

UNEVEN = [0] * 50 + [1] * 5 + [2] * 12 + [3] * 7


@settings(deadline=None)
@given(
    st.lists(st.integers(2, 9), min_size=2, max_size=6),
    st.data(),
    st.integers(0, 99),
)
def test_a_balanced_batch_holds_so_many_different_members_of_so_many_classes(sizes, data, seed):
    labels = [code for code, size in enumerate(sizes) for _ in range(size)]
    labels = data.draw(st.permutations(labels))
    classes = data.draw(st.integers(2, len(sizes)))
    per_class = data.draw(st.integers(2, min(sizes)))
    dealt = list(ClassBalancedBatches(labels, classes=classes, per_class=per_class, batches=5, seed=seed))
    assert len(dealt) == 5
    for batch in dealt:
        assert len(set(batch)) == len(batch) == classes * per_class
        assert sorted(Counter(labels[row] for row in batch).values()) == [per_class] * classes


def test_classes_come_up_equally_often_whatever_their_size():
    dealt = ClassBalancedBatches(UNEVEN, classes=2, per_class=2, batches=4000, seed=0)
    pairs = Counter(tuple(sorted({UNEVEN[row] for row in batch})) for batch in dealt)
    assert len(pairs) == 6
    assert chisquare(list(pairs.values())).pvalue > 1e-3


def test_members_of_a_class_come_up_equally_often_and_with_every_other_one():
    dealt = ClassBalancedBatches(UNEVEN, classes=4, per_class=2, batches=4000, seed=1)
    members, partners = Counter(), Counter()
    for batch in dealt:
        rows = sorted(row for row in batch if UNEVEN[row] == 1)
        members.update(rows)
        partners[tuple(rows)] += 1
    assert len(members) == 5
    assert chisquare(list(members.values())).pvalue > 1e-3
    assert len(partners) == 10
    assert chisquare(list(partners.values())).pvalue > 1e-3


def test_a_shuffled_pass_gives_every_point_once_and_passes_differ():
    labels = torch.arange(30) % 3
    dealt = list(ShuffledBatches(labels, batch_size=10, batches=6, seed=0))
    first, second = (list(chain.from_iterable(part)) for part in (dealt[:3], dealt[3:]))
    assert sorted(first) == sorted(second) == list(range(30))
    assert first != second


def test_what_is_left_of_a_pass_is_left_out_and_still_all_points_come_up_equally_often():
    labels = torch.arange(10) % 2
    dealt = list(ShuffledBatches(labels, batch_size=4, batches=5000, seed=3))
    assert all(len(set(batch)) == 4 for batch in dealt)
    assert all(not set(dealt[i]) & set(dealt[i + 1]) for i in range(0, 5000, 2))
    assert chisquare(list(Counter(chain.from_iterable(dealt)).values())).pvalue > 1e-3
    left_out = Counter(row for i in range(0, 5000, 2) for row in set(range(10)) - set(dealt[i]) - set(dealt[i + 1]))
    assert chisquare([left_out[row] for row in range(10)]).pvalue > 1e-3


@pytest.mark.parametrize(
    "make",
    [
        lambda seed: ClassBalancedBatches(UNEVEN, classes=3, per_class=3, batches=4, seed=seed),
        lambda seed: ShuffledBatches(UNEVEN, batch_size=16, batches=4, seed=seed),
    ],
)
def test_the_same_seed_and_epoch_give_the_same_batches_and_others_differ(make):
    batches = make(7)
    first = list(batches)
    assert list(batches) == first == list(make(7))
    assert list(make(8)) != first
    batches.set_epoch(1)
    later = list(batches)
    assert later != first
    batches.set_epoch(0)
    assert list(batches) == first
    assert len(batches) == 4


def test_both_serve_as_batch_samplers_of_a_data_loader():
    data = TensorDataset(torch.arange(len(UNEVEN)))
    for batches in (
        ClassBalancedBatches(UNEVEN, classes=2, per_class=3, batches=3, seed=0),
        ShuffledBatches(UNEVEN, batch_size=6, batches=3, seed=0),
    ):
        loaded = [rows.tolist() for (rows,) in DataLoader(data, batch_sampler=batches)]
        assert loaded == list(batches)


def test_the_state_of_torch_outside_is_neither_used_nor_moved():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = list(ShuffledBatches(UNEVEN, batch_size=6, batches=3, seed=0))
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    assert list(ShuffledBatches(UNEVEN, batch_size=6, batches=3, seed=0)) == first


GOOD = {"classes": 2, "per_class": 2, "batches": 1, "seed": 0}


@pytest.mark.parametrize(
    ("labels", "change", "message"),
    [
        (UNEVEN, {"classes": 1}, "Classes in a batch must be a whole number from 2, got 1"),
        (UNEVEN, {"classes": 5}, "Classes in a batch must be at most 4, got 5"),
        (UNEVEN, {"per_class": 1}, "Members per class must be a whole number from 2, got 1"),
        (UNEVEN, {"per_class": 6}, "must have 6 members or more, got 5 in the smallest of 1 too small"),
        ([0, 0, 1, 1, 2], {}, "must have 2 members or more, got 1 in the smallest of 1 too small"),
        (UNEVEN, {"batches": 0}, "Number of batches must be a whole number from 1, got 0"),
        (UNEVEN, {"seed": -1}, "Seed must be a whole number from 0, got -1"),
        (UNEVEN, {"seed": 0.5}, "Seed must be a whole number from 0, got 0.5"),
        ([1, 1, 1], {}, "Classes in a batch must be at most 1, got 2"),
        ([0.5, 1.5], {}, "Labels must be whole numbers"),
    ],
)
def test_balanced_batches_that_cannot_be_are_refused(labels, change, message):
    with pytest.raises(MetricError, match=message):
        ClassBalancedBatches(labels, **(GOOD | change))


@pytest.mark.parametrize(
    ("labels", "change", "message"),
    [
        ([0, 0, 1], {"batch_size": 4}, "Batch size must be at most the 3 points there are, got 4"),
        ([0, 0, 1], {"batch_size": 0}, "Batch size must be a whole number from 1, got 0"),
        ([0, 0, 1], {"batches": -2}, "Number of batches must be a whole number from 1, got -2"),
        ([0, 0, 0], {}, "two classes or more"),
        ([0, 1, 2], {}, "a class of two members"),
    ],
)
def test_shuffled_batches_that_cannot_be_are_refused(labels, change, message):
    with pytest.raises(MetricError, match=message):
        ShuffledBatches(labels, **({"batch_size": 2, "batches": 1, "seed": 0} | change))


def test_an_epoch_below_zero_is_refused():
    with pytest.raises(MetricError, match="Epoch must be a whole number from 0, got -1"):
        ShuffledBatches([0, 0, 1], batch_size=2, batches=1, seed=0).set_epoch(-1)
