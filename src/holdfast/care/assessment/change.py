"""Whether a total has moved by more than an instrument's published threshold for change."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from holdfast.care.assessment.instrument import Instrument
from holdfast.care.assessment.reading import Reference
from holdfast.errors import AnswersError
from holdfast.measured import Unscored

__all__ = ["Change", "Direction", "reliable_change"]


class Direction(StrEnum):
    """Which way a total went. Higher totals are worse."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"


@dataclass(frozen=True, kw_only=True)
class Change:
    """How a total moved between two screenings.

    Attributes:
        difference: Later minus earlier, in points; above 0 is worse.
        direction: Which way it went, whether or not it went far enough to count.
        is_reliable: Whether the move reaches ``points``.
        points: The published threshold, in points.
        kind: What the threshold is: a reliable change index or a minimal clinically important difference.
        note: With whom it was found.
    """

    difference: int
    direction: Direction
    is_reliable: bool
    points: int
    kind: str
    note: str
    source: Reference

    @property
    def text(self) -> str:
        """The change in one or two plain sentences, with its source."""
        cited = f"{self.source.authors.split()[0].rstrip(',')} and others, {self.source.year}"
        if self.direction is Direction.SAME:
            return "Your score has stayed the same."
        size = abs(self.difference)
        moved = (
            f"Your score has {'risen' if self.difference > 0 else 'fallen'} by {size} point{'' if size == 1 else 's'}"
        )
        if not self.is_reliable:
            return f"{moved}. Small moves like this are common and may mean little (threshold: {self.points}; {cited})."
        felt = "harder than before" if self.direction is Direction.WORSE else "easier than before"
        return f"{moved}. That is a clear change, and things may feel {felt} (threshold: {self.points}; {cited})."

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "difference": self.difference,
            "direction": self.direction.value,
            "reliable": self.is_reliable,
            "points": self.points,
            "kind": self.kind,
            "note": self.note,
            "source": self.source.text,
            "text": self.text,
        }


def reliable_change(instrument: Instrument, earlier: int, later: int) -> Change | Unscored:
    """Compare two totals of one instrument.

    Returns:
        The change, or unscored where no threshold is published that we can cite; that does not mean no change.

    Raises:
        AnswersError: A total lies outside the instrument's range.
    """
    threshold = instrument.reliable_change
    if threshold is None:
        return Unscored(f"no published threshold for change in {instrument.short_name} is on record here")
    for total in (earlier, later):
        _check_total(instrument, total)
    difference = later - earlier
    return Change(
        difference=difference,
        direction=_direction(difference),
        is_reliable=abs(difference) >= threshold.points,
        points=threshold.points,
        kind=threshold.kind,
        note=threshold.note,
        source=instrument.reference(threshold.citation),
    )


def _direction(difference: int) -> Direction:
    if difference == 0:
        return Direction.SAME
    return Direction.WORSE if difference > 0 else Direction.BETTER


def _check_total(instrument: Instrument, total: int) -> None:
    low, high = instrument.minimum, instrument.maximum
    if low is None or high is None or not low <= total <= high:
        raise AnswersError(f"{instrument.short_name} total must lie in {low} to {high}, got {total!r}; score it again.")
