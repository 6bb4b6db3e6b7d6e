"""What became of the alerts about a person, as far as it changes what can honestly be said to them."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["AlertStanding", "Watch", "watch_over"]


class Watch(StrEnum):
    """What can be said of the people who look after the service: the names of the protocol's ``duty`` texts."""

    NOBODY = "nobody"
    SOMEONE = "someone"
    SEEN = "seen"
    LATE = "late"
    UNREACHED = "unreached"


@dataclass(frozen=True, kw_only=True)
class AlertStanding:
    """How the alerts about one person stand. The default: none is open, or the newest has only just opened.

    Attributes:
        is_seen: A steward has acknowledged the newest alert.
        is_late: Its time to be acknowledged has run out.
        is_reached: Somebody behind the queue was sent a message, and it was taken.
        is_failing: A message to them was tried and not taken.
    """

    is_seen: bool = False
    is_late: bool = False
    is_reached: bool = False
    is_failing: bool = False


def watch_over(standing: AlertStanding, *, is_staffed: bool) -> Watch:
    """Return what can be said. Where no alert is open, it rests on who is on duty alone.

    A person is never told that somebody was reached on the strength of a message that was not taken.
    """
    if standing.is_seen:
        return Watch.SEEN
    if standing.is_reached or (standing.is_late and is_staffed):
        return Watch.LATE
    if standing.is_failing:
        return Watch.UNREACHED
    return Watch.SOMEONE if is_staffed else Watch.NOBODY
