"""Why a reply was what it was: everything needed to explain and replay a turn, and not a word anyone wrote."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

__all__ = ["TurnTrace"]


@dataclass(frozen=True, kw_only=True)
class TurnTrace:
    """One turn's record, JSON-ready through ``payload``.

    ``detection`` carries levels, categories, rule ids and offsets; ``artefacts`` maps artefact ids to the SHA-256
    of the file or prompt used; ``language_note`` is the tag of the language in which its limits were told;
    ``timings_ms`` are wall-clock milliseconds per step.
    """

    at: datetime
    tier: str
    route: str
    route_reason: str
    author: str
    detection: dict[str, Any]
    crisis_before: str
    crisis_after: str
    templates: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    artefacts: dict[str, str] = field(default_factory=dict)
    model: str | None = None
    model_outcome: str | None = None
    review: tuple[dict[str, str], ...] = ()
    notice: str | None = None
    language_note: str | None = None
    timings_ms: dict[str, float] = field(default_factory=dict)

    def payload(self) -> dict[str, Any]:
        """Return the record as JSON-ready values."""
        return {**asdict(self), "at": self.at.isoformat()}
