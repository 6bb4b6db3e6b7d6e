"""Units of a fit as tasks of a Ray cluster. A worker that is lost takes nothing with it: its unit is done again."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from holdfast.errors import HoldfastError
from holdfast.study.ray_engine.refusal import Refusal

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
        """Yield what the function makes of each item, in their order; all are begun at once.

        Raises:
            HoldfastError: The function does.
        """
        kept = self._ray.put(function)  # once, whatever the number of items
        return map(self._result, [self._do.remote(kept, item) for item in items])

    def _result(self, waiting: Any) -> Any:
        found = self._ray.get(waiting)
        if isinstance(found, Refusal):
            raise found.error
        return found


def _do(function: Callable[[Item], Result], item: Item) -> Result | Refusal:
    try:
        return function(item)
    except HoldfastError as error:
        return Refusal.of(error)
