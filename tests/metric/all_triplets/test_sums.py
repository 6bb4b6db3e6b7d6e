"""All triplets at once say exactly what plain loops over them say, values and gradients."""

import itertools
import threading
import tracemalloc
from dataclasses import dataclass

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from holdfast.metric.losses.all_triplets import TripletSums, all_triplet_sums


@dataclass(frozen=True)
class Listed:
    hinge: Tensor
    penalty: Tensor
    triplets: int
    active: int


def apart(x: Tensor, z: Tensor) -> Tensor:
    """Return the distance; at zero its gradient is zero."""
    square = ((x - z) ** 2).sum()
    return torch.zeros_like(square) if square == 0 else square.sqrt()


def listed(
    x: Tensor,
    y: Tensor,
    margin: float,
    power: int = 2,
    ref: tuple[Tensor, Tensor] | None = None,
) -> Listed:
    """Visit every triplet in a plain loop."""
    z, w = ref or (x, y)
    hinge, penalty, active, triplets = x.sum() * 0, x.sum() * 0, 0, 0
    for a, p, n in itertools.product(range(len(x)), range(len(z)), range(len(z))):
        if (ref is None and a == p) or w[p] != y[a] or w[n] == y[a]:
            continue
        over = apart(x[a], z[p]) - apart(x[a], z[n]) + margin
        triplets += 1
        if over > 0:
            hinge, active = hinge + over, active + 1
        penalty = penalty + (apart(z[p], z[n]) - apart(x[a], z[n])) ** power
    return Listed(hinge, penalty, triplets, active)


def agree(got: TripletSums, want: Listed, inputs: list[Tensor], tolerance: float) -> None:
    assert (got.triplets, got.active) == (want.triplets, want.active)
    for mine, theirs in ((got.hinge, want.hinge), (got.penalty, want.penalty)):
        torch.testing.assert_close(mine, theirs, rtol=tolerance, atol=tolerance)
        ours = torch.autograd.grad(mine, inputs, retain_graph=True, allow_unused=True)
        oracle = torch.autograd.grad(theirs, inputs, retain_graph=True, allow_unused=True)
        for left, right, points in zip(ours, oracle, inputs, strict=True):
            expected = torch.zeros_like(points) if right is None else right
            largest = max(1.0, 1.0, *expected.abs().flatten().tolist())
            torch.testing.assert_close(left, expected, rtol=tolerance, atol=tolerance * largest)


LAYOUTS = {
    "two even classes": [0, 1] * 5,
    "uneven": [0] * 6 + [1] * 2 + [2] * 3,
    "members alone": [0, 1, 2, 3, 3, 3, 4],
    "one class only": [7] * 6,
    "every one alone": [0, 1, 2, 3, 4],
    "far apart labels": [-5, 10**12, -5, 10**12, 3],
    "a single point": [1],
    "nobody": [],
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
@pytest.mark.parametrize("margin", [0.0, 0.3, 5.0])
@pytest.mark.parametrize(("kind", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 3e-6)])
def test_every_layout_and_margin_agrees_with_plain_loops(
    layout: list[int], margin: float, kind: torch.dtype, tolerance: float
) -> None:
    x = torch.randn(len(layout), 3, generator=torch.Generator().manual_seed(1), dtype=kind).requires_grad_()
    y = torch.tensor(layout, dtype=torch.int64)
    agree(all_triplet_sums(x, y, margin=margin), listed(x, y, margin), [x], tolerance)


@settings(max_examples=40, deadline=None)
@given(
    labels=st.lists(st.integers(0, 4), min_size=2, max_size=9),
    seed=st.integers(0, 10**6),
    margin=st.sampled_from([0.0, 0.25, 1.0]),
    grid=st.booleans(),
)
def test_random_classes_ties_and_duplicates_agree_with_plain_loops(
    labels: list[int], seed: int, margin: float, grid: bool
) -> None:
    made = torch.Generator().manual_seed(seed)
    points = torch.randn(len(labels), 2, generator=made, dtype=torch.float64)
    points = (points.round() if grid else points).requires_grad_()  # on a grid distances tie and points coincide
    y = torch.tensor(labels)
    want = listed(points, y, margin)
    got = all_triplet_sums(points, y, margin=margin)
    assert got.triplets == want.triplets
    torch.testing.assert_close(got.hinge, want.hinge)
    torch.testing.assert_close(got.penalty, want.penalty)
    if not grid:  # at exact ties the hinge has a kink, and rounding decides its side
        agree(got, want, [points], 1e-11)


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_exact_ties_on_a_line_are_not_active(kind: torch.dtype) -> None:
    x = torch.tensor([[0.0], [1.0], [2.0], [-2.0]], dtype=kind)
    y = torch.tensor([0, 0, 1, 1])
    # anchor 0: positive at 1, negatives at 2 and 2: with margin 1 the hinge is exactly zero.
    got = all_triplet_sums(x, y, margin=1.0, rows=slice(0, 1))
    assert (got.triplets, got.active, float(got.hinge)) == (2, 0, 0.0)


