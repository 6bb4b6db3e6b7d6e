"""Semi-hard and hard triplets against plain loops."""

from collections import Counter

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from holdfast.metric.error import MetricError
from holdfast.metric.sampling.drawing import hard_triplets, semi_hard_triplets


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def distances_of(embeddings: torch.Tensor) -> list[list[float]]:
    n = len(embeddings)
    return [[float((embeddings[i] - embeddings[j]).square().sum().sqrt()) for j in range(n)] for i in range(n)]


def semi_hard_candidates(embeddings, labels, margin):
    d, n = distances_of(embeddings), len(labels)
    found = {}
    for a in range(n):
        for p in range(n):
            if p != a and labels[p] == labels[a]:
                found[a, p] = {j for j in range(n) if labels[j] != labels[a] and d[a][p] < d[a][j] < d[a][p] + margin}
    return {pair: negatives for pair, negatives in found.items() if negatives}


batches = st.tuples(
    st.lists(st.integers(0, 2), min_size=1, max_size=9).map(lambda rest: [*rest, 0, 0, 1]),
    st.integers(0, 1000),
)


@settings(deadline=None)
@given(batches, st.sampled_from([0.25, 0.75, 3.0]))
def test_semi_hard_triplets_are_one_for_every_pair_that_has_a_semi_hard_negative(batch, margin):
    labels, seed = batch
    embeddings = torch.randn(len(labels), 3, generator=seeded(seed), dtype=torch.float64)
    drawn = semi_hard_triplets(embeddings, labels, margin=margin, generator=seeded(1))
    candidates = semi_hard_candidates(embeddings, labels, margin)
    pairs = list(zip(drawn.anchor.tolist(), drawn.positive.tolist(), strict=True))
    assert sorted(pairs) == sorted(candidates)
    assert all(n in candidates[pair] for pair, n in zip(pairs, drawn.negative.tolist(), strict=True))


def test_negatives_exactly_as_far_as_the_positive_or_by_the_whole_margin_are_not_semi_hard():
    embeddings = torch.tensor([[0.0], [1.0], [-1.0], [2.0], [-1.5]])  # anchor, positive, then negatives at 1, 2, 1.5
    for seed in range(20):
        drawn = semi_hard_triplets(embeddings, [0, 0, 1, 2, 3], margin=1.0, generator=seeded(seed))
        assert drawn.negative[drawn.anchor == 0].tolist() == [4]


def test_the_semi_hard_negative_is_uniform_among_those_there_are():
    angles = torch.linspace(0.1, 1.2, 8, dtype=torch.float64)
    ring = torch.stack([angles.cos(), angles.sin()], dim=1) * 1.5
    embeddings = torch.cat([torch.zeros(1, 2, dtype=torch.float64), torch.tensor([[0.0, 1.0]]).double(), ring])
    labels, generator, counts = [0, 0, *range(1, 9)], seeded(5), Counter()
    for _ in range(1000):
        drawn = semi_hard_triplets(embeddings, labels, margin=1.0, generator=generator)
        counts.update(drawn.negative[drawn.anchor == 0].tolist())
    assert sorted(counts) == list(range(2, 10))
    assert chisquare(list(counts.values())).pvalue > 1e-3


def test_where_no_negative_is_semi_hard_the_result_is_empty():
    embeddings = torch.tensor([[0.0], [0.1], [50.0]])
    assert len(semi_hard_triplets(embeddings, [0, 0, 1], margin=0.5, generator=seeded()).anchor) == 0


@settings(deadline=None)
@given(batches)
def test_hard_triplets_are_the_furthest_positive_and_nearest_negative_of_each_anchor(batch):
    labels, seed = batch
    embeddings = torch.randn(len(labels), 3, generator=seeded(seed), dtype=torch.float64)
    d, expected = distances_of(embeddings), []
    for a in range(len(labels)):
        positives = [i for i in range(len(labels)) if i != a and labels[i] == labels[a]]
        negatives = [i for i in range(len(labels)) if labels[i] != labels[a]]
        if positives:
            expected.append((a, max(positives, key=d[a].__getitem__), min(negatives, key=d[a].__getitem__)))
    found = hard_triplets(embeddings, labels)
    assert list(zip(found.anchor.tolist(), found.positive.tolist(), found.negative.tolist(), strict=True)) == expected


def test_of_equally_hard_points_the_first_row_is_taken_and_an_anchor_is_never_its_own_positive():
    found = hard_triplets(torch.zeros(6, 2), [1, 0, 0, 1, 0, 2])
    assert found.anchor.tolist() == [0, 1, 2, 3, 4]
    assert found.positive.tolist() == [3, 2, 1, 0, 1]
    assert found.negative.tolist() == [1, 0, 0, 1, 0]


def test_no_gradient_flows_through_the_choice_and_the_same_seed_chooses_the_same():
    embeddings = torch.randn(20, 4, generator=seeded(), requires_grad=True)
    labels = torch.arange(20) % 3
    first, again = (semi_hard_triplets(embeddings, labels, margin=1.0, generator=seeded(2)) for _ in range(2))
    assert torch.equal(first.negative, again.negative)
    assert len(first.negative) > 0
    assert not first.negative.requires_grad


def test_half_precision_embeddings_are_mined():
    embeddings = torch.randn(12, 4, generator=seeded())
    labels = torch.arange(12) % 3
    assert len(hard_triplets(embeddings.to(torch.bfloat16), labels).anchor) == 12


@pytest.mark.parametrize(
    ("embeddings", "labels", "message"),
    [
        (torch.zeros(3, 2), [0, 0], "Labels must be one for each of 3 points, got 2"),
        (torch.zeros(3), [0, 0, 1], r"floating-point tensor of one row a point, got \(3,\)"),
        (torch.zeros(3, 2, dtype=torch.long), [0, 0, 1], "floating-point tensor"),
        ([[0.0], [1.0], [2.0]], [0, 0, 1], "floating-point tensor of one row a point, got 'list'"),
        (torch.tensor([[0.0], [float("nan")], [1.0]]), [0, 0, 1], "Embeddings must be finite"),
        (torch.tensor([[0.0], [float("inf")], [1.0]]), [0, 0, 1], "Embeddings must be finite"),
        (torch.zeros(3, 2), [1, 1, 1], "two classes or more"),
        (torch.zeros(3, 2), [1, 2, 3], "a class of two members"),
    ],
)
def test_batches_that_cannot_be_mined_are_refused(embeddings, labels, message):
    with pytest.raises(MetricError, match=message):
        hard_triplets(embeddings, labels)
    with pytest.raises(MetricError, match=message):
        semi_hard_triplets(embeddings, labels, margin=1.0, generator=seeded())


@pytest.mark.parametrize("margin", [0.0, -0.5, float("nan"), float("inf")])
def test_a_margin_that_is_not_above_zero_is_refused(margin):
    with pytest.raises(MetricError, match="Margin must be a finite number above 0"):
        semi_hard_triplets(torch.zeros(3, 1), [0, 0, 1], margin=margin, generator=seeded())
