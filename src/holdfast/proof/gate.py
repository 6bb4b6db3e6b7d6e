"""Decide whether a release may be used in care: a pure function of evidence, policy, manifest and time.

Whatever is missing, stale, failed, unscored, too small, out of bounds or about something else refuses, and each says
so in its own words. Evidence only ever helps: taking some away never turns a refusal into a grant. People count only
where they are human.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from holdfast.measured import Failed, Measurement, Scored, Unscored
from holdfast.proof.evidence import Evidence, Measured
from holdfast.proof.manifest import Manifest
from holdfast.proof.people import HumanReview, Participation, Person, Role, SignOff, Study
from holdfast.proof.policy import Bound, Claim, ReleasePolicy, RequiredReview, SignedText, Stage
from holdfast.proof.tier import RESEARCH

__all__ = ["Decision", "Defect", "Reason", "decide", "judge_bound"]

Entry = TypeVar("Entry")


class Defect(StrEnum):
    """What is wrong with a piece of evidence."""

    MISSING = "missing"
    STALE = "stale"
    FROM_THE_FUTURE = "from_the_future"
    FAILED = "failed"
    UNSCORED = "unscored"
    TOO_SMALL = "too_small"
    NO_INTERVAL = "no_interval"
    OUT_OF_BOUND = "out_of_bound"
    OTHER_RELEASE = "other_release"
    OTHER_SUITE = "other_suite"
    TEXT_CHANGED = "text_changed"
    NO_SUCH_TEXT = "no_such_text"
    NOT_HUMAN = "not_human"
    NOT_BLINDED = "not_blinded"
    TOO_FEW_PEOPLE = "too_few_people"
    TOO_WEAK = "too_weak"


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One reason to refuse: what it is about, what is wrong with it, and that in plain words."""

    subject: str
    defect: Defect
    words: str


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The gate's decision. Refused, the tier is ``RESEARCH`` and ``reasons`` holds at least one."""

    is_granted: bool
    tier: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True)
class _Moment:
    """What entries are compared with: the release, the time and the least coverage of an interval."""

    manifest: Manifest
    now: datetime
    interval_level: float

    def age(self, subject: str, at: datetime, max_age_days: int | None) -> Iterator[Reason]:
        if at > self.now:
            yield _reason(subject, Defect.FROM_THE_FUTURE, f"is dated {at:%Y-%m-%d}, which is still to come")
        elif max_age_days is not None and self.now - at > timedelta(days=max_age_days):
            words = f"is from {at:%Y-%m-%d}, older than the {max_age_days} days that count"
            yield _reason(subject, Defect.STALE, words)

    def release(self, subject: str, sha256: str) -> Iterator[Reason]:
        if sha256 != self.manifest.sha256:
            yield _reason(subject, Defect.OTHER_RELEASE, "was gathered on another release than this one")


def decide(
    evidence: Evidence, policy: ReleasePolicy, manifest: Manifest, now: datetime, *, overdue_helplines: int = 0
) -> Decision:
    """Return whether the release that ``manifest`` describes may be used as ``policy`` allows, and if not, every why.

    Args:
        now: The current time, with time zone; evidence dated after it does not count.
        overdue_helplines: How many lines of this release have a check that has run out by ``now``.
    """
    moment = _Moment(manifest=manifest, now=now, interval_level=policy.interval_level)
    reasons = (*_lines(overdue_helplines), *_reasons(evidence, policy, moment))
    return Decision(is_granted=not reasons, tier=RESEARCH if reasons else policy.grants, reasons=reasons)


def judge_bound(
    measured: Measured | None, bound: Bound, policy: ReleasePolicy, manifest: Manifest, now: datetime
) -> tuple[Reason, ...]:
    """Return every reason why ``measured`` does not meet ``bound``; none where it does."""
    return tuple(_metric(measured, bound, _Moment(manifest=manifest, now=now, interval_level=policy.interval_level)))


def _lines(overdue: int) -> Iterator[Reason]:
    if overdue > 0:
        yield _reason("helplines", Defect.STALE, f"{overdue} must be looked up and dialled again, their check ran out")


