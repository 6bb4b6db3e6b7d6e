"""From factors to conditions, death and follow-up.

Each event has a hazard that grows with age as Gompertz described: at time ``t`` in years from the visit it is
``exp(l + g t)`` with ``l = log_hazard + growth (age - mean age) + loadings . f`` and ``g = growth``. A condition may
begin from age 18 on, that is from ``t = -A``; inverting the cumulated hazard at ``E ~ Exp(1)`` gives its time
``T = ln(exp(-g A) + g E exp(-l)) / g``. Death is drawn from the visit on (``A = 0``): everyone came to it alive. A
condition is seen if it comes before death and before follow-up ends. Times are in whole days, rounded up, so that what
comes after the visit is at least one day after it. Death depends on the factors, not on the conditions.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from holdfast.cohort.synthetic.process import Array, Process, WhoTheyAre, applied
from holdfast.cohort.synthetic.settings import Event

__all__ = ["Course", "Events"]

_ADULT_AGE = 18.0
_DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class Course:
    """What became of people; years from the visit, whole days each.

    Attributes:
        onset: Condition -> when it began, or would have begun.
        death: When they died, or would have.
        censoring: When follow-up ended, were they alive.
        death_log_hazard: ``l`` of death: the true risk, higher is worse.
    """

    onset: dict[str, Array]
    death: Array
    censoring: Array
    death_log_hazard: Array


class Events:
    """Draws what became of people."""

    def __init__(self, process: Process) -> None:
        s = process.settings
        self._process = process
        self._events: dict[str, Event] = {"death": s.death, **s.conditions}
        self._forms = process.forms({name: event.loadings for name, event in self._events.items()})
        self._constant = np.array([event.log_hazard for event in self._events.values()])
        self._growth = np.array([event.growth for event in self._events.values()])
        self._end = (s.follow_up_ends - date(1970, 1, 1)).days

    def log_hazards(self, who: WhoTheyAre) -> Array:
        """Return the log hazard a year at the visit, ``(n, events)``: death first, then the conditions."""
        since = (who.age - self._process.mean_age)[:, None]
        return self._constant + self._growth * since + applied(who.primitives, self._forms)

    def draw(self, rng: np.random.Generator, who: WhoTheyAre) -> Course:
        """Draw when everything happens."""
        log_hazard = self.log_hazards(who)
        waited = rng.standard_exponential(log_hazard.shape)
        adult = np.maximum(who.age - _ADULT_AGE, 0.0)[:, None] * np.ones_like(log_hazard)
        adult[:, 0] = 0.0
        g = self._growth
        times = _whole_days(np.log(np.exp(-g * adult) + g * waited * np.exp(-log_hazard)) / g)
        return Course(
            onset={name: times[:, i] for i, name in enumerate(self._events) if i},
            death=times[:, 0],
            censoring=self._censoring(rng, who),
            death_log_hazard=log_hazard[:, 0],
        )

    def _censoring(self, rng: np.random.Generator, who: WhoTheyAre) -> Array:
        """End follow-up on one day for all, but for the few who are lost on any day before it."""
        full = (self._end - who.visit) / _DAYS_A_YEAR
        is_lost = rng.random(len(full)) < self._process.settings.lost_share
        return _whole_days(np.where(is_lost, full * (1 - rng.random(len(full))), full))


def _whole_days(years: Array) -> Array:
    days: Array = np.ceil(np.round(years * _DAYS_A_YEAR, 6)) / _DAYS_A_YEAR
    return days
