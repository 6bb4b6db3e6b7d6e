"""Losses are computed in full precision whatever surrounds them, and do without gradients and with compilation."""

import pytest
import torch

from holdfast.metric.losses.registry import LOSSES, Triplets, make_loss

LABELS = torch.arange(16) % 4


@pytest.mark.parametrize("name", LOSSES)
def test_autocast_changes_nothing_about_float32_embeddings(points, name):
    x = points(16, dtype=torch.float32)
    plain = make_loss(name)(x, LABELS)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = make_loss(name)(x, LABELS)
    assert inside.dtype == torch.float32
    assert inside.item() == plain.item()


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("rows", ["all", "listed"])
def test_a_network_under_autocast_trains(points, name, rows):
    """A layer yields bfloat16 there; the loss is float32 and its gradients reach the weights."""
    torch.manual_seed(0)
    layer, triplets = torch.nn.Linear(4, 3), Triplets.all_of(LABELS) if rows == "listed" else None
    with torch.autocast("cpu", dtype=torch.bfloat16):
        embeddings = layer(points(16, dtype=torch.float32).detach())
        loss = make_loss(name)(embeddings, LABELS, triplets)
    assert (embeddings.dtype, loss.dtype) == (torch.bfloat16, torch.float32)
    loss.backward()
    assert torch.isfinite(layer.weight.grad).all()
    assert layer.weight.grad.any()


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_widened_before_anything_is_computed(points, name, dtype):
    x = points(16, dtype=torch.float32).detach().to(dtype)
    assert make_loss(name)(x, LABELS).item() == make_loss(name)(x.float(), LABELS).item()


@pytest.mark.parametrize("name", LOSSES)
def test_float64_stays_float64_and_float32_is_near_it(points, name):
    x = points(16)
    double, single = make_loss(name)(x, LABELS), make_loss(name)(x.float(), LABELS)
    assert (double.dtype, single.dtype) == (torch.float64, torch.float32)
    assert single.item() == pytest.approx(double.item(), rel=1e-5)


@pytest.mark.parametrize("name", sorted(set(LOSSES) - {"mdr"}))
def test_embeddings_without_gradients_give_a_loss_without(points, name):
    parts = make_loss(name).parts(points(16).detach(), LABELS)
    assert not parts.total.requires_grad
    assert parts.total > 0


@pytest.mark.parametrize(("name", "rows"), [*((name, "all") for name in LOSSES), ("nplb", "listed")])
def test_a_compiled_network_with_its_loss_gives_the_same(points, name, rows):
    """The graph breaks at the loss, which runs as it is."""
    triplets = Triplets.all_of(LABELS) if rows == "listed" else None
    eager, compiled = make_loss(name), make_loss(name)

    @torch.compile(backend="eager")
    def embed_and_judge(x):
        return compiled(2 * x.tanh(), LABELS, triplets)

    x = points(16, dtype=torch.float32)
    values = eager(2 * x.tanh(), LABELS, triplets), embed_and_judge(x)
    torch.testing.assert_close(*values)
    torch.testing.assert_close(*(torch.autograd.grad(value, x)[0] for value in values))


@pytest.mark.parametrize("kind", [torch.int8, torch.int32, torch.int64, torch.bool])
def test_labels_are_any_whole_numbers(points, kind):
    labels = torch.tensor([0, 1, 0, 1, 1, 0])
    for name in LOSSES:
        assert make_loss(name)(x := points(6), labels.to(kind)).item() == make_loss(name)(x, labels).item()


def test_the_swaps_chunks_stay_within_their_bytes(points):
    """With 1 MiB for chunks, 240 rows (with 3.5 million triplets, 28 MB a tensor) peak below 8 MiB."""
    x, labels = points(240, 8, dtype=torch.float32), torch.arange(240) % 4
    loss = make_loss("swap", max_bytes=2**20)
    with torch.profiler.profile(profile_memory=True) as profile:
        loss(x, labels).backward()
    held = peak = 0
    for event in profile.profiler.kineto_results.events():
        if event.name() == "[memory]":
            held += event.nbytes()
            peak = max(peak, held)
    assert 2**18 < peak < 8 * 2**20


def test_many_classes_and_larger_batches_agree_with_the_library(points):
    from pytorch_metric_learning import distances, losses, reducers

    x, labels = points(96, 8, dtype=torch.float32), torch.arange(96) % 32
    theirs = losses.TripletMarginLoss(
        margin=0.5, swap=True, distance=distances.LpDistance(normalize_embeddings=False), reducer=reducers.MeanReducer()
    )
    torch.testing.assert_close(make_loss("swap", margin=0.5)(x, labels), theirs(x, labels))
