"""What is served to one person: the default, made stricter by every law that may hold for them (A4, H2, H4).

A person's region and age are only what they say, so neither ever weakens the default. Unknown means strictest: no
region counts as every region, a country as every part of it, no age as a minor's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, Self, get_args

from pydantic import model_validator

from holdfast.content import ContentModel, Loaded, load_yaml
from holdfast.errors import ContentError
from holdfast.safety.detection.verdict import Category
from holdfast.safety.jurisdiction.age import Age
from holdfast.safety.jurisdiction.duty import Default, Duties, Law
from holdfast.safety.jurisdiction.feature import Feature

__all__ = ["JurisdictionPolicies", "Occasion", "Policy", "load_policies", "load_policies_or_strictest"]

_PATH = Path(__file__).with_name("policies.yaml")

Occasion = Literal["first_use", "session", "interval", "asked", "break", "suitability", "minors"]

_LICENSED = frozenset({"clinician"})
"""Roles that a law may let use what it keeps for licensed people. Nobody who talks to Holdfast has one today."""

_FIRST_ON_EARTH = timedelta(hours=14)
"""A date begins in UTC+14 first; a law counts as in force from then on, wherever the person is."""

_PLAINEST = "I am software, not a person, and not a therapist or a doctor. [People you can reach](/help)."


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What is served to one person.

    Attributes:
        row: The region whose laws apply ("US-CA", "US", "DE"), or "default" where none is known: then all do.
        laws: The ids of these laws.
        is_minors: Whether it is the stricter mode for people under 18.
        session_gap: The absence after which a new session starts.
        longest: The longest time since the last notice in any case.
        interval: The longest time between notices while talking.
        break_every: The longest time between reminders to take a break.
        off: What stays switched off.
        detects: The kinds of risk that detection has to cover.
    """

    row: str
    laws: tuple[str, ...]
    is_minors: bool
    at_first_use: bool
    at_session_start: bool
    session_gap: timedelta
    longest: timedelta
    interval: timedelta
    break_every: timedelta
    on_request: bool
    states_suitability: bool
    off: frozenset[Feature]
    detects: frozenset[Category]
    publishes_protocol: bool
    counts_referrals: bool
    reports_yearly: bool
    interrupts_in_crisis: bool

    def allows(self, feature: Feature) -> bool:
        """Whether ``feature`` may be used for this person."""
        return feature not in self.off


class JurisdictionPolicies(ContentModel):
    """What is done everywhere, every law, and the words of the notices."""

    id: str
    version: str
    written: date
    status: str
    default: Default
    rows: tuple[Law, ...]
    notices: Mapping[Occasion, str]

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        missing = set(get_args(Occasion)) - self.notices.keys()
        if missing:
            raise ValueError(f"notices must hold {sorted(missing)}")
        ids = [row.id for row in self.rows]
        if len(set(ids)) < len(ids):
            raise ValueError("each row must have an id of its own")
        return self

    def laws_for(self, region: str | None, now: datetime) -> tuple[str, tuple[Law, ...]]:
        """Return the region as it is known, or "default", and the laws in force that may hold for somebody there.

        ``region`` is an ISO 3166 code ("US-UT", "DE"). A country brings the laws of all its parts; a part brings its
        country's; a region that no law names brings all of them.
        """
        today = (now.astimezone(UTC) + _FIRST_ON_EARTH).date()
        code = (region or "").strip().upper()
        named = [law for law in self.rows if code and law.holds_in(code)]
        found = named or self.rows
        return (code if named else "default", tuple(law for law in found if law.in_force <= today))

    def policy_for(self, region: str | None, age: Age, *, now: datetime, role: str = "public") -> Policy:
        """Return the default, made stricter by every law that may hold, by age and by role.

        ``role`` is whom a person reads for; only a licensed one is let use what a law keeps for licensed people, and
        then only where the default does. A role that is not known is not licensed.
        """
        row, laws = self.laws_for(region, now)
        all_of: list[Duties] = [self.default, *laws]
        is_minors = age.is_served_as_minor
        return Policy(
            row=row,
            laws=tuple(law.id for law in laws),
            is_minors=is_minors,
            **_times(all_of, is_minors),
            **_switches(all_of),
            off=_off(all_of, is_minors, is_licensed=role in _LICENSED),
            detects=frozenset(category for duty in all_of for category in duty.detects),
        )


def load_policies(path: Path = _PATH) -> Loaded[JurisdictionPolicies]:
    """Read the policies.

    Raises:
        ContentError: The file is malformed, a row lacks what it needs, or the default leaves something open.
    """
    return load_yaml(path, JurisdictionPolicies)


def load_policies_or_strictest(path: Path = _PATH) -> Loaded[JurisdictionPolicies]:
    """Read the policies; a file that is missing or damaged in any row gives the strictest that can be asked for.

    The id "jurisdiction-damaged" and an empty hash then stand in every trace of a notice.
    """
    try:
        return load_policies(path)
    except ContentError:
        return Loaded(_strictest(), path, "")


def _strictest() -> JurisdictionPolicies:
    return JurisdictionPolicies(
        id="jurisdiction-damaged",
        version="none",
        written=date(2026, 11, 30),
        status="the file of policies cannot be read; the strictest of everything applies",
        default=Default.strictest(),
        rows=(),
        notices=dict.fromkeys(get_args(Occasion), _PLAINEST),
    )


def _times(duties: Sequence[Duties], is_minors: bool) -> dict[str, Any]:
    intervals = [duty.interval_minutes for duty in duties]
    breaks = [duty.break_minutes for duty in duties]
    if is_minors:
        intervals += [duty.minor_interval_minutes for duty in duties]
        breaks += [duty.minor_break_minutes for duty in duties]
    return {
        "session_gap": timedelta(minutes=_shortest(duty.session_gap_minutes for duty in duties)),
        "longest": timedelta(days=_shortest(duty.after_days for duty in duties)),
        "interval": timedelta(minutes=_shortest(intervals)),
        "break_every": timedelta(minutes=_shortest(breaks)),
    }


def _switches(duties: Sequence[Duties]) -> dict[str, Any]:
    return {
        "at_first_use": any(duty.at_first_use for duty in duties),
        "at_session_start": any(duty.at_session_start for duty in duties),
        "on_request": any(duty.on_request for duty in duties),
        "states_suitability": any(duty.states_suitability for duty in duties),
        "publishes_protocol": any(duty.publishes_protocol for duty in duties),
        "counts_referrals": any(duty.counts_referrals for duty in duties),
        "reports_yearly": any(duty.reports_yearly for duty in duties),
        "interrupts_in_crisis": any(duty.interrupts_in_crisis for duty in duties),
    }


def _off(duties: Sequence[Duties], is_minors: bool, *, is_licensed: bool) -> frozenset[Feature]:
    found = {feature for duty in duties for feature in duty.switched_off}
    found |= {feature for duty in duties for feature in duty.minors_off if is_minors}
    return frozenset(found | {feature for duty in duties for feature in duty.licensed_only if not is_licensed})


def _shortest(times: Iterable[int | None]) -> int:
    return min(minutes for minutes in times if minutes is not None)
