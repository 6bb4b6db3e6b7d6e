"""One person's estimate as a FHIR RiskAssessment: preliminary, in words, and not for care."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from holdfast.measured import Interval, Unscored
from holdfast.optional import require
from holdfast.risk.error import RiskError
from holdfast.risk.estimates import Abstained, RiskEstimate

__all__ = ["NOT_FOR_CARE", "RiskDescription", "checked_risk_assessment", "risk_assessment"]

Version = Literal["R4B", "R5"]

NOT_FOR_CARE: Final = (
    "Research use, not for care. An estimate for people like those it was learnt from; it diagnoses nothing and has "
    "not been validated for decisions about a person."
)

_QUALITATIVE: Final = {
    "normal": "within the range of the healthy reference",
    "lower": "above the range of the healthy reference: lower part",
    "higher": "above the range of the healthy reference: higher part",
}

_MODULES: Final = {"R4B": "fhir.resources.R4B.riskassessment", "R5": "fhir.resources.riskassessment"}


@dataclass(frozen=True, kw_only=True)
class RiskDescription:
    """What holds for every person of a set of estimates.

    Attributes:
        method: How the risk was made, in words: "single-time risk, relative distance, NPLB embedding, version 3".
        outcome: Of what, in words: "death from any cause".
        assessed_at: When it was estimated; with a time zone.
        identifier_system: A URI of the system that people's identifiers are of; None where there is none.
        version: Of FHIR.

    Raises:
        RiskError: A text is empty, the time has no zone, or the version is neither R4B nor R5.
    """

    method: str
    outcome: str
    assessed_at: datetime
    identifier_system: str | None = None
    version: Version = "R4B"

    def __post_init__(self) -> None:
        if not self.method.strip() or not self.outcome.strip():
            raise RiskError("Method and outcome must be said", "an empty text", "say both in words")
        if self.assessed_at.tzinfo is None:
            raise RiskError("Time of assessment must have a zone", "none", "give UTC, for example")
        if self.version not in _MODULES:
            raise RiskError("FHIR version must be R4B or R5", repr(self.version), "choose one of these")

    def urn(self, subject: str) -> str:
        """Return one name for one method, outcome, time and person: writing twice makes no second resource."""
        said = "\x1f".join((self.method, self.outcome, self.assessed_at.isoformat(), subject))
        return uuid.uuid5(uuid.NAMESPACE_OID, said).urn


def risk_assessment(said: RiskEstimate | Abstained, subject: str, *, about: RiskDescription) -> dict[str, Any]:
    """Describe one person; R4B and R5 are alike in what is used here.

    With an absolute risk there is a prediction for each horizon, ``whenRange`` from 0 to so many years. Without one
    there is one prediction with its group in words. An abstention has no prediction, and its reason is a note.

    Args:
        said: The estimate or abstention.
        subject: The person's identifier.
        about: What holds for all.
    """
    who = {"value": subject} | ({} if about.identifier_system is None else {"system": about.identifier_system})
    resource: dict[str, Any] = {
        "resourceType": "RiskAssessment",
        "id": about.urn(subject).removeprefix("urn:uuid:"),
        "status": "preliminary",
        "method": {"text": about.method},
        "subject": {"identifier": who},
        "occurrenceDateTime": about.assessed_at.isoformat(),
    }
    notes = [NOT_FOR_CARE]
    if isinstance(said, Abstained):
        notes.append(f"No estimate: {said.reason}.")
    else:
        resource["prediction"] = _predictions(said, about)
        notes.append(_evidence(said))
    return resource | {"note": [{"text": text} for text in notes]}


def checked_risk_assessment(resource: dict[str, Any], version: Version) -> str:
    """Return the JSON of a RiskAssessment, after FHIR's own model of it has accepted it.

    Raises:
        RiskError: It does not fit, an empty identifier for example.
        MissingExtraError: fhir.resources is not installed.
    """
    model = require(_MODULES[version], extra="risk").RiskAssessment
    try:
        return str(model.model_validate(resource).model_dump_json())
    except ValueError as error:
        raise RiskError(
            f"RiskAssessment must fit FHIR {version}",
            f"a {type(error).__name__}",
            "give non-empty texts and identifiers",
        ) from None


def _predictions(said: RiskEstimate, about: RiskDescription) -> list[dict[str, Any]]:
    common = {"outcome": {"text": about.outcome}, "qualitativeRisk": {"text": _QUALITATIVE[said.group]}}
    if isinstance(said.absolute, Unscored):
        return [common]
    return [
        common | {"probabilityDecimal": round(risk, 6), "whenRange": _within(years)}
        for years, risk in said.absolute.items()
    ]


def _within(years: float) -> dict[str, Any]:
    unit = {"unit": "years", "system": "http://unitsofmeasure.org", "code": "a"}
    return {"low": {"value": 0, **unit}, "high": {"value": years, **unit}}


def _evidence(said: RiskEstimate) -> str:
    """Say where the person stands among healthy people."""
    text = f"Percentile {said.percentile:.1f} among the healthy reference (0 to 100; higher is worse)"
    if isinstance(said.percentile_interval, Interval):
        low, high, level = said.percentile_interval.low, said.percentile_interval.high, said.percentile_interval.level
        text += f", {level:.0%} bootstrap interval {low:.1f} to {high:.1f} for the sampling of the reference"
    if isinstance(said.absolute, Unscored):
        text += f". No absolute risk: {said.absolute.reason}"
    return text + "."
