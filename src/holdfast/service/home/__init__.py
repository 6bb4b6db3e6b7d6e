"""The first page, what this is and is not, and whether it is up."""

__all__: list[str] = []
