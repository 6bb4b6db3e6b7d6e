"""Which inputs, at healthy values, would lower each person's modelled risk most. Of the model, not of causes."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from holdfast.risk.explanation import InputGroup, Move, explain
from holdfast.study.risk_model.risk_model import RiskModel
from holdfast.study.visits.visits import Values

__all__ = ["FIXED", "lowering_columns", "lowering_moves"]

FIXED = ("age", "sex", "ethnicity", "RIDAGEYR", "AGE_80_PLUS", "RIAGENDR", "RIDRETH3", "DMDBORN4")
"""Columns that nobody can move: they are left where they are."""


def lowering_moves(model: RiskModel, values: Values, *, most: int) -> list[tuple[Move, ...]]:
    """Return, for each person, the inputs that lower the risk most when each alone is moved to the healthy median.

    Args:
        model: Scores people.
        values: As the model reads them.
        most: Moves to return for a person, at most.
    """
    movable = [
        place
        for place, column in enumerate(model.columns)
        if column.name not in FIXED and column.name != model.age and not np.isnan(model.reference[place])
    ]
    groups = [InputGroup(name=model.columns[place].name, columns=(place,)) for place in movable]
    reference = np.nan_to_num(model.reference.astype(np.float64))

    def score(rows: NDArray[np.float64]) -> NDArray[np.float64]:
        return model.risk_of(rows.astype(np.float32))

    found = explain(score, values.astype(np.float64), reference, inputs=groups, most_moves=0)
    return [tuple(move for move in one.alone if move.lowered > 0)[:most] for one in found]


def lowering_columns(model: RiskModel, values: Values, *, most: int) -> list[pl.Series]:
    """Return the moves as columns: ``lowers_1``, ``lowered_by_1``, ...; empty where fewer lower the risk."""
    moves = lowering_moves(model, values, most=most)
    columns = []
    for k in range(most):
        named = [m[k].name if k < len(m) else None for m in moves]
        by = [m[k].lowered if k < len(m) else None for m in moves]
        columns += [
            pl.Series(f"lowers_{k + 1}", named, dtype=pl.String),
            pl.Series(f"lowered_by_{k + 1}", by, dtype=pl.Float64),
        ]
    return columns
