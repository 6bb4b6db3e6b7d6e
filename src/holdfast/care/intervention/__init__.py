"""Structured low-intensity exercises as state machines loaded from YAML."""

__all__ = ["catalogue", "engine", "exercise", "introduction", "session", "summary"]
