"""Claims about reading long texts at fewer places: every word piece counts alike, and short texts stay whole."""

import numpy as np
import pytest

from holdfast.safety.learned.pooling import WHOLE, averages, pooled_before

LENGTHS = [WHOLE + 1, WHOLE + 2, 97, 128, 159, 160]


@pytest.mark.parametrize("count", [1, 2, 30, WHOLE])
def test_a_short_text_is_read_whole(count: int) -> None:
    found = averages(count)
    assert all((step == np.eye(count)).all() for step in found.steps)
    assert found.weights == pytest.approx(np.full(count, 1 / count))


@pytest.mark.parametrize("count", LENGTHS)
def test_two_neighbours_become_one_and_then_four_of_these(count: int) -> None:
    first, second = averages(count).steps
    assert first.shape == (-(-count // 2), count)
    assert second.shape == (-(-first.shape[0] // 4), first.shape[0])
    states = np.random.default_rng(0).normal(size=(count, 3)).astype(np.float32)
    pairs = [states[start : start + 2].mean(axis=0) for start in range(0, count, 2)]
    assert first @ states == pytest.approx(np.array(pairs), abs=1e-5)


@pytest.mark.parametrize("count", LENGTHS)
def test_were_the_layers_to_change_nothing_the_mean_over_all_word_pieces_would_come_out(count: int) -> None:
    found = averages(count)
    shares = found.weights @ found.steps[1] @ found.steps[0]
    assert shares == pytest.approx(np.full(count, 1 / count), rel=1e-4)


def test_the_lower_half_of_the_layers_reads_every_state() -> None:
    assert pooled_before(12) == (7, 10)
    assert pooled_before(2) == (1, 1)
