"""Exercises a person works through: their entries, sealed."""

__all__: list[str] = []
