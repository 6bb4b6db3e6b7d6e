"""Random triplets: valid, uniform, seeded, and refused where none exists."""

import time
from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from holdfast.errors import InputError
from holdfast.metric.error import MetricError
from holdfast.metric.sampling.drawing import random_triplets


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@st.composite
def label_lists(draw):
    """Labels of any order, sizes and values of which a triplet can be made, with classes of one member among them."""
    labels = draw(st.lists(st.integers(-3, 3), min_size=3, max_size=30))
    twice = draw(st.sampled_from(labels))
    labels += [twice, twice + 1 + draw(st.integers(0, 2))]
    return draw(st.permutations(labels))


@settings(deadline=None)
@given(label_lists(), st.integers(1, 40), st.integers(0, 5))
def test_anchor_and_positive_are_two_points_of_one_class_and_the_negative_is_of_another(labels, n, seed):
    drawn = random_triplets(labels, n, generator=seeded(seed))
    anchor, positive, negative = (rows.tolist() for rows in (drawn.anchor, drawn.positive, drawn.negative))
    assert len(anchor) == len(positive) == len(negative) == n
    for a, p, q in zip(anchor, positive, negative, strict=True):
        assert a != p
        assert labels[a] == labels[p] != labels[q]


def test_every_triplet_comes_up_as_often_as_the_definition_says():
    """Anchor uniform over those with a positive, then positive, then negative: the exact law, by chi-square."""
    labels = [4, 1, 4, 9, 1, 4, 7]  # 4: three, 1: two, 9 and 7: one each, so never an anchor
    law = {}
    anchors = [i for i, y in enumerate(labels) if labels.count(y) > 1]
    for a in anchors:
        positives = [i for i, y in enumerate(labels) if y == labels[a] and i != a]
        negatives = [i for i, y in enumerate(labels) if y != labels[a]]
        for p in positives:
            for n in negatives:
                law[a, p, n] = 1 / len(anchors) / len(positives) / len(negatives)
    drawn = random_triplets(labels, 60_000, generator=seeded(1))
    counts = Counter(zip(drawn.anchor.tolist(), drawn.positive.tolist(), drawn.negative.tolist(), strict=True))
    assert counts.keys() == law.keys()
    keys = sorted(law)
    assert chisquare([counts[key] for key in keys], [60_000 * law[key] for key in keys]).pvalue > 1e-3


def test_the_same_seed_gives_the_same_triplets_and_another_seed_others():
    labels = torch.arange(300) % 7
    first, again, other = (random_triplets(labels, 50, generator=seeded(seed)) for seed in (3, 3, 4))
    assert torch.equal(first.anchor, again.anchor)
    assert torch.equal(first.positive, again.positive)
    assert torch.equal(first.negative, again.negative)
    assert not torch.equal(first.negative, other.negative)


def test_drawing_goes_on_from_the_state_of_the_generator():
    labels, generator = torch.arange(300) % 7, seeded(3)
    assert not torch.equal(
        random_triplets(labels, 50, generator=generator).anchor, random_triplets(labels, 50, generator=generator).anchor
    )


@pytest.mark.parametrize("container", [list, np.array, torch.tensor, lambda y: np.array(y, dtype=np.uint8)])
def test_labels_may_come_in_any_container_of_whole_numbers(container):
    labels = [0, 1, 0, 2, 1, 1]
    drawn = random_triplets(container(labels), 20, generator=seeded())
    expected = random_triplets(labels, 20, generator=seeded())
    assert torch.equal(drawn.anchor, expected.anchor)
    assert torch.equal(drawn.negative, expected.negative)


def test_a_hundred_thousand_triplets_of_sixty_thousand_labels_take_well_under_a_second():
    labels = torch.randint(0, 10, (60_000,), generator=seeded())
    started = time.process_time()
    random_triplets(labels, 100_000, generator=seeded())
    assert time.process_time() - started < 1.0


@pytest.mark.parametrize("n", [0, -1, 1.5, True, None])
def test_a_number_of_triplets_that_is_not_a_positive_whole_number_is_refused(n):
    with pytest.raises(MetricError, match="Number of triplets must be a whole number from 1"):
        random_triplets([0, 0, 1], n, generator=seeded())


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([5, 5, 5], "must have two classes or more, got 1"),
        ([1, 2, 3], "must have a class of two members"),
        ([], "must be"),
        ([[0, 1], [1, 0]], r"one for each point, got shape \(2, 2\)"),
        ([0.0, 1.0, 1.0], "whole numbers, got torch.float32"),
        ([True, False, True], "whole numbers, got torch.bool"),
        (["a", "b", "a"], "whole numbers, got 'list'"),
        ([0, None, 0], "whole numbers, got 'list'"),
    ],
)
def test_labels_without_any_triplet_or_not_whole_numbers_are_refused(labels, message):
    with pytest.raises(MetricError, match=message):
        random_triplets(labels, 3, generator=seeded())


def test_refusals_are_both_input_errors_and_value_errors():
    with pytest.raises(InputError, match="two classes"):
        random_triplets([1, 1], 1, generator=seeded())
    with pytest.raises(ValueError, match="two classes"):
        random_triplets([1, 1], 1, generator=seeded())


def test_numbers_of_numpy_are_numbers() -> None:
    labels = torch.tensor([0, 0, 1, 1])
    assert len(random_triplets(labels, np.int64(3), generator=torch.Generator())) == 3  # type: ignore[arg-type]
    with pytest.raises(MetricError, match="Number of triplets must be a whole number from 1"):
        random_triplets(labels, np.float64(3), generator=torch.Generator())  # type: ignore[arg-type]
