"""Leave a function as it is inside compiled code: what depends on the data, or sorts in numpy, cannot be traced."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import torch

__all__ = ["untraced"]

_P = ParamSpec("_P")
_R = TypeVar("_R")


def untraced(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Break a compiled model's graph at the call."""
    left: Callable[_P, _R] = torch.compiler.disable(function)  # type: ignore[no-untyped-call]  # torch leaves it so
    return left
