"""Distances to the healthy reference: one definition a file, all behind one protocol."""

__all__: list[str] = []
