"""The rota: who means to be on duty when. It is a plan, so it staffs nothing: only being there does."""

from collections.abc import Sequence
from datetime import datetime, time
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from holdfast.content import ContentModel, load_yaml

__all__ = ["Day", "Rota", "Shift", "load_rota"]


class Day(StrEnum):
    """A day of the week, Monday first."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


_DAYS = tuple(Day)


class Shift(ContentModel):
    """Hours of a steward on some days, ``start`` included and ``end`` not. An ``end`` before it is the next day's."""

    steward: Annotated[str, Field(min_length=2, max_length=64)]
    days: tuple[Day, ...] = Field(min_length=1)
    start: time
    end: time

    @field_validator("start", "end", mode="before")
    @classmethod
    def _read(cls, value: object) -> object:
        """Read "22:00" as it stands, and as the number of minutes that YAML 1.1 makes of it without quotes."""
        return f"{value // 60:02d}:{value % 60:02d}" if isinstance(value, int) else value

    @model_validator(mode="after")
    def _lasts(self) -> "Shift":
        if self.start == self.end:
            raise ValueError("a shift must last, and starts when it ends")
        return self

    def covers(self, local: datetime) -> bool:
        """Whether ``local``, a moment in the rota's time zone, lies within the shift."""
        today, yesterday = _DAYS[local.weekday()], _DAYS[local.weekday() - 1]
        at = local.timetz().replace(tzinfo=None)
        if self.start < self.end:
            return today in self.days and self.start <= at < self.end
        return (today in self.days and at >= self.start) or (yesterday in self.days and at < self.end)


class Rota(ContentModel):
    """Every shift of a week, in one time zone."""

    time_zone: str
    shifts: tuple[Shift, ...]

    @field_validator("time_zone")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("must be a time zone such as Europe/London that this machine knows") from None
        return value

    def planned(self, now: datetime) -> tuple[str, ...]:
        """Return the names of those who mean to be on duty at ``now``, sorted."""
        local = now.astimezone(ZoneInfo(self.time_zone))
        return tuple(sorted({shift.steward for shift in self.shifts if shift.covers(local)}))

    def absent(self, now: datetime, present: Sequence[str]) -> tuple[str, ...]:
        """Return who means to be on duty at ``now`` and is not among ``present``."""
        return tuple(name for name in self.planned(now) if name not in present)


def load_rota(path: Path | None) -> Rota | None:
    """Read the rota; None where no file is named.

    Raises:
        ContentError: The file is missing or malformed.
    """
    return None if path is None else load_yaml(path, Rota).value
