"""What is said about each person: an estimate, or an abstention and its reason. Columns, so that millions fit."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from holdfast.measured import Interval, Unscored
from holdfast.optional import require
from holdfast.risk.embeddings import Codes, Scores
from holdfast.risk.error import RiskError
from holdfast.risk.groups import GROUP_NAMES

if TYPE_CHECKING:
    import polars as pl

__all__ = ["AbsoluteRisks", "Abstained", "Abstention", "RiskEstimate", "RiskEstimates", "RiskIntervals"]


class Abstention(IntEnum):
    """Why nothing is estimated, by code; 0 is no abstention."""

    NONE = 0
    OUTSIDE_SUPPORT = 1
    INPUTS_MISSING = 2
    NO_REFERENCE = 3

    @property
    def reason(self) -> str:
        """Say it in words."""
        return _REASONS[self]


_REASONS = (
    "estimated",
    "outside the support of the training data",
    "too many inputs are missing",
    "no healthy reference for this stratum",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class AbsoluteRisks:
    """Absolute risks of the people with an estimate.

    Attributes:
        horizons_years: Ascending, (h,).
        risks: Shape (m, h), 0 to 1; higher is worse.
    """

    horizons_years: tuple[float, ...]
    risks: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class RiskIntervals:
    """Bootstrap intervals of the people with an estimate; see ``holdfast.risk.interval`` for what they cover.

    Attributes:
        level: Nominal coverage.
        score_low, score_high: Of the score, (m,).
        percentile_low, percentile_high: Of the percentile, (m,).
    """

    level: float
    score_low: Scores
    score_high: Scores
    percentile_low: Scores
    percentile_high: Scores


@dataclass(frozen=True, kw_only=True)
class RiskEstimate:
    """One person's estimate; higher is worse throughout.

    Attributes:
        score: In units of the distance.
        percentile: Among healthy people, 0 to 100.
        group: "normal", "lower" or "higher".
        absolute: Horizon in years -> risk, 0 to 1; or why there is none.
        score_interval, percentile_interval: Bootstrap intervals, or why there are none.
    """

    score: float
    percentile: float
    group: str
    absolute: dict[float, float] | Unscored
    score_interval: Interval | Unscored
    percentile_interval: Interval | Unscored


@dataclass(frozen=True)
class Abstained:
    """Nothing is estimated for a person, and why."""

    reason: str


@dataclass(frozen=True, kw_only=True, eq=False)
class RiskEstimates:
    """Estimates and abstentions of n people, m of whom have an estimate.

    Attributes:
        abstention: ``Abstention`` codes, (n,); 0 for people with an estimate.
        rows: Places of the people with an estimate, (m,), ascending. The columns below are theirs.
        score: Shape (m,); higher is worse.
        percentile: Among healthy people, (m,), 0 to 100; higher is worse.
        group: Codes of ``GROUP_NAMES``, (m,).
        absolute: Absolute risks, or why there are none.
        intervals: Bootstrap intervals, or why there are none.
    """

    abstention: NDArray[np.uint8]
    rows: Codes
    score: Scores
    percentile: NDArray[np.float64]
    group: NDArray[np.uint8]
    absolute: AbsoluteRisks | Unscored
    intervals: RiskIntervals | Unscored

    @property
    def n_people(self) -> int:
        """How many people were looked at."""
        return len(self.abstention)

    @property
    def reasons(self) -> dict[str, int]:
        """Count people by reason of abstention; only reasons that occurred."""
        counts = np.bincount(self.abstention, minlength=len(Abstention))
        return {code.reason: int(counts[code]) for code in Abstention if code and counts[code]}

    def of(self, person: int) -> RiskEstimate | Abstained:
        """Return what is said about the person at a place, 0 to n - 1.

        Raises:
            RiskError: There is no such place.
        """
        if not 0 <= person < self.n_people:
            raise RiskError(f"Person must be at a place of 0 to {self.n_people - 1}", repr(person), "count from 0")
        code = Abstention(int(self.abstention[person]))
        if code:
            return Abstained(code.reason)
        at = int(np.searchsorted(self.rows, person))
        return RiskEstimate(
            score=float(self.score[at]),
            percentile=float(self.percentile[at]),
            group=GROUP_NAMES[int(self.group[at])],
            absolute=self._absolute_at(at),
            score_interval=self._interval_at(at, "score"),
            percentile_interval=self._interval_at(at, "percentile"),
        )

    def _absolute_at(self, at: int) -> dict[float, float] | Unscored:
        if isinstance(self.absolute, Unscored):
            return self.absolute
        return dict(zip(self.absolute.horizons_years, self.absolute.risks[at].tolist(), strict=True))

    def _interval_at(self, at: int, of: str) -> Interval | Unscored:
        if isinstance(self.intervals, Unscored):
            return self.intervals
        low, high = {
            "score": (self.intervals.score_low, self.intervals.score_high),
            "percentile": (self.intervals.percentile_low, self.intervals.percentile_high),
        }[of]
        return Interval(float(low[at]), float(high[at]), self.intervals.level)

    def columns(self) -> dict[str, NDArray[np.float64]]:
        """Return the numbers of the people with an estimate by name, each (m,): what was not measured is not there."""
        found = {"score": self.score, "percentile": self.percentile}
        if isinstance(self.absolute, AbsoluteRisks):
            for place, years in enumerate(self.absolute.horizons_years):
                found[f"risk_{years:g}_years"] = self.absolute.risks[:, place]
        if isinstance(self.intervals, RiskIntervals):
            for name in ("score_low", "score_high", "percentile_low", "percentile_high"):
                found[name] = getattr(self.intervals, name)
        return found

    def to_frame(self, persons: "Sequence[str] | pl.Series | None" = None) -> "pl.DataFrame":
        """Return a table of n rows: person (if given), the columns, group and abstention; null where not estimated.

        Raises:
            RiskError: There are not n persons.
        """
        polars = require("polars", extra="risk")
        if persons is not None and len(persons) != self.n_people:
            raise RiskError(f"Persons must number {self.n_people}", str(len(persons)), "give one a row")
        places = np.full(self.n_people, len(self.rows), dtype=np.int64)
        places[self.rows] = np.arange(len(self.rows))
        numbers = {name: polars.Series(values).extend_constant(None, 1) for name, values in self.columns().items()}
        names = polars.Series(GROUP_NAMES, dtype=polars.Enum(GROUP_NAMES))
        groups = names.gather(self.group.astype(np.int64)).extend_constant(None, 1)
        said = polars.Series([None, *_REASONS[1:]], dtype=polars.Enum(_REASONS[1:]))
        columns = {} if persons is None else {"person": persons}
        columns |= {name: column.gather(places) for name, column in {**numbers, "group": groups}.items()}
        columns["abstention"] = said.gather(self.abstention.astype(np.int64))
        table: pl.DataFrame = polars.DataFrame(columns)
        return table
