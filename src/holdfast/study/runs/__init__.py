"""Runs that can be made again: what was asked, of which data, with which seeds, where, and what came of it."""

__all__: list[str] = []
