"""Read the names of layers that a person gives, by comma."""

__all__ = ["layer_names"]


def layer_names(given: str) -> tuple[str, ...]:
    """Return the names in ``given``, without blanks and empty ones."""
    return tuple(name.strip() for name in given.split(",") if name.strip())
