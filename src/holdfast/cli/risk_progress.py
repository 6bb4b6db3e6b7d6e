"""What is being done, on standard error, for commands that take minutes."""

import sys
import time
from collections.abc import Callable

import click

__all__ = ["step_progress", "tell"]


def tell(line: str, *, is_shown: bool = True) -> None:
    """Write a line to standard error."""
    if is_shown:
        click.echo(line, err=True)


def step_progress(*, is_shown: bool) -> Callable[[int, int, str], None]:
    """Return a function that is told how many steps are done, of how many (0: unknown), and what is next.

    On a terminal the line is written anew; in a file each step has a line of its own, with the minutes so far.
    """
    began = time.monotonic()
    is_terminal = sys.stderr.isatty()

    def show(done: int, of: int, what: str) -> None:
        if not is_shown or not what:
            return
        count = f"{done + 1} of {of}: " if of else ""
        line = f"{(time.monotonic() - began) / 60:5.1f} min  {count}{what}"
        click.echo(f"\r\x1b[2K{line}" if is_terminal else line, err=True, nl=not is_terminal)

    return show
