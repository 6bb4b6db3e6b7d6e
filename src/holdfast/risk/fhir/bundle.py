"""Risk estimates as one FHIR Bundle, or as one RiskAssessment a line, written person by person."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from holdfast.risk.error import RiskError
from holdfast.risk.estimates import RiskEstimates
from holdfast.risk.fhir.risk_assessment import RiskDescription, checked_risk_assessment, risk_assessment
from holdfast.staged import staged

__all__ = ["risk_assessments", "write_bundle", "write_ndjson"]


def risk_assessments(
    estimates: RiskEstimates, subjects: Sequence[str], *, about: RiskDescription
) -> Iterator[tuple[str, str]]:
    """Yield each person's URN and the JSON of their RiskAssessment, which FHIR's own model has accepted.

    Raises:
        RiskError: There are not as many subjects as people, one repeats, or one does not fit.
        MissingExtraError: fhir.resources is not installed.
    """
    if len(subjects) != estimates.n_people:
        raise RiskError(
            f"Subjects must number {estimates.n_people}", str(len(subjects)), "give one identifier a person"
        )
    repeated = len(subjects) - len(set(subjects))
    if repeated:
        raise RiskError("Subjects must be distinct", f"{repeated} repeated", "give one identifier a person")
    return (
        (
            about.urn(subject),
            checked_risk_assessment(risk_assessment(estimates.of(place), subject, about=about), about.version),
        )
        for place, subject in enumerate(subjects)
    )


def write_bundle(estimates: RiskEstimates, subjects: Sequence[str], path: Path, *, about: RiskDescription) -> None:
    """Write one Bundle of type collection, whole or not at all, one entry at a time.

    Args:
        estimates: Of n people.
        subjects: Their identifiers, distinct, (n,).
        path: The file, ``.json``.
        about: What holds for all.

    Raises:
        RiskError: As ``risk_assessments``.
        StorageError: The disk is full or cannot be written to.
    """
    entries = risk_assessments(estimates, subjects, about=about)
    timestamp = json.dumps(about.assessed_at.isoformat(timespec="seconds"))
    with staged(path) as beside, beside.open("w", encoding="utf-8") as file:
        file.write('{"resourceType":"Bundle","type":"collection","timestamp":' + timestamp)
        for place, (urn, resource) in enumerate(entries):
            file.write(',"entry":[\n' if place == 0 else ",\n")
            file.write('{"fullUrl":' + json.dumps(urn) + ',"resource":' + resource + "}")
        file.write("\n]}\n" if subjects else "}\n")


def write_ndjson(estimates: RiskEstimates, subjects: Sequence[str], path: Path, *, about: RiskDescription) -> None:
    """Write one RiskAssessment a line, as FHIR's bulk data has it, whole or not at all.

    Args and errors are those of ``write_bundle``; the file is ``.ndjson``.
    """
    with staged(path) as beside, beside.open("w", encoding="utf-8") as file:
        for _, resource in risk_assessments(estimates, subjects, about=about):
            file.write(resource + "\n")
