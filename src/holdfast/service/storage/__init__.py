"""The database: one unit of work per request, a person's words sealed with a key that is kept elsewhere."""

__all__: list[str] = []
