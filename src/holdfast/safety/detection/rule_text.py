"""How templates stand in a content file: one a line, blank lines and comments left out."""

__all__ = ["template_lines"]


def template_lines(text: str) -> tuple[str, ...]:
    """Return the templates of a block of text."""
    return tuple(line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
