"""The same scores and the same models, worked out on a Ray cluster. Needs the ``ray`` extra."""

__all__: list[str] = []
