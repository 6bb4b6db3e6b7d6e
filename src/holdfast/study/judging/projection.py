"""A flat picture of what was learned: two principal components of the embeddings of some people."""

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from holdfast.study.judging.foretelling import Foretold
from holdfast.study.judging.settings import JudgingSettings

__all__ = ["MOST_SHOWN", "Projection", "ProjectionBand", "places_of_bands", "project"]

MOST_SHOWN: Final = 3_000

_EDGES = (50.0, 90.0, 99.0)
_NAMES = ("up to 50", "50 to 90", "90 to 99", "above 99")

Column = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class ProjectionBand:
    """People of one range of risk percentiles.

    Attributes:
        percentiles: "50 to 90".
        people: How many of those shown.
        first, second: Their mean on both axes; None where nobody is.
    """

    percentiles: str
    people: int
    first: float | None
    second: float | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Projection:
    """The picture.

    Attributes:
        first, second: Where each person lies, (people,). The first axis points to higher risk.
        percentile: Of their risk among healthy people, 0 to 100; higher is worse.
        is_healthy: Whether they are in the bona fide healthy reference; None where that was not worked out.
        explained: Share of the variance along each axis.
        bands: What the picture shows, in numbers.
    """

    first: Column = field(repr=False)
    second: Column = field(repr=False)
    percentile: Column = field(repr=False)
    is_healthy: NDArray[np.bool_] | None = field(repr=False)
    explained: tuple[float, float]
    bands: tuple[ProjectionBand, ...]

    @property
    def n_people(self) -> int:
        """How many are shown."""
        return len(self.first)

    def to_json(self) -> dict[str, Any]:
        """Return what can be said without showing a person: where single people lie is left out."""
        return {
            "people": self.n_people,
            "explained": list(self.explained),
            "bands": [
                {"percentiles": b.percentiles, "people": b.people, "first": b.first, "second": b.second}
                for b in self.bands
            ],
        }


def project(found: Foretold, settings: JudgingSettings) -> Projection:
    """Project people with an estimate, at most ``MOST_SHOWN`` of them, drawn at random.

    Principal components of the members' embeddings side by side, each dimension less its mean. The first axis is
    turned so that risk rises along it, the second so that its largest loading is positive: the picture is the same
    every time.
    """
    rows = found.estimates.rows
    drawn = np.arange(len(rows))
    if len(rows) > MOST_SHOWN:
        generator = np.random.default_rng([settings.seed, 11])
        drawn = np.sort(generator.choice(len(rows), MOST_SHOWN, replace=False))
    embedded = np.hstack(found.model.embed(found.test.values[rows[drawn]])).astype(np.float64)
    percentile, score = found.estimates.percentile[drawn], found.estimates.score[drawn]
    axes, explained = _components(embedded)
    if np.dot(axes[0], score - score.mean()) < 0:
        axes[0] = -axes[0]
    return Projection(
        first=axes[0],
        second=axes[1],
        percentile=percentile,
        is_healthy=None if found.test.is_healthy is None else found.test.is_healthy[rows[drawn]],
        explained=explained,
        bands=_bands(axes, percentile),
    )


def places_of_bands(percentile: Column) -> NDArray[np.int64]:
    """Return each person's place among the bands, (people,); a percentile on an edge is in the lower one."""
    return np.searchsorted(_EDGES, percentile, side="left")


def _components(embedded: NDArray[np.float64]) -> tuple[NDArray[np.float64], tuple[float, float]]:
    """Return (2, people) and the shares of the variance; zeros where there is no such axis."""
    centred = embedded - embedded.mean(axis=0)
    _, spreads, loadings = np.linalg.svd(centred, full_matrices=False)
    total = float((spreads**2).sum())
    axes = np.zeros((2, len(embedded)))
    shares = [0.0, 0.0]
    for place in range(min(2, len(spreads))):
        turn = np.sign(loadings[place][np.abs(loadings[place]).argmax()]) or 1.0
        axes[place] = turn * (centred @ loadings[place])
        shares[place] = float(spreads[place] ** 2) / total if total > 0 else 0.0
    return axes, (shares[0], shares[1])


def _bands(axes: NDArray[np.float64], percentile: Column) -> tuple[ProjectionBand, ...]:
    places = places_of_bands(percentile)
    found = []
    for place, name in enumerate(_NAMES):
        is_in = places == place
        means = axes[:, is_in].mean(axis=1) if is_in.any() else None
        found.append(
            ProjectionBand(
                percentiles=name,
                people=int(is_in.sum()),
                first=None if means is None else float(means[0]),
                second=None if means is None else float(means[1]),
            )
        )
    return tuple(found)
