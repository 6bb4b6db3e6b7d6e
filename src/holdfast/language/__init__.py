"""Language models: connecting to one, and drafting from retrieved passages only."""

__all__: list[str] = []
