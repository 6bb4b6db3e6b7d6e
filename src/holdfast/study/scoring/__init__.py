"""Score tables of any size with a risk model: in batches, going on where an earlier run stopped."""

__all__: list[str] = []
