"""Staged groups of risk: normal, lower and higher, with thresholds fitted on training people."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.measured import Unscored
from holdfast.risk.embeddings import Scores
from holdfast.risk.error import RiskError
from holdfast.risk.percentile import HealthyPercentile
from holdfast.risk.survival.follow_up import FollowUp

__all__ = ["GROUP_NAMES", "GroupSettings", "RiskGroups", "best_cut"]

GROUP_NAMES: Final = ("normal", "lower", "higher")
"""Names of the groups by code, the higher the worse. "Normal" says: within the range of healthy people. "Lower" and
"higher" are both above it."""


@dataclass(frozen=True, kw_only=True)
class GroupSettings:
    """How thresholds are fitted.

    Attributes:
        normal_percentile: The percentile of healthy people up to which a score is normal.
        higher_percentile: The percentile from which it is higher, where no follow-up tells.
        smallest_share: Of the people above normal, the least share on either side of the cut.
        fewest_events: The fewest events on either side of the cut.

    Raises:
        RiskError: A number is out of its range.
    """

    normal_percentile: float = 90.0
    higher_percentile: float = 99.0
    smallest_share: float = 0.1
    fewest_events: int = 10

    def __post_init__(self) -> None:
        if not 0 < self.normal_percentile < self.higher_percentile < 100:
            raise RiskError(
                "Percentiles of the groups must ascend between 0 and 100",
                f"{self.normal_percentile!r} and {self.higher_percentile!r}",
                "90 and 99 are the defaults",
            )
        if not 0 < self.smallest_share <= 0.5 or self.fewest_events < 1:
            raise RiskError(
                "A cut must leave a share of up to 0.5 and an event on either side",
                f"{self.smallest_share!r} and {self.fewest_events!r}",
                "0.1 and 10 are the defaults",
            )


@dataclass(frozen=True, kw_only=True)
class RiskGroups:
    """Thresholds on the score.

    Attributes:
        normal_to: The highest score that is still normal.
        higher_from: The lowest score that is higher; what lies between is lower.
        cut: How the cut between lower and higher was found: its standardised log-rank statistic, which is the largest
            of many and so says less than it seems, or why a fixed percentile was taken.
    """

    normal_to: float
    higher_from: float
    cut: float | Unscored

    @classmethod
    def fit(
        cls, scores: Scores, healthy: HealthyPercentile, follow_up: FollowUp | None, *, settings: GroupSettings
    ) -> Self:
        """Fit the thresholds.

        Normal goes up to a percentile of healthy people. Among the others, the cut is the score that parts those with
        sooner events best: see ``best_cut``. Where follow-up is missing, too few had an event, or none sooner above
        any cut, it is a percentile of healthy people instead.

        Args:
            scores: Of the training people, (n,), each left out of their own groups; higher is worse.
            healthy: The distribution of the healthy among them.
            follow_up: Of the training people.
            settings: Percentiles, shares and counts.
        """
        normal_to = healthy.score_at(settings.normal_percentile)
        found = _cut_above(scores, normal_to, follow_up, settings)
        if isinstance(found, Unscored):
            fixed = healthy.score_at(settings.higher_percentile)
            return cls(normal_to=normal_to, higher_from=max(fixed, float(np.nextafter(normal_to, np.inf))), cut=found)
        return cls(normal_to=normal_to, higher_from=found[0], cut=found[1])

    def of(self, scores: Scores) -> NDArray[np.uint8]:
        """Return codes, (n,): 0 normal, 1 lower, 2 higher."""
        return ((scores > self.normal_to).astype(np.uint8) + (scores >= self.higher_from)).astype(np.uint8)

    def to_json(self) -> dict[str, Any]:
        """Return thresholds and how they were found."""
        return {
            "normal_to": self.normal_to,
            "higher_from": self.higher_from,
            "cut": asdict(self.cut) if isinstance(self.cut, Unscored) else self.cut,
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` returned."""
        cut = said["cut"]
        return cls(
            normal_to=float(said["normal_to"]),
            higher_from=float(said["higher_from"]),
            cut=Unscored(str(cut["reason"])) if isinstance(cut, Mapping) else float(cut),
        )


def _cut_above(
    scores: Scores, normal_to: float, follow_up: FollowUp | None, settings: GroupSettings
) -> tuple[float, float] | Unscored:
    if follow_up is None:
        return Unscored("no follow-up")
    rest = scores > normal_to
    if int(follow_up.event[rest].sum()) < 2 * settings.fewest_events:
        return Unscored("too few events above normal")
    return best_cut(
        scores[rest],
        follow_up.take(rest),
        smallest_share=settings.smallest_share,
        fewest_events=settings.fewest_events,
    )


def best_cut(
    scores: Scores, follow_up: FollowUp, *, smallest_share: float, fewest_events: int
) -> tuple[float, float] | Unscored:
    """Find the cut with the largest standardised log-rank statistic, and that statistic.

    With log-rank scores a[i] = event[i] - (Nelson and Aalen's cumulative hazard at years[i]), which sum to 0, and m of
    n people at or above the cut::

        statistic = sum of a over those m / sqrt(m (n - m) / (n (n - 1)) sum of a²)

    as Hothorn and Lausen (2003, Computational Statistics & Data Analysis 43:121-137) standardise it. Only cuts with
    more events above than expected count: higher is worse. Equal scores are never parted.

    Returns:
        The lowest score above the cut and the statistic, or why there is none.
    """
    order = np.argsort(-scores, kind="stable")
    ranked, event = scores[order], follow_up.event[order]
    a = _log_rank_scores(follow_up)[order]
    n = len(ranked)
    above = np.arange(1, n)
    events = np.cumsum(event)[:-1]
    allowed = (ranked[:-1] > ranked[1:]) & (np.minimum(above, n - above) >= smallest_share * n)
    allowed &= np.minimum(events, follow_up.n_events - events) >= fewest_events
    variance = above * (n - above) / (n * max(n - 1, 1)) * float(a @ a)
    if not allowed.any():
        return Unscored("no cut leaves enough people and events on either side")
    statistic = np.where(allowed, np.cumsum(a)[:-1] / np.sqrt(np.where(variance > 0, variance, 1.0)), -np.inf)
    best = int(statistic.argmax())
    if statistic[best] <= 0:
        return Unscored("events are no sooner above any cut")
    return float(ranked[best]), float(statistic[best])


def _log_rank_scores(follow_up: FollowUp) -> NDArray[np.float64]:
    years = np.sort(follow_up.years)
    times, deaths = np.unique(follow_up.years[follow_up.event], return_counts=True)
    at_risk = len(years) - np.searchsorted(years, times)
    hazard = np.concatenate([[0.0], np.cumsum(deaths / at_risk)])
    met = hazard[np.searchsorted(times, follow_up.years, side="right")]
    return np.asarray(follow_up.event - met, dtype=np.float64)
