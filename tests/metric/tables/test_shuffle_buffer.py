"""The shuffle buffer mixes a stream, evens out its classes and forgets no row needlessly."""

import numpy as np
import pytest

from holdfast.metric.error import MetricError
from holdfast.metric.tables.shuffle_buffer import ShuffleBuffer


def rows_of(codes: np.ndarray, start: int = 0) -> np.ndarray:
    """Rows whose first value is their number, so that each can be known again."""
    numbers = np.arange(start, start + len(codes))
    return np.stack([numbers, codes], axis=1).astype(np.float32)


def test_on_a_balanced_stream_every_row_is_drawn_about_once() -> None:
    codes = np.random.default_rng(0).integers(4, size=8000)
    buffer = ShuffleBuffer(capacity=1000, columns=2, classes=4, seed=0)
    drawn: list[int] = []
    for at in range(0, 8000, 100):
        buffer.add(rows_of(codes[at : at + 100], at), codes[at : at + 100])
        if buffer.is_full:
            drawn += buffer.draw(100)[0][:, 0].astype(int).tolist()
    while len(drawn) < 8000:
        drawn += buffer.draw(100)[0][:, 0].astype(int).tolist()
    counts = np.bincount(drawn, minlength=8000)
    assert (counts == 0).mean() < 0.05
    assert counts.max() <= 4


def test_draws_mix_rows_from_far_apart_in_the_stream() -> None:
    codes = np.random.default_rng(0).integers(2, size=4000)
    buffer = ShuffleBuffer(capacity=1000, columns=2, classes=2, seed=0)
    for at in range(0, 4000, 100):
        buffer.add(rows_of(codes[at : at + 100], at), codes[at : at + 100])
        if buffer.is_full:
            numbers = buffer.draw(100)[0][:, 0]
    assert np.ptp(numbers) > 500


def test_a_stream_sorted_by_class_still_gives_draws_of_all_classes_seen() -> None:
    codes = np.repeat(np.arange(5), 1000)
    buffer = ShuffleBuffer(capacity=500, columns=2, classes=5, seed=0)
    for at in range(0, 5000, 50):
        buffer.add(rows_of(codes[at : at + 50], at), codes[at : at + 50])
    assert buffer.counts.tolist() == [100] * 5
    rows, drawn = buffer.draw(100)
    assert np.bincount(drawn).tolist() == [20] * 5
    assert (rows[:, 1] == drawn).all()


def test_a_rare_class_is_kept_whole_and_a_draw_has_no_row_twice() -> None:
    random = np.random.default_rng(0)
    codes = (random.random(20_000) < 0.002).astype(np.int64)
    buffer = ShuffleBuffer(capacity=400, columns=2, classes=2, seed=0)
    for at in range(0, 20_000, 100):
        buffer.add(rows_of(codes[at : at + 100], at), codes[at : at + 100])
    assert buffer.counts[1] == codes.sum()
    numbers = buffer.draw(300)[0][:, 0]
    assert len(set(numbers.tolist())) == 300


@pytest.mark.parametrize("chunk", [1, 37, 500, 2000])
def test_it_never_holds_more_than_its_capacity_and_counts_what_it_holds(chunk: int) -> None:
    codes = np.random.default_rng(1).integers(3, size=2000)
    buffer = ShuffleBuffer(capacity=200, columns=2, classes=3, seed=0)
    for at in range(0, 2000, chunk):
        part = codes[at : at + chunk]
        buffer.add(rows_of(part, at), part)
        assert len(buffer) == min(200, at + len(part))
        assert buffer.counts.sum() == len(buffer)


def test_the_same_seed_gives_the_same_draws_and_another_gives_others() -> None:
    def drawn(seed: int) -> list[float]:
        buffer = ShuffleBuffer(capacity=100, columns=2, classes=2, seed=seed)
        codes = np.arange(100) % 2
        buffer.add(rows_of(codes), codes)
        return buffer.draw(50)[0][:, 0].tolist()

    assert drawn(3) == drawn(3)
    assert drawn(3) != drawn(4)


def test_showing_rows_does_not_count_them_as_drawn() -> None:
    buffer = ShuffleBuffer(capacity=100, columns=2, classes=2, seed=0)
    codes = np.arange(100) % 2
    buffer.add(rows_of(codes), codes)
    buffer.shown(50)
    first, second = buffer.draw(50)[0][:, 0], buffer.draw(50)[0][:, 0]
    assert sorted([*first, *second]) == list(range(100))


def test_without_two_classes_and_a_pair_there_is_nothing_to_draw_triplets_from() -> None:
    buffer = ShuffleBuffer(capacity=10, columns=2, classes=2, seed=0)
    assert not buffer.is_ready
    buffer.add(rows_of(np.array([0])), np.array([0]))
    buffer.add(rows_of(np.array([1])), np.array([1]))
    assert not buffer.is_ready
    buffer.add(rows_of(np.array([1])), np.array([1]))
    assert buffer.is_ready


def test_more_classes_than_it_can_hold_pairs_of_are_refused() -> None:
    with pytest.raises(MetricError, match="at least two for each of 6 classes, got `10`"):
        ShuffleBuffer(capacity=10, columns=1, classes=6, seed=0)
