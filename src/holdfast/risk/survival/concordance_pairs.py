"""The pairs of people a concordance compares, prepared so that many risks and many resamples go through them fast.

Person i, who had the event, is comparable with j where j was followed up longer, or just as long and censored. Sums
over such pairs are taken for many columns of weights at once. People are handled in blocks, longest follow-up first:
pairs within a block by a small matrix, pairs with earlier blocks by running sums over the risks that events have. With
n people, E events and B columns that is about (n + E sqrt(n)) B steps, and memory does not grow with n times E.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from holdfast.risk.error import RiskError
from holdfast.risk.survival.follow_up import FollowUp, Values, column_of

__all__ = ["ConcordancePairs", "strata_codes"]

Rows = NDArray[np.int64]

_LARGEST_BLOCK = 4096
_SMALLEST_BLOCK = 64


@dataclass(frozen=True, kw_only=True, eq=False)
class ConcordancePairs:
    """Comparable pairs of one follow-up, in all or within strata. Make it with ``of``.

    Attributes:
        people: How many people.
        event_weights: Shape (people,): what each person's event counts in a pair beside their weight; 0 without event.
    """

    people: int
    event_weights: Values
    _strata: "tuple[_Stratum, ...]"

    @classmethod
    def of(
        cls, follow_up: FollowUp, *, strata: ArrayLike | None = None, event_weights: ArrayLike | None = None
    ) -> "ConcordancePairs":
        """Prepare the pairs.

        Args:
            follow_up: Of n people.
            strata: One label a person: only pairs inside a stratum count. None: all pairs.
            event_weights: Shape (n,), 0 or more: what the event of each counts; None: 1 each.

        Raises:
            RiskError: Strata or weights of another length, missing strata, or weights that are negative.
        """
        scale = np.ones(len(follow_up)) if event_weights is None else _not_negative(event_weights, len(follow_up))
        scale = np.where(follow_up.event, scale, 0.0)
        codes = np.zeros(len(follow_up), dtype=np.int64) if strata is None else strata_codes(strata, len(follow_up))
        orders = _end_order(follow_up)
        parts = (np.flatnonzero(codes == code) for code in range(int(codes.max()) + 1))
        return cls(
            people=len(follow_up),
            event_weights=scale,
            _strata=tuple(_Stratum.of(rows, orders[rows], scale[rows]) for rows in parts),
        )

    def comparable(self, weights: Values | None = None) -> Values:
        """Sum of products of weights over comparable pairs, shape (B,), one for each column of weights.

        Args:
            weights: Shape (n, B), 0 or more: resample counts or survey weights. None: one column of ones.

        Raises:
            RiskError: Another shape, or weights that are negative or not finite.
        """
        columns = self._columns(weights)
        return np.asarray(sum(part.comparable(columns, self.event_weights) for part in self._strata))

    def concordant(self, risk: ArrayLike, weights: Values | None = None, *, tie_credit: float = 0.5) -> Values:
        """Sum over comparable pairs in which the one with the event has the higher risk, shape (B,).

        Args:
            risk: Shape (n,), finite, higher is worse.
            weights: As for ``comparable``.
            tie_credit: What a pair of equal risks counts.

        Raises:
            RiskError: Another shape, or values that are not finite.
        """
        columns, values = self._columns(weights), column_of(risk, self.people, subject="Risk")
        return np.asarray(
            sum(part.concordant(values, columns, self.event_weights, tie_credit) for part in self._strata)
        )

    def _columns(self, weights: Values | None) -> Values:
        if weights is None:
            return np.ones((self.people, 1))
        columns = np.asarray(weights, dtype=np.float64)
        if columns.ndim != 2 or len(columns) != self.people:
            raise RiskError(
                "Weights must be a row for each person and a column for each resample",
                f"shape {columns.shape!r} for {self.people} people",
                "add the missing axis",
            )
        if not (np.isfinite(columns).all() and (columns >= 0).all()):
            raise RiskError("Weights must be finite and 0 or more", "others among them", "leave such people out")
        return columns


@dataclass(frozen=True, kw_only=True, eq=False)
class _Stratum:
    """Some of the people, longest follow-up first.

    Attributes:
        rows: Their row numbers.
        later: Shape (m,), descending: i can be compared with j where ``later[j] > later[i]``.
        has_event: Shape (m,).
        starts: Where each block starts, and ``m``. People with equal ``later`` are in one block.
    """

    rows: Rows
    later: Rows
    has_event: NDArray[np.bool_]
    starts: Rows

    @classmethod
    def of(cls, rows: Rows, later: Rows, event_weights: Values) -> "_Stratum":
        order = np.argsort(-later, kind="stable")
        descending = later[order]
        size = min(_LARGEST_BLOCK, max(_SMALLEST_BLOCK, math.isqrt(40 * len(rows))))
        group_starts = np.flatnonzero(np.diff(descending, prepend=descending[0] + 1))
        _, first = np.unique(group_starts // size, return_index=True)
        return cls(
            rows=rows[order],
            later=descending,
            has_event=event_weights[order] > 0,
            starts=np.append(group_starts[first], len(rows)),
        )

    def comparable(self, columns: Values, event_weights: Values) -> Values:
        """Weigh each event by all that follow it."""
        mine = columns[self.rows]
        before = np.vstack([np.zeros((1, mine.shape[1])), np.cumsum(mine, axis=0)])
        events = np.flatnonzero(self.has_event)
        longer = np.searchsorted(-self.later, -self.later[events], side="left")
        weighted = mine[events] * event_weights[self.rows[events], None]
        return np.asarray(np.einsum("ij,ij->j", weighted, before[longer]))

    def concordant(self, risk: Values, columns: Values, event_weights: Values, tie_credit: float) -> Values:
        """Weigh each event by those that follow it with a lower risk, ties by ``tie_credit``."""
        codes = self._codes(risk)
        total = np.zeros(columns.shape[1])
        earlier = np.zeros((int(codes.max()) + 2, columns.shape[1]))  # weights by code, of the blocks before
        for start, stop in pairwise(self.starts.tolist()):
            mine = columns[self.rows[start:stop]]
            events = start + np.flatnonzero(self.has_event[start:stop])
            if len(events):
                lower = _below(earlier, codes[events]) + tie_credit * earlier[codes[events]]
                lower += self._within(slice(start, stop), events, codes, mine, tie_credit)
                weighted = columns[self.rows[events]] * event_weights[self.rows[events], None]
                total += np.einsum("ij,ij->j", weighted, lower)
            _add(earlier, codes[start:stop], mine)
        return total

    def _codes(self, risk: Values) -> Rows:
        """Rank risks among those of events: 2k + 1 is equal to the k-th of them, even codes lie between."""
        mine = risk[self.rows]
        known = np.unique(mine[self.has_event])
        return np.asarray(np.searchsorted(known, mine, side="left") + np.searchsorted(known, mine, side="right"))

    def _within(self, block: slice, events: Rows, codes: Rows, mine: Values, tie_credit: float) -> Values:
        """For each event of a block, the weights of those in it that follow with a lower risk: (events, B)."""
        last = int(np.searchsorted(-self.later, -self.later[block.stop - 1])) - block.start  # these follow nobody here
        others, later = codes[block][:last], self.later[block][:last]
        found = np.empty((len(events), mine.shape[1]))
        for at in range(0, len(events), _LARGEST_BLOCK):
            some = events[at : at + _LARGEST_BLOCK, None]
            counts = (others < codes[some]) + tie_credit * (others == codes[some])
            found[at : at + len(some)] = (counts * (later > self.later[some])) @ mine[:last]
        return found


def _below(sums: Values, codes: Rows) -> Values:
    """Sum the rows of ``sums`` before each code, all of which are above 0."""
    bounds, place = np.unique(codes, return_inverse=True)
    between = np.add.reduceat(sums, np.append(0, bounds), axis=0)[:-1]
    return np.asarray(np.cumsum(between, axis=0)[place])


def _add(sums: Values, codes: Rows, weights: Values) -> None:
    order = np.argsort(codes, kind="stable")
    present, starts = np.unique(codes[order], return_index=True)
    sums[present] += np.add.reduceat(weights[order], starts, axis=0)


def _end_order(follow_up: FollowUp) -> Rows:
    """Rank by time, a censoring after the events of the same time; equal ones share a rank."""
    times = np.unique(follow_up.years, return_inverse=True)[1]
    return np.asarray(2 * times + ~follow_up.event, dtype=np.int64)


def strata_codes(strata: ArrayLike, people: int) -> Rows:
    """Number the strata of people 0, 1, ... in sorted order.

    Raises:
        RiskError: Another length, missing labels, or labels of mixed types.
    """
    labels = np.asarray(strata)
    if labels.shape != (people,):
        raise RiskError(f"Strata must be one for each of {people} people", f"shape {labels.shape!r}", "line them up")
    kinds = {type(label) for label in labels.tolist()} if labels.dtype == np.object_ else set()
    is_missing = type(None) in kinds or (labels.dtype.kind == "f" and bool(np.isnan(labels).any()))
    if is_missing or len(kinds) > 1:
        raise RiskError(
            "Strata must be known and of one type", "missing or mixed labels", "give them a label of their own"
        )
    return np.asarray(np.unique(labels, return_inverse=True)[1], dtype=np.int64)


def _not_negative(values: ArrayLike, people: int) -> Values:
    column = column_of(values, people, subject="Event weights")
    if (column < 0).any():
        raise RiskError("Event weights must be 0 or more", f"{int((column < 0).sum())} below", "leave such events out")
    return column
