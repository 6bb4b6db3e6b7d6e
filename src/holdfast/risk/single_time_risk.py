"""The single-time health risk: how far one visit's embedding lies from healthy people's, and what that has meant.

It takes any array of embeddings, whatever made them. A higher number is worse throughout.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.measured import Unscored
from holdfast.risk.absolute import AbsoluteRisk, Covariates
from holdfast.risk.embeddings import Codes, Embeddings, Mask, Scores, check_embeddings
from holdfast.risk.error import RiskError
from holdfast.risk.estimates import AbsoluteRisks, Abstention, RiskEstimates, RiskIntervals
from holdfast.risk.groups import RiskGroups
from holdfast.risk.interval import Bootstrap
from holdfast.risk.member import Member
from holdfast.risk.percentile import HealthyPercentile
from holdfast.risk.reference import ReferenceGroups
from holdfast.risk.risk_folder import part_of, read_risk, write_risk
from holdfast.risk.settings import RiskSettings
from holdfast.risk.support import Support
from holdfast.risk.survival.follow_up import FollowUp

__all__ = ["SingleTimeRisk"]

OneOrMore = Embeddings | Sequence[Embeddings]
"""An array of embeddings; or several of the same people, by encoders trained apart: an ensemble."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SingleTimeRisk:
    """A fitted single-time risk. Make one with ``fit``.

    Attributes:
        settings: What was asked for.
        members: A distance for each embedding; several scores are put on a standard scale and averaged.
        healthy: The distribution of healthy scores.
        groups: Thresholds.
        absolute: From score to absolute risk, or why there is none.
        supports: Where training people lie, one for each embedding.
        bootstrap: Resamples for intervals, or why there are none.
        counts: People of the reference ("healthy") and of each class that it was fitted with.
    """

    settings: RiskSettings
    members: tuple[Member, ...]
    healthy: HealthyPercentile
    groups: RiskGroups
    absolute: AbsoluteRisk | Unscored
    supports: tuple[Support, ...]
    bootstrap: Bootstrap | Unscored
    counts: dict[str, int]

    @classmethod
    def fit(
        cls,
        embeddings: OneOrMore,
        groups: ReferenceGroups,
        follow_up: FollowUp | None = None,
        *,
        settings: RiskSettings,
        generator: np.random.Generator,
        held_out: Scores | None = None,
        covariates: Covariates | None = None,
    ) -> Self:
        """Learn from training people.

        Percentiles, groups and absolute risk are fitted to scores that no person took part in making. By default each
        person is left out of their own reference and classes, while learnt class weights, and the encoder that made
        the embeddings, still know them. Where those were learnt from few people, give ``held_out``.

        Args:
            embeddings: (n, d); or a sequence of such, one a member.
            groups: Of the same people. With strata, each person is set against the healthy people of their own.
            follow_up: Of the same people; needed for learnt weights and absolute risks, used for groups.
            settings: What to learn.
            generator: Of the resamples for intervals.
            held_out: Scores of the same people by cross-fitting, (n,), in place of leaving one out: each by a risk,
                with the same settings, that was fitted to others.
            covariates: Of the same people, for the absolute risk.

        Raises:
            RiskError: The embeddings are not finite, a group is too small, horizons go beyond the follow-up, everyone
                is censored, or lengths differ.
        """
        arrays = _several(embeddings)
        _check_lengths(groups.n_people, follow_up, held_out, covariates)
        fits = [Member.fit(settings.distance, one, groups, follow_up, is_alone=len(arrays) == 1) for one in arrays]
        members, recentred = tuple(fit[0] for fit in fits), [fit[1] for fit in fits]
        scores = np.mean([fit[2] for fit in fits], axis=0) if held_out is None else held_out
        healthy = HealthyPercentile.fit(scores[groups.of_norm])
        return cls(
            settings=settings,
            members=members,
            healthy=healthy,
            groups=RiskGroups.fit(scores, healthy, follow_up, settings=settings.groups),
            absolute=_absolute(scores, follow_up, covariates, settings),
            supports=tuple(Support.fit(one, settings=settings.support) for one in arrays),
            bootstrap=_bootstrap(recentred, members, groups, follow_up, settings, generator),
            counts=groups.counts,
        )

    def training_scores(self, embeddings: OneOrMore, groups: ReferenceGroups) -> Scores:
        """Score the people it was fitted with, each left out of their own reference and classes, (n,)."""
        arrays = self._checked(embeddings)
        found = []
        for member, one in zip(self.members, arrays, strict=True):
            recentred = one if member.centres is None else member.centres.recentre_training(one, groups)
            found.append(member.standard(member.distance.leave_one_out(recentred, groups)))
        return np.asarray(np.mean(found, axis=0))

    def score(
        self,
        embeddings: OneOrMore,
        *,
        strata: Codes | None = None,
        covariates: Covariates | None = None,
        missing_share: NDArray[np.float64] | None = None,
        with_interval: bool = False,
    ) -> RiskEstimates:
        """Estimate the risk of people who were not in the training, or abstain.

        Args:
            embeddings: (n, d); or a sequence of such, in the order of the training members.
            strata: Codes of the same people as in training, -1 where unknown; needed if it was fitted with strata.
            covariates: As in training; needed if the absolute risk was fitted with them.
            missing_share: The share of each person's inputs that were missing, (n,), 0 to 1; None: not told.
            with_interval: Whether to give bootstrap intervals, which take longer.

        Raises:
            RiskError: Embeddings are not finite or not those of the training members, or strata, covariates or
                missing shares do not fit.
        """
        arrays = self._checked(embeddings)
        self._check_strata(strata, len(arrays[0]))
        abstention = self._abstention(arrays, strata, missing_share)
        rows = np.flatnonzero(abstention == Abstention.NONE)
        scores = self._scores(arrays, strata)[rows]
        return RiskEstimates(
            abstention=abstention,
            rows=rows,
            score=scores,
            percentile=self.healthy.of(scores),
            group=self.groups.of(scores),
            absolute=self._absolute_of(scores, covariates, rows, len(abstention)),
            intervals=self._intervals(arrays, strata, rows) if with_interval else Unscored("not asked for"),
        )

    def scores_of(self, embeddings: OneOrMore, *, strata: Codes | None = None) -> Scores:
        """Return everybody's score, (n,), also of people for whom ``score`` abstains: for comparisons."""
        arrays = self._checked(embeddings)
        self._check_strata(strata, len(arrays[0]))
        return self._scores(arrays, strata)

    def save(self, folder: Path) -> None:
        """Write it into a folder as JSON and safetensors, whole or not at all, over a risk that is there.

        Raises:
            RiskError: Something else lies there.
            StorageError: The disk is full or cannot be written to.
        """
        card = {
            "settings": self.settings.to_json(),
            "members": [member.to_json() for member in self.members],
            "groups": self.groups.to_json(),
            "absolute": _said(self.absolute),
            "bootstrap": _said(self.bootstrap),
            "counts": self.counts,
        }
        write_risk(folder, card, self._arrays())

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote.

        Raises:
            RiskError: The folder holds no risk, one of another version, or one that was changed since.
        """
        card, arrays = read_risk(folder)
        try:
            return cls._from_stored(card, arrays)
        except (KeyError, TypeError, IndexError) as error:
            raise RiskError(
                "Risk must hold all its parts", f"a {type(error).__name__} in {str(folder)!r}", "save it again"
            ) from error

    @classmethod
    def _from_stored(cls, card: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Self:
        members = tuple(
            Member.from_stored(said, part_of(arrays, f"member.{place}.")) for place, said in enumerate(card["members"])
        )
        settings = RiskSettings.from_json(card["settings"])
        absolute, bootstrap = card["absolute"], card["bootstrap"]
        return cls(
            settings=settings,
            members=members,
            healthy=HealthyPercentile.from_stored(part_of(arrays, "healthy.")),
            groups=RiskGroups.from_json(card["groups"]),
            absolute=Unscored(absolute["reason"])
            if "reason" in absolute
            else AbsoluteRisk.from_stored(absolute, part_of(arrays, "absolute.")),
            supports=tuple(Support.from_stored(part_of(arrays, f"support.{i}.")) for i in range(len(members))),
            bootstrap=Unscored(bootstrap["reason"])
            if "reason" in bootstrap
            else Bootstrap.from_stored(settings.interval.level, part_of(arrays, "bootstrap."), members),
            counts={str(name): int(count) for name, count in card["counts"].items()},
        )

    def _arrays(self) -> dict[str, NDArray[Any]]:
        parts: dict[str, dict[str, NDArray[Any]]] = {"healthy": self.healthy.arrays()}
        for place, (member, support) in enumerate(zip(self.members, self.supports, strict=True)):
            parts |= {f"member.{place}": member.arrays(), f"support.{place}": support.arrays()}
        if isinstance(self.absolute, AbsoluteRisk):
            parts["absolute"] = self.absolute.arrays()
        if isinstance(self.bootstrap, Bootstrap):
            parts["bootstrap"] = self.bootstrap.arrays()
        return {f"{part}.{name}": array for part, kept in parts.items() for name, array in kept.items()}

    def _checked(self, embeddings: OneOrMore) -> list[Embeddings]:
        arrays = _several(embeddings)
        if len(arrays) != len(self.members):
            raise RiskError(
                f"Embeddings must be those of {len(self.members)} members", str(len(arrays)), "give one array a member"
            )
        for member, one in zip(self.members, arrays, strict=True):
            check_embeddings(one, dimensions=member.distance.dimensions, people=len(arrays[0]))
        return arrays

    def _check_strata(self, strata: Codes | None, people: int) -> None:
        needed = self.members[0].centres is not None
        if needed != (strata is not None):
            raise RiskError(
                f"Strata must be {'given' if needed else 'left out'}",
                "none" if strata is None else "some",
                "score as the risk was fitted",
            )
        if strata is not None and (strata.shape != (people,) or not np.issubdtype(strata.dtype, np.integer)):
            raise RiskError(
                f"Strata must be ({people},) codes", f"{strata.shape} of {strata.dtype}", "give -1 if unknown"
            )

    def _abstention(
        self, arrays: Sequence[Embeddings], strata: Codes | None, missing_share: NDArray[np.float64] | None
    ) -> NDArray[np.uint8]:
        """Find the reason of each person: no reference before inputs missing before outside the support."""
        found = np.full(len(arrays[0]), Abstention.NONE, dtype=np.uint8)
        found[self._outside(arrays)] = Abstention.OUTSIDE_SUPPORT
        if missing_share is not None:
            found[_too_much_missing(missing_share, len(found), self.settings.support.most_missing)] = (
                Abstention.INPUTS_MISSING
            )
        centres = self.members[0].centres
        if centres is not None and strata is not None:
            found[~centres.knows(strata)] = Abstention.NO_REFERENCE
        return found

    def _outside(self, arrays: Sequence[Embeddings]) -> Mask:
        """Say who is further out than the limits, on average over members."""
        reaches = [support.reach(one) for support, one in zip(self.supports, arrays, strict=True)]
        return np.asarray(np.mean(reaches, axis=0) > 1.0)

    def _scores(self, arrays: Sequence[Embeddings], strata: Codes | None) -> Scores:
        total = np.zeros(len(arrays[0]))
        for member, one in zip(self.members, arrays, strict=True):
            total += member.standard(member.distance.score(member.recentre(one, strata)))
        return total / len(self.members)

    def _absolute_of(
        self, scores: Scores, covariates: Covariates | None, rows: Codes, people: int
    ) -> AbsoluteRisks | Unscored:
        if isinstance(self.absolute, Unscored):
            return self.absolute
        if covariates is not None and len(covariates.values) != people:
            raise RiskError(f"Covariates must have {people} rows", str(len(covariates.values)), "give one a person")
        risks = self.absolute.of(scores, None if covariates is None else covariates.take(rows))
        return AbsoluteRisks(horizons_years=self.absolute.horizons_years, risks=risks)

    def _intervals(self, arrays: Sequence[Embeddings], strata: Codes | None, rows: Codes) -> RiskIntervals | Unscored:
        if isinstance(self.bootstrap, Unscored):
            return self.bootstrap
        kept = None if strata is None else strata[rows]
        recentred = [member.recentre(one[rows], kept) for member, one in zip(self.members, arrays, strict=True)]
        return self.bootstrap.of(recentred, self.members)


def _several(embeddings: OneOrMore) -> list[Embeddings]:
    arrays = [embeddings] if isinstance(embeddings, np.ndarray) else list(embeddings)
    if not arrays:
        raise RiskError("Embeddings must be of one member or more", "none", "give an array")
    return arrays


def _check_lengths(
    people: int, follow_up: FollowUp | None, held_out: Scores | None, covariates: Covariates | None
) -> None:
    lengths = {
        "Follow-up": None if follow_up is None else follow_up.n_people,
        "Held-out scores": None if held_out is None else len(held_out),
        "Covariates": None if covariates is None else len(covariates.values),
    }
    for name, length in lengths.items():
        if length not in (None, people):
            raise RiskError(f"{name} must be of the {people} training people", str(length), "give one row a person")
    if held_out is not None and (held_out.ndim != 1 or not np.isfinite(held_out).all()):
        raise RiskError("Held-out scores must be a column of finite numbers", "others", "score everybody")


def _absolute(
    scores: Scores, follow_up: FollowUp | None, covariates: Covariates | None, settings: RiskSettings
) -> AbsoluteRisk | Unscored:
    if not settings.horizons_years:
        return Unscored("no horizon was asked for")
    if follow_up is None:
        return Unscored("no follow-up")
    return AbsoluteRisk.fit(
        scores, follow_up, horizons_years=settings.horizons_years, knots=settings.knots, covariates=covariates
    )


def _bootstrap(
    recentred: Sequence[Embeddings],
    members: Sequence[Member],
    groups: ReferenceGroups,
    follow_up: FollowUp | None,
    settings: RiskSettings,
    generator: np.random.Generator,
) -> Bootstrap | Unscored:
    if settings.interval.replicates == 0:
        return Unscored("no resamples were asked for")
    if groups.counts["healthy"] < Bootstrap.least_healthy:
        return Unscored(f"fewer than {Bootstrap.least_healthy} healthy people")
    return Bootstrap.fit(
        settings.distance, recentred, members, groups, follow_up, settings=settings.interval, generator=generator
    )


def _said(part: AbsoluteRisk | Bootstrap | Unscored) -> dict[str, Any]:
    if isinstance(part, Unscored):
        return asdict(part)
    return part.to_json() if isinstance(part, AbsoluteRisk) else {}


def _too_much_missing(shares: NDArray[np.float64], people: int, most: float) -> Mask:
    if shares.shape != (people,) or not ((shares >= 0) & (shares <= 1)).all():
        raise RiskError(
            f"Missing shares must be {people} numbers of 0 to 1", f"shape {shares.shape}", "give one a person"
        )
    return shares > most
