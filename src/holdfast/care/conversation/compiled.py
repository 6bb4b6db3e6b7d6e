"""Compile the patterns of a content file."""

import re
from collections.abc import Iterable

__all__ = ["compiled"]


def compiled(patterns: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    """Return ``patterns`` compiled.

    Raises:
        ValueError: One does not compile; a field validator turns this into the file's error.
    """
    try:
        return tuple(re.compile(pattern) for pattern in patterns)
    except re.error as error:
        raise ValueError(f"a pattern does not compile: {error}") from error
