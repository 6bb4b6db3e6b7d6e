"""Steps of the schema, in the order of their revision numbers."""

__all__: list[str] = []
