"""Units of a fit as tasks of a Ray cluster. A worker that is lost takes nothing with it: its unit is done again."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

__all__ = ["RayExecutor"]

Item = TypeVar("Item")
Result = TypeVar("Result")

_RETRIES = 5


class RayExecutor:
    """Works through units at once, one on a core; open it with ``ray_session``.

    Args:
        ray: The module, connected.
    """

    def __init__(self, ray: Any) -> None:
        self._ray = ray
        self._do = ray.remote(num_cpus=1, max_retries=_RETRIES)(_do)

    def map(self, function: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
        """Yield what the function makes of each item, in their order; all are begun at once."""
        kept = self._ray.put(function)  # once, whatever the number of items
        return map(self._ray.get, [self._do.remote(kept, item) for item in items])


def _do(function: Callable[[Item], Result], item: Item) -> Result:
    return function(item)
