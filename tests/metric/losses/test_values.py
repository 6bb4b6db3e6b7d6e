"""Every loss is the number that plain loops over its formula give."""

import dataclasses
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from holdfast.metric.losses.registry import (
    DistanceSwapLoss,
    MDRLoss,
    NPairLoss,
    NPLBLoss,
    SupConLoss,
    TripletLoss,
    Triplets,
)

Points = Callable[..., Tensor]


def mean(values):
    return sum(values) / len(values)


def reduce(values, reduction):
    if reduction == "sum":
        return sum(values)
    active = sum(value > 0 for value in values)
    return sum(values) / (active if reduction == "mean-active" else len(values))


@pytest.mark.parametrize("explicit", [False, True], ids=["all triplets", "listed triplets"])
@pytest.mark.parametrize("reduction", ["mean", "sum", "mean-active"])
class TestOverTriplets:
    def test_the_hinge_is_the_loop(self, loops, points: Points, labels, reduction, explicit):
        x, triplets = points(len(labels)), loops.every_triplet(labels)
        loss = TripletLoss(margin=loops.margin, reduction=reduction)
        parts = loss.parts(x, labels, Triplets.all_of(labels) if explicit else None)
        hinges = loops.hinges(x, triplets)
        assert parts.total.item() == pytest.approx(reduce(hinges, reduction), rel=1e-12)
        assert (parts.triplets, parts.active) == (len(hinges), sum(h > 0 for h in hinges))
        assert parts.penalty.item() == 0

    @pytest.mark.parametrize("power", [2, 4])
    def test_nplb_is_the_loop(self, loops, points: Points, labels, reduction, explicit, power):
        loops = dataclasses.replace(loops, power=power)
        x, triplets = points(len(labels)), loops.every_triplet(labels)
        loss = NPLBLoss(margin=loops.margin, weight=loops.weight, power=power, reduction=reduction)
        parts = loss.parts(x, labels, Triplets.all_of(labels) if explicit else None)
        hinge = reduce(loops.hinges(x, triplets), reduction)
        penalty = reduce(loops.penalties(x, triplets), "sum" if reduction == "sum" else "mean")
        assert parts.hinge.item() == pytest.approx(hinge, rel=1e-12)
        assert parts.penalty.item() == pytest.approx(penalty, rel=1e-9)
        assert parts.total.item() == pytest.approx(hinge + loops.weight * penalty, rel=1e-9)

    def test_distance_swap_is_the_loop(self, loops, points: Points, labels, reduction, explicit):
        x, triplets = points(len(labels)), loops.every_triplet(labels)
        loss = DistanceSwapLoss(margin=loops.margin, reduction=reduction)
        parts = loss.parts(x, labels, Triplets.all_of(labels) if explicit else None)
        hinges = loops.swapped_hinges(x, triplets)
        assert parts.total.item() == pytest.approx(reduce(hinges, reduction), rel=1e-12)
        assert (parts.triplets, parts.active) == (len(hinges), sum(h > 0 for h in hinges))


@pytest.mark.parametrize("explicit", [False, True], ids=["all triplets", "listed triplets"])
def test_references_bring_the_positives_and_negatives(loops, points: Points, labels, explicit):
    x, others, ref_labels = points(len(labels)), points(8, seed=1), torch.tensor([0, 1, 2, 0, 1, 2, -5, 9])
    triplets = loops.every_triplet(labels, ref_labels)
    indices = Triplets.all_of(labels, ref_labels) if explicit else None
    calls = {"labels": labels, "indices_tuple": indices, "ref_emb": others, "ref_labels": ref_labels}
    nplb = NPLBLoss(margin=loops.margin, weight=loops.weight).parts(x, **calls)
    swap = DistanceSwapLoss(margin=loops.margin).parts(x, **calls)
    assert nplb.hinge.item() == pytest.approx(mean(loops.hinges(x, triplets, others)), rel=1e-12)
    assert nplb.penalty.item() == pytest.approx(mean(loops.penalties(x, triplets, others)), rel=1e-9)
    assert swap.total.item() == pytest.approx(mean(loops.swapped_hinges(x, triplets, others)), rel=1e-12)
    assert nplb.triplets == swap.triplets == len(triplets)


