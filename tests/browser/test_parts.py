"""A person learns, checks in, practises and is met in a crisis: each walked through in a real browser."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from holdfast.safety.crisis.protocol import load_protocol

pytestmark = pytest.mark.browser

SCRIPT = load_protocol().value.check_in
SAFE_ANSWERS = {answer.label for question in SCRIPT.questions for answer in SCRIPT.answers(question) if answer.is_safe}


def agree(page: Page, *purposes: str) -> None:
    """Tick the given purposes and save."""
    page.goto("/consent")
    for purpose in purposes:
        page.check(f"input[name=purpose][value={purpose}]")
    page.select_option("#region", "GB")
    page.select_option("#age", "adult")
    press(page, page.get_by_role("button", name="Save my choices"))
    expect(page).to_have_url(re.compile("/talk"))


def press(page: Page, button: Locator) -> None:
    """Press a button that sends a form, and wait for the page it leads to."""
    with page.expect_navigation():
        button.click()


def say(page: Page, words: str) -> None:
    """Send a message and wait for the reply."""
    page.get_by_label("Your message").fill(words)
    press(page, page.get_by_role("button", name="Send"))


def latest(page: Page) -> str:
    """Return the latest reply's words."""
    return page.locator(".turn.holdfast").last.inner_text()


def test_nothing_is_ticked_beforehand(page: Page) -> None:
    page.goto("/consent")
    assert page.locator("input[name=purpose]").count() == 3
    assert page.locator("input[type=checkbox]:checked").count() == 0


def test_a_person_learns_something_with_its_sources(page: Page) -> None:
    page.goto("/learn")
    page.get_by_label("Ask a question").fill("what is a panic attack?")
    press(page, page.get_by_role("button", name="Ask"))
    passage = page.locator("article.card").first
    expect(passage).to_contain_text("panic")
    assert "panic" not in page.url
    passage.get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Sources")).to_be_visible()
    assert page.locator("ol > li[id^=source-]").count() >= 2
    expect(page.locator("article")).to_contain_text("Not yet reviewed by a clinician")


def test_what_the_library_does_not_hold_is_said_plainly(page: Page) -> None:
    page.goto("/learn")
    page.get_by_label("Ask a question").fill("how do I change the oil in my car")
    press(page, page.get_by_role("button", name="Ask"))
    expect(page.get_by_role("heading", name="Nothing here fits well enough")).to_be_visible()
    assert page.locator("article.card").count() == 0


def test_a_check_in_ends_in_plain_words_and_is_drawn_over_time(page: Page) -> None:
    agree(page, "conversation", "check_ins")
    for answers in (["1", "2"], ["0", "1"]):
        page.goto("/check-in/phq-2")
        for value in answers:
            page.locator(f"input[name=answer][value='{value}']").check()
            press(page, page.get_by_role("button", name="Next"))
        expect(page.locator("main")).to_contain_text("a screen, not a diagnosis")
    page.goto("/check-in/phq-2/history")
    expect(page.locator("svg[role=img]")).to_be_visible()
    assert page.locator("tbody tr").count() == 2


def test_a_positive_risk_item_opens_the_crisis_path_before_the_next_question(page: Page) -> None:
    agree(page, "conversation", "check_ins")
    page.goto("/check-in/phq-9")
    for _ in range(8):
        page.locator("input[name=answer][value='0']").check()
        press(page, page.get_by_role("button", name="Next"))
    page.locator("input[name=answer][value='1']").check()
    press(page, page.get_by_role("button", name="Next"))
    expect(page.get_by_role("heading", name="Before we go on")).to_be_visible()
    expect(page.locator("main")).to_contain_text("116 123")
    page.goto("/learn")
    expect(page.get_by_role("complementary", name="Support")).to_be_visible()


