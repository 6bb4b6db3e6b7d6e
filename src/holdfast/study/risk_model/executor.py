"""The independent units of a fit, and what works through them: one after the other here, or many at once elsewhere.

A unit computes on as many threads as it is told, wherever it runs: so that the same numbers come out.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Final, Protocol, TypeVar

from holdfast.optional import require

__all__ = ["LOCAL", "Executor", "LocalExecutor", "limited_threads"]

Item = TypeVar("Item")
Result = TypeVar("Result")


class Executor(Protocol):
    """What works through units."""

    def map(self, function: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
        """Yield what the function makes of each item, in their order.

        Args:
            function: Depends on nothing but the item and what it holds; it can be sent to another process.
            items: Small.
        """


class LocalExecutor:
    """One unit after the other, each when it is asked for."""

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Yield what the function makes of each item, in their order."""
        return map(function, items)


LOCAL: Final = LocalExecutor()


def limited_threads(threads: int) -> AbstractContextManager[object]:
    """Limit the threads of matrix products while the block runs; trees and networks are told theirs themselves."""
    limits: AbstractContextManager[object] = require("threadpoolctl", extra="risk").threadpool_limits(
        threads, user_api="blas"
    )
    return limits
