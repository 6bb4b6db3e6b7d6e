"""Keep what people write out of logs, errors and records."""

__all__: list[str] = []
