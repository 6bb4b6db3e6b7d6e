"""Validated instruments as data, scored by plain code. A screen, not a diagnosis."""

__all__: list[str] = []
