"""Claims about risk in a question to the library: refused or answered, it is met, kept and told to stewards."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from holdfast.safety.crisis.state import CrisisState
from holdfast.safety.detection.verdict import Category, Detection, Evidence, Level, Subject
from holdfast.service.accounts.token import COOKIE
from holdfast.service.crisis.carried_risk import COOKIE as RISK_COOKIE
from holdfast.service.storage.work import Work
from holdfast.turn import Turn
from served import Browser, Served

RISK = "I want to kill myself tonight"
PASSING = "what can lift a passing shadow"


class _HearsShadows:
    """A detector that takes the word "shadow" for a passing sign, and nothing else for any."""

    def detect(self, turns: Sequence[Turn]) -> Detection:
        if "shadow" not in turns[-1].text:
            return Detection(level=Level.NONE)
        sign = Evidence(turn=len(turns) - 1, start=0, end=4, category=Category.SUICIDE, level=Level.NOTICE, rule="t")
        return Detection(level=Level.NOTICE, categories=(Category.SUICIDE,), subject=Subject.SELF, evidence=(sign,))


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    served = Served(tmp_path)
    yield served
    served.stop()


def ask(browser: Browser, question: str, **fields: str) -> Any:
    return browser.send("POST", "/learn", data={"form_token": browser.token(), "q": question, **fields})


def kept(served: Served, browser: Browser) -> tuple[CrisisState, list[Any], list[str]]:
    """The state, the alerts and the kinds of records that are kept of whoever uses a browser."""
    tokens, now = served.app.state.services.tokens, served.clock()

    async def read(work: Work) -> tuple[CrisisState, list[Any], list[str]]:
        person = await tokens.person(work, browser.cookies[COOKIE], now=now)
        kinds = [record.kind for record in await work.trace.about(person)]
        return await work.crisis.state(person), list(await work.alerts.of(person)), kinds

    return served.work(read)


def hear_shadows(served: Served) -> None:
    services = served.app.state.services
    conversation = replace(services.conversation, detector=_HearsShadows())
    served.app.state.services = replace(services, conversation=conversation)


@pytest.mark.parametrize(
    ("question", "fields"),
    [
        pytest.param(f"{RISK} {'and so on ' * 500}", {}, id="too long"),
        pytest.param(RISK, {"audience": "nobody"}, id="for nobody on the list"),
        pytest.param(RISK, {"audience": "nobody" * 20}, id="for a name too long to be on it"),
    ],
)
def test_risk_in_a_question_that_is_refused_is_kept_and_not_only_shown(
    served: Served, question: str, fields: dict[str, str]
) -> None:
    browser = served.browser()
    browser.agree("conversation")
    page = ask(browser, question, **fields)
    assert page.status_code == 422
    assert "116 123" in page.text
    state, alerts, kinds = kept(served, browser)
    assert (state.level, state.categories, len(alerts)) == (Level.CRISIS, (Category.SUICIDE,), 1)
    assert "risk" in kinds


def test_a_stranger_whose_question_was_refused_is_not_forgotten(served: Served) -> None:
    browser = served.browser()
    page = ask(browser, f"{RISK} {'and so on ' * 500}")
    assert page.status_code == 422
    assert kept(served, browser)[0].level is Level.CRISIS


def test_a_refused_question_while_the_database_is_gone_is_carried_until_it_can_be_kept(served: Served) -> None:
    browser = served.browser()
    token = browser.token()
    with served.without_database():
        page = browser.send("POST", "/learn", data={"form_token": token, "q": f"{RISK} {'and so on ' * 500}"})
    assert page.status_code == 422
    assert "findahelpline.com" in page.text
    assert RISK_COOKIE in browser.cookies
    browser.get("/about")
    state, alerts, _ = kept(served, browser)
    assert (state.level, len(alerts)) == (Level.CRISIS, 1)


def test_a_refused_question_without_risk_keeps_nothing(served: Served) -> None:
    hear_shadows(served)
    browser = served.browser()
    assert ask(browser, "what helps with sleep? " * 300).status_code == 422
    assert RISK_COOKIE not in browser.cookies
    assert COOKIE not in browser.cookies


def test_a_passing_sign_in_a_question_gets_the_line_that_a_conversation_gives(
    served: Served, notice_text: Callable[[Served], str]
) -> None:
    hear_shadows(served)
    browser = served.browser()
    browser.agree("conversation")
    page = ask(browser, PASSING)
    assert page.status_code == 200
    line = notice_text(served)
    assert line in page.text
    said = browser.press(browser.get("/talk"), "Send", {"message": PASSING})
    assert line in said.text
    state, alerts, _ = kept(served, browser)
    assert (state.level, alerts) == (Level.NONE, [])
    assert line not in ask(browser, "what helps with sleep?").text


def test_a_passing_sign_while_a_crisis_stands_leaves_it_standing(served: Served) -> None:
    browser = served.browser()
    browser.agree("conversation")
    ask(browser, RISK)
    hear_shadows(served)
    page = ask(browser, PASSING)
    assert page.status_code == 200
    assert "Reach someone now" in page.text
    assert kept(served, browser)[0].level is Level.CRISIS


@pytest.fixture
def notice_text() -> Callable[[Served], str]:
    """Returns the first words of the protocol's gentle line about oneself."""

    def first_words(served: Served) -> str:
        template = served.app.state.services.parts.protocol.value.notice(Category.SUICIDE, Subject.SELF)
        return template.text.split("{")[0].split("\n")[0].split("'")[0][:40]

    return first_words
