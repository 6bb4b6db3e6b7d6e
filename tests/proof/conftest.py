"""Evidence that would satisfy the shipped policy. It is synthetic, and exists in these tests alone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from holdfast.measured import Interval, Scored
from holdfast.proof.evidence import Evidence, Measured
from holdfast.proof.manifest import Manifest
from holdfast.proof.people import HumanReview, Participation, Person, Role, SignOff
from holdfast.proof.policy import Bound, ReleasePolicy, load_policy

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
YESTERDAY = NOW - timedelta(days=1)


def perfect(bound: Bound, *, level: float = 0.95) -> Scored:
    """A measurement whose worse end meets ``bound``."""
    at = 1.0 if bound.direction == "at_least" else 0.0
    return Scored(value=at, n=bound.minimum_n, interval=Interval(at, at, level))


def measured(bound: Bound, manifest: Manifest) -> Measured:
    return Measured(
        metric=bound.metric,
        measurement=perfect(bound),
        at=YESTERDAY,
        suite=bound.metric.split(".")[0],
        suite_sha256=manifest.artefacts[bound.suite_file],
        release_sha256=manifest.sha256,
    )


def sound(policy: ReleasePolicy, manifest: Manifest) -> Evidence:
    """Everything that ``policy`` asks for, about ``manifest``, by people who do not exist."""

    def person(role: Role, number: int = 1) -> Person:
        return Person(name=f"Test {role.value} {number}", role=role, kind="human")

    share = Scored(value=0.99, n=1_000, interval=Interval(0.98, 1.0, 0.95))
    return Evidence(
        measured=tuple(measured(bound, manifest) for bound in policy.bounds),
        reviews=tuple(
            HumanReview(
                review=review.id,
                release_sha256=manifest.sha256,
                reviewers=tuple(person(role, n) for role in review.roles for n in range(review.minimum_reviewers)),
                is_blinded=True,
                replies=1_000,
                agreement=share,
                acceptable=share,
                at=YESTERDAY,
            )
            for review in policy.reviews
        ),
        sign_offs=tuple(
            SignOff(
                text=text.id,
                sha256=str(manifest.text_sha256(text.paths)),
                signer=person(role),
                at=YESTERDAY,
                statement="A sign-off made up for a test.",
            )
            for text in policy.signed_texts
            for role in text.roles
        ),
        participation=tuple(
            Participation(
                stage=stage.id, person=person(role), at=YESTERDAY, brought="Made up.", decided="Yes.", answered="Yes."
            )
            for stage in policy.stages
            for role in stage.roles
        ),
    )


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def policy() -> ReleasePolicy:
    return load_policy().value


@pytest.fixture(scope="session")
def manifest() -> Manifest:
    return Manifest.of_package()


@pytest.fixture(scope="session")
def full(policy: ReleasePolicy, manifest: Manifest) -> Evidence:
    return sound(policy, manifest)


@pytest.fixture(scope="session")
def make_measured() -> Callable[[Bound, Manifest], Measured]:
    return measured
