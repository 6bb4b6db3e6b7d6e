"""Weights of merged cycles add up to one population."""

import polars as pl
import pytest

from holdfast.cohort.nhanes.weights import with_weights

MEC = [100.0, 200.0, 0.0]


def test_merged_weights_add_up_to_the_mean_of_the_cycles() -> None:
    cycles = [pl.DataFrame({"WTMEC2YR": weights, "WTINT2YR": [50.0, 50.0, 50.0]}) for weights in (MEC, [300.0, 0, 0])]
    merged = pl.concat(with_weights(cycle, n_cycles=2) for cycle in cycles)
    assert merged["WTMEC"].sum() == (300 + 300) / 2
    assert merged["WTINT"].sum() == 150
    assert merged["WTMEC2YR"].to_list() == [*MEC, 300, 0, 0]


def test_metals_take_the_subsample_where_there_is_one_and_everybody_where_there_is_none() -> None:
    everybody = with_weights(pl.DataFrame({"WTMEC2YR": MEC, "WTINT2YR": MEC}), n_cycles=4)
    assert everybody["WTMETAL"].to_list() == pytest.approx([25, 50, 0])
    part = pl.DataFrame({"WTMEC2YR": MEC, "WTINT2YR": MEC, "WTSH2YR": [None, 400.0, None]})
    assert with_weights(part, n_cycles=4)["WTMETAL"].to_list() == [None, 100, None]
    empty = part.with_columns(pl.lit(None, dtype=pl.Float64).alias("WTSH2YR"))
    assert with_weights(empty, n_cycles=4)["WTMETAL"].to_list() == pytest.approx([25, 50, 0])
