"""Claims about the stewards' console: who gets in, what they see, and that what they do carries their name."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from holdfast.safety.crisis.state import ClearedBy, CrisisState
from holdfast.safety.detection.verdict import Level
from holdfast.service.accounts.steward import StewardRole
from holdfast.service.accounts.token import COOKIE, STEWARD_COOKIE
from holdfast.service.storage.work import Work
from served import Browser, Served, forms_of

PASSPHRASE = "a long passphrase for tests"
RISK = "I want to kill myself tonight"


@pytest.fixture(scope="module")
def signed_in(served: Served) -> Callable[[StewardRole], Browser]:
    """Signs a steward of a role in, in a browser of their own."""
    for role in StewardRole:
        served.add_steward(f"test-{role.value}", role, PASSPHRASE)

    def enter(role: StewardRole) -> Browser:
        browser = served.browser()
        sign_in(browser, f"test-{role.value}")
        return browser

    return enter


def sign_in(browser: Browser, name: str, passphrase: str = PASSPHRASE, **parts: Any) -> Any:
    return browser.press(browser.get("/steward"), "Sign in", {"name": name, "passphrase": passphrase}, **parts)


@pytest.fixture
def in_crisis(served: Served) -> Browser:
    """The browser of a person who has just signalled risk, after calm was restored for everyone else."""

    async def calm(work: Work) -> None:
        for alert in await work.alerts.queue():
            person = await work.persons.open(alert.person_id)
            await work.alerts.clear(person, by="tests", now=served.clock())

    served.work(calm)
    browser = served.browser()
    page = browser.press(browser.get("/practise/thought-record"), "Start")
    browser.press(page, "Next", {"value": RISK})
    return browser


def state_of(served: Served, browser: Browser) -> CrisisState:
    tokens, now = served.app.state.services.tokens, served.clock()

    async def state(work: Work) -> CrisisState:
        return await work.crisis.state(await tokens.person(work, browser.cookies[COOKIE], now=now))

    return served.work(state)


def trace_of(served: Served, browser: Browser, kind: str) -> list[Any]:
    tokens, now = served.app.state.services.tokens, served.clock()

    async def records(work: Work) -> list[Any]:
        person = await tokens.person(work, browser.cookies[COOKIE], now=now)
        return [record.payload for record in await work.trace.about(person) if record.kind == kind]

    return served.work(records)


@pytest.mark.parametrize("role", StewardRole)
def test_clinicians_and_people_with_lived_experience_see_alerts_and_nobody_else_does(
    in_crisis: Browser, signed_in: Callable[[StewardRole], Browser], role: StewardRole
) -> None:
    page = signed_in(role).get("/steward")
    sees = role in (StewardRole.CLINICIAN, StewardRole.LIVED_EXPERIENCE)
    assert page.status_code == (200 if sees else 403)
    assert ("suicide" in page.text) is sees
    assert ("I have seen it" in page.text) is sees
    assert (">Clear<" in page.text) is (role is StewardRole.CLINICIAN)


def test_the_queue_shows_no_words_and_nothing_that_points_to_anyone(
    served: Served, in_crisis: Browser, signed_in: Callable[[StewardRole], Browser]
) -> None:
    served.clock.forward(hours=3)
    steward = signed_in(StewardRole.CLINICIAN)
    page = steward.get("/steward").text
    served.clock.forward(hours=-3)
    assert "3 hours" in page
    assert "kill" not in page
    assert "tonight" not in page
    tokens, now = served.app.state.services.tokens, served.clock()
    person_id = str(tokens.read(in_crisis.cookies[COOKIE], now=now).person_id)
    assert person_id not in page
    assert person_id.replace("-", "") not in page


def test_acknowledging_and_clearing_are_recorded_under_the_stewards_name(
    served: Served, in_crisis: Browser, signed_in: Callable[[StewardRole], Browser]
) -> None:
    peer, clinician = signed_in(StewardRole.LIVED_EXPERIENCE), signed_in(StewardRole.CLINICIAN)
    page = peer.press(peer.get("/steward"), "I have seen it")
    assert page.history[-1].status_code == 303
    assert "Owner: test-lived_experience (you)." in page.text
    assert state_of(served, in_crisis).level is Level.CRISIS
    page = clinician.press(clinician.get("/steward"), "Clear")
    assert "No alerts are waiting" in page.text
    state = state_of(served, in_crisis)
    assert (state.level, state.cleared_by, state.cleared_name) == (Level.NONE, ClearedBy.STEWARD, "test-clinician")
    assert trace_of(served, in_crisis, "alert") == [
        {"action": "acknowledged", "steward": "test-lived_experience"},
        {"action": "cleared", "steward": "test-clinician"},
    ]


@pytest.mark.parametrize("role", [None, StewardRole.OPERATOR, StewardRole.ETHICS_LEAD, StewardRole.LIVED_EXPERIENCE])
def test_who_may_not_clear_is_refused_and_nothing_changes(
    served: Served, in_crisis: Browser, signed_in: Callable[[StewardRole], Browser], role: StewardRole | None
) -> None:
    path = next(
        form.action for form in forms_of(signed_in(StewardRole.CLINICIAN).get("/steward")) if "clear" in form.action
    )
    browser = served.browser() if role is None else signed_in(role)
    assert browser.send("POST", path, data={"form_token": browser.token()}).status_code == 403
    seen = browser.send("POST", path.replace("clear", "acknowledge"), data={"form_token": browser.token()})
    assert seen.status_code == (200 if role is StewardRole.LIVED_EXPERIENCE else 403)
    assert state_of(served, in_crisis).level is Level.CRISIS


def test_the_cookie_stays_with_the_console_and_out_of_reach(
    served: Served, signed_in: Callable[[StewardRole], Browser]
) -> None:
    browser = served.browser()
    response = sign_in(browser, "test-clinician", follow_redirects=False)
    assert response.status_code == 303
    cookie = next(c for c in response.headers.get_list("set-cookie") if c.startswith(STEWARD_COOKIE)).lower()
    for part in ("httponly", "samesite=strict", "path=/steward", "max-age=28800"):
        assert part in cookie


def test_a_wrong_name_and_a_wrong_passphrase_are_refused_in_the_same_words(
    browser: Browser, signed_in: Callable[[StewardRole], Browser]
) -> None:
    wrong, unknown = sign_in(browser, "test-clinician", "wrong"), sign_in(browser, "nobody-here")
    assert wrong.status_code == unknown.status_code == 403
    sentence = "Steward name and passphrase must fit together"
    assert sentence in wrong.text
    assert sentence in unknown.text
    assert STEWARD_COOKIE not in browser.cookies


def test_tries_are_counted(tmp_path: Path) -> None:
    served = Served(tmp_path, sign_in_attempts=2)
    served.add_steward("ada", StewardRole.CLINICIAN, PASSPHRASE)
    browser = served.browser()
    assert [sign_in(browser, "ada", "wrong").status_code for _ in range(3)] == [403, 403, 429]
    assert sign_in(browser, "ada").status_code == 429
    served.stop()


def test_signing_out_ends_the_session_for_a_stolen_cookie_too(
    served: Served, signed_in: Callable[[StewardRole], Browser]
) -> None:
    steward = signed_in(StewardRole.CLINICIAN)
    thief = served.browser(like=steward)
    assert "Signed in as" in thief.get("/steward").text
    steward.press(steward.get("/steward"), "Sign out")
    assert STEWARD_COOKIE not in steward.cookies
    assert "Signed in as" not in thief.get("/steward").text


def test_a_session_ends_when_unused_and_in_any_case_after_a_while(
    served: Served, signed_in: Callable[[StewardRole], Browser]
) -> None:
    steward, begun = signed_in(StewardRole.CLINICIAN), served.clock.now
    for _ in range(3):
        served.clock.forward(minutes=29)
        assert "Signed in as" in steward.get("/steward").text
    served.clock.forward(minutes=31)
    assert "Signed in as" not in steward.get("/steward").text
    _reset(served, begun)


def test_a_disabled_steward_is_out_at_once(served: Served) -> None:
    served.add_steward("leaving", StewardRole.CLINICIAN, PASSPHRASE)
    browser = served.browser()
    sign_in(browser, "leaving")

    async def disabled(work: Work) -> None:
        await work.stewards.disable("leaving", now=served.clock())

    served.work(disabled)
    assert "Signed in as" not in browser.get("/steward").text
    assert sign_in(browser, "leaving").status_code == 403


def test_an_alert_that_is_not_there_is_said_kindly(signed_in: Callable[[StewardRole], Browser]) -> None:
    steward = signed_in(StewardRole.CLINICIAN)
    path = "/steward/alerts/00000000-0000-4000-8000-000000000000/clear"
    assert steward.send("POST", path, data={"form_token": steward.token()}).status_code == 422
    path = "/steward/alerts/not-an-id/clear"
    assert steward.send("POST", path, data={"form_token": steward.token()}).status_code == 422


def _reset(served: Served, to: datetime) -> None:
    served.clock.now = to
