"""A count of rows on standard error, for commands that read tables."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["row_progress", "rows_done"]

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


@contextmanager
def rows_done(what: str, *, is_shown: bool) -> Iterator[Callable[[int, int | None], None]]:
    """Yield a function that is told the rows done and all rows (None: unknown), first with those found done."""
    with row_progress(what, is_shown=is_shown) as bar:
        is_first = True

        def show(done: int, total: int | None) -> None:
            nonlocal is_first
            bar.total = total
            if is_first:  # found done, at no speed of this run
                bar.initial, is_first = done, False
            bar.update(done - bar.n)

        yield show
