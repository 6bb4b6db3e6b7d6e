"""Gradients are those of finite differences, and finite where a distance is zero."""

import pytest
import torch

from holdfast.metric.losses.registry import (
    LOSSES,
    DistanceSwapLoss,
    MDRLoss,
    NPairLoss,
    NPLBLoss,
    SupConLoss,
    TripletLoss,
    Triplets,
    make_loss,
)

MADE = {
    "triplet": lambda: TripletLoss(margin=0.6),
    "triplet, unit length": lambda: TripletLoss(margin=0.6, normalize=True),
    "nplb": lambda: NPLBLoss(margin=0.6),
    "nplb, 4th power, sum": lambda: NPLBLoss(margin=0.6, power=4, reduction="sum"),
    "nplb, mean-active": lambda: NPLBLoss(margin=0.6, reduction="mean-active"),
    "swap": lambda: DistanceSwapLoss(margin=0.6),
    "swap, unit length": lambda: DistanceSwapLoss(margin=0.6, normalize=True, max_bytes=300),
    "npair": lambda: NPairLoss(weight=0.1),
    "npair, unit length": lambda: NPairLoss(normalize=True),
    "supcon": lambda: SupConLoss(temperature=0.4),
    "supcon, any length": lambda: SupConLoss(temperature=0.9, normalize=False),
}


@pytest.mark.parametrize("make", MADE.values(), ids=MADE.keys())
def test_gradients_over_labels_are_finite_differences(points, make):
    loss, labels = make(), torch.tensor([0, 0, 1, 2, 2, 2, 3])
    assert torch.autograd.gradcheck(lambda x: loss(x, labels), points(len(labels), 3, seed=3))


@pytest.mark.parametrize("make", MADE.values(), ids=MADE.keys())
def test_gradients_with_references_are_finite_differences(points, make):
    loss, labels, ref_labels = make(), torch.tensor([0, 1, 0, 2]), torch.tensor([1, 0, 0, 2, 1])

    def value(x, others):
        return loss(x, labels, None, others, ref_labels)

    assert torch.autograd.gradcheck(value, (points(4, 3, seed=5), points(5, 3, seed=6)))


@pytest.mark.parametrize("make", MADE.values(), ids=MADE.keys())
def test_gradients_over_listed_triplets_are_finite_differences(points, make):
    loss, labels = make(), torch.tensor([0, 1, 0, 2, 1])
    triplets = Triplets.all_of(labels)
    assert torch.autograd.gradcheck(lambda x: loss(x, labels, triplets), points(5, 3, seed=4))


@pytest.mark.parametrize("make", MADE.values(), ids=MADE.keys())
def test_gradients_of_explicit_triplets_are_finite_differences(points, make):
    loss = make()
    embeddings = tuple(points(4, 3, seed=seed) for seed in range(3))
    assert torch.autograd.gradcheck(lambda a, p, n: loss.on_triplets(a, p, n).total, embeddings)


def test_gradients_of_the_levels_and_embeddings_are_finite_differences(points):
    """In evaluation mode, where the running statistics stand still."""
    labels, loss = torch.tensor([0, 1, 0, 1, 1]), MDRLoss(margin=0.6, weight=0.7).double()
    x = points(5, 3)
    loss(x, labels)
    loss.eval()

    def value(embeddings, levels):
        return torch.func.functional_call(loss, {"levels": levels}, (embeddings, labels))

    assert torch.autograd.gradcheck(value, (x, loss.levels.detach().clone().requires_grad_()))


def test_a_step_of_the_optimiser_moves_the_levels(points):
    loss = MDRLoss(weight=1.0)
    optimiser = torch.optim.SGD(loss.parameters(), lr=0.1)
    loss(points(8, dtype=torch.float32), torch.arange(8) % 2).backward()
    optimiser.step()
    assert (loss.levels.detach() != torch.tensor([-3.0, 0.0, 3.0])).any()


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("rows", ["all", "listed"])
def test_points_in_one_place_have_finite_gradients(name, rows):
    labels = torch.tensor([0, 0, 1, 1, 2])
    x = torch.tensor([[1.0, 2.0], [1.0, 2.0], [1.0, 2.0], [0.0, 0.0], [0.0, 0.0]], requires_grad=True)
    loss = make_loss(name)(x, labels, Triplets.all_of(labels) if rows == "listed" else None)
    (gradient,) = torch.autograd.grad(loss, x)
    assert torch.isfinite(loss)
    assert torch.isfinite(gradient).all()


@pytest.mark.parametrize("kind", [TripletLoss, NPLBLoss, DistanceSwapLoss])
@pytest.mark.parametrize("rows", ["all", "listed"])
def test_the_gradient_at_distance_zero_is_zero(kind, rows):
    """All in one place: the hinge is the margin, and there is no direction to move in."""
    labels, x = torch.tensor([0, 0, 1, 1]), torch.full((4, 3), 0.3, dtype=torch.float64, requires_grad=True)
    parts = kind(margin=0.5).parts(x, labels, Triplets.all_of(labels) if rows == "listed" else None)
    (gradient,) = torch.autograd.grad(parts.total, x)
    assert parts.total.item() == pytest.approx(0.5)
    assert parts.active == parts.triplets == 8
    assert gradient.tolist() == [[0.0] * 3] * 4


@pytest.mark.parametrize("kind", [TripletLoss, NPLBLoss, DistanceSwapLoss])
def test_ties_at_the_hinge_are_not_active_and_have_no_gradient(kind):
    """d(a,p) = 0 and d(a,n) = the margin: the hinge is zero in all triplets."""
    labels = torch.tensor([0, 0, 1])
    x = torch.tensor([[0.0], [0.0], [2.0]], dtype=torch.float64, requires_grad=True)
    for indices in (None, Triplets.all_of(labels)):
        parts = kind(margin=2.0).parts(x, labels, indices)
        (gradient,) = torch.autograd.grad(parts.total, x)
        assert (parts.total.item(), parts.active, parts.triplets) == (0.0, 0, 2)
        assert gradient.tolist() == [[0.0]] * 3


@pytest.mark.parametrize("rows", ["all", "listed"])
def test_where_anchor_and_positive_are_as_near_each_takes_half_of_the_gradient(rows):
    labels = torch.tensor([0, 0, 1])
    x = torch.tensor([[-1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], dtype=torch.float64, requires_grad=True)
    loss = DistanceSwapLoss(margin=1.0)
    (gradient,) = torch.autograd.grad(loss(x, labels, Triplets.all_of(labels) if rows == "listed" else None), x)
    half = 0.5 * 2**-0.5  # of the unit vector to the negative, for anchor and positive alike
    torch.testing.assert_close(
        gradient, torch.tensor([[-1 + half, half], [1 - half, half], [0.0, -2 * half]], dtype=torch.float64)
    )


@pytest.mark.parametrize("name", LOSSES)
def test_a_row_of_zeros_has_finite_gradients_when_normalised(name):
    x = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0], [0.0, 0.0]], requires_grad=True)
    (gradient,) = torch.autograd.grad(make_loss(name, normalize=True)(x, torch.tensor([0, 0, 1, 1])), x)
    assert torch.isfinite(gradient).all()
    assert gradient.abs().max() < 1e3
