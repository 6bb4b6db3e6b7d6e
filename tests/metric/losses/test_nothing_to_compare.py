"""Where there is nothing to compare, a loss is zero and still backpropagates."""

import pytest
import torch

from holdfast.metric.losses.registry import LOSSES, MDRLoss, Triplets, make_loss

NOTHING = {
    "one class": [4, 4, 4, 4],
    "single members": [0, 1, 2, 3],
    "one row": [7],
    "no row": [],
}
NO_TRIPLETS = Triplets(*(torch.tensor([], dtype=torch.long) for _ in range(3)))
LEVEL_TERM = 0.01 * 18


def without_levels(name, parts):
    """MDR keeps its level term, and draws distances to levels, whatever the triplets."""
    if name != "mdr":
        return parts.total
    torch.testing.assert_close(parts.total, parts.hinge + 0.1 * parts.penalty + LEVEL_TERM)
    return parts.hinge


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("classes", NOTHING.values(), ids=NOTHING.keys())
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_labels_without_triplets_give_a_zero_that_backpropagates(points, name, classes, reduction):
    settings = {} if name == "mdr" else {"reduction": reduction}
    x, labels = points(len(classes), dtype=torch.float32), torch.tensor(classes, dtype=torch.long)
    parts = make_loss(name, **settings).parts(x, labels)
    value = without_levels(name, parts)
    (gradient,) = torch.autograd.grad(value, x, allow_unused=False)
    assert value.item() == 0
    assert (parts.triplets, parts.active) == (0, 0)
    assert gradient.shape == x.shape
    assert not gradient.any()
    assert not gradient.isnan().any()


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("batch", [0, 5])
def test_no_listed_triplets_give_a_zero_that_backpropagates(points, name, batch):
    x = points(batch)
    parts = make_loss(name).parts(x, torch.arange(batch) % 2, NO_TRIPLETS)
    value = without_levels(name, parts)
    (gradient,) = torch.autograd.grad(value, x)
    assert value.item() == 0
    assert not gradient.any()


@pytest.mark.parametrize("name", LOSSES)
def test_no_explicit_triplets_give_a_zero_that_backpropagates(points, name):
    a, p, n = points(0), points(0), points(0)
    parts = make_loss(name).on_triplets(a, p, n)
    without_levels(name, parts).backward()
    assert without_levels(name, parts).item() == 0
    assert a.grad is not None


@pytest.mark.parametrize("name", LOSSES)
def test_references_of_other_classes_only_give_a_zero_that_backpropagates(points, name):
    x, others = points(4), points(5, seed=1)
    parts = make_loss(name).parts(x, torch.tensor([0, 0, 1, 1]), None, others, torch.tensor([2, 2, 3, 3, 3]))
    value = without_levels(name, parts)
    (gradient,) = torch.autograd.grad(value, x)
    assert value.item() == 0
    assert not gradient.any()


@pytest.mark.parametrize("reduction", ["mean", "sum", "mean-active"])
@pytest.mark.parametrize("name", ["triplet", "nplb", "swap"])
def test_no_active_triplet_gives_a_zero_hinge(name, reduction):
    x = torch.tensor([[0.0], [0.0], [9.0], [9.0]], requires_grad=True)
    parts = make_loss(name, margin=1.0, reduction=reduction).parts(x, torch.tensor([0, 0, 1, 1]))
    parts.total.backward()
    assert (parts.total.item(), parts.active, parts.triplets) == (0.0, 0, 8)
    assert not x.grad.any()


def test_equal_distances_are_not_divided_by_their_deviation_of_zero():
    """Three corners of an equilateral triangle; and two points, which have one distance."""
    corners = torch.eye(3, dtype=torch.float64, requires_grad=True)
    for x in (corners, corners[:2]):
        parts = MDRLoss().parts(x, torch.tensor([0, 0, 1])[: len(x)])
        assert parts.penalty.item() == pytest.approx(0, abs=1e-12)
        assert torch.isfinite(torch.autograd.grad(parts.total, x, retain_graph=True)[0]).all()


def test_statistics_stand_still_in_evaluation_and_without_pairs(points):
    loss, labels = MDRLoss(), torch.tensor([0, 1, 1])
    loss(points(1), labels[:1])
    assert loss.batches == 0
    loss(points(3), labels)
    before = loss.state_dict()["running_mean"].clone()
    loss.eval()(5 * points(3), labels)
    assert loss.running_mean == before
    loss.train()(5 * points(3), labels)
    assert loss.running_mean > before


def test_what_mdr_has_learnt_is_in_its_state(points):
    loss, again, labels = MDRLoss(), MDRLoss(), torch.tensor([0, 1, 1, 0])
    loss(points(4), labels)
    again.load_state_dict(loss.state_dict())
    assert loss.eval()(x := points(4, seed=2), labels).item() == again.eval()(x, labels).item()
