"""Neighbours against plain loops, with ties, offsets, scales and any memory."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.metric.error import MetricError
from holdfast.metric.evaluation.neighbours import nearest, rankings


def looped(queries, reference, k):
    own = reference is None
    pool = queries if own else reference
    found = []
    for i, query in enumerate(queries.tolist()):
        others = [j for j in range(len(pool)) if not (own and i == j)]
        far = {j: sum((x - y) ** 2 for x, y in zip(query, pool[j].tolist(), strict=True)) for j in others}
        found.append(sorted(others, key=lambda j: (far[j], j))[:k])
    return found


lattices = st.integers(1, 3).flatmap(
    lambda dims: st.lists(st.lists(st.integers(-2, 2), min_size=dims, max_size=dims), min_size=2, max_size=12)
)


@settings(deadline=None)
@given(lattices, st.sampled_from([0.0, 1000.0, -7.5]), st.sampled_from([1.0, 2.0**-40, 2.0**30]), st.data())
def test_equally_close_rows_come_in_the_order_of_the_reference(rows, offset, scale, data):
    """A lattice is full of exact ties; offset and scale keep them exact."""
    points = (np.array(rows, dtype=np.float64) + offset) * scale
    k = data.draw(st.integers(1, len(points) - 1))
    assert nearest(points, None, k=k).tolist() == looped(points, None, k)


@pytest.mark.parametrize("max_bytes", [1, 20_000, 2**28])
@pytest.mark.parametrize("k", [1, 3, 100, 400])
def test_the_order_does_not_depend_on_how_much_memory_may_be_used(max_bytes, k):
    generator = np.random.default_rng(0)
    queries, reference = generator.normal(size=(30, 4)), generator.normal(size=(400, 4))
    assert nearest(queries, reference, k=k, max_bytes=max_bytes).tolist() == looped(queries, reference, k)


@pytest.mark.parametrize("rows", [16, 17, 63, 64, 65, 500, 2000])
def test_few_neighbours_of_many_rows_are_found_by_groups_without_missing_any(rows):
    generator = np.random.default_rng(rows)
    reference = generator.integers(-4, 5, size=(rows, 2)).astype(float)
    queries = generator.integers(-4, 5, size=(20, 2)).astype(float)
    for k in (1, 2, 5):
        assert nearest(queries, reference, k=k).tolist() == looped(queries, reference, k)


def test_a_far_offset_does_not_blur_what_is_close():
    generator = np.random.default_rng(1)
    points = generator.normal(size=(60, 3))
    far = points + 1e8
    assert nearest(far, None, k=5).tolist() == looped(far, None, 5)


def test_rows_as_close_as_rounding_can_tell_come_in_the_order_of_the_reference():
    """Directions scaled to length 1 are a rounding above or below a distance of 1 from the origin."""
    directions = np.random.default_rng(5).normal(size=(300, 16))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    assert len(set(np.einsum("ij,ij->i", directions, directions))) > 1
    assert nearest(np.zeros((1, 16)), directions, k=250).tolist() == [list(range(250))]


@pytest.mark.parametrize("scale", [1e-200, 1e-140, 1e140])
def test_very_small_and_very_large_embeddings_keep_their_order(scale):
    points = np.random.default_rng(2).normal(size=(40, 3))
    assert nearest(points * scale, None, k=4).tolist() == nearest(points, None, k=4).tolist()


def test_a_point_is_not_its_own_neighbour_even_among_copies_of_itself():
    points = np.ones((6, 2))
    assert nearest(points, None, k=5).tolist() == [[j for j in range(6) if j != i] for i in range(6)]


def test_copies_of_the_query_in_a_separate_reference_are_its_neighbours_in_order():
    reference = np.random.default_rng(3).normal(size=(50, 8)) + 3.0
    reference[[40, 7, 23]] = reference[7]
    assert nearest(reference[[7]], reference, k=3).tolist() == [[7, 23, 40]]


def test_rankings_go_as_deep_as_each_query_asks():
    generator = np.random.default_rng(4)
    points = generator.normal(size=(50, 3))
    depths = generator.integers(1, 50, size=50)
    expected, seen = looped(points, None, 49), []
    for ranking in rankings(points, None, depths=depths, max_bytes=5000):
        for query, found in zip(ranking.queries.tolist(), ranking.nearest.tolist(), strict=True):
            assert found[: depths[query]] == expected[query][: depths[query]]
            seen.append(query)
    assert sorted(seen) == list(range(50))


@pytest.mark.parametrize(("own", "k"), [(True, 4), (True, 0), (False, 4), (False, -1)])
def test_more_neighbours_than_there_are_others_are_refused(own, k):
    points = np.eye(4)
    with pytest.raises(MetricError, match=f"Neighbours must number 1 to 3, got {k}"):
        nearest(points, None if own else np.eye(4)[:3], k=k)