@pytest.mark.parametrize("power", [2, 4, 6])
@pytest.mark.parametrize("own", [True, False])
def test_even_powers_agree_with_plain_loops_with_and_without_references(power: int, own: bool) -> None:
    made = torch.Generator().manual_seed(power)
    x = torch.randn(7, 4, generator=made, dtype=torch.float64).requires_grad_()
    z = torch.randn(9, 4, generator=made, dtype=torch.float64).requires_grad_()
    y, w = torch.tensor([0, 0, 1, 1, 1, 2, 5]), torch.tensor([0, 0, 0, 1, 2, 2, 3, 3, 1])
    if own:
        agree(all_triplet_sums(x, y, margin=0.4, power=power), listed(x, y, 0.4, power), [x], 1e-10)
    else:
        got = all_triplet_sums(x, y, margin=0.4, power=power, ref_emb=z, ref_labels=w)
        agree(got, listed(x, y, 0.4, power, (z, w)), [x, z], 1e-10)


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_references_in_either_precision_agree(kind: torch.dtype) -> None:
    made = torch.Generator().manual_seed(3)
    x = torch.randn(6, 4, generator=made, dtype=kind).requires_grad_()
    z = torch.randn(8, 4, generator=made, dtype=kind).requires_grad_()
    y, w = torch.arange(6) % 2, torch.arange(8) % 3
    got = all_triplet_sums(x, y, margin=0.4, ref_emb=z, ref_labels=w)
    agree(got, listed(x, y, 0.4, 2, (z, w)), [x, z], 1e-11 if kind == torch.float64 else 3e-6)