def test_a_person_practises_to_the_end_and_gets_their_words_back(page: Page) -> None:
    agree(page, "conversation", "exercises")
    page.goto("/practise/grounding-and-breathing")
    expect(page.locator("main")).to_contain_text("may not be for you right now")
    press(page, page.get_by_role("button", name="Start"))
    for _ in range(40):
        if page.locator("#how-far").count() == 0:
            break
        if page.locator("input[type=radio]").count():
            page.locator("input[type=radio]").first.check()
        elif page.locator("input[type=checkbox][name=value]").count():
            page.locator("input[type=checkbox][name=value]").first.check()
        elif page.locator("input[type=number]").count():
            page.locator("input[type=number]").fill("4")
        elif page.locator("#value").count():
            page.locator("#value").fill("PLANTED-WORDS a lamp and a window")
        press(page, page.locator("button[name=go][value=next]"))
    expect(page.locator("#how-far")).to_have_count(0)
    expect(page.get_by_role("link", name="Back to the exercises")).to_be_visible()


def test_a_crisis_outlives_the_page_the_chat_and_a_denial_and_is_cleared_only_by_a_check_in(page: Page) -> None:
    agree(page, "conversation")
    say(page, "I want to end my life")
    assert "999" in latest(page)
    press(page, page.get_by_role("button", name="Start a new chat"))
    page.goto("/")
    expect(page.get_by_role("complementary", name="Support")).to_be_visible()
    page.goto("/talk")
    say(page, "I'm fine lol, just kidding")
    page.goto("/")
    expect(page.get_by_role("complementary", name="Support")).to_be_visible()
    page.goto("/talk")
    press(page, page.get_by_role("button", name="Check in with me").last)
    for _ in range(12):
        offered = [text.strip() for text in page.locator(".choices button").all_inner_texts()]
        safe = [label for label in offered if label in SAFE_ANSWERS]
        if not safe:
            break
        press(page, page.get_by_role("button", name=safe[0], exact=True))
    page.goto("/")
    expect(page.get_by_role("complementary", name="Support")).to_have_count(0)


def test_help_in_a_crisis_needs_no_consent(page: Page) -> None:
    page.goto("/talk")
    say(page, "I want to end my life")
    assert "116 123" in latest(page)
    expect(page.locator("main")).to_contain_text("were not kept")


def test_why_this_reply_is_told_in_plain_words(page: Page) -> None:
    agree(page, "conversation")
    say(page, "What helps with worry?")
    press(page, page.get_by_role("link", name="Why this reply").last)
    expect(page.locator("main")).to_contain_text("The library's own text, word for word.")
    expect(page.locator("main")).to_contain_text("No sign of risk was found")
    assert "What helps with worry" not in page.locator("pre").inner_text()


def test_a_person_takes_a_copy_and_then_erases_everything(page: Page) -> None:
    agree(page, "conversation")
    say(page, "PLANTED-WORDS what helps with sleep?")
    page.goto("/privacy")
    with page.expect_download() as caught:
        page.get_by_role("button", name="Download my data").click()
    assert "PLANTED-WORDS" in caught.value.path().read_text(encoding="utf-8")
    page.get_by_label("Yes, erase everything about me").check()
    press(page, page.get_by_role("button", name="Erase my data"))
    expect(page.get_by_role("status")).to_contain_text("Everything kept about you is erased")
    page.goto("/talk")
    assert page.locator(".turn").count() == 0


def test_everything_works_without_javascript(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    agree(page, "conversation", "check_ins", "exercises")
    say(page, "what is a panic attack")
    assert "panic" in latest(page).lower()
    page.goto("/check-in/gad-2")
    for _ in range(2):
        page.locator("input[name=answer][value='0']").check()
        press(page, page.get_by_role("button", name="Next"))
    expect(page.locator("main")).to_contain_text("a screen, not a diagnosis")
    page.goto("/practise/grounding-and-breathing")
    press(page, page.get_by_role("button", name="Start"))
    expect(page.locator("#how-far")).to_be_visible()
    context.close()
