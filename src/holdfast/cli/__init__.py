"""The same verbs by hand."""

__all__: list[str] = []
