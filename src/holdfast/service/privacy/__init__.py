"""Everything about a person, handed to them or erased."""

__all__: list[str] = []
