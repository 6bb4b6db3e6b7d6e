"""What is to be told from an embedding: a condition at the visit, or one within some years after it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.survival.follow_up import FollowUp, checked_horizon
from holdfast.study.error import StudyError

__all__ = ["Flags", "Task"]

Flags = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class Task:
    """Who has a label, and which. Nobody's label is filled in: without one, a person is left out and counted.

    Attributes:
        name: Such as "depression" or "death within 10 years".
        n_people: Of the cohort, labelled or not.
        rows: Places of the labelled people in it, ascending, (m,).
        has: Whether each of them has the condition, (m,).
        left_out: Why people have no label -> how many.
    """

    name: str
    n_people: int
    rows: NDArray[np.int64]
    has: Flags
    left_out: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def prevalent(cls, name: str, has: Flags, *, is_known: Flags | None = None) -> Self:
        """Make a task of who has a condition at the visit.

        Args:
            name: Of the task.
            has: Whether each person of the cohort has it, (people,); not looked at where it is not known.
            is_known: Whether it is known of each; None: of everybody.

        Raises:
            StudyError: Other types or lengths.
        """
        known = np.ones(len(has), dtype=np.bool_) if is_known is None else _flags(is_known, len(has), "Known")
        labels = _flags(has, len(has), "Labels")
        rows = np.flatnonzero(known)
        return cls(
            name=name, n_people=len(labels), rows=rows, has=labels[rows], left_out=_counted({"not known": ~known})
        )

    @classmethod
    def incident(cls, name: str, follow_up: FollowUp, *, horizon_years: float, is_at_risk: Flags | None = None) -> Self:
        """Make a task of who gets a condition within a horizon.

        An event up to the horizon, the horizon included, is one. Whoever is free of it to the horizon has none.
        Whoever left follow-up before without an event (death of something else is such a leaving) has no label, so
        that figures are about people followed to the horizon; where leaving hangs on health, that is a selection.

        Args:
            name: Of the task.
            follow_up: Of each person of the cohort.
            horizon_years: Above 0.
            is_at_risk: Whether each person was without the condition at the visit; None: everybody was.

        Raises:
            RiskError: The horizon is not above 0.
            StudyError: Other types or lengths.
        """
        horizon, n = checked_horizon(horizon_years), len(follow_up)
        at_risk = np.ones(n, dtype=np.bool_) if is_at_risk is None else _flags(is_at_risk, n, "At risk")
        has = follow_up.event & (follow_up.years <= horizon)
        left_early = ~follow_up.event & (follow_up.years < horizon)
        rows = np.flatnonzero(at_risk & ~left_early)
        return cls(
            name=name,
            n_people=n,
            rows=rows,
            has=has[rows],
            left_out=_counted({"had it at the visit": ~at_risk, "censored before the horizon": at_risk & left_early}),
        )

    def among(self, is_in: Flags, *, why: str) -> Self:
        """Return the task for some people of the cohort only: one sex, say.

        Args:
            is_in: Whether each person of the cohort is one of them, (people,).
            why: What the others are counted under: "men".

        Raises:
            StudyError: Another type or length.
        """
        keeps = _flags(is_in, self.n_people, "Chosen")[self.rows]
        left_out = dict(self.left_out)
        left_out[why] = left_out.get(why, 0) + int((~keeps).sum())
        return replace(self, rows=self.rows[keeps], has=self.has[keeps], left_out=left_out)

    @property
    def n_cases(self) -> int:
        """Return how many of the labelled have the condition."""
        return int(np.count_nonzero(self.has))


def _flags(flags: Flags, n: int, subject: str) -> Flags:
    if not isinstance(flags, np.ndarray) or flags.dtype != np.bool_ or flags.shape != (n,):
        given = f"{flags.dtype} of shape {flags.shape}" if isinstance(flags, np.ndarray) else type(flags).__name__
        raise StudyError(f"{subject} must be true or false for each of {n} people", given, "give an array of bool")
    return flags


def _counted(masks: Mapping[str, Flags]) -> dict[str, int]:
    counts = {why: int(np.count_nonzero(mask)) for why, mask in masks.items()}
    return {why: count for why, count in counts.items() if count}