@pytest.mark.parametrize("kind", [TripletLoss, NPLBLoss, DistanceSwapLoss])
def test_explicit_embeddings_are_the_same_as_their_row_numbers(points: Points, kind):
    x, labels = points(9), torch.tensor([0, 1, 2] * 3)
    triplets, loss = Triplets.all_of(labels), kind(margin=0.4)
    a, p, n = (x[rows] for rows in triplets)
    assert loss.on_triplets(a, p, n).total.item() == pytest.approx(loss(x, labels, triplets).item(), rel=1e-12)


def test_few_triplets_and_many_are_measured_alike(points: Points):
    """Few are gathered row by row, many read from a matrix of distances."""
    x, labels = points(12, 3), torch.tensor([0, 1, 2] * 4)
    every, loss = Triplets.all_of(labels), NPLBLoss()
    few = [Triplets(a[None], p[None], n[None]) for a, p, n in zip(*every, strict=True)]
    assert len(every) * 3 > 12 * 12
    assert mean([loss(x, labels, one).item() for one in few]) == pytest.approx(loss(x, labels, every).item(), rel=1e-12)


@pytest.mark.parametrize("max_bytes", [1, 500, 4000, None])
def test_distance_swap_does_not_depend_on_how_its_triplets_are_cut_into_chunks(points: Points, max_bytes):
    x, labels = points(14), torch.tensor([0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 3, 3])
    loss = DistanceSwapLoss(margin=0.9, max_bytes=max_bytes)
    listed = loss.parts(x, labels, Triplets.all_of(labels))
    chunked = loss.parts(x, labels)
    assert chunked.total.item() == pytest.approx(listed.total.item(), rel=1e-12)
    assert (chunked.triplets, chunked.active) == (listed.triplets, listed.active)
    torch.testing.assert_close(*(torch.autograd.grad(parts.total, x)[0] for parts in (chunked, listed)))


def test_n_pair_takes_the_members_of_each_class_two_by_two(loops, points: Points):
    labels = torch.tensor([7, 3, 7, 3, 3, 7, 5, 3, 7])
    rounds = [[(0, 2), (1, 3)], [(5, 8), (4, 7)]]  # 5 has one member: no pair
    parts = NPairLoss(weight=loops.weight).parts(x := points(9), labels)
    assert parts.total.item() == pytest.approx(loops.n_pair(x, rounds), rel=1e-12)
    assert parts.triplets == parts.active == 4


def test_n_pair_leaves_out_a_pair_alone_in_its_round(loops, points: Points):
    labels = torch.tensor([0, 0, 0, 0, 1, 1])
    parts = NPairLoss(weight=loops.weight).parts(x := points(6), labels)
    assert parts.total.item() == pytest.approx(loops.n_pair(x, [[(0, 1), (4, 5)]]), rel=1e-12)


def test_n_pair_of_the_paper_is_one_round(loops, points: Points):
    labels = torch.tensor([0, 0, 0, 0, 1, 1, 1, 1, 2, 2])
    loss = NPairLoss(weight=loops.weight, rounds=1)
    assert loss(x := points(10), labels).item() == pytest.approx(loops.n_pair(x, [[(0, 1), (4, 5), (8, 9)]]), rel=1e-12)


def test_n_pair_matches_anchors_with_references_in_order(loops, points: Points):
    x, others = points(5), points(6, seed=1)
    labels, ref_labels = torch.tensor([0, 1, 1, 2, 0]), torch.tensor([1, 0, 1, 1, 0, 4])
    rounds = [[(0, 1), (1, 0)], [(2, 2), (4, 4)]]
    value = NPairLoss(weight=loops.weight)(x, labels, ref_emb=others, ref_labels=ref_labels).item()
    assert value == pytest.approx(loops.n_pair(x, rounds, others), rel=1e-12)


