"""Ways to foretell an outcome from one visit, one protocol for all: baselines, representations, and ours."""

__all__: list[str] = []
