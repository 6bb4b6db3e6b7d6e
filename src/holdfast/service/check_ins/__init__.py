"""Check-ins with an instrument: answers under way and results, sealed."""

__all__: list[str] = []
