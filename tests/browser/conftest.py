"""A real server on loopback and a real Chromium."""

import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from holdfast.service.app import create_app
from holdfast.settings import load_settings

CHROMIUM_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic"]
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"


def _absent(what: str, remedy: str) -> None:
    """Skip with a clear reason, or fail where CI must not skip."""
    message = f"{what} is absent; {remedy}"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, closed with its file: while it runs, no other test of this process can use an event loop."""
    path = shutil.which("chromium")
    if path is None:
        _absent("Chromium", "install the package chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core's source."""
    if not AXE.exists():
        _absent("axe-core", "run npm install.")
    return AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The application, served as people meet it, on a free port with an empty database."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    overrides = {
        "data_dir": tmp_path_factory.mktemp("served"),
        "port": port,
        "region": "GB",
        "requests_per_minute": 100_000,
        "messages_per_minute": 10_000,
    }
    app = create_app(load_settings(config=None, environ={}, overrides=overrides))
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


@pytest.fixture
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    """A browser nobody has used, in which a request to anywhere else is an error."""
    context = browser.new_context(base_url=address, viewport={"width": 1000, "height": 900})
    context.set_default_timeout(15_000)
    strays: list[str] = []
    context.on("request", lambda request: None if request.url.startswith(address) else strays.append(request.url))
    yield context
    context.close()
    assert strays == []


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page on which anything the console complains of is an error, a refused script or style included."""
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert [text for text in complaints if "status of 4" not in text] == []
