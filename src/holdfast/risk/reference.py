"""Who the reference is: the healthy people, the classes set against them, and the strata they are compared within."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.embeddings import Codes, Embeddings, Mask, check_embeddings
from holdfast.risk.error import RiskError

__all__ = ["ReferenceGroups"]


@dataclass(frozen=True, kw_only=True, eq=False)
class ReferenceGroups:
    """The healthy reference and the classes set against it, over people in the order of their embeddings.

    A class is a disease, an event, or a grade of time to an event. A person may be in several classes, or in no group
    at all; nobody is both healthy and in a class.

    Attributes:
        healthy: The reference, (n,).
        classes: Name -> who is in it, (n,).
        strata: A code for each person, 0 or more, (n,): sex by age band, say. Each stratum has its own healthy
            reference. None: one reference for all.
        norm: Among whose scores a percentile is taken, (n,): all bona fide healthy people, where ``healthy`` holds
            the best of them only. They may be in classes. None: ``healthy``.

    Raises:
        RiskError: Lengths differ, a mask is not boolean, a group is empty, somebody is healthy and in a class, or a
            stratum is negative.
    """

    healthy: Mask
    classes: Mapping[str, Mask] = field(default_factory=dict)
    strata: Codes | None = None
    norm: Mask | None = None

    def __post_init__(self) -> None:
        norm = {} if self.norm is None else {"norm": self.norm}
        for name, mask in {"healthy reference": self.healthy, **self.classes, **norm}.items():
            if mask.shape != (self.n_people,) or mask.dtype != np.bool_:
                raise RiskError(
                    f"Group {name!r} must be ({self.n_people},) of true or false",
                    f"{mask.shape} of {mask.dtype}",
                    "give one answer a person",
                )
            if not mask.any():
                raise RiskError(
                    f"Group {name!r} must hold people", f"0 of {self.n_people}", "widen its rule or leave it out"
                )
        both = int(np.sum(self.healthy & self.in_any_class))
        if both:
            raise RiskError(
                "Healthy people must be in no class", f"{both} of {self.n_people} in both", "keep them apart", rows=both
            )
        self._check_strata()

    def _check_strata(self) -> None:
        strata = self.strata
        if strata is None:
            return
        if strata.shape != (self.n_people,) or not np.issubdtype(strata.dtype, np.integer) or strata.min() < 0:
            raise RiskError(
                f"Strata must be ({self.n_people},) codes of 0 or more",
                f"{strata.shape} of {strata.dtype}",
                "leave people without a stratum out of the training people",
            )

    @classmethod
    def from_codes(
        cls, codes: NDArray[np.integer], names: Sequence[str], *, healthy: str, strata: Codes | None = None
    ) -> Self:
        """Make groups of one code a person: its place among ``names``, or below 0 for a person in no group.

        Raises:
            RiskError: ``healthy`` is not among the names, names repeat, a code is beyond them, or a group is empty.
        """
        if healthy not in names or len(set(names)) != len(names):
            raise RiskError("Names must be distinct and hold the healthy one", repr(list(names)), f"name {healthy!r}")
        beyond = int(np.sum(codes >= len(names)))
        if beyond:
            raise RiskError(
                f"Codes must be below {len(names)}", f"{beyond} that are not", "name every group", rows=beyond
            )
        masks = {name: codes == place for place, name in enumerate(names)}
        return cls(healthy=masks.pop(healthy), classes=masks, strata=strata)

    @property
    def n_people(self) -> int:
        """Return how many people there are, those in no group included."""
        return len(self.healthy)

    @property
    def of_norm(self) -> Mask:
        """Return among whose scores a percentile is taken, (n,)."""
        return self.healthy if self.norm is None else self.norm

    @property
    def in_any_class(self) -> Mask:
        """Return who is in at least one class, (n,)."""
        found = np.zeros(self.n_people, dtype=np.bool_)
        for mask in self.classes.values():
            found |= mask
        return found

    @property
    def counts(self) -> dict[str, int]:
        """Return how many people are in the reference ("healthy") and in each class."""
        return {"healthy": int(self.healthy.sum())} | {name: int(mask.sum()) for name, mask in self.classes.items()}

    def take(self, index: Codes) -> "ReferenceGroups":
        """Return the groups of the people at ``index``, who may repeat.

        Raises:
            RiskError: A group would be empty.
        """
        return ReferenceGroups(
            healthy=self.healthy[index],
            classes={name: mask[index] for name, mask in self.classes.items()},
            strata=None if self.strata is None else self.strata[index],
            norm=None if self.norm is None else self.norm[index],
        )

    def check(self, embeddings: Embeddings, *, least: int) -> None:
        """Check that embeddings of these people can be learnt from.

        Args:
            embeddings: Shape (n, d).
            least: Fewest people a group, and the healthy of a stratum, must hold.

        Raises:
            RiskError: The embeddings are not finite or not of these people, a group is smaller than ``least``, or all
                healthy people have the same embedding.
        """
        check_embeddings(embeddings, people=self.n_people)
        for name, count in self.counts.items():
            if count < least:
                raise RiskError(
                    f"Group {name!r} must hold at least {least} people", str(count), "widen its rule or leave it out"
                )
        self._check_strata_hold(least)
        healthy = embeddings[self.healthy]
        if (healthy == healthy[0]).all():
            raise RiskError(
                "Healthy embeddings must differ", f"{len(healthy)} that are alike", "check that the encoder has learnt"
            )

    def _check_strata_hold(self, least: int) -> None:
        if self.strata is None:
            return
        counts = np.bincount(self.strata[self.healthy], minlength=int(self.strata.max()) + 1)
        short = int(np.sum(counts[np.unique(self.strata)] < least))
        if short:
            raise RiskError(
                f"Every stratum must hold at least {least} healthy people",
                f"{short} that do not",
                "make strata wider",
            )
