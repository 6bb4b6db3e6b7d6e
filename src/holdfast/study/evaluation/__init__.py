"""How well methods foretell what comes: the same people, the same inputs, paired intervals."""

__all__: list[str] = []
