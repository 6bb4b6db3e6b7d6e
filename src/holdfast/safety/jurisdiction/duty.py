"""What one law asks, as a row of data, and what is done everywhere."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from holdfast.content import ContentModel
from holdfast.safety.detection.verdict import Category
from holdfast.safety.jurisdiction.feature import Feature

__all__ = ["Default", "Duties", "Law"]

_Words = Annotated[str, StringConstraints(min_length=1)]
_Region = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]
_Time = Annotated[int, Field(gt=0)] | None
_TIMES = (
    "session_gap_minutes",
    "after_days",
    "interval_minutes",
    "minor_interval_minutes",
    "break_minutes",
    "minor_break_minutes",
)


class Duties(ContentModel):
    """Duties that can be asked for. What is not mentioned is not asked for. Times are in minutes or days.

    ``switched_off`` is for everyone, ``minors_off`` for people under 18, and ``licensed_only`` for everyone whom the
    law does not let use a feature without a licence. ``detects`` are the kinds of risk that detection has to cover.
    """

    at_first_use: bool = False
    at_session_start: bool = False
    session_gap_minutes: _Time = None
    after_days: _Time = None
    interval_minutes: _Time = None
    minor_interval_minutes: _Time = None
    break_minutes: _Time = None
    minor_break_minutes: _Time = None
    on_request: bool = False
    states_suitability: bool = False
    switched_off: tuple[Feature, ...] = ()
    minors_off: tuple[Feature, ...] = ()
    licensed_only: tuple[Feature, ...] = ()
    detects: tuple[Category, ...] = ()
    publishes_protocol: bool = False
    counts_referrals: bool = False
    reports_yearly: bool = False
    interrupts_in_crisis: bool = False


class Law(Duties):
    """One row: a law, where it holds and from when, and how what it asks was found out.

    ``verified`` is read (at the statute), second_hand (through a summary or a quotation) or memory; a row counts as
    the weakest way in which any of it was checked. ``forms`` are the forms of notice that the law names.
    """

    id: _Words
    name: _Words
    regions: tuple[_Region, ...] = Field(min_length=1)
    law: _Words
    source: _Words
    verified: Literal["read", "second_hand", "memory"]
    in_force: date
    forms: tuple[Literal["written", "spoken"], ...] = ()
    note: str = ""

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        empty = Duties()
        if all(getattr(self, name) == getattr(empty, name) for name in Duties.model_fields):
            raise ValueError("a row must ask for something")
        return self

    def holds_in(self, region: str) -> bool:
        """Whether it holds in ``region``, in the country around it, or in some part of the country ``region`` is."""
        return any(
            region == place or region.startswith(f"{place}-") or place.startswith(f"{region}-")
            for place in self.regions
        )


class Default(Duties):
    """What is done everywhere. Every time is set, so that nothing is left open."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        missing = [name for name in _TIMES if getattr(self, name) is None]
        if missing:
            raise ValueError(f"default must set {', '.join(missing)}")
        return self

    @classmethod
    def strictest(cls) -> Self:
        """Return the strictest that can be asked for: a notice with nearly every reply, and everything off."""
        return cls(
            at_first_use=True,
            at_session_start=True,
            **dict.fromkeys(_TIMES, 1),
            on_request=True,
            states_suitability=True,
            switched_off=tuple(Feature),
            minors_off=tuple(Feature),
            licensed_only=tuple(Feature),
            detects=tuple(Category),
            publishes_protocol=True,
            counts_referrals=True,
            reports_yearly=True,
            interrupts_in_crisis=True,
        )
