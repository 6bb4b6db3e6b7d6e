"""Import an optional dependency, or say which extra installs it."""

import importlib
from types import ModuleType

from holdfast.errors import MissingExtraError

__all__ = ["require"]


def require(module: str, *, extra: str) -> ModuleType:
    """Import ``module``.

    Raises:
        MissingExtraError: It is not installed; the message carries the pip line.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and module.split(".")[0] != error.name.split(".")[0]:
            raise
        raise MissingExtraError(module, extra) from error
