"""Limit how often one person, or one address, may ask. Counts live in memory and are never stored."""

import time
from collections.abc import Hashable

from fastapi import Request
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

__all__ = ["RateLimits", "TooManyRequestsError", "limit_address", "refuse_too_many"]

_UNCOUNTED = frozenset({"/help", "/healthz"})
"""Help is never refused for asking too often, and neither is whoever watches over the service."""

_HEARD = frozenset({("POST", "/talk")})
"""Where words of a conversation come in: they are judged for risk before the request is refused."""


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


def limit_address(request: Request) -> None:
    """Count a request against its address; static files and the health check are not counted here.

    One too many that brings words of a conversation goes on, and is refused by ``refuse_too_many``.

    Raises:
        TooManyRequestsError: The address asks faster than allowed.
    """
    if request.url.path in _UNCOUNTED:
        return
    address = request.client.host if request.client else "unknown"
    try:
        request.app.state.services.limits.take("requests", address)
    except TooManyRequestsError as error:
        if (request.method, request.url.path) not in _HEARD:
            raise
        request.state.too_many = error


def refuse_too_many(request: Request) -> None:
    """Refuse a request that ``limit_address`` let through for its words alone.

    Raises:
        TooManyRequestsError: It was one too many.
    """
    error: TooManyRequestsError | None = getattr(request.state, "too_many", None)
    if error is not None:
        raise error
