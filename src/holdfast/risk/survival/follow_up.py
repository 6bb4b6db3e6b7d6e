"""How long each person was followed up and whether the event came: checked once, so that every figure can trust it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from holdfast.risk.error import RiskError

__all__ = ["Flags", "FollowUp", "Values", "checked_horizon", "column_of", "probabilities_of"]

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class FollowUp:
    """Follow-up of n people after one visit; both arrays are copied and cannot be written to.

    At equal times an event counts as before a censoring: a person censored at t is known to be event-free through t.
    A set in which nobody had the event can be made; what needs events then says that it is unscored.

    Attributes:
        years: Shape (n,), float64, finite and above 0: time from the visit to the event, or to the last time the
            person was known to be without it.
        event: Shape (n,), bool: whether ``years`` ends with the event; False is censored.

    Raises:
        RiskError: Nobody, lengths that differ, times that are not finite or not above 0, or events that are not bool.
    """

    years: Values
    event: Flags

    def __post_init__(self) -> None:
        years, event = _numbers(self.years, "Follow-up years"), np.array(self.event)
        if event.dtype != np.bool_:
            raise RiskError("Event must be true or false", f"dtype {str(event.dtype)!r}", "compare it: status == 1")
        if years.ndim != 1 or years.shape != event.shape:
            raise RiskError(
                "Follow-up years and event must be one each a person",
                f"shapes {years.shape!r} and {event.shape!r}",
                "give two columns of one length",
            )
        if len(years) == 0:
            raise RiskError("Follow-up must be of at least one person", "0 people", "check what was filtered away")
        _refuse(~np.isfinite(years), "Follow-up years must be finite", "leave out people whose follow-up is unknown")
        _refuse(years <= 0, "Follow-up years must be above 0", "leave out people without time after the visit")
        for name, column in (("years", years), ("event", event)):
            column.setflags(write=False)
            object.__setattr__(self, name, column)

    def __len__(self) -> int:
        return len(self.years)

    @property
    def n_people(self) -> int:
        """How many people there are."""
        return len(self.years)

    @property
    def n_events(self) -> int:
        """How many of them had the event."""
        return int(np.count_nonzero(self.event))

    @property
    def longest_years(self) -> float:
        """The longest follow-up, whether it ends with the event or not."""
        return float(self.years.max())

    def take(self, rows: ArrayLike) -> "FollowUp":
        """Return the people at these row numbers (repeats allowed) or under this mask; none is refused."""
        chosen: NDArray[Any] = np.asarray(rows)
        return FollowUp(self.years[chosen], self.event[chosen])

    def censored_at(self, horizon_years: float) -> "FollowUp":
        """End everyone's follow-up at the horizon; an event exactly there still counts.

        Raises:
            RiskError: A horizon that is not finite or not above 0.
        """
        horizon = checked_horizon(horizon_years)
        return FollowUp(np.minimum(self.years, horizon), self.event & (self.years <= horizon))

    def event_by(self, horizon_years: float) -> Flags:
        """Shape (n,): who is known to have had the event by the horizon, that day included."""
        return np.asarray(self.event & (self.years <= checked_horizon(horizon_years)))

    def event_free_at(self, horizon_years: float) -> Flags:
        """Shape (n,): who is known to be without the event at the horizon, censored exactly there included."""
        return np.asarray((self.years >= checked_horizon(horizon_years)) & ~self.event_by(horizon_years))


def checked_horizon(horizon_years: float) -> float:
    """Return a horizon that is finite and above 0, or refuse it."""
    if not 0.0 < horizon_years < float("inf"):
        raise RiskError("Horizon must be above 0 years and finite", repr(horizon_years), "give 10, for example")
    return float(horizon_years)


def column_of(values: ArrayLike, people: int, *, subject: str) -> Values:
    """Read one finite number a person, shape (people,), float64.

    Raises:
        RiskError: Not numbers, another shape, or values that are not finite, with their count.
    """
    column = _numbers(values, subject)
    if column.shape != (people,):
        raise RiskError(f"{subject} must be one for each of {people} people", f"shape {column.shape!r}", "line them up")
    _refuse(~np.isfinite(column), f"{subject} must be finite", "leave out people without one, and say how many")
    return column


def probabilities_of(values: ArrayLike, people: int, *, subject: str = "Predicted risk") -> Values:
    """Read one probability a person, 0 to 1 with both ends, shape (people,).

    Raises:
        RiskError: As ``column_of``, or values outside 0 to 1, with their count.
    """
    column = column_of(values, people, subject=subject)
    _refuse((column < 0) | (column > 1), f"{subject} must lie in 0 to 1", "calibrate it to an absolute risk first")
    return column


def _numbers(values: ArrayLike, subject: str) -> Values:
    try:
        return np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise RiskError(f"{subject} must be numbers", type(values).__name__, "give an array of float") from error


def _refuse(bad: Flags, subject: str, remedy: str) -> None:
    count = int(np.count_nonzero(bad))
    if count:
        raise RiskError(subject, f"{count} of {len(bad)} that are not", remedy, rows=count)
