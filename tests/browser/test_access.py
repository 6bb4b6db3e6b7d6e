"""Claims about who can use the pages: by keyboard, by screen reader, on a narrow screen, in the dark."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PAGES = [
    "/",
    "/talk",
    "/learn",
    "/learn/depression-what-it-is",
    "/check-in",
    "/check-in/phq-9",
    "/check-in/phq-9?all=yes",
    "/practise",
    "/practise/thought-record",
    "/help",
    "/help?region=US",
    "/about",
    "/protocol",
    "/privacy",
    "/consent",
    "/return",
    "/steward",
    "/no-such-page",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation_on_any_page(browser: Browser, address: str, axe: str, scheme: str) -> None:
    context = browser.new_context(base_url=address, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    found = {}
    for path in PAGES:
        page.goto(path)
        if violations := _violations(page, axe):
            found[path] = violations
    context.close()
    assert found == {}


def test_axe_finds_no_violation_in_a_conversation_in_crisis(browser: Browser, address: str, axe: str) -> None:
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.goto("/consent")
    page.check("input[value=conversation]")
    with page.expect_navigation():
        page.get_by_role("button", name="Save my choices").click()
    for words in ("hello", "what helps with sleep?", "phq-4", "stop", "I want to end my life"):
        page.get_by_label("Your message").fill(words)
        with page.expect_navigation():
            page.get_by_role("button", name="Send").click()
        assert _violations(page, axe) == []
    with page.expect_navigation():
        page.get_by_role("link", name="Why this reply").last.click()
    assert _violations(page, axe) == []
    context.close()


@pytest.mark.parametrize("path", PAGES)
def test_no_page_scrolls_sideways_at_320_pixels_and_each_shows_help_now(
    browser: Browser, address: str, path: str
) -> None:
    context = browser.new_context(base_url=address, viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.locator("a.help-now").is_visible()
    assert "Research use, not for care" in page.locator(".tier").inner_text()
    context.close()


def test_the_first_two_stops_of_the_keyboard_are_the_skip_link_and_the_way_in(page: Page) -> None:
    page.goto("/learn")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the page"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_message_can_be_written_and_sent_by_keyboard_alone(page: Page) -> None:
    page.goto("/talk")
    page.get_by_label("Your message").focus()
    page.keyboard.type("I want to end my life")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "999" in page.locator(".turn.crisis").inner_text()


def test_the_readmes_screenshot_shows_the_first_page(browser: Browser, address: str, tmp_path: Path) -> None:
    target = Path(os.environ.get("HOLDFAST_TEST_SCREENSHOT") or tmp_path / "home.png")
    target.parent.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(base_url=address, viewport={"width": 1000, "height": 720})
    page = context.new_page()
    page.goto("/")
    page.screenshot(path=target)
    context.close()
    assert target.read_bytes().startswith(b"\x89PNG")
    assert target.stat().st_size > 20_000


def _violations(page: Page, axe: str) -> list[str]:
    """Return what axe finds on the page as it stands, one line a violation."""
    page.evaluate(axe)
    results = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {violation['nodes'][0]['html'][:120]} ({violation['nodes'][0]['failureSummary'][:160]})"
        for violation in results["violations"]
    ]
