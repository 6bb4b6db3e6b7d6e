"""One page about one fitted risk model, for a reader who knows medicine and statistics. Same input, same bytes."""

__all__: list[str] = []
