"""Duties that depend on place and age, as data: notice cadence, minors, affect inference."""

__all__: list[str] = []
