"""Survey weights of one cycle, and of several merged.

A two-year weight adds up to the population once. CDC's NHANES tutorials on weighting have it divided by the number of
cycles merged, so that the merged weights add up to the population at the middle of the years (from 2001-2002 on).
The weight to use is that of the smallest part of the sample that all variables of an analysis come from:
``WTMEC`` for anything of the exam, ``WTINT`` for the interview alone, ``WTMETAL`` for blood metals, which were
measured in a subsample in 2013-2016 (``WTSH2YR``) and in everybody examined in 2011-2012 and 2017-2018.
Fasting and other subsample weights are not carried.
"""

import polars as pl

__all__ = ["WEIGHTS", "WEIGHT_COLUMNS", "with_weights"]

WEIGHT_COLUMNS = ("WTMEC2YR", "WTINT2YR", "WTSH2YR")
"""As published, for two years. ``WTSH2YR`` is absent from cycles without that subsample."""

WEIGHTS = ("WTMEC", "WTINT", "WTMETAL", *WEIGHT_COLUMNS)
"""Weight columns of the cohort: rescaled first, then as published."""


def with_weights(table: pl.DataFrame, *, n_cycles: int) -> pl.DataFrame:
    """Add rescaled weights.

    Args:
        table: One cycle, with ``WTMEC2YR`` and ``WTINT2YR``, and ``WTSH2YR`` where there is a metals subsample.
        n_cycles: How many cycles are merged.
    """
    subsample = "WTSH2YR" in table.columns and table["WTSH2YR"].count() > 0
    if "WTSH2YR" not in table.columns:
        table = table.with_columns(pl.lit(None, dtype=pl.Float64).alias("WTSH2YR"))
    return table.with_columns(
        (pl.col("WTMEC2YR") / n_cycles).alias("WTMEC"),
        (pl.col("WTINT2YR") / n_cycles).alias("WTINT"),
        (pl.col("WTSH2YR" if subsample else "WTMEC2YR") / n_cycles).alias("WTMETAL"),
    )
