"""How often one may try: sign-ins by name and by address, messages by person, requests by address."""

import hashlib
import math
import time

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from holdfast.errors import AccessError

__all__ = ["Attempts", "TooManyAttemptsError"]


class TooManyAttemptsError(AccessError):
    """Tried too often. ``retry_after_s`` says after how many seconds another try counts."""

    def __init__(self, retry_after_s: int) -> None:
        self.retry_after_s = retry_after_s
        minutes = math.ceil(retry_after_s / 60)
        wait = f"{retry_after_s} seconds" if retry_after_s < 60 else f"{minutes} minute{'s' if minutes > 1 else ''}"
        super().__init__(f"Tries must not come so fast; wait {wait} and try again.")


class Attempts:
    """Counts tries in a moving window, in this process's memory: every worker process counts its own.

    Args:
        count: Tries allowed in the window.
        minutes: Length of the window.
    """

    def __init__(self, count: int, *, minutes: int) -> None:
        self._limit: RateLimitItem = RateLimitItemPerMinute(count, minutes)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, *keys: str) -> None:
        """Count one try under each key. Keys are hashed: what somebody typed is not held in memory.

        Raises:
            TooManyAttemptsError: One of the keys has no try left.
        """
        hashed = [hashlib.sha256(key.encode("utf-8", errors="replace")).hexdigest() for key in keys]
        allowed = [self._limiter.hit(self._limit, key) for key in hashed]
        if not all(allowed):
            resets = [self._limiter.get_window_stats(self._limit, key).reset_time for key in hashed]
            raise TooManyAttemptsError(max(1, math.ceil(max(resets) - time.time())))

    def forgive(self, *keys: str) -> None:
        """Forget the tries under each key, after one that succeeded."""
        for key in keys:
            self._limiter.clear(self._limit, hashlib.sha256(key.encode("utf-8", errors="replace")).hexdigest())
