"""How long each kind of record is kept, in days."""

from dataclasses import dataclass, fields
from typing import Self

from holdfast.errors import InputError
from holdfast.settings import Settings

__all__ = ["Clocks"]


@dataclass(frozen=True, kw_only=True)
class Clocks:
    """Days after which records go. None: they stay until their person deletes them, withdraws or erases.

    Attributes:
        turns: From when a turn was taken. Persons who cannot come back go after the same time unseen.
        check_ins: From when a check-in was last worked on.
        exercises: From when an exercise was last worked on; safety plans are exercises too.
        traces: From when a record of why a reply was given, or of a sign of risk, was written. The link in the chain
            stays, and its content goes. A turn's record goes with its turn, if that is sooner.
        alerts: From when an alert was cleared, with what was recorded about it. One that nobody cleared never goes.
        counters: From the day they count. They name nobody.

    Raises:
        InputError: One of them is below 1.
    """

    turns: int = 90
    check_ins: int | None = None
    exercises: int | None = None
    traces: int = 90
    alerts: int = 365
    counters: int = 1096

    def __post_init__(self) -> None:
        """Refuse keeping nothing at all."""
        for kind in fields(self):
            days = getattr(self, kind.name)
            if days is not None and days < 1:
                raise InputError(
                    f"Retention of {kind.name} must be at least 1 day, got {days!r}; to erase all, erase the persons."
                )

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the clocks that the settings name."""
        return cls(
            turns=settings.retention_days,
            check_ins=settings.check_in_retention_days,
            exercises=settings.exercise_retention_days,
            traces=settings.trace_retention_days,
            alerts=settings.alert_retention_days,
            counters=settings.counter_retention_days,
        )
