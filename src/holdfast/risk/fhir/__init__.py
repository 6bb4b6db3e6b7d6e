"""Risk estimates as FHIR RiskAssessments, R4B or R5."""

__all__: list[str] = []
