"""A clock moved by hand and a client that behaves like a browser, for tests of the pages."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi.testclient import TestClient
from httpx import Response

_TOKEN = re.compile(r'name="form_token" value="([0-9a-f]{64})"')


class Clock:
    """A clock that tests move by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


class Visitor:
    """A browser: keeps cookies, and sends each form with the token of the page it stands on."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def get(self, path: str) -> Response:
        return self.client.get(path)

    def post(self, path: str, data: dict[str, Any] | None = None, *, page: str = "/consent") -> Response:
        token = _TOKEN.search(self.client.get(page).text)
        if token is None:
            raise AssertionError(f"the page {page} must hold a form with a token")
        return self.client.post(path, data={"form_token": token.group(1), **(data or {})})

    def agree(self, *purposes: str) -> Response:
        return self.post("/consent", {"purpose": list(purposes), "region": "GB", "age": "adult", "then": "/talk"})

    def say(self, words: str) -> Response:
        return self.post("/talk", {"message": words})
