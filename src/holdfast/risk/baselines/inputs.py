"""Rows and columns that a baseline can use: checked when it learns, found by name when it scores."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.baselines.baseline import Rows
from holdfast.risk.error import RiskError
from holdfast.risk.survival.follow_up import FollowUp

__all__ = ["arranged", "check_follow_up", "check_rows"]

IDENTIFIERS = frozenset({"eid", "id", "participant", "participant_id", "person", "person_id", "seqn"})
"""Names, lower case, of columns that say who somebody is."""


def check_rows(rows: Rows, columns: Sequence[str]) -> None:
    """Check that ``rows`` are people by the named inputs.

    Raises:
        RiskError: They are not two-dimensional or not float64, a name is repeated or says who somebody is, or a value
            is infinite. Missing values are allowed here.
    """
    _check_names(rows, columns)
    identifying = [name for name in columns if name.lower() in IDENTIFIERS]
    if identifying:
        raise RiskError(
            "Inputs must not say who somebody is",
            ", ".join(identifying),
            "leave the identifier out",
            columns=identifying,
        )
    _check_finite(rows, columns)


def _check_names(rows: Rows, columns: Sequence[str]) -> None:
    if rows.ndim != 2 or rows.dtype != np.float64:
        raise RiskError(
            "Rows must be people by inputs, float64", f"shape {rows.shape} of {rows.dtype}", "give one row a person"
        )
    if rows.shape[1] != len(columns):
        raise RiskError(
            "Columns must name every input", f"{len(columns)} names for {rows.shape[1]} inputs", "name each once"
        )
    repeated = sorted({name for name in columns if list(columns).count(name) > 1})
    if repeated:
        raise RiskError("Columns must be unique", f"repeats of {', '.join(repeated)}", "keep one", columns=repeated)


def _check_finite(rows: Rows, columns: Sequence[str]) -> None:
    infinite = np.isinf(rows)
    if infinite.any():
        named = [columns[int(place)] for place in np.flatnonzero(infinite.any(axis=0))]
        count = int(infinite.any(axis=1).sum())
        raise RiskError(
            f"Values of {', '.join(named)} must be finite or missing",
            f"infinite ones in {count} of {len(rows)} rows",
            "make them missing, or mend them",
            columns=named,
            rows=count,
        )


def check_follow_up(rows: Rows, follow_up: FollowUp, *, least_events: int) -> None:
    """Check that there is one follow-up a row, and enough events to learn from.

    Raises:
        RiskError: There is not: all censored, say.
    """
    if follow_up.n_people != len(rows):
        raise RiskError(
            "Follow-up must be one a row", f"{follow_up.n_people} for {len(rows)} rows", "give both for the same people"
        )
    if follow_up.n_events < least_events:
        raise RiskError(
            f"Follow-up must hold {least_events} events or more to learn from",
            f"{follow_up.n_events} in {follow_up.n_people} people",
            "use more people or a longer follow-up",
            rows=follow_up.n_events,
        )


def arranged(rows: Rows, columns: Sequence[str] | None, learnt: Sequence[str]) -> NDArray[np.float64]:
    """Return the columns a baseline learnt from, in its order.

    Args:
        rows: (people, inputs).
        columns: The names of ``rows``; None: they are ``learnt``, in that order.
        learnt: The names the baseline learnt from.

    Raises:
        RiskError: One is missing or repeated, or holds an infinite value.
    """
    if columns is None:
        if rows.ndim != 2 or rows.shape[1] != len(learnt):
            raise RiskError(
                f"Rows must hold the {len(learnt)} columns learnt from",
                f"shape {rows.shape}",
                "give the names of the columns, so that they can be found",
            )
        columns = learnt
    _check_names(rows, columns)
    missing = [name for name in learnt if name not in columns]
    if missing:
        raise RiskError(
            f"Columns must hold the {len(learnt)} learnt from",
            f"none named {', '.join(missing)}",
            "add them, with NaN where a value is missing",
            columns=missing,
        )
    found = rows[:, [list(columns).index(name) for name in learnt]]
    _check_finite(found, learnt)
    return found
