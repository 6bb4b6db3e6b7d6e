"""A real server on loopback and a real Chromium."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from holdfast.service.app import create_app
from loopback import free_port, serving, settings_in

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
    port = free_port()
    with serving(create_app(settings_in(tmp_path_factory.mktemp("served"), port)), port) as address:
        yield address


@pytest.fixture
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    """A browser nobody has used, in which a request to anywhere else is an error."""
    context = browser.new_context(base_url=address, viewport={"width": 1000, "height": 900})
    context.set_default_timeout(60_000)
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
