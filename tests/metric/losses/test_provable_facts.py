"""What can be proven of NPLB holds for whatever hypothesis finds.

Points lie on a grid of whole numbers, where equal distances come out equal and different ones differ by far more than
rounding.
"""

import math

import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from holdfast.metric.losses.registry import NPLBLoss, TripletLoss

coordinate = st.integers(-6, 6)
point = st.tuples(coordinate, coordinate, coordinate)
margins = st.sampled_from([0.0, 0.5, 1.0, 3.0])
powers = st.sampled_from([2, 4])


def parts(loss, a, p, n):
    return loss.on_triplets(*(torch.tensor([row], dtype=torch.float64) for row in (a, p, n)))


@st.composite
def triplets(draw):
    """Any three points, or a positive that mirrors the anchor seen from the negative: d(p, n) = d(a, n) exactly."""
    a, p, n = draw(point), draw(point), draw(point)
    if draw(st.booleans()):
        away = [x - y for x, y in zip(a, n, strict=True)]
        signs = draw(st.tuples(*(st.sampled_from([-1, 1]) for _ in away)))
        p = tuple(y + sign * x for x, y, sign in zip(draw(st.permutations(away)), n, signs, strict=True))
    return a, p, n


@settings(deadline=None, max_examples=150)
@given(triplets(), margins, powers)
@example(((0, 0, 0), (0, 0, 0), (3, 0, 0)), 3.0, 2)  # the margin met exactly
@example(((0, 0, 0), (0, 0, 0), (0, 0, 0)), 0.0, 2)  # all in one place
@example(((1, 0, 0), (-1, 0, 0), (0, 6, 0)), 1.0, 2)
@example(((1, 0, 0), (0, 0, 0), (0, 6, 0)), 1.0, 2)  # the hinge is met, d(p, n) is not d(a, n)
def test_the_loss_is_zero_exactly_when_the_margin_is_met_and_the_negative_is_as_far_from_both(triplet, margin, power):
    a, p, n = triplet
    is_met = math.dist(a, p) <= math.dist(a, n) - margin and math.dist(p, n) == math.dist(a, n)
    loss = parts(NPLBLoss(margin=margin, power=power), a, p, n)
    assert (loss.total.item() == 0) == is_met


@settings(deadline=None, max_examples=150)
@given(triplets(), powers)
@example(((0, 0, 0), (2, 0, 0), (5, 0, 0)), 2)  # in line: the bound is met
def test_the_penalty_is_at_most_a_power_of_the_distance_between_anchor_and_positive(triplet, power):
    a, p, n = triplet
    penalty = parts(NPLBLoss(power=power), a, p, n).penalty.item()
    assert abs(math.dist(p, n) - math.dist(a, n)) <= math.dist(a, p) * (1 + 1e-12)
    assert 0 <= penalty <= math.dist(a, p) ** power * (1 + 1e-9)


@settings(deadline=None, max_examples=50)
@given(triplets(), margins)
def test_without_weight_nplb_is_the_plain_hinge(triplet, margin):
    plain, weightless = parts(TripletLoss(margin=margin), *triplet), parts(NPLBLoss(margin=margin, weight=0), *triplet)
    assert weightless.total.item() == plain.total.item()


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(point, st.integers(0, 2)), max_size=9), margins)
def test_over_a_batch_the_penalty_is_at_most_the_mean_square_distance_within_triplets(rows, margin):
    """The bound holds for the exact sums over all triplets as for each triplet."""
    x = torch.tensor([row for row, _ in rows], dtype=torch.float64).reshape(-1, 3)
    labels = torch.tensor([label for _, label in rows], dtype=torch.long)
    found = NPLBLoss(margin=margin, reduction="sum").parts(x, labels)
    bound = sum(
        math.dist(rows[a][0], rows[p][0]) ** 2
        for a in range(len(rows))
        for p in range(len(rows))
        for n in range(len(rows))
        if rows[a][1] == rows[p][1] != rows[n][1]
    )
    assert -1e-9 <= found.penalty.item() <= bound * (1 + 1e-9) + 1e-9
