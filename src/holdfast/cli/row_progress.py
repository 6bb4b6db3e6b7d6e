"""A count of rows on standard error, for commands that read tables."""

import sys
from typing import Any

__all__ = ["row_progress"]

_DELAY_S = 0.5  # what is refused at once shows no bar


def row_progress(what: str, *, is_shown: bool) -> Any:
    """Return a tqdm bar that counts rows; to a file it writes a line every ten seconds at most."""
    from tqdm import tqdm  # type: ignore[import-untyped]  # it ships no types

    return tqdm(
        desc=what,
        unit="row",
        unit_scale=True,
        disable=not is_shown,
        mininterval=0.1 if sys.stderr.isatty() else 10.0,
        delay=_DELAY_S,
        file=sys.stderr,
    )
