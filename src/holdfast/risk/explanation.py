"""Which inputs, moved to reference values, lower a person's modelled risk most.

It explains the model, not causes: a lower number after a move says how the model would score another person with that
value, not what would become of this person if it changed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.embeddings import Mask, Scores
from holdfast.risk.error import RiskError

__all__ = ["Explanation", "InputGroup", "Move", "explain"]

Rows = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class InputGroup:
    """Columns that are moved together: the columns of one category, or both blood pressures.

    Attributes:
        name: What a reader calls them.
        columns: Their places in a row.
    """

    name: str
    columns: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Move:
    """One group of inputs moved to reference values.

    Attributes:
        name: Of the group.
        risk: After the move; higher is worse.
        lowered: By how much it lowered the risk as it was before this move; below 0 it raised it.
    """

    name: str
    risk: float
    lowered: float


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What would lower one person's modelled risk. Of the model, not of causes.

    Attributes:
        risk: As it is.
        alone: Each group moved by itself, what lowers the risk most first; groups that the person has no measurement
            of, or at the reference already, are left out.
        together: Groups moved one after another, each the one that lowers the risk most given those before; it ends
            when none lowers it, or at the most moves.
    """

    risk: float
    alone: tuple[Move, ...]
    together: tuple[Move, ...]


def explain(
    score: Callable[[Rows], Scores],
    rows: Rows,
    reference: Rows,
    *,
    inputs: Sequence[InputGroup],
    kept: Sequence[int] = (),
    most_moves: int = 3,
) -> tuple[Explanation, ...]:
    """Move inputs to reference values and score again.

    Equally good moves come in the order of ``inputs``. A missing number stays missing: what was not measured cannot be
    moved.

    Args:
        score: From rows, (m, p), to finite risks, (m,), higher is worse. Called once with all people for each group
            and step.
        rows: Inputs of n people, (n, p); NaN is missing where ``score`` takes that.
        reference: Values to move to, (p,), or (n, p) for each person their own: the healthy median of their sex and
            age band, say. Finite wherever a group has a column.
        inputs: Groups to move, with distinct names and no column in common.
        kept: Columns that must not be moved, such as age and sex; a group with one is refused.
        most_moves: The longest way of moves together.

    Raises:
        RiskError: Shapes do not fit, groups overlap or hold a kept column, a reference value is not finite, or
            ``score`` returns something else than n finite numbers.
    """
    targets = _targets(rows, reference, inputs, kept)
    before = _scored(score, rows)
    changes = [_changes(rows, targets, group) for group in inputs]
    alone = np.full((len(rows), len(inputs)), np.inf)
    for place, group in enumerate(inputs):
        alone[:, place] = np.where(changes[place], _scored(score, _moved(rows, targets, group)), np.inf)
    ways = _together(score, rows, targets, inputs, np.column_stack([before, alone]), most_moves)
    return tuple(
        Explanation(
            risk=float(before[person]),
            alone=_sorted_moves(inputs, float(before[person]), alone[person]),
            together=ways[person],
        )
        for person in range(len(rows))
    )


def _together(
    score: Callable[[Rows], Scores],
    rows: Rows,
    targets: Rows,
    inputs: Sequence[InputGroup],
    first: NDArray[np.float64],
    most_moves: int,
) -> list[tuple[Move, ...]]:
    """Move greedily; ``first`` holds each person's risk, then their risk after each group moved alone."""
    ways: list[tuple[Move, ...]] = [() for _ in rows]
    now, risk, after = rows.copy(), first[:, 0].copy(), first[:, 1:].copy()
    for step in range(min(most_moves, len(inputs))):
        if step:
            for place, group in enumerate(inputs):
                open_still = np.isfinite(after[:, place])
                after[:, place] = np.where(open_still, _scored(score, _moved(now, targets, group)), np.inf)
        best = after.argmin(axis=1)
        lowest = after[np.arange(len(rows)), best]
        for person in np.flatnonzero(lowest < risk):
            group = inputs[int(best[person])]
            move = Move(name=group.name, risk=float(lowest[person]), lowered=float(risk[person] - lowest[person]))
            ways[person] = (*ways[person], move)
            now[person] = _moved(now[[person]], targets[[person]], group)[0]
            risk[person], after[person, best[person]] = lowest[person], np.inf
        after[~_has_moved(ways, step)] = np.inf
    return ways


def _has_moved(ways: Sequence[tuple[Move, ...]], step: int) -> Mask:
    return np.array([len(way) > step for way in ways], dtype=np.bool_)


def _targets(rows: Rows, reference: Rows, inputs: Sequence[InputGroup], kept: Sequence[int]) -> Rows:
    """Check what is asked, and return one row of reference values a person."""
    if rows.ndim != 2 or reference.shape not in (rows.shape, rows.shape[1:]):
        raise RiskError(
            "Reference values must be one a column, or one a column and person",
            f"shape {reference.shape} for rows of {rows.shape}",
            "give medians of the healthy reference",
        )
    columns = [column for group in inputs for column in group.columns]
    names = {group.name for group in inputs}
    if len(set(columns)) != len(columns) or len(names) != len(inputs):
        raise RiskError("Groups of inputs must not overlap", f"{len(inputs)} that do", "name each column once")
    if any(not group.columns for group in inputs) or any(not 0 <= column < rows.shape[1] for column in columns):
        raise RiskError(f"Columns of a group must be places of 0 to {rows.shape[1] - 1}", "others", "check the groups")
    fixed = sorted(group.name for group in inputs if set(group.columns) & set(kept))
    if fixed:
        raise RiskError("Groups must leave kept columns alone", ", ".join(fixed), "leave them out", columns=fixed)
    targets = np.broadcast_to(reference, rows.shape)
    bad = int(np.sum(~np.isfinite(targets[:, columns])))
    if bad:
        raise RiskError("Reference values must be finite", f"{bad} that are not", "leave these columns out", rows=bad)
    return targets


def _moved(rows: Rows, targets: Rows, group: InputGroup) -> Rows:
    columns = list(group.columns)
    moved = rows.copy()
    moved[:, columns] = np.where(np.isnan(rows[:, columns]), rows[:, columns], targets[:, columns])
    return moved


def _changes(rows: Rows, targets: Rows, group: InputGroup) -> Mask:
    columns = list(group.columns)
    differs = ~np.isnan(rows[:, columns]) & (rows[:, columns] != targets[:, columns])
    return np.asarray(differs.any(axis=1))


def _scored(score: Callable[[Rows], Scores], rows: Rows) -> Scores:
    found = np.asarray(score(rows), dtype=np.float64)
    if found.shape != (len(rows),) or not np.isfinite(found).all():
        raise RiskError(
            f"Scoring must return {len(rows)} finite numbers", f"shape {found.shape}", "explain people with an estimate"
        )
    return found


def _sorted_moves(inputs: Sequence[InputGroup], before: float, after: NDArray[np.float64]) -> tuple[Move, ...]:
    order = np.argsort(after, kind="stable")
    return tuple(
        Move(name=inputs[place].name, risk=float(after[place]), lowered=before - float(after[place]))
        for place in order.tolist()
        if np.isfinite(after[place])
    )
