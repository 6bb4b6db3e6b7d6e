"""The application in this process, over SQLite, with a client that behaves like a browser."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from web_visitor import Clock, Visitor

from holdfast.service.app import create_app
from holdfast.settings import load_settings


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still until it is moved."""
    return Clock()


@pytest.fixture
def make_app(tmp_path: Path, clock: Clock) -> Callable[..., FastAPI]:
    """Build the application over one data folder; settings and a language model by keyword."""

    def build(*, language_model: Any = None, **overrides: Any) -> FastAPI:
        values = {"data_dir": tmp_path / "data", "requests_per_minute": 10_000, **overrides}
        settings = load_settings(config=None, environ={}, overrides=values)
        return create_app(settings, clock=clock, language_model=language_model)

    return build


@pytest.fixture
def app(make_app: Callable[..., FastAPI]) -> FastAPI:
    """The application as it starts by default."""
    return make_app()


@pytest.fixture
def visitor(app: FastAPI) -> Iterator[Visitor]:
    """Somebody nobody knows yet."""
    with TestClient(app, follow_redirects=True) as client:
        yield Visitor(client)
