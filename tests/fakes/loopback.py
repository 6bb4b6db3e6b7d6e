"""The application, served on loopback by a thread of this process, for a real browser."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI

from holdfast.settings import Settings, load_settings


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(app: FastAPI, port: int) -> Iterator[str]:
    """Serve ``app`` on loopback in a thread and yield its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", access_log=False, ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started:
        if time.monotonic() > deadline or not thread.is_alive():
            pytest.fail("the application must start within 60 s, and did not; see its log above.")
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=20)


def settings_in(folder: Path, port: int, **overrides: object) -> Settings:
    """Return settings for an empty database in ``folder``, with room for a fast visitor."""
    given: dict[str, object] = {
        "data_dir": folder,
        "port": port,
        "region": "GB",
        "requests_per_minute": 100_000,
        "messages_per_minute": 10_000,
    }
    return load_settings(config=None, environ={}, overrides=given | overrides)
