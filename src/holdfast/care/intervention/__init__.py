"""Structured low-intensity exercises as state machines loaded from YAML."""

__all__: list[str] = []
