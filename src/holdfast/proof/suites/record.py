"""What became of one case: what was observed, or that it failed. Never a word of what was said."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from holdfast.errors import EvidenceError
from holdfast.measured import Unscored
from holdfast.proof.suites.suite import Observation

__all__ = ["CaseRecord"]


@dataclass(frozen=True, kw_only=True)
class CaseRecord:
    """One case's record. Either ``observed`` holds metric ids with what each came to, or ``error`` names a type."""

    suite: str
    case: str
    observed: Mapping[str, Observation] = field(default_factory=dict)
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
        observed = {metric: _to_json(found) for metric, found in sorted(self.observed.items())}
        return {**named, "outcome": "done", "observed": observed}

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
            if data.get("outcome") == "done" and isinstance(observed, Mapping):
                read = {str(metric): _from_json(found) for metric, found in observed.items()}
                return cls(suite=data["suite"], case=data["case"], observed=read)
        raise _damaged()


def _to_json(found: Observation) -> bool | float | dict[str, str]:
    return {"unscored": found.reason} if isinstance(found, Unscored) else found


def _from_json(found: object) -> Observation:
    if isinstance(found, bool):
        return found
    if isinstance(found, float) and math.isfinite(found):
        return found
    if isinstance(found, Mapping) and isinstance(found.get("unscored"), str):
        return Unscored(found["unscored"])
    raise _damaged()


def _damaged() -> EvidenceError:
    return EvidenceError("Case record must be as the runner wrote it, got a damaged one; use a new folder.")
