"""What the miners of pytorch-metric-learning return is understood as it is there."""

import pytest
import torch
from pytorch_metric_learning import distances, losses, miners, reducers
from pytorch_metric_learning.utils import loss_and_miner_utils

from holdfast.metric.losses.registry import (
    LOSSES,
    DistanceSwapLoss,
    NPairLoss,
    Pairs,
    SupConLoss,
    TripletLoss,
    Triplets,
    make_loss,
)

MINERS = {
    "triplet margin": lambda: miners.TripletMarginMiner(margin=0.2, type_of_triplets="all"),
    "semi-hard": lambda: miners.TripletMarginMiner(margin=0.2, type_of_triplets="semihard"),
    "multi-similarity": lambda: miners.MultiSimilarityMiner(epsilon=0.1),
    "batch hard": miners.BatchHardMiner,
    "batch easy-hard": miners.BatchEasyHardMiner,
    "pair margin": lambda: miners.PairMarginMiner(pos_margin=0.3, neg_margin=1.2),
    "angular": lambda: miners.AngularMiner(angle=20),
    "hardest": lambda: miners.HDCMiner(filter_percentage=0.5),
    "distance weighted": lambda: miners.DistanceWeightedMiner(cutoff=0.5, nonzero_loss_cutoff=1.8),
    "uniform histogram": miners.UniformHistogramMiner,
}


@pytest.fixture(params=MINERS.values(), ids=MINERS.keys())
def mined(request, points):
    x, labels = points(30, 6, dtype=torch.float32), torch.arange(30) % 5
    torch.manual_seed(0)
    return x, labels, request.param()(x.detach(), labels)


@pytest.mark.parametrize("swap", [False, True])
def test_triplet_losses_agree_on_what_was_mined(mined, swap):
    x, labels, indices = mined
    theirs = losses.TripletMarginLoss(
        margin=0.3, swap=swap, distance=distances.LpDistance(normalize_embeddings=False), reducer=reducers.MeanReducer()
    )
    ours = (DistanceSwapLoss if swap else TripletLoss)(margin=0.3)
    assert len(indices[0]) > 0
    value, expected = ours(x, labels, indices), theirs(x, labels, indices)
    torch.testing.assert_close(value, expected)
    torch.testing.assert_close(*(torch.autograd.grad(v, x)[0] for v in (value, expected)), rtol=1e-4, atol=1e-5)


def test_supervised_contrastive_agrees_on_what_was_mined(mined):
    x, labels, indices = mined
    ours, theirs = SupConLoss()(x, labels, indices), losses.SupConLoss()(x, labels, indices)
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


def test_n_pair_agrees_on_what_was_mined(mined):
    """Both take the first pair of each class."""
    x, labels, indices = mined
    theirs = losses.NPairsLoss(distance=distances.DotProductSimilarity(normalize_embeddings=False))
    torch.testing.assert_close(NPairLoss(weight=0.0, rounds=1)(x, labels, indices), theirs(x, labels, indices))


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_trains_on_what_was_mined(mined, name):
    x, labels, indices = mined
    loss = make_loss(name)(x, labels, indices)
    (gradient,) = torch.autograd.grad(loss, x)
    assert loss.ndim == 0
    assert torch.isfinite(loss)
    assert torch.isfinite(gradient).all()


def test_pairs_are_joined_into_the_same_triplets_in_the_same_order(mined):
    _, labels, indices = mined
    theirs = loss_and_miner_utils.convert_to_triplets(indices, labels)
    for ours, rows in zip(Triplets.from_indices_tuple(indices), theirs, strict=True):
        torch.testing.assert_close(ours, rows)


def test_triplets_are_split_into_the_same_pairs(mined):
    _, labels, indices = mined
    theirs = loss_and_miner_utils.convert_to_pairs(indices, labels)
    for ours, rows in zip(Pairs.from_indices_tuple(indices).rows(), theirs, strict=True):
        torch.testing.assert_close(ours, rows)


def test_a_miner_with_references_is_understood(points):
    x, others, labels, ref_labels = points(12), points(20, seed=1), torch.arange(12) % 3, torch.arange(20) % 3
    indices = miners.TripletMarginMiner(margin=0.2)(x, labels, others, ref_labels)
    theirs = losses.TripletMarginLoss(
        margin=0.3, distance=distances.LpDistance(normalize_embeddings=False), reducer=reducers.MeanReducer()
    )
    ours = TripletLoss(margin=0.3)(x, labels, indices, others, ref_labels)
    torch.testing.assert_close(ours, theirs(x, labels, indices, others, ref_labels))


def test_labels_are_not_needed_where_rows_are_given(points):
    x, rows = points(6), (torch.tensor([0, 1]), torch.tensor([2, 3]), torch.tensor([4, 5]))
    for name in sorted(set(LOSSES) - {"npair"}):
        assert torch.isfinite(make_loss(name)(x, indices_tuple=rows))
