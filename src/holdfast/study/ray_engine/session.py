"""A connection to Ray: to the cluster that ``RAY_ADDRESS`` names, or to one on this machine that ends with the work."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from holdfast.optional import require

__all__ = ["ray_session"]

_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing is told to anybody
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # the way of later versions, and no warning about it
}


@contextmanager
def ray_session(*, cores: int | None = None) -> Iterator[ModuleType]:
    """Yield Ray, connected; what was started here is shut down.

    Args:
        cores: Of a cluster that is started here; None: all of this machine's.

    Raises:
        MissingExtraError: Ray is not installed.
    """
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)  # before Ray is imported, which reads them
    ray = require("ray", extra="ray")
    if ray.is_initialized():
        yield ray
        return
    ray.init(num_cpus=cores, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    try:
        yield ray
    finally:
        ray.shutdown()
