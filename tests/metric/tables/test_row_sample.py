"""Rows are chosen by their numbers: uniformly, and the same whatever batches they come in."""

import numpy as np
import polars as pl
import pytest

from holdfast.metric.tables.reading import Rows
from holdfast.metric.tables.row_sample import RowSample, is_chosen


def batches(size: int, total: int = 10_000) -> list[Rows]:
    starts = range(0, total, size)
    return [Rows(frame=pl.DataFrame({"n": range(s, min(total, s + size))}), file=0, start=s) for s in starts]


@pytest.mark.parametrize("size", [7, 999, 10_000])
def test_the_sample_is_the_same_whatever_the_batches_and_has_the_size_asked_for(size: int) -> None:
    samples = []
    for rows_each in (size, 1234):
        sample = RowSample(500, seed=3)
        for rows in batches(rows_each):
            sample.offer(rows)
        samples.append(sample.rows()["n"].to_list())
    assert samples[0] == samples[1]
    assert len(set(samples[0])) == 500


def test_the_sample_is_spread_evenly_over_the_table() -> None:
    sample = RowSample(2000, seed=1)
    for rows in batches(1000):
        sample.offer(rows)
    counts = np.histogram(sample.rows()["n"].to_numpy(), bins=10, range=(0, 10_000))[0]
    assert abs(counts - 200).max() < 60


def test_only_rows_that_are_kept_are_drawn() -> None:
    sample = RowSample(500, seed=1)
    for rows in batches(1000):
        sample.offer(rows, kept=rows.frame["n"] % 3 == 0)
    assert set((sample.rows()["n"] % 3).to_list()) == {0}


def test_a_share_of_rows_is_chosen_alike_in_any_batches_and_differently_by_seed_and_file() -> None:
    def chosen(size: int, seed: int = 0) -> np.ndarray:
        return np.concatenate([is_chosen(rows, share=0.1, seed=seed) for rows in batches(size)])

    assert 850 < chosen(100).sum() < 1150
    assert (chosen(100) == chosen(10_000)).all()
    assert (chosen(100) != chosen(100, seed=1)).any()
    other = Rows(frame=batches(10_000)[0].frame, file=1, start=0)
    assert (is_chosen(other, share=0.1, seed=0) != chosen(100)).any()


def test_a_share_of_nothing_chooses_nothing() -> None:
    assert not is_chosen(batches(10_000)[0], share=0.0, seed=0).any()


def test_without_rows_there_is_no_sample() -> None:
    assert RowSample(5, seed=0).rows().is_empty()
