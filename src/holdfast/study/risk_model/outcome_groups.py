"""People as groups of what was seen to become of them: event-free for long, or with the event, by when it came.

It is the plain way to classes, for representations that are compared: nothing is foretold. Who was censored early is in
no group.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.reference import ReferenceGroups
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.study.error import StudyError

__all__ = ["HEALTHY", "OutcomeGroups", "outcome_groups"]

HEALTHY = "event-free for long"


@dataclass(frozen=True, kw_only=True, eq=False)
class OutcomeGroups:
    """A group for each person, or none.

    Attributes:
        codes: 0: event-free for long and healthy where that is known; 1 and on: had the event, the later the lower;
            -1 stands in no figure: in no group. (people,).
        names: What the codes are called.
    """

    codes: NDArray[np.int64]
    names: tuple[str, ...]

    @property
    def rows(self) -> NDArray[np.int64]:
        """Places of the people who are in a group."""
        return np.flatnonzero(self.codes >= 0)

    @property
    def reference(self) -> ReferenceGroups:
        """The same as the groups that a distance reads."""
        return ReferenceGroups.from_codes(self.codes, self.names, healthy=HEALTHY)


def outcome_groups(
    follow_up: FollowUp, is_healthy: NDArray[np.bool_] | None = None, *, event_groups: int = 3
) -> OutcomeGroups:
    """Group people: event-free for at least the 30th percentile of the censored people's times, or with the event.

    Args:
        follow_up: What became of them.
        is_healthy: Whether each is in the bona fide healthy reference; the event-free must be, where it is known.
        event_groups: Groups of people with the event, of equal size by time; fewer where times are tied.

    Raises:
        StudyError: Nobody had the event, or nobody is in the reference.
    """
    years, event = follow_up.years, follow_up.event
    if not event.any() or event.all():
        raise StudyError(
            "Follow-up must hold people with and without the event",
            f"{follow_up.n_events} of {follow_up.n_people} with it",
            "choose another outcome or more people",
        )
    codes = np.full(len(years), -1, dtype=np.int64)
    is_reference = ~event & (years >= np.quantile(years[~event], 0.3))
    codes[is_reference if is_healthy is None else is_reference & is_healthy] = 0
    if not (codes == 0).any():
        raise StudyError("Healthy reference must hold people", "0 event-free for long", "relax the healthy rule")
    cuts = np.unique(np.quantile(years[event], np.linspace(0, 1, event_groups + 1)[1:-1]))
    place = np.searchsorted(cuts, years[event], side="left")
    codes[event] = len(cuts) + 1 - place
    found, codes[codes >= 0] = np.unique(codes[codes >= 0], return_inverse=True)
    return OutcomeGroups(codes=codes, names=(HEALTHY, *(f"event {k}" for k in range(1, len(found)))))
