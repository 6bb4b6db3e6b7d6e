"""PCA against numpy's singular value decomposition; ICA against the sources its rows were mixed from."""

from typing import Any

import numpy as np
import pytest

from holdfast.metric.representations.ica import Ica
from holdfast.metric.representations.pca import Pca
from holdfast.metric.representations.raw import Raw


def test_raw_gives_a_copy_of_the_rows(people: Any) -> None:
    found = Raw().fit(people.rows).transform(people.rows)
    np.testing.assert_array_equal(found, people.rows)
    assert not np.shares_memory(found, people.rows)


@pytest.mark.parametrize("dimensions", [1, 4, 10])
def test_pca_is_numpys_singular_value_decomposition_up_to_signs(people: Any, dimensions: int) -> None:
    rows = people.rows + np.arange(10, dtype=np.float32)  # a mean to take away
    found = Pca(dimensions=dimensions).fit(rows).transform(rows)
    centred = rows.astype(np.float64) - rows.astype(np.float64).mean(axis=0)
    left, singular, _ = np.linalg.svd(centred, full_matrices=False)
    expected = (left * singular)[:, :dimensions]
    signs = np.sign((found * expected).sum(axis=0))
    np.testing.assert_allclose(found * signs, expected, rtol=1e-4, atol=1e-4)


def test_pca_of_all_dimensions_keeps_every_distance(people: Any) -> None:
    found = Pca(dimensions=10).fit(people.rows).transform(people.rows).astype(np.float64)
    ours = np.linalg.norm(found[:50, None] - found[None, :50], axis=2)
    theirs = np.linalg.norm(people.rows[:50, None].astype(float) - people.rows[None, :50], axis=2)
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_ica_finds_mixed_sources_up_to_order_sign_and_size() -> None:
    generator = np.random.default_rng(2)
    sources = np.column_stack(
        [generator.uniform(-1, 1, 3000), generator.laplace(size=3000), generator.random(3000) > 0.5]
    )
    mixed = (sources @ generator.normal(size=(3, 5))).astype(np.float32)
    found = Ica(dimensions=3).fit(mixed).transform(mixed)
    agreement = np.abs(np.corrcoef(found.T, sources.T)[:3, 3:])
    assert sorted(agreement.argmax(axis=0)) == [0, 1, 2]
    assert agreement.max(axis=0).min() > 0.98
    np.testing.assert_allclose(found.std(axis=0), 1.0, rtol=1e-3)


def test_pca_does_not_find_those_sources() -> None:
    """So that the test above can fail."""
    generator = np.random.default_rng(2)
    sources = np.column_stack(
        [generator.uniform(-1, 1, 3000), generator.laplace(size=3000), generator.random(3000) > 0.5]
    )
    mixed = (sources @ generator.normal(size=(3, 5))).astype(np.float32)
    found = Pca(dimensions=3).fit(mixed).transform(mixed)
    assert np.abs(np.corrcoef(found.T, sources.T)[:3, 3:]).max(axis=0).min() < 0.98


def test_ica_of_gaussian_rows_ends_quietly_at_its_last_step() -> None:
    rows = np.random.default_rng(0).normal(size=(300, 4)).astype(np.float32)
    found = Ica(dimensions=4, max_iterations=2, tolerance=1e-12).fit(rows).transform(rows)
    np.testing.assert_allclose(np.cov(found, rowvar=False), np.eye(4), atol=0.02)
