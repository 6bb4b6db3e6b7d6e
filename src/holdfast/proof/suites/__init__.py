"""Suites against the served pipeline: each is cases, a way to put them, and a scorer that can fail."""

__all__: list[str] = []
