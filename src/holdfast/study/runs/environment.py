"""Where a run was made: what figures may depend on besides data, configuration and seeds."""

import importlib.metadata
import os
import platform
from collections.abc import Mapping
from typing import Any

import holdfast

__all__ = ["DISTRIBUTIONS", "environment"]

DISTRIBUTIONS = ("numpy", "pandas", "polars", "pyarrow", "scikit-learn", "scipy", "torch", "xgboost-cpu")
"""Packages whose version can change a figure."""


def environment() -> Mapping[str, Any]:
    """Return versions, processor and threads. It names neither the machine nor anybody on it."""
    return {
        "holdfast": holdfast.__version__,
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "threads": {name: os.environ[name] for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS") if name in os.environ},
        "packages": {name: version for name in DISTRIBUTIONS if (version := _version(name)) is not None},
    }


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
