"""The losses that pytorch-metric-learning has too agree with it, in value and gradient.

Where definitions differ: its distances and similarities normalise by default (here: ``normalize``); it averages over
positive terms by default (here: ``reduction="mean-active"``); its N-pair loss takes one pair of each class and no
regulariser (here: ``rounds=1, weight=0``); its SupCon calls a list of one pair of each kind nothing.
"""

import pytest
import torch
from pytorch_metric_learning import distances, losses, reducers

from holdfast.metric.losses.registry import DistanceSwapLoss, NPairLoss, SupConLoss, TripletLoss

REDUCERS = {
    "mean": reducers.MeanReducer,
    "sum": reducers.SumReducer,
    "mean-active": reducers.AvgNonZeroReducer,
}
DTYPES = {torch.float64: {"rtol": 1e-10, "atol": 1e-12}, torch.float32: {"rtol": 2e-5, "atol": 2e-6}}


def assert_same(ours, theirs, x, *others):
    tolerance = DTYPES[x.dtype]
    torch.testing.assert_close(ours, theirs, **tolerance)
    pairs = zip(torch.autograd.grad(ours, (x, *others)), torch.autograd.grad(theirs, (x, *others)), strict=True)
    for mine, other in pairs:
        torch.testing.assert_close(mine, other, **tolerance)


@pytest.fixture(params=DTYPES, ids=str)
def batch(request, points):
    return points(24, 5, dtype=request.param), torch.randint(0, 4, (24,), generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("reduction", REDUCERS)
@pytest.mark.parametrize("swap", [False, True])
def test_all_triplets(batch, reduction, normalize, swap):
    x, labels = batch
    kind = DistanceSwapLoss if swap else TripletLoss
    ours = kind(margin=0.3, reduction=reduction, normalize=normalize)
    theirs = losses.TripletMarginLoss(
        margin=0.3,
        swap=swap,
        distance=distances.LpDistance(normalize_embeddings=normalize),
        reducer=REDUCERS[reduction](),
    )
    assert_same(ours(x, labels), theirs(x, labels), x)


@pytest.mark.parametrize("swap", [False, True])
def test_triplets_with_references(points, swap):
    x, others = points(10), points(14, seed=1)
    labels, ref_labels = torch.arange(10) % 3, torch.arange(14) % 4
    theirs = losses.TripletMarginLoss(
        margin=0.5,
        swap=False,
        distance=distances.LpDistance(normalize_embeddings=False),
        reducer=reducers.MeanReducer(),
    )
    if swap:
        # its swap reads d(p, n) off the matrix of anchors and references, another distance: torch is the reference
        a, p, n = (torch.tensor(rows) for rows in zip(*_triplets(labels, ref_labels), strict=True))
        expected = torch.nn.functional.triplet_margin_loss(x[a], others[p], others[n], margin=0.5, swap=True, eps=0.0)
        assert_same(DistanceSwapLoss(margin=0.5)(x, labels, None, others, ref_labels), expected, x, others)
        return
    ours = TripletLoss(margin=0.5)(x, labels, None, others, ref_labels)
    assert_same(ours, theirs(x, labels, None, others, ref_labels), x, others)


def _triplets(labels, ref_labels):
    return [
        (a, p, n)
        for a in range(len(labels))
        for p in range(len(ref_labels))
        for n in range(len(ref_labels))
        if labels[a] == ref_labels[p] and labels[a] != ref_labels[n]
    ]


@pytest.mark.parametrize("kind", [TripletLoss, DistanceSwapLoss])
def test_explicit_triplets_agree_with_torch(points, kind):
    a, p, n = (points(50, seed=seed) for seed in range(3))
    ours = kind(margin=0.8).on_triplets(a, p, n).total
    theirs = torch.nn.TripletMarginLoss(margin=0.8, swap=kind is DistanceSwapLoss, eps=0.0)(a, p, n)
    assert_same(ours, theirs, a, p, n)


@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_n_pairs(batch, reduction, normalize):
    x, labels = batch
    theirs = losses.NPairsLoss(
        distance=distances.DotProductSimilarity(normalize_embeddings=normalize), reducer=REDUCERS[reduction]()
    )
    ours = NPairLoss(weight=0.0, rounds=1, reduction=reduction, normalize=normalize)
    assert_same(ours(x, labels), theirs(x, labels), x)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("temperature", [0.07, 0.1, 1.0])
def test_supervised_contrastive(batch, reduction, temperature):
    x, labels = batch
    labels = torch.cat([labels[:-1], torch.tensor([99])])  # with a member that has no positive
    # its mean reducer counts rows without a positive as zero; its default, as ours, leaves them out
    reducer = reducers.AvgNonZeroReducer() if reduction == "mean" else reducers.SumReducer()
    theirs = losses.SupConLoss(temperature=temperature, reducer=reducer)
    ours = SupConLoss(temperature=temperature, reduction=reduction)
    assert_same(ours(x, labels), theirs(x, labels), x)


def test_supervised_contrastive_with_references(points):
    x, others = points(10), points(14, seed=1)
    labels, ref_labels = torch.arange(10) % 5, torch.arange(14) % 4
    ours, theirs = SupConLoss(), losses.SupConLoss()
    assert_same(ours(x, labels, None, others, ref_labels), theirs(x, labels, None, others, ref_labels), x, others)


def test_references_that_are_the_batch_itself_are_no_references(points):
    x, labels = points(9), torch.arange(9) % 3
    theirs = losses.TripletMarginLoss(
        distance=distances.LpDistance(normalize_embeddings=False), reducer=reducers.MeanReducer()
    )
    ours = TripletLoss(margin=0.05)
    assert ours(x, labels, None, x, labels).item() == ours(x, labels).item()
    assert_same(ours(x, labels, None, x, labels), theirs(x, labels, None, x, labels), x)