def test_n_pair_takes_a_miners_pairs_in_order_and_once(loops, points: Points):
    labels = torch.tensor([0, 0, 0, 1, 1, 1])
    anchor, positive = torch.tensor([1, 3, 1, 5, 0]), torch.tensor([2, 4, 2, 4, 1])
    none = torch.tensor([], dtype=torch.long)
    value = NPairLoss(weight=loops.weight)(x := points(6), labels, (anchor, positive, none, none)).item()
    assert value == pytest.approx(loops.n_pair(x, [[(1, 2), (3, 4)], [(0, 1), (5, 4)]]), rel=1e-12)


def test_supervised_contrastive_is_the_loop(loops, points: Points, labels):
    value = SupConLoss(temperature=0.3)(x := points(len(labels)), labels).item()
    assert value == pytest.approx(loops.supervised_contrastive(x, labels, 0.3), rel=1e-12)


@pytest.mark.parametrize("kind", [NPairLoss, SupConLoss])
def test_on_one_triplet_the_softmax_losses_are_a_logistic_of_the_difference(points: Points, kind):
    a, p, n = (points(1, seed=seed) for seed in range(3))
    loss = NPairLoss(weight=0.0) if kind is NPairLoss else SupConLoss(temperature=0.5)
    x = torch.cat([a, p, n])
    listed = (torch.tensor([0]), torch.tensor([1]), torch.tensor([2]))
    if kind is SupConLoss:
        assert loss.on_triplets(a, p, n).total.item() == pytest.approx(loss(x, None, listed).item(), rel=1e-12)
    expected = torch.log1p(torch.exp((a * n).sum() - (a * p).sum())).item()
    assert NPairLoss(weight=0.0).on_triplets(a, p, n).total.item() == pytest.approx(expected, rel=1e-12)


def test_levels_draw_standardised_distances(loops, points: Points):
    labels = torch.tensor([0, 1, 0, 1, 1])
    loss = MDRLoss(margin=loops.margin, weight=0.4, level_weight=0.02)
    parts = loss.parts(x := points(5), labels)
    nearest, _, _ = loops.nearest_levels(x)
    hinge = mean(loops.hinges(x, loops.every_triplet(labels)))
    assert parts.hinge.item() == pytest.approx(hinge, rel=1e-12)
    assert parts.penalty.item() == pytest.approx(nearest, rel=1e-12)
    assert parts.total.item() == pytest.approx(hinge + 0.4 * nearest + 0.02 * 18, rel=1e-12)


def test_levels_use_running_statistics_from_the_second_batch_on(loops, points: Points):
    labels, loss = torch.tensor([0, 1, 0, 1, 1]), MDRLoss(momentum=0.75)
    first, second = points(5), 3 * points(5, seed=1).detach()
    loss(first, labels)
    parts = loss.parts(second, labels)
    (_, m1, s1), (_, m2, s2) = loops.nearest_levels(first), loops.nearest_levels(second)
    nearest, _, _ = loops.nearest_levels(second, (0.75 * m1 + 0.25 * m2, 0.75 * s1 + 0.25 * s2))
    assert parts.penalty.item() == pytest.approx(nearest, rel=1e-5)


def test_levels_of_explicit_triplets_see_all_their_rows(points: Points):
    a, p, n = (points(3, seed=seed) for seed in range(3))
    explicit = MDRLoss().on_triplets(a, p, n)
    rows = torch.arange(9).reshape(3, 3)
    listed = MDRLoss().parts(torch.cat([a, p, n]), None, tuple(rows))
    assert explicit.total.item() == pytest.approx(listed.total.item(), rel=1e-12)
    assert explicit.penalty.item() == pytest.approx(listed.penalty.item(), rel=1e-12)


@pytest.mark.parametrize("kind", [TripletLoss, NPLBLoss, DistanceSwapLoss, NPairLoss, SupConLoss, MDRLoss])
def test_normalising_inside_is_normalising_before(points: Points, kind):
    labels, x = torch.tensor([0, 1, 0, 1, 2, 2]), points(6)
    units = torch.nn.functional.normalize(x, dim=1)
    inside, before = kind(normalize=True)(x, labels), kind(normalize=False)(units, labels)
    assert inside.item() == pytest.approx(before.item(), rel=1e-12)
