"""Find signals of risk in what a person writes. Layers behind one protocol; any failure counts as risk."""

__all__: list[str] = []
