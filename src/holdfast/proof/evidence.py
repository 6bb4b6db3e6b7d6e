"""Everything known about a release: what was measured, and what people did. Nothing in it decides anything."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import AwareDatetime, ValidationError, model_validator

from holdfast.content import ContentModel
from holdfast.errors import EvidenceError
from holdfast.proof.measurement import RecordedMeasurement
from holdfast.proof.people import HumanReview, Identifier, Participation, Sha256, SignOff, Study

__all__ = ["RESULTS", "Evidence", "Measured", "measured_in_run"]

RESULTS = "results.json"
"""The file of a run folder that holds what was measured."""


class Measured(ContentModel):
    """One metric as a run measured it: when, by which suite, on which release."""

    metric: Identifier
    measurement: RecordedMeasurement
    at: AwareDatetime
    suite: Identifier
    suite_sha256: Sha256
    release_sha256: Sha256


class Evidence(ContentModel):
    """Evidence about a release. The default is none at all.

    A metric is measured once: choosing among runs until one passes is not evidence.
    """

    measured: tuple[Measured, ...] = ()
    reviews: tuple[HumanReview, ...] = ()
    sign_offs: tuple[SignOff, ...] = ()
    participation: tuple[Participation, ...] = ()
    studies: tuple[Study, ...] = ()

    @classmethod
    def from_dict(cls, data: object) -> "Evidence":
        """Read evidence from JSON values.

        Raises:
            EvidenceError: A field is unknown, missing or out of its range, or a metric is there twice; the message
                names every problem.
        """
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise EvidenceError(f"Evidence must hold together, and does not: {_problems(error)}.") from error

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values; ``from_dict`` reads them back."""
        return self.model_dump(mode="json")

    def of_metric(self, metric: str) -> Measured | None:
        """Return how ``metric`` was measured, or None where it was not."""
        return next((measured for measured in self.measured if measured.metric == metric), None)

    @model_validator(mode="after")
    def _measures_once(self) -> Self:
        counts = Counter(measured.metric for measured in self.measured)
        if twice := sorted(metric for metric, count in counts.items() if count > 1):
            raise ValueError(f"a metric must be measured once, {', '.join(twice)} stands more often")
        return self


def measured_in_run(folder: Path) -> tuple[Measured, ...]:
    """Read what the run in ``folder`` measured. An interrupted run has its unfinished metrics unscored.

    Raises:
        EvidenceError: The folder holds no results, or they cannot be read as such.
    """
    results = _read_json(folder / RESULTS)
    if not isinstance(results, Mapping) or not isinstance(results.get("metrics"), list):
        raise EvidenceError(f"{RESULTS} must be an object with 'metrics'; run holdfast evaluate again.")
    shared = {"at": results.get("started"), "release_sha256": results.get("release_sha256")}
    entries = [_entry(metric, shared) for metric in results["metrics"]]
    return Evidence.from_dict({"measured": entries}).measured


def _entry(metric: object, shared: Mapping[str, object]) -> dict[str, object]:
    if not isinstance(metric, Mapping):
        raise EvidenceError(f"{RESULTS} must list metrics as objects; run holdfast evaluate again.")
    names = ("metric", "measurement", "suite", "suite_sha256")
    return {**{name: metric[name] for name in names if name in metric}, **shared}


def _read_json(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise EvidenceError(
            f"Run folder must hold {path.name}: {error.strerror}; run holdfast evaluate --out on it first."
        ) from error
    except ValueError as error:
        raise EvidenceError(f"{path.name} must be JSON, and is not; run holdfast evaluate again.") from error


def _problems(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, e['loc'])) or 'evidence'}: {e['msg']}" for e in error.errors())
