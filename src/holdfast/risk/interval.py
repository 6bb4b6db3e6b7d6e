"""How sure a person's score is: the reference and class people drawn again, with replacement, B times.

What an interval covers: that the healthy and class people, and so the centres, covariances, neighbours and learnt class
weights, are a sample. With several members (embeddings of the same people by encoders trained apart) each resample
also draws members, and so the encoder's own training is covered as far as members differ by it. What it does not
cover: the encoder's training where there is one member, the person's own measurement error and day-to-day change, the
means of strata and the scale of members, which are held, and whether the model suits the person's population at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.distances.distance import Distance, Replicates
from holdfast.risk.embeddings import Codes, Embeddings, chunks
from holdfast.risk.error import RiskError
from holdfast.risk.estimates import RiskIntervals
from holdfast.risk.member import Member
from holdfast.risk.percentile import HealthyPercentile
from holdfast.risk.reference import ReferenceGroups
from holdfast.risk.risk_folder import part_of
from holdfast.risk.survival.follow_up import FollowUp

__all__ = ["Bootstrap", "IntervalSettings", "resamples"]

_KNOTS = 101
_LEAST_OF_A_KIND = 1_000


@dataclass(frozen=True, kw_only=True)
class IntervalSettings:
    """How intervals are made.

    Attributes:
        replicates: How many resamples; 0 for no intervals.
        level: Nominal coverage, between 0 and 1.
        most_people: Training people to draw from, of each combination of groups its share, and at least 1,000 or
            all; of more people they are chosen at random. Intervals are then as wide as those of that many people,
            and so too wide.

    Raises:
        RiskError: A number is out of its range.
    """

    replicates: int = 100
    level: float = 0.95
    most_people: int = 50_000

    def __post_init__(self) -> None:
        if self.replicates < 0 or not 0 < self.level < 1:
            raise RiskError(
                "Replicates must be 0 or more and the level between 0 and 1",
                f"{self.replicates!r} and {self.level!r}",
                "100 and 0.95 are the defaults",
            )
        if self.most_people < 1_000:
            raise RiskError("Resamples must be of 1000 people or more", repr(self.most_people), "50000 is the default")

    def to_json(self) -> dict[str, Any]:
        """Return the settings."""
        return asdict(self)


def resamples(groups: ReferenceGroups, number: int, generator: np.random.Generator) -> list[Codes]:
    """Draw training people with replacement, as many of each combination of groups as there are, ``number`` times."""
    pools = _pools(groups)
    return [np.concatenate([generator.choice(pool, size=len(pool)) for pool in pools]) for _ in range(number)]


def _pools(groups: ReferenceGroups) -> list[Codes]:
    """Return the places of the people of each combination of groups."""
    kinds = np.column_stack([groups.healthy, *groups.classes.values()])
    _, kind = np.unique(kinds, axis=0, return_inverse=True)
    return [np.flatnonzero(kind == one) for one in range(int(kind.max()) + 1)]


def _drawn_from(groups: ReferenceGroups, most: int, generator: np.random.Generator) -> Codes:
    """Return the places of the people to draw from, in order."""
    if groups.n_people <= most:
        return np.arange(groups.n_people)
    share = most / groups.n_people
    chosen = [
        generator.choice(pool, size=min(len(pool), max(_LEAST_OF_A_KIND, round(share * len(pool)))), replace=False)
        for pool in _pools(groups)
    ]
    return np.sort(np.concatenate(chosen))


@dataclass(frozen=True, kw_only=True, eq=False)
class Bootstrap:
    """Everything fitted again to each of B resamples.

    Attributes:
        replicates: Each member's distances.
        shares: How much each member counts in each resample, (B, members); rows sum to 1.
        values, percents: Each resample's healthy distribution of the healthy people it left out, (B, knots).
        level: Nominal coverage.
    """

    least_healthy: ClassVar[int] = 30

    replicates: tuple[Replicates, ...]
    shares: NDArray[np.float64]
    values: NDArray[np.float64]
    percents: NDArray[np.float64]
    level: float

    @classmethod
    def fit(
        cls,
        distance: Distance,
        recentred: Sequence[Embeddings],
        members: Sequence[Member],
        groups: ReferenceGroups,
        follow_up: FollowUp | None,
        *,
        settings: IntervalSettings,
        generator: np.random.Generator,
    ) -> Self:
        """Fit again to resamples; all members see the same people in each.

        Args:
            distance: What is fitted.
            recentred: Training embeddings of each member, less its stratum centres.
            members: What was fitted to everybody.
            groups: Of the training people.
            follow_up: Of the training people.
            settings: How many, and the level.
            generator: Of the draws.

        Raises:
            RiskError: There are no replicates to make, or fewer than 30 healthy people.
        """
        healthy = np.flatnonzero(groups.healthy)
        if settings.replicates < 1 or len(healthy) < cls.least_healthy:
            raise RiskError(
                f"Intervals must have a replicate or more and {cls.least_healthy} healthy people or more",
                f"{settings.replicates} and {len(healthy)}",
                "set replicates to 0 for no intervals",
            )
        rows = _drawn_from(groups, settings.most_people, generator)
        if len(rows) < groups.n_people:
            groups, recentred = groups.take(rows), [one[rows] for one in recentred]
            follow_up = None if follow_up is None else follow_up.take(rows)
        draws = resamples(groups, settings.replicates, generator)
        number = len(members)
        drawn = generator.integers(number, size=(len(draws), number))
        shares = np.stack([np.bincount(row, minlength=number) for row in drawn]) / number
        replicates = tuple(distance.resample(one, groups, follow_up, draws) for one in recentred)
        norm = np.flatnonzero(groups.of_norm)
        scores = _together([one[norm] for one in recentred], replicates, members, shares)
        left_out = [~np.isin(norm, draw) for draw in draws]
        tables = [HealthyPercentile.fit(scores[out, b], most=_KNOTS) for b, out in enumerate(left_out)]
        return cls(
            replicates=replicates,
            shares=shares,
            values=np.stack([_padded(table.values) for table in tables]),
            percents=np.stack([_padded(table.percents) for table in tables]),
            level=settings.level,
        )

    def of(self, recentred: Sequence[Embeddings], members: Sequence[Member]) -> RiskIntervals:
        """Take the middle ``level`` of each person's resampled scores and percentiles (Efron 1979).

        Args:
            recentred: Embeddings of n people by each member, less its stratum centres.
            members: What was fitted to everybody.
        """
        tails = [(1 - self.level) / 2, (1 + self.level) / 2]
        found = np.empty((4, len(recentred[0])))
        for rows in chunks(len(recentred[0]), width=3 * len(self.shares)):
            scores = _together([one[rows] for one in recentred], self.replicates, members, self.shares)
            found[:2, rows] = np.quantile(scores, tails, axis=1)
            found[2:, rows] = np.quantile(self._percentiles(scores), tails, axis=1)
        return RiskIntervals(
            level=self.level,
            score_low=found[0],
            score_high=found[1],
            percentile_low=found[2],
            percentile_high=found[3],
        )

    def _percentiles(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        tables = zip(scores.T, self.values, self.percents, strict=True)
        each = [np.interp(column, values, percents, left=0.0, right=100.0) for column, values, percents in tables]
        return np.column_stack(each)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything, for safetensors."""
        kept = {"shares": self.shares, "values": self.values, "percents": self.percents}
        for place, one in enumerate(self.replicates):
            kept |= {f"{place}.{name}": array for name, array in one.arrays().items()}
        return kept

    @classmethod
    def from_stored(cls, level: float, arrays: Mapping[str, NDArray[Any]], members: Sequence[Member]) -> Self:
        """Read what ``arrays`` returned."""
        replicates = [
            member.distance.replicates_from_stored(part_of(arrays, f"{place}.")) for place, member in enumerate(members)
        ]
        return cls(
            replicates=tuple(replicates),
            level=level,
            **{name: arrays[name] for name in ("shares", "values", "percents")},
        )


def _together(
    recentred: Sequence[Embeddings],
    replicates: Sequence[Replicates],
    members: Sequence[Member],
    shares: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Average members' standard scores by how often each resample drew them, (n, B)."""
    total = np.zeros((len(recentred[0]), len(shares)))
    for embeddings, one, member, share in zip(recentred, replicates, members, shares.T, strict=True):
        total += member.standard(one.score(embeddings)) * share
    return total


def _padded(column: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.pad(column, (0, _KNOTS - len(column)), mode="edge")
