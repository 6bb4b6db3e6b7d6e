"""A reply worded by a language model is watched while it is written, in a real browser: only what passed review."""

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect

from holdfast.language.model import Completion
from holdfast.service.app import create_app
from loopback import free_port, serving, settings_in

pytestmark = pytest.mark.browser

expect.set_options(timeout=20_000)

PASSAGE = "panic-what-a-panic-attack-is#what-is-a-panic-attack"
FIRST, SECOND = (
    "A panic attack is a sudden rush of strong fear.",
    "It rises fast, peaks within minutes and then fades.",
)
HARMFUL = "You have panic disorder, so stop your tablets."


@dataclass
class HeldWriter:
    """Writes all but its last sentence and that one's first word, and the rest only once it is let go.

    A sentence is shown once the next is whole: until then its end is not certain.
    """

    sentences: tuple[str, ...]
    model_id: str = "held"
    error: Exception | None = None
    may_go_on: threading.Event = field(default_factory=threading.Event)

    async def complete(self, system: str, user: str) -> Completion:
        return Completion(text="".join(self.sentences), model_id=self.model_id)

    async def stream(self, system: str, user: str) -> AsyncIterator[str]:
        *first, last = self.sentences
        word, rest = last.split(" ", 1)
        yield f"{''.join(first)}{word} "
        while not self.may_go_on.is_set():
            await asyncio.sleep(0.02)
        yield rest
        if self.error is not None:
            raise self.error


@pytest.fixture
def writer() -> HeldWriter:
    return HeldWriter(tuple(f"{sentence} [{PASSAGE}] " for sentence in (FIRST, SECOND, FIRST)))


@pytest.fixture
def page(browser: Browser, writer: HeldWriter, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The talk page of somebody who agreed to a language model, of an application whose model is ``writer``."""
    port = free_port()
    settings = settings_in(
        tmp_path_factory.mktemp("watched"), port, model="openai:scripted", model_api_key="k" * 20, local_only=False
    )
    with serving(create_app(settings, language_model=writer), port) as address:
        context = browser.new_context(base_url=address)
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.goto("/consent")
        for purpose in ("conversation", "language_model"):
            page.check(f"input[name=purpose][value={purpose}]")
        page.select_option("#age", "adult")
        with page.expect_navigation():
            page.get_by_role("button", name="Save my choices").click()
        yield page
        writer.may_go_on.set()
        context.close()


def ask(page: Page) -> None:
    page.get_by_label("Your message").fill("What is a panic attack?")
    page.get_by_role("button", name="Send").click()


def test_a_sentence_is_seen_while_the_next_is_still_being_written(page: Page, writer: HeldWriter) -> None:
    ask(page)
    watched = page.locator(".turn.holdfast").last
    expect(watched).to_contain_text(FIRST)
    expect(watched).to_contain_text("worded by a language model")
    expect(page.get_by_role("button", name="Send")).to_be_disabled()
    assert SECOND not in page.content()
    with page.expect_navigation():
        writer.may_go_on.set()
    expect(page.locator(".turn.holdfast").last).to_contain_text(SECOND)
    expect(page).to_have_url(re.compile("#latest$"))
    expect(page.get_by_label("Your message")).to_have_value("")
    expect(page.get_by_role("button", name="Send")).to_be_enabled()


def test_a_sentence_that_fails_is_never_in_the_page_and_what_was_seen_is_set_aside(
    page: Page, writer: HeldWriter
) -> None:
    writer.sentences = (*writer.sentences[:2], f"{FIRST} {HARMFUL} [{PASSAGE}] ")
    writer.error = RuntimeError()
    page.evaluate(
        """() => { window.seen = []; new MutationObserver(() => window.seen.push(document.body.innerText))
        .observe(document.body, {subtree: true, childList: true, characterData: true}) }"""
    )
    ask(page)
    expect(page.locator(".turn.holdfast").last).to_contain_text(FIRST)
    assert "tablets" not in "".join(page.evaluate("window.seen"))
    with page.expect_navigation():
        writer.may_go_on.set()
    body = page.locator("body")
    expect(body).to_contain_text("set aside the sentences you saw")
    expect(body).not_to_contain_text("tablets")


def test_control_and_enter_sends_and_what_was_said_is_shown_at_once(page: Page, writer: HeldWriter) -> None:
    page.get_by_label("Your message").fill("What is a panic attack?")
    page.get_by_label("Your message").press("Control+Enter")
    expect(page.locator(".turn.person").last).to_contain_text("What is a panic attack?")
    with page.expect_navigation():
        writer.may_go_on.set()
    expect(page.locator(".turn.holdfast").last).to_contain_text(FIRST)
