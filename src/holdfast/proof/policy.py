"""What a release must show before it may be used in care: bounds and people, declared before anything is measured."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from holdfast.content import ContentModel, Loaded, load_yaml
from holdfast.proof.people import Identifier, Role, Sentence, StudyLevel

__all__ = ["POLICY", "Bound", "Claim", "ReleasePolicy", "RequiredReview", "SignedText", "Stage", "load_policy"]

POLICY = Path(__file__).with_name("policy.yaml")

_MUST_SIGN = frozenset({Role.CLINICIAN, Role.LIVED_EXPERIENCE, Role.ETHICS_LEAD})

Share = Annotated[float, Field(ge=0, le=1)]
Days = Annotated[int, Field(ge=1, le=3_650)]
Count = Annotated[int, Field(ge=1)]


class Bound(ContentModel):
    """What a metric must reach. The bound applies to the interval's worse end, not to the value.

    ``suite_file`` is the content file that the metric is measured with; evidence from other cases does not count.
    """

    metric: Identifier
    suite_file: str
    direction: Literal["at_least", "at_most"]
    bound: Share
    minimum_n: Count
    max_age_days: Days
    why: Sentence


class SignedText(ContentModel):
    """A text that people must stand behind: the files it is made of, and in which roles they sign."""

    id: Identifier
    paths: Annotated[tuple[str, ...], Field(min_length=1)]
    roles: Annotated[tuple[Role, ...], Field(min_length=1)]
    max_age_days: Days


class RequiredReview(ContentModel):
    """A blinded review by people: how many, of how much, and how far they must agree and approve."""

    id: Identifier
    roles: Annotated[tuple[Role, ...], Field(min_length=1)]
    minimum_reviewers: Annotated[int, Field(ge=2)]
    minimum_replies: Count
    agreement_at_least: Share
    acceptable_at_least: Share
    max_age_days: Days


class Stage(ContentModel):
    """A stage of the work at which people of these roles must have taken part."""

    id: Identifier
    roles: Annotated[tuple[Role, ...], Field(min_length=1)]


class Claim(ContentModel):
    """Something that may be said about benefit, and the weakest study that supports saying it."""

    id: Identifier
    says: Sentence
    needs: StudyLevel


class ReleasePolicy(ContentModel):
    """The whole policy. One that asks for less than people and measurements is refused on load.

    ``grants`` is the tier that a release which meets everything may state. ``interval_level`` is the least coverage
    that an interval must have.
    """

    id: Identifier
    version: int
    declared: str
    status: str
    grants: Sentence
    interval_level: Annotated[float, Field(ge=0.9, lt=1)]
    bounds: Annotated[tuple[Bound, ...], Field(min_length=1)]
    signed_texts: Annotated[tuple[SignedText, ...], Field(min_length=1)]
    reviews: Annotated[tuple[RequiredReview, ...], Field(min_length=1)]
    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]
    claims: tuple[Claim, ...]

    @model_validator(mode="after")
    def _asks_for_people(self) -> Self:
        for kind, names in self._names():
            if len(set(names)) < len(names):
                raise ValueError(f"{kind} must each be there once")
        signing = {role for text in self.signed_texts for role in text.roles}
        if missing := sorted(_MUST_SIGN - signing):
            raise ValueError(f"signed_texts must ask for the roles {', '.join(missing)} too")
        if not all(Role.LIVED_EXPERIENCE in stage.roles for stage in self.stages):
            raise ValueError("every stage must ask for the role lived_experience")
        return self

    def _names(self) -> Iterable[tuple[str, list[str]]]:
        yield "bounds", [bound.metric for bound in self.bounds]
        yield "signed_texts", [text.id for text in self.signed_texts]
        yield "reviews", [review.id for review in self.reviews]
        yield "stages", [stage.id for stage in self.stages]
        yield "claims", [claim.id for claim in self.claims]

    def bound_of(self, metric: str) -> Bound | None:
        """Return the bound set for ``metric``, or None where there is none."""
        return next((bound for bound in self.bounds if bound.metric == metric), None)


def load_policy(path: Path = POLICY) -> Loaded[ReleasePolicy]:
    """Read the release policy and its hash.

    Raises:
        ContentError: The file is malformed, or asks for too little.
    """
    return load_yaml(path, ReleasePolicy)
