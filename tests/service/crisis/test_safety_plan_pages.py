"""Claims about the safety plan's pages, without any script: kept, gone on with, seen, taken along, and never first."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from holdfast.safety.detection.verdict import Level
from holdfast.service.accounts.token import COOKIE
from holdfast.service.storage.work import Work
from served import Browser, Served

WORDS = ["I go quiet", "a walk", "the library", "my brother", "Dr Lee", "he looks after it", "my dog", "in my wallet"]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    served = Served(tmp_path_factory.mktemp("plan"))
    yield served
    served.stop()


def begin(browser: Browser, steps: int = 8) -> Any:
    page = browser.press(browser.get("/practise/safety-plan"), "Start")
    page = browser.press(page, "Next", {"value": "safe"})
    for word in WORDS[:steps]:
        page = browser.press(page, "Next", {"value": word})
    return page


def level_of(served: Served, browser: Browser) -> Level:
    tokens, now = served.app.state.services.tokens, served.clock()

    async def read(work: Work) -> Level:
        return (await work.crisis.state(await tokens.person(work, browser.cookies[COOKIE], now=now))).level

    return served.work(read)


def test_a_kept_plan_has_its_own_page_with_the_lines_of_the_country(served: Served) -> None:
    browser = served.browser()
    browser.agree("exercises")
    browser.press(begin(browser), "Next", {"value": "safe"})
    page = browser.get("/safety-plan")
    assert "<h1>My safety plan</h1>" in page.text
    assert all(word in page.text for word in WORDS)
    assert "call 999" in page.text
    assert "Samaritans" in page.text
    assert "You can print this page" in page.text
    taken = browser.press(page, "Download these words").text
    assert all(word in taken for word in WORDS)
    assert "Samaritans" in taken
    assert "999" in taken


def test_a_plan_begun_is_gone_on_with_in_another_visit(tmp_path: Path) -> None:
    served = Served(tmp_path)
    browser = served.browser()
    browser.agree("exercises")
    begin(browser, steps=3)
    served.stop()
    served.start()
    later = served.browser(like=browser)
    page = later.get("/safety-plan")
    assert "I go quiet" in page.text
    assert "Whom could you tell that you need help" in later.get(f"{page.url.path}/continue").text
    served.stop()


def test_without_consent_a_plan_works_and_nothing_is_kept(served: Served) -> None:
    browser = served.browser()
    page = browser.press(begin(browser), "Next", {"value": "safe"})
    assert "These words are not kept." in page.text
    assert "my dog" in page.text
    assert "findahelpline.com" in page.text
    assert "This may not be for you right now if" in browser.get("/safety-plan").text


def test_the_lines_stand_beside_the_step_that_asks_for_services(served: Served) -> None:
    browser = served.browser()
    browser.agree("exercises")
    assert "Samaritans" not in begin(browser, steps=3).text
    assert "Samaritans" in begin(browser, steps=4).text


@pytest.mark.parametrize(("answer", "level"), [("unsure", Level.CONCERN), ("danger", Level.CRISIS)])
def test_not_being_safe_shows_people_first_and_raises_the_state(served: Served, answer: str, level: Level) -> None:
    browser = served.browser()
    browser.agree()
    page = browser.press(browser.get("/practise/safety-plan"), "Start")
    page = browser.press(page, "Next", {"value": answer})
    assert "Before we go on" in page.text
    assert "999" in page.text
    assert level_of(served, browser) is level


def test_risk_typed_into_the_plan_is_met_first_and_the_words_stay(served: Served) -> None:
    browser = served.browser()
    browser.agree("exercises")
    begin(browser, steps=0)
    page = browser.get("/safety-plan")
    page = browser.get(f"{page.url.path}/continue")
    page = browser.press(page, "Next", {"value": "I am going to kill myself tonight"})
    assert "Before we go on" in page.text
    assert level_of(served, browser) is Level.CRISIS
    assert "I am going to kill myself tonight" in browser.get("/safety-plan").text


def test_in_a_crisis_the_plan_points_to_people_before_anything_else(served: Served) -> None:
    browser = served.browser()
    browser.agree()
    page = browser.press(browser.get("/practise/thought-record"), "Start")
    browser.press(page, "Next", {"value": "I want to kill myself tonight"})
    page = browser.get("/practise/safety-plan").text
    assert page.index("People first") < page.index("call 999") < page.index("This may not be for you")


def test_risk_in_a_refused_call_of_the_api_is_kept_for_whoever_calls(served: Served) -> None:
    token = served.client.post("/api/v1/people").json()["token"]
    headers = {"authorization": f"Bearer {token}"}
    long = f"I want to kill myself tonight {'and so on ' * 600}"
    refused = served.client.post("/api/v1/messages", json={"text": long}, headers=headers)
    assert refused.status_code == 422
    assert "999" in refused.json()["crisis"]["text"] or "112" in refused.json()["crisis"]["text"]
    assert served.client.get("/api/v1/me", headers=headers).json()["crisis"] == "crisis"