def _reasons(evidence: Evidence, policy: ReleasePolicy, moment: _Moment) -> Iterator[Reason]:
    for bound in policy.bounds:
        yield from _metric(evidence.of_metric(bound.metric), bound, moment)
    for required in policy.reviews:
        yield from _review(evidence.reviews, required, moment)
    for text in policy.signed_texts:
        yield from _signatures(evidence.sign_offs, text, moment)
    for stage in policy.stages:
        yield from _participation(evidence.participation, stage, moment)
    for claim in policy.claims:
        yield from _claim(evidence.studies, claim, moment)


def _metric(measured: Measured | None, bound: Bound, moment: _Moment) -> Iterator[Reason]:
    subject = bound.metric
    if measured is None:
        yield _reason(subject, Defect.MISSING, "has not been measured")
        return
    yield from moment.release(subject, measured.release_sha256)
    if measured.suite_sha256 != moment.manifest.artefacts.get(bound.suite_file):
        yield _reason(subject, Defect.OTHER_SUITE, f"was measured with other cases than those in {bound.suite_file}")
    yield from moment.age(subject, measured.at, bound.max_age_days)
    yield from _size(subject, measured.measurement, bound.minimum_n)
    yield from _worse_end(subject, measured.measurement, bound.direction, bound.bound, moment)


def _size(subject: str, measurement: Measurement, minimum: int) -> Iterator[Reason]:
    if isinstance(measurement, Scored) and measurement.n < minimum:
        yield _reason(subject, Defect.TOO_SMALL, f"rests on {measurement.n}, and must rest on at least {minimum}")


def _worse_end(
    subject: str, measurement: Measurement, direction: str, bound: float, moment: _Moment
) -> Iterator[Reason]:
    """Hold the interval's worse end against the bound. What compares with nothing (NaN) does not meet it."""
    if isinstance(measurement, Unscored):
        yield _reason(subject, Defect.UNSCORED, f"was not scored: {measurement.reason}")
    elif isinstance(measurement, Failed):
        yield _reason(subject, Defect.FAILED, f"failed: {measurement.error}")
    elif measurement.interval is None or not measurement.interval.level >= moment.interval_level:
        words = f"has no interval with a coverage of {moment.interval_level:g} or more"
        yield _reason(subject, Defect.NO_INTERVAL, words)
    elif direction == "at_least" and not measurement.interval.low >= bound:
        words = f"may be as low as {measurement.interval.low:.3f}, and must be at least {bound:g}"
        yield _reason(subject, Defect.OUT_OF_BOUND, words)
    elif direction == "at_most" and not measurement.interval.high <= bound:
        words = f"may be as high as {measurement.interval.high:.3f}, and must be at most {bound:g}"
        yield _reason(subject, Defect.OUT_OF_BOUND, words)


def _review(reviews: Iterable[HumanReview], required: RequiredReview, moment: _Moment) -> Iterator[Reason]:
    subject = f"review {required.id}"
    candidates = [review for review in reviews if review.review == required.id]
    missing = _reason(subject, Defect.MISSING, "has not been done by people")
    yield from _fewest(candidates, lambda review: _review_defects(subject, review, required, moment), missing)


def _review_defects(subject: str, review: HumanReview, required: RequiredReview, moment: _Moment) -> Iterator[Reason]:
    yield from moment.release(subject, review.release_sha256)
    yield from moment.age(subject, review.at, required.max_age_days)
    if not review.is_blinded:
        yield _reason(subject, Defect.NOT_BLINDED, "was not blinded")
    if not all(reviewer.is_human for reviewer in review.reviewers):
        yield _reason(subject, Defect.NOT_HUMAN, "counts simulated people or models as reviewers")
    yield from _enough_people(subject, review.reviewers, required)
    if review.replies < required.minimum_replies:
        words = f"covers {review.replies} replies, and must cover at least {required.minimum_replies}"
        yield _reason(subject, Defect.TOO_SMALL, words)
    shares = (
        ("agreement", review.agreement, required.agreement_at_least),
        ("acceptable replies", review.acceptable, required.acceptable_at_least),
    )
    for name, measurement, bound in shares:
        yield from _size(f"{subject}, {name}", measurement, required.minimum_replies)
        yield from _worse_end(f"{subject}, {name}", measurement, "at_least", bound, moment)


