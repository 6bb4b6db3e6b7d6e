"""Check before long work that its result can be put where it is wanted."""

import os
from pathlib import Path

from holdfast.errors import StorageError
from holdfast.metric.error import MetricError

__all__ = ["check_free"]


def check_free(path: Path, *, overwrite: bool) -> None:
    """Check before long work that its result can be put at ``path``.

    Raises:
        MetricError: Something lies there already and ``overwrite`` is false, or its folder does not exist.
        StorageError: Its folder takes no new file.
    """
    if not path.absolute().parent.is_dir():
        raise MetricError(f"Result must lie in an existing folder, got {str(path)!r}; make {str(path.parent)!r} first.")
    if path.exists() and not overwrite:
        raise MetricError(f"Result must be a new path, got {str(path)!r}; name another, or give --overwrite.")
    trial = path.absolute().with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        trial.touch()
        trial.unlink()
    except OSError as error:
        raise StorageError(f"{str(path)!r} must be writable, got: {error.strerror}; name another place.") from error