@pytest.mark.parametrize("few", [64, 1])
@pytest.mark.parametrize("power", [2, 4])
def test_gradients_pass_the_check_by_differences(few: int, power: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("holdfast.metric.losses.sorted_points.FEW_CLASSES", few)
    made = torch.Generator().manual_seed(power)
    x = torch.randn(12, 3, generator=made, dtype=torch.float64).requires_grad_()
    y = torch.randint(3, (12,), generator=made)

    def total(points: Tensor) -> Tensor:
        sums = all_triplet_sums(points, y, margin=0.5, power=power)
        return (sums.hinge + 0.7 * sums.penalty) / max(1, sums.triplets)

    torch.autograd.gradcheck(total, (x,), eps=1e-6, atol=1e-5, rtol=1e-4)


def test_many_classes_agree_with_few_by_the_two_ways_of_summing(monkeypatch: pytest.MonkeyPatch) -> None:
    made = torch.Generator().manual_seed(0)
    x = torch.randn(60, 5, generator=made, dtype=torch.float64).requires_grad_()
    y = torch.randint(20, (60,), generator=made)
    found = []
    for few in (64, 2):
        monkeypatch.setattr("holdfast.metric.losses.sorted_points.FEW_CLASSES", few)
        sums = all_triplet_sums(x, y, margin=0.5)
        found.append((sums.penalty, torch.autograd.grad(sums.penalty, x)[0]))
    torch.testing.assert_close(found[0], found[1], rtol=1e-11, atol=1e-11)


def test_duplicates_give_finite_gradients_and_nothing_for_themselves() -> None:
    x = torch.tensor([[1.0, 2.0]] * 3 + [[1.0, 2.0]] * 2, requires_grad=True)
    sums = all_triplet_sums(x, torch.tensor([0, 0, 0, 1, 1]), margin=0.2)
    (sums.hinge + sums.penalty).backward()
    assert x.grad is not None
    assert torch.equal(x.grad, torch.zeros_like(x))
    assert float(sums.hinge.detach()) == pytest.approx(0.2 * sums.triplets)


def test_points_very_near_each_other_far_from_the_origin_keep_their_distances() -> None:
    made = torch.Generator().manual_seed(2)
    near = torch.randn(8, 4, generator=made, dtype=torch.float64) * 1e-3
    x = (near + 1000.0).requires_grad_()
    y = torch.arange(8) % 2
    agree(all_triplet_sums(x, y, margin=1e-3), listed(x, y, 1e-3), [x], 1e-7)


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_chunks_of_rows_change_nothing(kind: torch.dtype) -> None:
    made = torch.Generator().manual_seed(5)
    x = torch.randn(37, 6, generator=made, dtype=kind).requires_grad_()
    y = torch.randint(4, (37,), generator=made)
    found = []
    for limit in (1, 20_000, None):
        sums = all_triplet_sums(x, y, margin=0.5, max_bytes=limit)
        found.append((sums.hinge, sums.penalty, *torch.autograd.grad(sums.hinge + sums.penalty, x)))
    torch.testing.assert_close(found[0], found[1])
    torch.testing.assert_close(found[0], found[2])


def test_slices_that_partition_the_rows_add_up_to_the_whole() -> None:
    made = torch.Generator().manual_seed(6)
    x = torch.randn(23, 6, generator=made, dtype=torch.float64).requires_grad_()
    y = torch.randint(3, (23,), generator=made)
    whole = all_triplet_sums(x, y, margin=0.5)
    parts = [all_triplet_sums(x, y, margin=0.5, rows=slice(low, low + 6)) for low in range(0, 23, 6)]
    assert sum(part.triplets for part in parts) == whole.triplets
    assert sum(part.active for part in parts) == whole.active
    hinge, penalty = sum(part.hinge for part in parts), sum(part.penalty for part in parts)
    torch.testing.assert_close((hinge, penalty), (whole.hinge, whole.penalty))
    torch.testing.assert_close(
        torch.autograd.grad(hinge + penalty, x), torch.autograd.grad(whole.hinge + whole.penalty, x)
    )


def test_without_a_power_the_penalty_is_zero_and_the_hinge_the_same() -> None:
    x = torch.randn(9, 3, generator=torch.Generator().manual_seed(0)).requires_grad_()
    y = torch.arange(9) % 3
    bare, full = all_triplet_sums(x, y, margin=0.5, power=None), all_triplet_sums(x, y, margin=0.5)
    assert float(bare.penalty.detach()) == 0.0
    assert torch.equal(bare.hinge, full.hinge)


def test_the_penalty_is_the_variance_within_classes_of_the_distances_to_each_negative() -> None:
    """Σ over pairs (a, p) of (D_pn - D_an)² = 2 m² var, checked with numpy's variance."""
    x = torch.randn(14, 3, generator=torch.Generator().manual_seed(8), dtype=torch.float64)
    y = torch.tensor([0] * 6 + [1] * 5 + [2] * 3)
    distances, total = torch.cdist(x, x), 0.0
    for n in range(14):
        for c in set(y.tolist()) - {int(y[n])}:
            members = distances[n, y == c].numpy()
            total += 2 * len(members) ** 2 * members.var()
    assert float(all_triplet_sums(x, y, margin=0.1).penalty) == pytest.approx(total, rel=1e-12)


@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float16])
def test_half_precision_comes_in_and_its_gradient_goes_out_in_kind(kind: torch.dtype) -> None:
    x = torch.randn(16, 4, generator=torch.Generator().manual_seed(0)).to(kind).requires_grad_()
    y = torch.arange(16) % 4
    sums = all_triplet_sums(x, y, margin=0.5)
    (sums.hinge / sums.triplets).backward()
    assert sums.hinge.dtype == torch.float32
    assert x.grad is not None
    assert x.grad.dtype == kind
    wide = x.detach().double().requires_grad_()
    want = all_triplet_sums(wide, y, margin=0.5)
    (want.hinge / want.triplets).backward()
    assert wide.grad is not None
    torch.testing.assert_close(x.grad.double(), wide.grad, rtol=1e-2, atol=1e-3)