def _enough_people(subject: str, people: Iterable[Person], required: RequiredReview) -> Iterator[Reason]:
    human = [person for person in people if person.is_human]
    names = {person.name.casefold() for person in human}
    if len(names) < required.minimum_reviewers:
        words = f"has {len(names)} human reviewers, and must have at least {required.minimum_reviewers}"
        yield _reason(subject, Defect.TOO_FEW_PEOPLE, words)
    for role in required.roles:
        if role not in {person.role for person in human}:
            yield _reason(subject, Defect.TOO_FEW_PEOPLE, f"has no human reviewer in the role {_spoken(role)}")


def _signatures(sign_offs: Iterable[SignOff], text: SignedText, moment: _Moment) -> Iterator[Reason]:
    sha256 = moment.manifest.text_sha256(text.paths)
    if sha256 is None:
        yield _reason(f"text {text.id}", Defect.NO_SUCH_TEXT, "is not part of this release")
        return
    signed = [sign_off for sign_off in sign_offs if sign_off.text == text.id]
    for role in text.roles:
        subject = f"text {text.id}, {_spoken(role)}"
        candidates = [sign_off for sign_off in signed if sign_off.signer.role is role]
        missing = _reason(subject, Defect.MISSING, "nobody in this role has signed it")

        def defects(sign_off: SignOff, subject: str = subject) -> Iterator[Reason]:
            yield from _not_human(subject, sign_off.signer)
            if sign_off.sha256 != sha256:
                yield _reason(subject, Defect.TEXT_CHANGED, "signed other words than those in this release")
            yield from moment.age(subject, sign_off.at, text.max_age_days)

        yield from _fewest(candidates, defects, missing)


def _participation(entries: Iterable[Participation], stage: Stage, moment: _Moment) -> Iterator[Reason]:
    at_stage = [entry for entry in entries if entry.stage == stage.id]
    for role in stage.roles:
        subject = f"stage {stage.id}, {_spoken(role)}"
        candidates = [entry for entry in at_stage if entry.person.role is role]
        missing = _reason(subject, Defect.MISSING, "nobody in this role has taken part")

        def defects(entry: Participation, subject: str = subject) -> Iterator[Reason]:
            yield from _not_human(subject, entry.person)
            yield from moment.age(subject, entry.at, None)

        yield from _fewest(candidates, defects, missing)


def _claim(studies: Iterable[Study], claim: Claim, moment: _Moment) -> Iterator[Reason]:
    subject = f"claim {claim.id}"
    candidates = [study for study in studies if study.claim == claim.id]

    def defects(study: Study) -> Iterator[Reason]:
        if study.level < claim.needs:
            needed = claim.needs.name.lower().replace("_", " ")
            yield _reason(subject, Defect.TOO_WEAK, f"rests on a weaker study than the {needed} it needs")
        yield from moment.age(subject, study.at, None)

    yield from _fewest(candidates, defects, _reason(subject, Defect.MISSING, "has no study behind it"))


def _not_human(subject: str, person: Person) -> Iterator[Reason]:
    if not person.is_human:
        yield _reason(subject, Defect.NOT_HUMAN, f"is a {person.kind} and not a human being")


def _fewest(
    candidates: Iterable[Entry], defects: Callable[[Entry], Iterable[Reason]], missing: Reason
) -> tuple[Reason, ...]:
    """Return what is wrong with the best candidate: nothing where one is sound, ``missing`` where there is none."""
    found = [tuple(defects(candidate)) for candidate in candidates]
    return min(found, key=lambda reasons: (len(reasons), [r.words for r in reasons]), default=(missing,))


def _reason(subject: str, defect: Defect, words: str) -> Reason:
    return Reason(subject=subject, defect=defect, words=f"{subject}: {words}")


def _spoken(role: Role) -> str:
    return role.value.replace("_", " ")
