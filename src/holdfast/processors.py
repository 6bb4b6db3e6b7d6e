"""How many processors there are to use."""

import os

__all__ = ["usable_processors"]


def usable_processors() -> int:
    """Return how many processors this process may use, which in a container can be fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
