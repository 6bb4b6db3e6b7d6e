"""The application for tests of what it keeps and sends."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from web_visitor import Clock

from holdfast.service.app import create_app
from holdfast.settings import load_settings


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still until it is moved."""
    return Clock()


@pytest.fixture
def make_app(tmp_path: Path, clock: Clock) -> Callable[..., FastAPI]:
    """Build the application over one data folder, with settings by keyword."""

    def build(**overrides: Any) -> FastAPI:
        values = {"data_dir": tmp_path / "data", "requests_per_minute": 10_000, **overrides}
        return create_app(load_settings(config=None, environ={}, overrides=values), clock=clock)

    return build
