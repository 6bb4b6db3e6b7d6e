"""What has to be done where, as data: notices that this is software, and what stays switched off (A4, H2, H4).

A person's region is only what they say it is, so a row never weakens the default, which is the strictest of all
rows; an unknown region gets the default.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from holdfast.content import ContentModel, Loaded, load_yaml

__all__ = ["Duty", "JurisdictionPolicies", "Occasion", "Policy", "load_policies"]

_PATH = Path(__file__).with_name("policies.yaml")

Occasion = Literal["first_use", "session", "interval", "asked"]


class Duty(ContentModel):
    """One row: what one law asks. What it does not mention is left out. Times are in minutes or days."""

    id: str
    name: str
    law: str
    verified: Literal["read", "second_hand", "memory"]
    regions: tuple[str, ...] = ()
    at_first_use: bool = False
    at_session_start: bool = False
    session_gap_minutes: int | None = Field(default=None, gt=0)
    after_days: int | None = Field(default=None, gt=0)
    interval_minutes: int | None = Field(default=None, gt=0)
    minor_interval_minutes: int | None = Field(default=None, gt=0)
    on_request: bool = False
    affect_inference: bool = True
    companion_features: bool = True
    publishes_protocol: bool = False
    counts_referrals: bool = False


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What is served to one person. ``row`` is the id of the row that applies, or "default".

    ``session_gap`` is the absence after which a new session starts; ``interval`` the longest time between notices
    while talking; ``longest`` the longest time since the last notice in any case.
    """

    row: str
    at_first_use: bool
    at_session_start: bool
    session_gap: timedelta
    longest: timedelta
    interval: timedelta
    on_request: bool
    affect_inference: bool
    companion_features: bool
    publishes_protocol: bool
    counts_referrals: bool


class JurisdictionPolicies(ContentModel):
    """The default, every row and the words of the notices."""

    id: str
    version: str
    written: date
    default: Duty
    rows: tuple[Duty, ...]
    notices: Mapping[Occasion, str]

    @model_validator(mode="after")
    def _default_is_whole(self) -> Self:
        default = self.default
        times = (default.session_gap_minutes, default.after_days, default.interval_minutes)
        if None in (*times, default.minor_interval_minutes):
            raise ValueError("default must set every time")
        missing = {"first_use", "session", "interval", "asked"} - self.notices.keys()
        if missing:
            raise ValueError(f"notices must hold {sorted(missing)}")
        return self

    def row_for(self, region: str | None) -> Duty:
        """Return the row for a region ("US-UT", "DE"), its country's where it has none, or the default."""
        code = (region or "").strip().upper()
        for wanted in (code, code.split("-")[0]):
            for row in self.rows:
                if wanted and (wanted == row.id or wanted in row.regions):
                    return row
        return self.default

    def policy_for(self, region: str | None, is_minor: bool) -> Policy:
        """Return the default made stricter by the region's row, and stricter again for a minor."""
        both = (self.default, self.row_for(region))
        return Policy(
            row=both[1].id,
            at_first_use=any(duty.at_first_use for duty in both),
            at_session_start=any(duty.at_session_start for duty in both),
            session_gap=timedelta(minutes=_shortest(duty.session_gap_minutes for duty in both)),
            longest=timedelta(days=_shortest(duty.after_days for duty in both)),
            interval=timedelta(minutes=_shortest(_interval(duty, is_minor) for duty in both)),
            on_request=any(duty.on_request for duty in both),
            affect_inference=all(duty.affect_inference for duty in both),
            companion_features=all(duty.companion_features for duty in both),
            publishes_protocol=any(duty.publishes_protocol for duty in both),
            counts_referrals=any(duty.counts_referrals for duty in both),
        )


def load_policies(path: Path = _PATH) -> Loaded[JurisdictionPolicies]:
    """Read the policies.

    Raises:
        ContentError: The file is malformed, or its default leaves something open.
    """
    return load_yaml(path, JurisdictionPolicies)


def _interval(duty: Duty, is_minor: bool) -> int | None:
    times = (duty.interval_minutes, duty.minor_interval_minutes if is_minor else None)
    return min((minutes for minutes in times if minutes is not None), default=None)


def _shortest(times: Iterable[int | None]) -> int:
    return min(minutes for minutes in times if minutes is not None)
