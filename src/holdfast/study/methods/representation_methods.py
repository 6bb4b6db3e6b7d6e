"""Every representation as a method of a comparison: the same inputs, the same groups, a distance to the healthy."""

from dataclasses import dataclass

from holdfast.measured import Unscored
from holdfast.metric.representations.registry import REPRESENTATIONS, make_representation
from holdfast.metric.representations.representation import Classes, Representation
from holdfast.risk.distances.centroid import Centroid
from holdfast.risk.distances.distance import Distance, FittedDistance
from holdfast.risk.distances.relative import Relative
from holdfast.study.inputs import InputEncoding, InputSettings
from holdfast.study.methods.method import FittedMethod, MethodSettings, Risk
from holdfast.study.risk_model.outcome_groups import outcome_groups
from holdfast.study.visits.visits import Visits

__all__ = ["RepresentationMethod", "representation_methods"]

CENTROID_OF = ("raw", "nplb")
"""Representations that are shown with the paper's plain definition too: distance to the healthy centroid."""


@dataclass(frozen=True, kw_only=True)
class RepresentationMethod:
    """A representation and a distance on it.

    Inputs are logged, standardised, filled and flagged as for our own risk, without hinges: what is bent is for a
    representation to find. People are grouped by what was seen (``outcome_groups``).

    Attributes:
        name, title: See ``Method``.
        representation: A key of ``REPRESENTATIONS``.
        distance: The definition of the risk.
        settings: As for all methods.
    """

    name: str
    title: str
    representation: str
    distance: Distance
    settings: MethodSettings

    def fit(self, train: Visits, *, seed: int) -> FittedMethod | Unscored:
        """Learn; see ``Method.fit``."""
        encoding = InputEncoding.fit(train, InputSettings(has_hinges=False))
        inputs = encoding.transform(train.values)
        groups = outcome_groups(train.outcome, train.is_healthy)
        learnt = make_representation(
            self.representation,
            dimensions=min(self.settings.dimensions, encoding.n_inputs),
            seed=seed,
            threads=self.settings.threads,
        ).fit(inputs, Classes(rows=groups.rows, codes=groups.codes[groups.rows]))
        distance = self.distance.fit(learnt.transform(inputs), groups.reference, train.outcome)
        return _Fitted(encoding=encoding, representation=learnt, distance=distance)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Fitted:
    encoding: InputEncoding
    representation: Representation
    distance: FittedDistance

    def risk(self, visits: Visits) -> Risk | Unscored:
        return self.distance.score(self.representation.transform(self.encoding.transform(visits.values)))


def representation_methods(settings: MethodSettings) -> tuple[RepresentationMethod, ...]:
    """Return each representation with the relative distance, and those of ``CENTROID_OF`` with the plain one.

    ``nplb`` itself is ours, see ``nplb_method``; the representation of that name is ``nplb-relative`` here.
    """
    relative = [
        RepresentationMethod(
            name="nplb-relative" if name == "nplb" else name,
            title=f"{title}; relative distance",
            representation=name,
            distance=Relative(weighting="equal"),
            settings=settings,
        )
        for name, title in REPRESENTATIONS.items()
    ]
    plain = [
        RepresentationMethod(
            name=f"{name}-centroid",
            title=f"{REPRESENTATIONS[name]}; plain distance to the healthy centroid",
            representation=name,
            distance=Centroid(),
            settings=settings,
        )
        for name in CENTROID_OF
    ]
    return (*relative, *plain)
