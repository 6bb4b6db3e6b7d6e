"""Limit how often one person, or one address, may ask. Counts live in memory and are never stored."""

import time
from collections.abc import Hashable

from fastapi import Depends, Request
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

__all__ = ["REFUSES_LATER", "UNCOUNTED", "RateLimits", "TooManyRequestsError", "limit_address", "refuse_too_many"]


class TooManyRequestsError(Exception):
    """More requests than allowed. ``retry_after_s`` is how long until the next one would pass."""

    def __init__(self, retry_after_s: int) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(f"Requests must come more slowly; please wait {retry_after_s} seconds. Nothing was kept.")


class RateLimits:
    """Moving-window limits per minute, one count for each (kind, key).

    Args:
        per_minute: Allowed requests a minute for each kind.
    """

    def __init__(self, per_minute: dict[str, int]) -> None:
        self._items: dict[str, RateLimitItem] = {
            kind: RateLimitItemPerMinute(allowed) for kind, allowed in per_minute.items()
        }
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def take(self, kind: str, key: Hashable) -> None:
        """Count one request of ``kind`` by ``key``.

        Raises:
            TooManyRequestsError: It is one too many.
        """
        item = self._items[kind]
        if self._limiter.hit(item, kind, str(key)):
            return
        stats = self._limiter.get_window_stats(item, kind, str(key))
        raise TooManyRequestsError(max(1, round(stats.reset_time - time.time())))


def _is_never_refused() -> None:
    """Mark a route; ``limit_address`` reads the mark."""


def _refuses_for_itself() -> None:
    """Mark a route; ``limit_address`` reads the mark."""


UNCOUNTED = Depends(_is_never_refused)
"""Declares a route that is never refused for asking too often: help, and what watches over the service."""

REFUSES_LATER = Depends(_refuses_for_itself)
"""Declares a route where words come in that are judged for risk first: it calls ``refuse_too_many`` itself."""


def limit_address(request: Request) -> None:
    """Count a request against its address, as its route declares: every route does that declares nothing.

    Raises:
        TooManyRequestsError: The address asks faster than allowed.
    """
    declared = request.scope["route"].dependencies
    if UNCOUNTED in declared:
        return
    address = request.client.host if request.client else "unknown"
    try:
        request.app.state.services.limits.take("requests", address)
    except TooManyRequestsError as error:
        if REFUSES_LATER not in declared:
            raise
        request.state.too_many = error


def refuse_too_many(request: Request) -> None:
    """Refuse a request that ``limit_address`` let through for its words alone, on a route that declares it.

    Raises:
        TooManyRequestsError: It was one too many.
    """
    error: TooManyRequestsError | None = getattr(request.state, "too_many", None)
    if error is not None:
        raise error