def test_autocast_changes_nothing_inside() -> None:
    x = torch.randn(64, 8, generator=torch.Generator().manual_seed(0))
    y = torch.arange(64) % 4
    with torch.autocast("cpu", dtype=torch.bfloat16):
        within = all_triplet_sums(x, y, margin=0.5)
    without = all_triplet_sums(x, y, margin=0.5)
    assert torch.equal(within.hinge, without.hinge)
    assert torch.equal(within.penalty, without.penalty)


def test_the_same_batch_gives_the_same_bits() -> None:
    x = torch.randn(300, 16, generator=torch.Generator().manual_seed(0)).requires_grad_()
    y = torch.arange(300) % 7
    found = []
    for _ in range(2):
        sums = all_triplet_sums(x, y, margin=0.5)
        found.append(torch.autograd.grad(sums.hinge + sums.penalty, x)[0])
    assert torch.equal(found[0], found[1])


def test_float32_orders_by_search_and_by_packed_keys_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    import holdfast.metric.losses.signed_counts as module

    x = torch.randn(120, 8, generator=torch.Generator().manual_seed(4))
    y = torch.arange(120) % 5
    packed = all_triplet_sums(x, y, margin=0.5)
    monkeypatch.setattr(
        module,
        "_counts_by_packed_sort",
        lambda pairs, own, margin: module._counts_by_search(pairs, own, margin, exact=False),
    )
    searched = all_triplet_sums(x, y, margin=0.5)
    assert packed.active == searched.active
    torch.testing.assert_close(packed.hinge, searched.hinge)


@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf")  # torch hides its own, after
def test_a_compiled_model_trains_through_it_with_a_break_in_its_graph() -> None:
    x = torch.randn(32, 4, generator=torch.Generator().manual_seed(0)).requires_grad_()
    y = torch.arange(32) % 4

    def loss(points: Tensor) -> Tensor:
        return all_triplet_sums(torch.tanh(points), y, margin=0.5).hinge * 0.5

    compiled = torch.compile(loss, backend="aot_eager")
    torch.testing.assert_close(torch.autograd.grad(compiled(x), x), torch.autograd.grad(loss(x), x))


def test_threads_of_the_caller_do_not_disturb_each_other() -> None:
    x = torch.randn(200, 8, generator=torch.Generator().manual_seed(4))
    y = torch.arange(200) % 5
    alone = float(all_triplet_sums(x, y, margin=0.5).hinge)
    found: list[float] = []
    threads = [
        threading.Thread(target=lambda: found.append(float(all_triplet_sums(x, y, margin=0.5).hinge))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [alone] * 4


def test_memory_allocated_by_numpy_stays_under_the_bound() -> None:
    x = torch.randn(900, 8, generator=torch.Generator().manual_seed(4))
    y = torch.arange(900) % 5
    tracemalloc.start()
    all_triplet_sums(x, y, margin=0.5, max_bytes=2**20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * 2**20  # a whole matrix of keys would be 6.5 MB


def test_a_gradient_of_the_gradient_is_refused_not_wrong() -> None:
    x = torch.randn(8, 3, generator=torch.Generator().manual_seed(4)).requires_grad_()
    sums = all_triplet_sums(x, torch.arange(8) % 2, margin=0.5)
    (slope,) = torch.autograd.grad(sums.hinge, x, create_graph=True)
    with pytest.raises(RuntimeError, match="does not require grad"):
        torch.autograd.grad(slope.sum(), x)


@pytest.mark.parametrize("narrow", [torch.bool, torch.uint8, torch.int8])
def test_labels_of_references_are_not_squeezed_into_the_type_of_the_labels(narrow: torch.dtype) -> None:
    """Two is no bool and 257 no byte: wrapped round, they would count as class one."""
    x = torch.tensor([[0.0], [1.0]], dtype=torch.float64)
    references = torch.tensor([[2.0], [4.0], [8.0]], dtype=torch.float64)
    labels, far = torch.tensor([0, 1]), {torch.bool: 2, torch.uint8: 257, torch.int8: 257}[narrow]
    sums = all_triplet_sums(
        x, labels.to(narrow), margin=0.0, power=None, ref_emb=references, ref_labels=torch.tensor([0, 1, far])
    )
    assert sums.triplets == 4, "an anchor of each class, its one positive, two negatives"
    assert float(sums.hinge) == pytest.approx(2.0, rel=1e-12), (
        "anchor 1 and positive 4, against negative 2, is the only one active"
    )
