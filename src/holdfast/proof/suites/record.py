"""What became of one case: what was observed, or that it failed. Never a word of what was said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from holdfast.errors import EvidenceError

__all__ = ["CaseRecord"]


@dataclass(frozen=True, kw_only=True)
class CaseRecord:
    """One case's record. Either ``observed`` holds metric ids with whether each held, or ``error`` names a type."""

    suite: str
    case: str
    observed: Mapping[str, bool] = field(default_factory=dict)
    error: str | None = None

    @property
    def is_failed(self) -> bool:
        """Whether something was raised, so that nothing was observed."""
        return self.error is not None

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values; ``from_dict`` reads them back."""
        named = {"suite": self.suite, "case": self.case}
        if self.error is not None:
            return {**named, "outcome": "failed", "error": self.error}
        return {**named, "outcome": "done", "observed": dict(sorted(self.observed.items()))}

    @classmethod
    def from_dict(cls, data: object) -> "CaseRecord":
        """Read back what ``to_dict`` wrote.

        Raises:
            EvidenceError: The record is damaged.
        """
        if isinstance(data, Mapping) and isinstance(data.get("suite"), str) and isinstance(data.get("case"), str):
            observed, error = data.get("observed"), data.get("error")
            if data.get("outcome") == "failed" and isinstance(error, str):
                return cls(suite=data["suite"], case=data["case"], error=error)
            if data.get("outcome") == "done" and _is_observations(observed):
                return cls(suite=data["suite"], case=data["case"], observed=dict(observed or {}))
        raise EvidenceError("Case record must be as the runner wrote it, got a damaged one; use a new folder.")


def _is_observations(data: object) -> bool:
    return isinstance(data, Mapping) and all(isinstance(held, bool) for held in data.values())
