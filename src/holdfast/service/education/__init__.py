"""Articles and answers from the library, as pages."""

__all__: list[str] = []
